// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// What an error advises is what helps, and what it says of the destination is
// true.

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/cli/run_command.h"
#include "tests/rows/files.h"
#include "tests/testing/faulty_sys.h"
#include "tests/testing/scoped_mount.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"
#include "tests/testing/tree_text.h"

namespace materialize::cli {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

class TextsTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_OK(ArrangeTree(dir_, R"(
      from/a "a"
      from/b "b"
    )"));
  }
  // What a run that meets `error` wherever it would make a directory says.
  std::string Unwritable(Into into, int error) {
    FaultySys sys(RealSys());
    sys.Fail("MakeDirectoryAt", error);
    Request request = FromTo(from_, to_);
    request.into = into;
    return std::string(Materialize(request, sys).status().message());
  }

  TempDir dir_;
  const std::string from_ = dir_ / "from";
  const std::string to_ = dir_ / "to";
};

TEST_F(TextsTest, AnUnwritableParentNamesTheModesThatNeedNone) {
  for (const int error : {EACCES, EPERM}) {
    for (const Into into : {Into::kNew, Into::kSwap})
      EXPECT_THAT(Unwritable(into, error),
                  HasSubstr("--into=fill and --into=merge need no place"));
    EXPECT_THAT(Unwritable(Into::kMerge, error), HasSubstr("must be writable"));
    EXPECT_THAT(Unwritable(Into::kMerge, error), Not(HasSubstr("--into")));
    fs::create_directory(to_);
    EXPECT_THAT(Unwritable(Into::kMerge, error), Not(HasSubstr("--into")));
    fs::remove(to_);
  }
}

TEST_F(TextsTest, AReadOnlyFilesystemIsSoForEveryMode) {
  for (const Into into : {Into::kNew, Into::kSwap, Into::kMerge}) {
    const std::string text = Unwritable(into, EROFS);
    EXPECT_THAT(text, HasSubstr("Read-only file system"));
    EXPECT_THAT(text, Not(HasSubstr("--into")));
  }
}

TEST_F(TextsTest, WhatIsInTheWayOfAFileNamesWhatHelps) {
  const auto said = [&](std::vector<std::string> flags) {
    flags.insert(flags.begin(), {"place", "--into=merge"});
    flags.insert(flags.end(), {from_, to_});
    const Said all = RunCommand(flags);
    EXPECT_EQ(all.code, 4) << all.err;
    EXPECT_THAT(all.err, HasSubstr("place " + to_ + "/a: Is a directory"));
    return all.err;
  };
  ASSERT_OK(ArrangeTree(to_, "a/keep/x \"x\""));
  EXPECT_THAT(said({}), HasSubstr("not empty is in the way; --delete removes"));
  EXPECT_THAT(said({"--exclude=keep"}),
              HasSubstr("--delete with --delete_excluded removes it"));
  EXPECT_THAT(said({"--exclude=keep", "--delete"}),
              HasSubstr("excluded; --delete_excluded removes that as well"));
  EXPECT_THAT(said({"--delete", "--max_delete=0"}),
              HasSubstr("more would go than --max_delete"));
  if (!CanMount()) GTEST_SKIP() << "needs to mount";
  const ScopedMount mounted = ScopedMount::Tmpfs(to_ + "/a/keep");
  for (const char* flag : {"--nodelete", "--delete"}) {
    const std::string text = said({flag});
    EXPECT_THAT(text, HasSubstr("mounted on or in; unmount that first"));
    EXPECT_THAT(text, Not(HasSubstr("--delete")));
  }
}

// Of one worker; whichever of the two is listed first, each has its turn.
TEST_F(TextsTest, AMergeThatFailedSaysWhetherAnythingIsInPlace) {
  int in_place = 0;
  for (const char* bad : {"a", "b"}) {
    fs::remove_all(to_);
    fs::create_directory(to_);
    FaultySys sys(RealSys());
    sys.Fail("OpenAt", EIO, {.path = from_ + "/" + bad});
    Request request = Merging(from_, to_, {Method::kCopy});
    request.jobs = 1;
    const std::string text(Materialize(request, sys).status().message());
    EXPECT_THAT(text, HasSubstr(strerror(EIO)));
    const bool is_empty = fs::is_empty(to_);
    in_place += is_empty ? 0 : 1;
    EXPECT_EQ(text.find("in place by now stays") == std::string::npos, is_empty)
        << text;
  }
  EXPECT_EQ(in_place, 1);
}

TEST_F(TextsTest, AReportThatCannotBeWrittenLeavesTheFilesInTheirPlace) {
  if (!CanMount()) GTEST_SKIP() << "needs to mount";
  const ScopedMount full = ScopedMount::Tmpfs(dir_ / "full", "size=4k");
  std::ofstream(full.path() + "/filler") << std::string(4096, 'x');
  const std::string report = "--report=" + full.path() + "/report";
  const Said placed = RunCommand({"place", report, from_, to_});
  EXPECT_EQ(placed.code, 1);
  EXPECT_THAT(placed.err, HasSubstr("No space left on device (the files are in "
                                    "their place"));
  EXPECT_EQ(TreeText(to_), TreeText(from_));
  const Said moved = RunCommand({"move", report, to_, dir_ / "moved"});
  EXPECT_EQ(moved.code, 1);
  EXPECT_THAT(moved.err,
              HasSubstr("No space left on device (the move is done"));
  EXPECT_EQ(TreeText(dir_ / "moved"), TreeText(from_));
  const Said told =
      RunCommand({"place", "--dry_run", report, from_, dir_ / "never"});
  EXPECT_EQ(told.code, 1);
  EXPECT_THAT(told.err, Not(HasSubstr("in their place")));
  // Refused before anything is done: the directory is not there.
  const Said early = RunCommand(
      {"place", "--report=" + full.path() + "/no/report", from_, dir_ / "x"});
  EXPECT_EQ(early.code, 1);
  EXPECT_THAT(early.err, Not(HasSubstr("in their place")));
  EXPECT_FALSE(Exists(dir_ / "x"));
}

}  // namespace
}  // namespace materialize::cli
