// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// A merge that has mounts below it, and one where nothing else works: rows C10
// and C11.

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <optional>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/rows/files.h"
#include "tests/testing/dies.h"
#include "tests/testing/faulty_sys.h"
#include "tests/testing/lab.h"
#include "tests/testing/run_as.h"
#include "tests/testing/scoped_mount.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"
#include "tests/testing/tree_text.h"

namespace materialize {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
namespace fs = std::filesystem;

constexpr uid_t kNobody = 65534;

// Row C10.
class MergeMountBelowTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!CanMount()) GTEST_SKIP() << "mounting needs root";
    ASSERT_OK(ArrangeTree(origin_, "kept \"kept\"\nd/kept-too \"kept\""));
    ASSERT_OK(ArrangeTree(dir_ / "from", "new \"new\"\nd/e \"e\""));
    before_ = TreeText(origin_);
  }
  void TearDown() override { EXPECT_EQ(TreeText(origin_), before_); }

  const TempDir origin_;
  const TempDir dir_;
  const std::string to_ = dir_ / "to";
  std::string before_;
};

// Row C10.
TEST_F(MergeMountBelowTest, IsNeverEnteredByADeletion) {
  for (const char* at : {"/stale", "/stale/deep/er", "/d/sub"}) {
    SCOPED_TRACE(at);
    fs::remove_all(to_);
    ASSERT_OK(ArrangeTree(to_, "old \"old\"\nstale/x \"x\"\nd/y \"y\""));
    const ScopedMount bound = ScopedMount::Bind(origin_, to_ + at);
    ASSERT_OK_AND_ASSIGN(const Report report,
                         Materialize(MergingExactly(dir_ / "from", to_)));
    EXPECT_EQ(ReadFile(bound.path() + "/d/kept-too"), "kept");
    EXPECT_EQ(ReadFile(to_ + "/d/e"), "e");
    for (const char* gone : {"/old", "/d/y"}) EXPECT_FALSE(Exists(to_ + gone));
    ASSERT_THAT(report.failures, SizeIs(1));
    EXPECT_THAT(report.failures[0].text,
                AllOf(HasSubstr(at + 1), HasSubstr("mounted")));
    EXPECT_THAT(Leftovers(dir_), IsEmpty());
  }
}

// Row C10: the input has the directory that is a mount point here.
TEST_F(MergeMountBelowTest, TakesNewFilesAndLosesNone) {
  fs::create_directories(to_ + "/d");
  {
    const ScopedMount bound = ScopedMount::Bind(origin_, to_ + "/d");
    ASSERT_OK_AND_ASSIGN(const Report report,
                         Materialize(MergingExactly(dir_ / "from", to_)));
    EXPECT_EQ(report.deleted, 0);
    EXPECT_EQ(ReadFile(to_ + "/d/e"), "e");
    EXPECT_EQ(ReadFile(to_ + "/d/kept"), "kept");
    ASSERT_THAT(report.failures, SizeIs(1));
    EXPECT_THAT(report.failures[0].text, HasSubstr("mounted"));
    EXPECT_THAT(Leftovers(to_ + "/d"), IsEmpty());
  }
  fs::remove(origin_ / "e");
  ASSERT_OK(ArrangeTree(origin_, "./ 0755"));
}

// Row C10: a directory gives way to a file, not to lose what is mounted in it.
TEST_F(MergeMountBelowTest, GivesWayToNoFile) {
  ASSERT_OK(ArrangeTree(dir_ / "from", "kind \"file\""));
  for (const char* at : {"/kind", "/kind/sub"}) {
    SCOPED_TRACE(at);
    fs::remove_all(to_);
    ASSERT_OK(ArrangeTree(to_, "old \"old\"\nkind/ 0755"));
    const ScopedMount bound = ScopedMount::Bind(origin_, to_ + at);
    ASSERT_OK_AND_ASSIGN(const Report report,
                         Materialize(MergingExactly(dir_ / "from", to_)));
    EXPECT_EQ(ReadFile(bound.path() + "/kept"), "kept");
    EXPECT_EQ(ReadFile(to_ + "/new"), "new");
    ASSERT_THAT(report.failures, SizeIs(1));
    EXPECT_THAT(report.failures[0].text, HasSubstr(to_ + "/kind: "));
    EXPECT_THAT(Leftovers(dir_), IsEmpty());
  }
}

// Row C10.
TEST_F(MergeMountBelowTest, IsNotLostWithTheUnitItIsIn) {
  ASSERT_OK(ArrangeTree(to_, "u/old \"old\""));
  const ScopedMount bound = ScopedMount::Bind(origin_, to_ + "/u/sub");
  Request request = Merging("", to_);
  request.entries = {{.path = "u",
                      .kind = Kind::kDirectory,
                      .content = dir_ / "from",
                      .unit = true},
                     {.path = "beside", .kind = Kind::kFile}};
  ASSERT_OK_AND_ASSIGN(const Report report, Materialize(request));
  EXPECT_EQ(ReadFile(to_ + "/u/old"), "old");
  EXPECT_EQ(ReadFile(bound.path() + "/kept"), "kept");
  EXPECT_TRUE(Exists(to_ + "/beside"));
  ASSERT_THAT(report.failures, SizeIs(1));
  EXPECT_THAT(report.failures[0].text,
              AllOf(HasSubstr("u"), HasSubstr("mounted")));
  EXPECT_THAT(Leftovers(dir_), IsEmpty());
}

// Row C11.
class MergeAnywhereTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!CanMount()) GTEST_SKIP() << "needs root";
    REQUIRE_LAB("ext4");
    dir_.emplace(TempDir::In(Lab("ext4")));
    from_ = dir() + "/from";
    to_ = dir() + "/p/to";
    fs::permissions(dir(), fs::perms(0755));
    ASSERT_OK(ArrangeTree(from_, "a \"a\"\nd/b \"b\"\nkind \"file\""));
    ASSERT_OK(ArrangeTree(to_, "a \"old\"\nkind/\nmine \"mine\""));
  }
  const std::string& dir() const { return *dir_; }

  // By `user`, who owns what is there but not what holds it.
  void ExpectMergesAs(uid_t user, const TreeTextOptions& below = {}) {
    const std::string said = RunAs(user, [&] {
      for (const char* wanted : {"1 0", "0 3"}) {
        const absl::StatusOr<Report> report =
            Materialize(MergingExactly(from_, to_));
        if (!report.ok()) return std::string(report.status().message());
        if (report->partial()) return report->failures[0].text;
        const std::string done = std::to_string(report->deleted) + " " +
                                 std::to_string(report->unchanged.files);
        if (done != wanted) return done;
      }
      return std::string("OK");
    });
    EXPECT_EQ(said, "OK");
    EXPECT_EQ(TreeText(to_, below), TreeText(from_, below));
    EXPECT_THAT(Leftovers(to_), IsEmpty());
    EXPECT_THAT(Leftovers(dir() + "/p"), IsEmpty());
  }
  void GiveAway(const std::string& root, uid_t user) {
    ASSERT_EQ(lchown(root.c_str(), user, user), 0);
    for (const auto& entry : fs::recursive_directory_iterator(root))
      ASSERT_EQ(lchown(entry.path().c_str(), user, user), 0);
  }

  std::optional<TempDir> dir_;
  std::string from_, to_;
};

// Row C11.
TEST_F(MergeAnywhereTest, IntoAMountPoint) {
  const ScopedMount mounted = ScopedMount::Tmpfs(to_);
  ASSERT_OK(ArrangeTree(to_, "a \"old\"\nkind/\nmine \"mine\""));
  ExpectMergesAs(0);
}

// Row C11.
TEST_F(MergeAnywhereTest, BelowAParentThatCannotBeWritten) {
  GiveAway(to_, kNobody);
  fs::permissions(dir() + "/p", fs::perms(0555));
  ExpectMergesAs(kNobody);
}

// Row C11: neither owner nor mode of the directory itself can be changed.
TEST_F(MergeAnywhereTest, IntoSomebodyElsesInAStickyParent) {
  fs::permissions(dir() + "/p", fs::perms(01777));
  fs::permissions(to_, fs::perms(0777));
  GiveAway(to_ + "/kind", kNobody);
  ExpectMergesAs(kNobody, {.root = false});
  EXPECT_EQ(StatOf(to_).uid, 0u);
}

// Row C11: what is to come into a directory of another project id is
// made there. Whoever follows a run that died of it looks for what it has left,
// also where nothing is to be changed any more, and dies in vain.
TEST(MergeProjectTest, WhatADeadRunHasLeftGoesWithTheNextThatEnds) {
  REQUIRE_LAB("xfs/project");
  const TempDir dir = TempDir::In(Lab("xfs"));
  const TempDir project = TempDir::In(Lab("xfs/project"));
  const std::string to = dir / "to";
  ASSERT_OK(ArrangeTree(to, "kept"));
  ASSERT_OK(ArrangeTree(project / "p", "x \"old\"\ny"));
  fs::rename(project / "p", to + "/p");  // and keeps its project
  ASSERT_OK(ArrangeTree(dir / "from", "kept\np/x \"newer\"\np/y"));
  const Request request = Merging(dir / "from", to, {Method::kCopy});
  const auto merge = [&](Sys& sys) { (void)Materialize(request, sys); };
  ASSERT_TRUE(
      DiesBefore("RenameAt", {.nth = 2, .count = 1, .path = to + "/p"}, merge));
  ASSERT_THAT(Leftovers(to + "/p"), SizeIs(1));
  fs::remove(dir / "from/p/x");
  ASSERT_OK(ArrangeTree(dir / "from", "p/x \"old\""));
  ASSERT_TRUE(DiesBefore("UnlinkAt", {.path = to + "/p"}, merge));
  EXPECT_THAT(Leftovers(to + "/p"), SizeIs(1));
  ASSERT_OK_AND_ASSIGN(const Report report, Materialize(request));
  EXPECT_EQ(report.unchanged.files, 3);
  EXPECT_THAT(Leftovers(to + "/p"), IsEmpty());
  EXPECT_THAT(Leftovers(dir), IsEmpty());
}

// Row C11: what a link names is meant, by one look; the link stays.
TEST_F(MergeAnywhereTest, ThroughALinkThatIsLookedAtOnce) {
  ASSERT_OK(ArrangeTree(dir(), "other/\none -> p/to\ntwo -> one"));
  FaultySys sys(RealSys());
  sys.Before("RenameAt", [&] {
    fs::remove(dir() + "/one");
    fs::create_symlink("other", dir() + "/one");
  });
  ASSERT_OK_AND_ASSIGN(
      const Report report,
      Materialize(MergingExactly(from_, dir() + "/two/"), sys));
  EXPECT_EQ(report.destination, to_);
  EXPECT_EQ(TreeText(to_), TreeText(from_));
  EXPECT_EQ(ReadLink(dir() + "/one"), "other");
  EXPECT_EQ(ReadLink(dir() + "/two"), "one");
  EXPECT_TRUE(fs::is_empty(dir() + "/other"));
}

}  // namespace
}  // namespace materialize
