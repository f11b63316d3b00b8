// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// FakeMounts: what statx and statfs tell below a prefix, and nowhere else.

#include "tests/testing/fake_mounts.h"

#include <linux/magic.h>

#include "gtest/gtest.h"
#include "materialize/os/fd.h"
#include "tests/testing/temp_dir.h"

namespace materialize {
namespace {

class FakeMountsTest : public ::testing::Test {
 protected:
  void MakeDirectory(const std::string& name) {
    ASSERT_EQ(RealSys().MakeDirectoryAt(AT_FDCWD, (dir_ / name).c_str(), 0755),
              0);
  }
  Fd Open(Sys& sys, const std::string& name) {
    return Fd(sys, sys.OpenAt(AT_FDCWD, (dir_ / name).c_str(),
                              O_RDONLY | O_DIRECTORY, 0));
  }
  static uint64_t Magic(Sys& sys, const Fd& fd) {
    FilesystemStat found;
    EXPECT_EQ(sys.StatFilesystem(fd.get(), &found), 0);
    return found.magic;
  }
  static Stat StatOf(Sys& sys, int dir, const std::string& path) {
    Stat found;
    EXPECT_EQ(sys.StatAt(dir, path.c_str(), 0, &found), 0) << path;
    return found;
  }

  TempDir dir_;
};

TEST_F(FakeMountsTest, ShowsAnotherFilesystemBelowThePrefixOnly) {
  MakeDirectory("a");
  MakeDirectory("ab");
  FakeMounts sys(RealSys(), {{dir_ / "a", 4242}});
  EXPECT_EQ(Magic(sys, Open(sys, "a")), 4242u);
  EXPECT_EQ(Magic(sys, Open(sys, "ab")), Magic(RealSys(), Open(sys, "ab")));
}

TEST_F(FakeMountsTest, TheLongestPrefixCounts) {
  MakeDirectory("a");
  MakeDirectory("a/b");
  FakeMounts sys(RealSys(), {{"/", 1}, {dir_ / "a/b/", 3}, {dir_ / "a", 2}});
  EXPECT_EQ(Magic(sys, Open(sys, ".")), 1u);
  EXPECT_EQ(Magic(sys, Open(sys, "a")), 2u);
  EXPECT_EQ(Magic(sys, Open(sys, "a/b")), 3u);
}

TEST_F(FakeMountsTest, StatTellsMountAndDeviceByPathAndByDescriptor) {
  MakeDirectory("a");
  MakeDirectory("a/b");
  FakeMounts sys(RealSys(),
                 {{.prefix = dir_ / "a", .mount_id = 1001, .device = 77}});
  const Fd a = Open(sys, "a");
  for (const Stat& found : {StatOf(sys, a.get(), ""), StatOf(sys, a.get(), "b"),
                            StatOf(sys, AT_FDCWD, dir_ / "a/b")}) {
    EXPECT_EQ(found.mount_id, 1001u);
    EXPECT_EQ(found.device, 77u);
  }
  EXPECT_EQ(StatOf(sys, a.get(), "..").device,
            StatOf(RealSys(), AT_FDCWD, dir_.path()).device);
}

TEST_F(FakeMountsTest, WhatTheRowLeavesOutIsReal) {
  FakeMounts sys(RealSys(), {{.prefix = dir_, .mount_id = 1001}});
  const Stat real = StatOf(RealSys(), AT_FDCWD, dir_);
  const Stat fake = StatOf(sys, AT_FDCWD, dir_);
  EXPECT_EQ(fake.mount_id, 1001u);
  EXPECT_EQ(fake.device, real.device);
  EXPECT_EQ(fake.inode, real.inode);
  EXPECT_EQ(Magic(sys, Open(sys, ".")), Magic(RealSys(), Open(sys, ".")));
}

}  // namespace
}  // namespace materialize
