// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// What a destination's name means.

#include "materialize/exec/destination.h"

#include <unistd.h>

#include <climits>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/faulty_sys.h"
#include "tests/testing/scoped_mount.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"
#include "tests/testing/tree_text.h"

namespace materialize {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;

class DestinationTest : public testing::Test {
 protected:
  absl::StatusOr<Destination> Resolve(const std::string& path,
                                      Parents parents = Parents::kMake,
                                      LastLink link = LastLink::kFollow) {
    return Destination::Resolve(RealSys(), path, parents, link);
  }
  std::string Meant(const std::string& path,
                    LastLink link = LastLink::kFollow) {
    const absl::StatusOr<Destination> destination =
        Resolve(path, Parents::kLeave, link);
    return destination.ok() ? destination->path()
                            : std::string(destination.status().message());
  }

  TempDir dir_;
};

TEST_F(DestinationTest, NamesTheResultItself) {
  ASSERT_OK(ArrangeTree(dir_, "a/there/file\nreal/\nlink -> real"));
  const std::string dir = dir_.path();
  EXPECT_EQ(Meant(dir + "/a/absent"), dir + "/a/absent");
  EXPECT_EQ(Meant(dir + "/a/there"), dir + "/a/there");
  EXPECT_EQ(Meant(dir + "/a/there///"), dir + "/a/there");
  EXPECT_EQ(Meant(dir + "//a/./there"), dir + "/a/there");
  EXPECT_EQ(Meant(dir + "/a/there/."), dir + "/a/there");
  EXPECT_EQ(Meant(dir + "/a/there/.."), dir + "/a");
  EXPECT_EQ(Meant(dir + "/link/x"), dir + "/real/x");
}

// Row C11.
TEST_F(DestinationTest, ASymlinkIsWhatItNames) {
  ASSERT_OK(ArrangeTree(dir_, R"(
    real/dir/
    relative -> real/dir
    absent -> real/not-yet
    chain -> relative
    slash -> real/dir/
  )"));
  const std::string dir = dir_.path();
  fs::create_symlink(dir + "/real/dir", dir + "/absolute");
  for (const char* link : {"relative", "absolute", "chain", "slash"})
    EXPECT_EQ(Meant(dir_ / link), dir + "/real/dir") << link;
  EXPECT_EQ(Meant(dir + "/absent"), dir + "/real/not-yet");
  EXPECT_EQ(Meant(dir + "/chain", LastLink::kKeep), dir + "/chain");
}

TEST_F(DestinationTest, ALoopIsAnError) {
  ASSERT_OK(ArrangeTree(dir_, "a -> b\nb -> a"));
  EXPECT_THAT(Meant(dir_ / "a"),
              HasSubstr("Too many levels of symbolic links"));
}

TEST_F(DestinationTest, WhatCannotBeNamedIsRefused) {
  for (const char* path : {"", "/", "//", "/.", "/.."}) {
    EXPECT_THAT(Resolve(path), StatusIs(absl::StatusCode::kInvalidArgument))
        << path;
  }
  const std::string longest(NAME_MAX, 'x');
  EXPECT_OK(Resolve(dir_ / longest));
  EXPECT_THAT(Resolve(dir_ / (longest + "x")).status().ToString(),
              HasSubstr("File name too long"));
}

TEST_F(DestinationTest, DotIsTheWorkingDirectory) {
  const std::string before = fs::current_path();
  fs::current_path(dir_.path());
  EXPECT_EQ(Meant("."), dir_.path());
  EXPECT_EQ(Meant("./x"), dir_ / "x");
  EXPECT_EQ(Meant("x"), dir_ / "x");
  fs::current_path(before);
}

TEST_F(DestinationTest, ParentsAreMadeAndRemovedAgain) {
  ASSERT_OK(ArrangeTree(dir_, "there/"));
  {
    ASSERT_OK_AND_ASSIGN(Destination destination,
                         Resolve(dir_ / "there/a/b/c"));
    EXPECT_TRUE(fs::is_directory(dir_ / "there/a/b"));
    EXPECT_FALSE(fs::exists(dir_ / "there/a/b/c"));
    EXPECT_EQ(destination.made(), dir_ / "there/a");
    destination.RemoveMadeParents();
    EXPECT_FALSE(fs::exists(dir_ / "there/a"));
    EXPECT_TRUE(fs::exists(dir_ / "there"));
  }
  ASSERT_OK_AND_ASSIGN(Destination destination, Resolve(dir_ / "there/a/b/c"));
  fs::create_directory(dir_ / "there/a/somebody's");
  destination.RemoveMadeParents();
  EXPECT_FALSE(fs::exists(dir_ / "there/a/b"));
  EXPECT_TRUE(fs::exists(dir_ / "there/a/somebody's"));
  EXPECT_THAT(Resolve(dir_ / "no/such", Parents::kLeave),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(DestinationTest, LooksAtWhatIsThere) {
  ASSERT_OK(ArrangeTree(dir_, "empty/\ndir/file\nfile \"x\"\n"));
  for (const auto& [name, presence] : {std::pair("none", Presence::kAbsent),
                                       {"empty", Presence::kEmptyDirectory},
                                       {"dir", Presence::kDirectory},
                                       {"file", Presence::kOther}}) {
    ASSERT_OK_AND_ASSIGN(const Destination destination, Resolve(dir_ / name));
    ASSERT_OK_AND_ASSIGN(const Presence found, destination.Look(nullptr));
    EXPECT_EQ(found, presence) << name;
  }
}

// Row C9.
TEST_F(DestinationTest, PreciousDirectoriesAreRefusedByIdentity) {
  ASSERT_OK(ArrangeTree(dir_, "home/me/\nsource/in/\nplain/"));
  const std::string home = getenv("HOME") == nullptr ? "" : getenv("HOME");
  setenv("HOME", (dir_ / "home/me").c_str(), 1);
  const std::vector<std::string> inputs = {dir_ / "source/in"};
  for (const auto& [name, what] : {std::pair("home", "the home directory"),
                                   {"home/me", "the home directory"},
                                   {"source", "the input"},
                                   {"source/in", "the input"}}) {
    ASSERT_OK_AND_ASSIGN(const Destination destination, Resolve(dir_ / name));
    EXPECT_THAT(RefusePrecious(RealSys(), destination, inputs),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(what)));
  }
  ASSERT_OK_AND_ASSIGN(const Destination plain, Resolve(dir_ / "plain"));
  EXPECT_OK(RefusePrecious(RealSys(), plain, inputs));
  FaultySys sys(RealSys());
  sys.Fail("OpenAt", EIO, {.path = ".."});
  EXPECT_THAT(std::string(RefusePrecious(sys, plain, inputs).message()),
              HasSubstr("Input/output error"));
  home.empty() ? unsetenv("HOME") : setenv("HOME", home.c_str(), 1);
}

// Row C10.
TEST_F(DestinationTest, MountsBelowAreRefused) {
  if (!CanMount()) GTEST_SKIP() << "mounting needs root";
  ASSERT_OK(ArrangeTree(dir_, "origin/\nwith\\040blank/deep/mount/\nwith/"));
  const ScopedMount bind =
      ScopedMount::Bind(dir_ / "origin", dir_ / "with blank/deep/mount");
  ASSERT_OK_AND_ASSIGN(const Destination above, Resolve(dir_ / "with blank"));
  EXPECT_THAT(RefuseMountsBelow(RealSys(), above.path()),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       AllOf(HasSubstr("with blank/deep/mount"),
                             HasSubstr("is mounted below it"))));
  ASSERT_OK_AND_ASSIGN(const Destination beside, Resolve(dir_ / "with"));
  EXPECT_OK(RefuseMountsBelow(RealSys(), beside.path()));
}

}  // namespace
}  // namespace materialize
