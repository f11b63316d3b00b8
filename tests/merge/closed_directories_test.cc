// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// A merge by somebody who is not root, into directories that their owner may
// not write: opened up while that is needed, and closed however the run ends.

#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/rows/files.h"
#include "tests/testing/faulty_sys.h"
#include "tests/testing/lab.h"
#include "tests/testing/run_as.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"
#include "tests/testing/tree_text.h"

namespace materialize {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

constexpr uid_t kNobody = 65534;
constexpr uid_t kSomebody = 12345;

void GiveAway(const std::string& root, uid_t user) {
  ASSERT_EQ(lchown(root.c_str(), user, user), 0);
  for (const auto& entry : fs::recursive_directory_iterator(root))
    ASSERT_EQ(lchown(entry.path().c_str(), user, user), 0);
}

// What kNobody is told, in one line.
std::string RunAsNobody(const Request& request, Sys& sys = RealSys()) {
  return RunAs(kNobody, [&] {
    const absl::StatusOr<Report> report = Materialize(request, sys);
    if (!report.ok()) return absl::StrCat("! ", report.status().message());
    std::string said = absl::StrCat(report->deleted, " deleted");
    for (const Failure& failure : report->failures)
      absl::StrAppend(&said, "\n", failure.path, ": ", failure.text);
    return said;
  });
}

class ClosedTest : public testing::Test {
 protected:
  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "needs root, to be somebody else";
    REQUIRE_LAB("ext4");
    dir_.emplace(TempDir::In(Lab("ext4")));
    fs::permissions(*dir_ / "", fs::perms(0755));
    from_ = *dir_ / "from";
    to_ = *dir_ / "p/to";
  }
  void Arrange(const std::string& source, const std::string& destination) {
    (void)RemoveTree(from_);
    (void)RemoveTree(*dir_ / "p");
    ASSERT_OK(ArrangeTree(from_, source));
    ASSERT_OK(ArrangeTree(to_, destination));
    GiveAway(*dir_ / "p", kNobody);
  }
  Request Exactly(bool deletes) const {
    return deletes ? MergingExactly(from_, to_) : Merging(from_, to_);
  }

  std::optional<TempDir> dir_;
  std::string from_, to_;
};

// What is to be done in the directory, by what is there before.
struct Change {
  const char* name;
  const char* there;
};
constexpr Change kChanges[] = {
    {"nothing", "d/a \"a\"\nd/sub/b \"b\""},
    {"a file differs", "d/a \"other\"\nd/sub/b \"b\""},
    {"a time of a file differs", "d/a @1500000000 \"a\"\nd/sub/b \"b\""},
    {"a file is new", "d/sub/b \"b\""},
    {"a directory is new", "d/a \"a\""},
    {"a directory is in the way", "d/a/\nd/sub/b \"b\""},
    {"a file is in the way", "d/a \"a\"\nd/sub \"x\""},
    {"more is there", "d/a \"a\"\nd/sub/b \"b\"\nd/more \"m\"\nd/x/y \"y\""},
    {"more is there, and a file differs",
     "d/a \"other\"\nd/sub/b \"b\"\nd/more \"m\"\nd/x/y \"y\""},
};

TEST_F(ClosedTest, DirectoriesHaveTheSourcesModeAfterwards) {
  for (const Change& change : kChanges) {
    for (const char* now : {"0555", "0755", "0500"}) {
      for (const char* time : {"", " @1500000000"}) {
        for (const int way : {0, 1, 2, 3}) {
          SCOPED_TRACE(absl::StrCat(change.name, " ", now, time, " ", way));
          Arrange("./ 0555\nd/ 0555\nd/a \"a\"\nd/sub/ 0555\nd/sub/b \"b\"",
                  absl::StrCat("./ ", now, time, "\nd/ ", now, time, "\n",
                               change.there));
          Request request = Exactly(way != 0);
          if (way == 2) request.compare = Compare::kContent;
          if (way == 3) request.delay_updates = true;
          EXPECT_THAT(RunAsNobody(request), HasSubstr(" deleted"));
          if (way == 0) {
            (void)RemoveTree(to_ + "/d/more");
            (void)RemoveTree(to_ + "/d/x");
            EXPECT_EQ(TreeText(to_, {.times = false}),
                      TreeText(from_, {.times = false}));
          } else {
            EXPECT_EQ(TreeText(to_), TreeText(from_));
          }
          if (HasFailure()) return;
        }
      }
    }
  }
}

// And are opened where the source's are.
TEST_F(ClosedTest, DirectoriesThatAreOpenInTheSourceStayOpen) {
  for (const Change& change : kChanges) {
    SCOPED_TRACE(change.name);
    Arrange("d/a \"a\"\nd/sub/b \"b\"",
            absl::StrCat("./ 0555\nd/ 0555\n", change.there));
    EXPECT_THAT(RunAsNobody(Exactly(true)), HasSubstr(" deleted"));
    EXPECT_EQ(TreeText(to_), TreeText(from_));
  }
}

// Its own, where the source says nothing: it is in the destination alone, or
// only listed names are wanted.
TEST_F(ClosedTest, DirectoriesKeepTheirOwnModeWhereNobodyAsks) {
  Arrange("./ 0755\na \"a\"",
          "./ 0755\na \"a\"\nmine/ 0555\nmine/k.keep \"k\"\nmine/x \"x\"\n"
          "mine/sub/ 0511\nmine/sub/k.keep \"k\"\nmine/sub/y \"y\"");
  Request request = Exactly(true);
  request.exclude = {"*.keep"};
  EXPECT_EQ(RunAsNobody(request), "2 deleted");
  EXPECT_EQ(TreeText(to_),
            TreeTextOf("./ 0755\na \"a\"\nmine/ 0555\nmine/k.keep \"k\"\n"
                       "mine/sub/ 0511\nmine/sub/k.keep \"k\""));
  Arrange("new \"new\"", "./ 0555\nd/ 0555\nd/old \"old\"");
  request = Merging("", to_);
  request.entries = {
      {.path = "d/new", .kind = Kind::kFile, .content = from_ + "/new"}};
  EXPECT_EQ(RunAsNobody(request), "0 deleted");
  EXPECT_EQ(TreeText(to_, {.times = false}),
            TreeTextOf("./ 0555\nd/ 0555\nd/old \"old\"\nd/new \"new\"",
                       {.times = false}));
}

// Whatever becomes of the run.
TEST_F(ClosedTest, DirectoriesAreClosedByARunThatFails) {
  for (const char* call : {"OpenAt", "RenameAt", "ReadDirectory", "UnlinkAt",
                           "SetTimesAt", "StatAt"}) {
    for (int nth = 1; nth < 60; ++nth) {
      SCOPED_TRACE(absl::StrCat(call, " ", nth));
      Arrange("./ 0555\nd/ 0555\nd/a \"a\"\nd/b \"b\"\ne/ 0555\ne/c \"c\"",
              "./ 0555\nd/ 0555\nd/a \"x\"\nd/b \"x\"\ne/ 0555\ne/x \"x\"");
      FaultySys sys(RealSys());
      sys.Fail(call, EIO, {.nth = nth, .count = 1});
      Request request = Exactly(true);
      request.jobs = 1;
      const std::string said = RunAsNobody(request, sys);
      if (said[0] != '!') continue;
      for (const char* name : {"", "/d", "/e"})
        EXPECT_EQ(StatOf(to_ + name).permissions(), 0555u) << name << said;
      if (HasFailure()) return;
    }
  }
}

// A mode that cannot be set is an entry that failed.
TEST_F(ClosedTest, TheRestIsDoneBesideSomebodyElsesDirectory) {
  for (const char* mode : {"0555", "0755"}) {
    Arrange(absl::StrCat("a/ ", mode, "\na/x \"x\"\nb/ 0555\nb/y \"new\""),
            "a/ 0777\na/x \"x\"\nb/ 0755\nb/y \"older\"\nb/z \"z\"");
    ASSERT_EQ(chown((to_ + "/a").c_str(), kSomebody, kSomebody), 0);
    EXPECT_EQ(RunAsNobody(Exactly(true)),
              absl::StrCat("1 deleted\na: chmod ", to_,
                           "/a: Operation not permitted"));
    EXPECT_EQ(TreeText(to_ + "/b"), TreeText(from_ + "/b"));
    EXPECT_EQ(StatOf(to_ + "/a").permissions(), 0777u);
  }
}

// And so it is where several workers are at one directory.
TEST_F(ClosedTest, TheRestIsDoneBesideSomebodyElsesLargeDirectory) {
  std::string large;
  for (int i = 0; i < 3000; ++i) absl::StrAppend(&large, "a/", i, "\n");
  Arrange(absl::StrCat(large, "a/ 0755\nb/y \"new\""), "a/ 0777");
  ASSERT_EQ(chown((to_ + "/a").c_str(), kSomebody, kSomebody), 0);
  Request request = Exactly(true);
  request.jobs = 4;
  for (int round = 0; round < 10; ++round) {
    const std::string said = RunAsNobody(request);
    EXPECT_EQ(said, absl::StrCat("0 deleted\na: chmod ", to_,
                                 "/a: Operation not permitted"));
  }
  EXPECT_EQ(TreeText(to_ + "/b"), TreeText(from_ + "/b"));
}

// A symlink that says what it should is left to whoever owns it, with its time.
TEST_F(ClosedTest, ASymlinkOfSomebodyElseIsLeftAlone) {
  for (const bool deletes : {false, true}) {
    Arrange("a/link -> target\na/x \"x\"", "a/ 0777\na/link -> target");
    const Time old = {.seconds = 1500000000, .nanoseconds = 0};
    ASSERT_EQ(RealSys().SetTimesAt(AT_FDCWD, (to_ + "/a/link").c_str(), old,
                                   AT_SYMLINK_NOFOLLOW),
              0);
    ASSERT_EQ(lchown((to_ + "/a/link").c_str(), kSomebody, kSomebody), 0);
    EXPECT_EQ(RunAsNobody(Exactly(deletes)), "0 deleted");
    EXPECT_EQ(StatOf(to_ + "/a/link").mtime, old);
    EXPECT_EQ(TreeText(to_), TreeText(from_));
    // Our own gets the time.
    ASSERT_EQ(lchown((to_ + "/a/link").c_str(), kNobody, kNobody), 0);
    EXPECT_EQ(RunAsNobody(Exactly(deletes)), "0 deleted");
    EXPECT_EQ(StatOf(to_ + "/a/link").mtime, StatOf(from_ + "/a/link").mtime);
  }
}

// What is in a directory that cannot be listed is found all the same.
TEST_F(ClosedTest, WhatIsExcludedIsFoundWhereverItIs) {
  for (const char* mode : {"0000", "0111", "0300", "0400", "0444", "0600"}) {
    for (const bool excludes : {false, true}) {
      SCOPED_TRACE(absl::StrCat(mode, excludes));
      const std::string closed = absl::StrCat("shut/ ", mode, "\nshut/in/ ",
                                              mode, "\nshut/in/k.keep \"k\"\n");
      Arrange("a \"a\"", absl::StrCat("a \"a\"\n", closed,
                                      "shut/in/x \"x\"\nshut/y \"y\""));
      Request request = Exactly(true);
      if (excludes) request.exclude = {"*.keep"};
      request.deletion.limit = excludes ? 1 : 4;
      const std::string before = TreeText(to_);
      EXPECT_THAT(RunAsNobody(request), HasSubstr("more than --max_delete"));
      EXPECT_EQ(TreeText(to_), before);
      request.deletion.limit = excludes ? 2 : 5;
      EXPECT_EQ(RunAsNobody(request), excludes ? "2 deleted" : "5 deleted");
      EXPECT_EQ(TreeText(to_),
                excludes ? TreeTextOf("a \"a\"\n" + closed) : TreeText(from_));
    }
  }
}

TEST_F(ClosedTest, WhatIsExcludedKeepsADirectoryThatIsInTheWay) {
  Arrange("shut \"file\"", "shut/ 0000\nshut/k.keep \"k\"");
  const std::string before = TreeText(to_ + "/shut");
  Request request = Exactly(true);
  request.exclude = {"*.keep"};
  EXPECT_THAT(RunAsNobody(request), HasSubstr("holds what is excluded"));
  EXPECT_EQ(TreeText(to_ + "/shut"), before);
  request.deletion.excluded = true;
  EXPECT_EQ(RunAsNobody(request), "1 deleted");
  EXPECT_EQ(TreeText(to_), TreeText(from_));
}

TEST_F(ClosedTest, SomebodyElsesClosedDirectoryIsNotDeleted) {
  Arrange("a \"a\"", "a \"a\"\nshut/ 0700\nshut/x \"x\"\nz \"z\"");
  const std::string before = TreeText(to_ + "/shut");
  ASSERT_EQ(chown((to_ + "/shut").c_str(), kSomebody, kSomebody), 0);
  const std::string why = absl::StrCat(
      "\nshut: delete shut: what is in it cannot be listed; left "
      "as it is");
  Request request = Exactly(true);
  request.dry_run = true;
  EXPECT_EQ(RunAsNobody(request), absl::StrCat("1 deleted", why));
  EXPECT_TRUE(Exists(to_ + "/z"));
  request.dry_run = false;
  EXPECT_EQ(RunAsNobody(request), absl::StrCat("1 deleted", why));
  EXPECT_EQ(TreeText(to_ + "/shut"), before);
  EXPECT_FALSE(Exists(to_ + "/z"));
  ASSERT_OK(ArrangeTree(from_, "shut \"file\""));
  EXPECT_THAT(RunAsNobody(request), HasSubstr("cannot be listed"));
  EXPECT_EQ(TreeText(to_ + "/shut"), before);
}

// A unit that could not be put there leaves the modes of what is there alone.
TEST_F(ClosedTest, AUnitThatFailedIsAsItWas) {
  Arrange("ro/ 0555\nro/a \"new\"", "u/ro/ 0755\nu/ro/a \"old\"");
  Request request = Merging("", to_);
  request.entries = {
      {.path = "u", .kind = Kind::kDirectory, .content = from_, .unit = true}};
  FaultySys sys(RealSys());
  sys.Fail("RenameAt", EBUSY, {.path = to_ + "/u"});
  EXPECT_THAT(RunAsNobody(request, sys), HasSubstr("busy"));
  EXPECT_EQ(TreeText(to_ + "/u"),
            TreeTextOf("./ 0755\nro/ 0755\nro/a \"old\""));
}

}  // namespace
}  // namespace materialize
