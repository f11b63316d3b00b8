// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// TempDir and RemoveTree: what is removed, and above all what is not.

#include "tests/testing/temp_dir.h"

#include <fcntl.h>
#include <linux/btrfs.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <utility>

#include "gtest/gtest-spi.h"
#include "gtest/gtest.h"
#include "tests/testing/lab.h"

namespace materialize {
namespace {

namespace fs = std::filesystem;

void WriteFile(const std::string& path) { std::ofstream(path) << "content"; }

TEST(TempDirTest, IsRemovedWithAllThatIsInIt) {
  std::string path;
  {
    const TempDir dir;
    path = dir.path();
    fs::create_directories(dir / "a/b");
    WriteFile(dir / "a/b/file");
    fs::create_symlink("nowhere", dir / "a/link");
    ASSERT_EQ(mkfifo((dir / "fifo").c_str(), 0600), 0);
    chmod((dir / "a/b").c_str(), 0);
    chmod((dir / "a").c_str(), 0555);
  }
  EXPECT_FALSE(fs::exists(path));
}

TEST(TempDirTest, TwoAreTwo) {
  const TempDir a, b;
  EXPECT_NE(a.path(), b.path());
}

TEST(TempDirTest, AMovedOneIsRemovedOnce) {
  TempDir a;
  const std::string path = a.path();
  {
    const TempDir b = std::move(a);
    EXPECT_EQ(b.path(), path);
    EXPECT_TRUE(fs::exists(path));
  }
  EXPECT_FALSE(fs::exists(path));
}

TEST(TempDirTest, InAPlaceIsInItsWorkDirectory) {
  const TempDir place;
  EXPECT_EQ(fs::path(TempDir::In(place.path()).path()).parent_path(),
            place.path());
  fs::create_directory(place / "work");
  EXPECT_EQ(fs::path(TempDir::In(place.path()).path()).parent_path(),
            place / "work");
}

TEST(TempDirTest, NoPlaceIsAnError) {
  EXPECT_THROW(TempDir::In("/nowhere/at/all"), std::system_error);
}

TEST(RemoveTreeTest, DoesNotFollowSymlinks) {
  const TempDir dir;
  fs::create_directories(dir / "kept/sub");
  fs::create_directory(dir / "tree");
  fs::create_directory_symlink(dir / "kept", dir / "tree/link");
  EXPECT_EQ(RemoveTree(dir / "tree"), 0);
  EXPECT_TRUE(fs::exists(dir / "kept/sub"));
  fs::create_directory_symlink(dir / "kept", dir / "link");
  EXPECT_EQ(RemoveTree(dir / "link"), 0);
  EXPECT_TRUE(fs::exists(dir / "kept/sub"));
}

TEST(RemoveTreeTest, NamesWhatIsMissing) {
  EXPECT_EQ(RemoveTree("/nowhere/at/all"), ENOENT);
}

// A bind mount of the same filesystem has the same st_dev: only the mount id
// tells.
TEST(RemoveTreeTest, StopsAtAMount) {
  const TempDir dir;
  fs::create_directories(dir / "tree/sub/mount");
  fs::create_directory(dir / "origin");
  WriteFile(dir / "origin/file");
  WriteFile(dir / "tree/other");
  if (mount((dir / "origin").c_str(), (dir / "tree/sub/mount").c_str(), nullptr,
            MS_BIND, nullptr) != 0) {
    GTEST_SKIP() << "cannot mount here";
  }
  EXPECT_EQ(RemoveTree(dir / "tree"), EBUSY);
  EXPECT_TRUE(fs::exists(dir / "origin/file"));
  EXPECT_FALSE(fs::exists(dir / "tree/other"));
  ASSERT_EQ(umount((dir / "tree/sub/mount").c_str()), 0);
  EXPECT_EQ(RemoveTree(dir / "tree"), 0);
}

// A subvolume has another st_dev under the same mount: it is ours to remove.
TEST(RemoveTreeTest, RemovesNestedSubvolumes) {
  REQUIRE_LAB("btrfs");
  const TempDir dir = TempDir::In(Lab("btrfs"));
  fs::create_directory(dir / "tree");
  const int parent =
      open((dir / "tree").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  btrfs_ioctl_vol_args args = {.fd = 0, .name = "subvolume"};
  const int created = ioctl(parent, BTRFS_IOC_SUBVOL_CREATE, &args);
  close(parent);
  ASSERT_EQ(created, 0) << std::strerror(errno);
  WriteFile(dir / "tree/subvolume/file");
  EXPECT_EQ(RemoveTree(dir / "tree"), 0);
  EXPECT_FALSE(fs::exists(dir / "tree"));
}

}  // namespace
}  // namespace materialize
