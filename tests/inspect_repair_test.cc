// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// What was changed or lost since a tree was laid out comes back from the cache.

#include <sys/stat.h>

#include <filesystem>
#include <optional>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "materialize/inspect.h"
#include "tests/cli/run_command.h"
#include "tests/rows/files.h"
#include "tests/testing/lab.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"
#include "tests/testing/tree_text.h"

namespace materialize {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<std::string> RepairedPaths(const InspectReport& report) {
  std::vector<std::string> lines;
  for (const Repaired& repaired : report.repaired) {
    lines.push_back(repaired.path +
                    (repaired.entry.empty() ? "" : " <- " + repaired.entry));
  }
  return lines;
}

class InspectRepairTest : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    REQUIRE_LAB(GetParam());
    dir_.emplace(TempDir::In(Lab(GetParam())));
    cache_ = dir() + "/cache";
    to_ = dir() + "/to";
    receipt_ = dir() + "/receipt";
    ASSERT_OK(ArrangeTree(cache_,
                          "a \"aaaa\"\nd/b 0755 \"bbbbb\"\nd/c \"cc\"\n"
                          "d/empty \"\"\nl -> a"));
  }
  const std::string& dir() const { return *dir_; }

  void Place(Method method, bool digest = true, bool identity = true) {
    Request request = FromTo(cache_, to_, {method});
    request.receipt = receipt_;
    request.receipt_digest = digest;
    request.receipt_identity = identity;
    ASSERT_OK(Materialize(request).status());
    before_ = TreeText(to_);
  }
  absl::StatusOr<InspectReport> Repair() {
    return Inspect({.destination = to_,
                    .cache = cache_,
                    .against = receipt_,
                    .repair = true});
  }
  // Of the same size and mtime: only content tells.
  void EditUnseen(const std::string& path) {
    const Stat before = StatOf(path);
    WriteFile(path, std::string(static_cast<size_t>(before.size), 'X'));
    ASSERT_EQ(RealSys().SetTimesAt(AT_FDCWD, path.c_str(), before.mtime, 0), 0);
  }

  std::optional<TempDir> dir_;
  std::string cache_, to_, receipt_;
  std::string before_;  // the whole tree, as it was laid out
};

INSTANTIATE_TEST_SUITE_P(Places, InspectRepairTest,
                         testing::Values("ext4", "xfs", "btrfs", "tmpfs"),
                         [](const auto& place) {
                           return std::string(place.param);
                         });

TEST_P(InspectRepairTest, AnUnseenEditOfACopyIsUndone) {
  Place(Method::kCopy);
  EditUnseen(to_ + "/a");
  ASSERT_OK_AND_ASSIGN(const InspectReport report, Repair());
  EXPECT_THAT(RepairedPaths(report), ElementsAre("a <- a"));
  EXPECT_THAT(report.failures, IsEmpty());
  EXPECT_FALSE(report.differs());
  EXPECT_EQ(TreeText(to_), before_);
  EXPECT_FALSE(IsOneInode(to_ + "/a", cache_ + "/a"));
  EXPECT_THAT(Leftovers(dir()), IsEmpty());
}

TEST_P(InspectRepairTest, WhatIsMissingComesBackAsItWas) {
  Place(Method::kHardlink);
  std::filesystem::remove_all(to_ + "/d");
  std::filesystem::remove(to_ + "/l");
  ASSERT_OK_AND_ASSIGN(const InspectReport report, Repair());
  EXPECT_THAT(RepairedPaths(report),
              ElementsAre("d", "d/b <- d/b", "d/c <- d/c", "d/empty", "l"));
  EXPECT_THAT(report.failures, IsEmpty());
  EXPECT_TRUE(IsOneInode(to_ + "/d/b", cache_ + "/d/b"));
  EXPECT_EQ(ReadLink(to_ + "/l"), "a");
  ASSERT_OK_AND_ASSIGN(const InspectReport again, Repair());
  EXPECT_THAT(again.modified, IsEmpty());
  EXPECT_THAT(again.missing, IsEmpty());
  EXPECT_THAT(RepairedPaths(again), IsEmpty());
}

TEST_P(InspectRepairTest, WhatWasAddedIsLeftAlone) {
  Place(Method::kCopy);
  ASSERT_OK(ArrangeTree(to_, "mine \"m\"\nd/mine \"m\""));
  std::filesystem::remove(to_ + "/d/c");
  ASSERT_OK_AND_ASSIGN(const InspectReport report, Repair());
  EXPECT_THAT(RepairedPaths(report), ElementsAre("d/c <- d/c"));
  EXPECT_THAT(report.added, ElementsAre("d/mine", "mine"));
  EXPECT_EQ(ReadFile(to_ + "/d/mine"), "m");
}

// The hardlink was replaced by a file of another inode: it is a hardlink again.
TEST_P(InspectRepairTest, AHardlinkThatWasReplacedIsAHardlinkAgain) {
  Place(Method::kHardlink);
  std::filesystem::remove(to_ + "/a");
  WriteFile(cache_ + "/a", "");  // leaves it as it is
  ASSERT_OK(ArrangeTree(to_, "a \"other\""));
  ASSERT_OK_AND_ASSIGN(const InspectReport report, Repair());
  EXPECT_THAT(RepairedPaths(report), ElementsAre("a <- a"));
  EXPECT_TRUE(IsOneInode(to_ + "/a", cache_ + "/a"));
  EXPECT_EQ(ReadFile(to_ + "/a"), "aaaa");
}

// The cache's own file was edited through the inode both share.
TEST_P(InspectRepairTest, ACacheThatWasEditedTooCannotRepair) {
  Place(Method::kHardlink);
  EditUnseen(to_ + "/a");
  std::filesystem::remove(to_ + "/d/c");
  const cli::Said said =
      cli::RunCommand({"status", "--cache=" + cache_, "--against=" + receipt_,
                       "--repair", "--quiet", to_});
  EXPECT_EQ(said.code, 4);
  EXPECT_THAT(said.err, AllOf(HasSubstr("a: cannot be repaired: "),
                              HasSubstr(cache_ + "/a is the same inode")));
  EXPECT_EQ(ReadFile(to_ + "/a"), "XXXX");  // and nothing worse was done
  EXPECT_EQ(ReadFile(cache_ + "/a"), "XXXX");
  EXPECT_TRUE(IsOneInode(to_ + "/d/c", cache_ + "/d/c"));  // the rest is done
}

TEST_P(InspectRepairTest, AnotherFileOfTheCacheWithTheRightContentWillDo) {
  ASSERT_OK(ArrangeTree(cache_, "spare \"aaaa\""));
  Place(Method::kHardlink);
  EditUnseen(to_ + "/a");
  ASSERT_OK_AND_ASSIGN(const InspectReport report, Repair());
  EXPECT_THAT(RepairedPaths(report), ElementsAre("a <- spare"));
  EXPECT_EQ(ReadFile(to_ + "/a"), "aaaa");
  EXPECT_FALSE(IsOneInode(to_ + "/a", cache_ + "/spare"));
  EXPECT_EQ(ReadFile(cache_ + "/a"), "XXXX");  // the cache is not ours to mend
}

TEST_P(InspectRepairTest, WithoutDigestsSizeAndTimeOfTheSamePathDecide) {
  Place(Method::kCopy, /*digest=*/false, /*identity=*/false);
  EditUnseen(to_ + "/a");
  std::filesystem::remove(to_ + "/d/c");
  WriteFile(cache_ + "/d/c", "changed since");
  ASSERT_OK_AND_ASSIGN(const InspectReport report, Repair());
  EXPECT_THAT(RepairedPaths(report), ElementsAre("a <- a"));
  ASSERT_EQ(report.failures.size(), 1u);
  EXPECT_EQ(report.failures[0].path, "d/c");
  EXPECT_EQ(ReadFile(to_ + "/a"), "aaaa");
  EXPECT_FALSE(Exists(to_ + "/d/c"));
}

TEST_P(InspectRepairTest, ModesAndKindsComeBack) {
  Place(Method::kCopy);
  ASSERT_EQ(chmod((to_ + "/d").c_str(), 0700), 0);
  ASSERT_EQ(chmod((to_ + "/d/b").c_str(), 0600), 0);
  std::filesystem::remove(to_ + "/a");
  std::filesystem::create_symlink("d/b", to_ + "/a");
  ASSERT_OK_AND_ASSIGN(const InspectReport report, Repair());
  EXPECT_THAT(report.failures, IsEmpty());
  EXPECT_THAT(RepairedPaths(report), ElementsAre("a <- a", "d", "d/b <- d/b"));
  ASSERT_OK_AND_ASSIGN(const InspectReport again, Repair());
  EXPECT_THAT(again.modified, IsEmpty());
}

// A directory with something in it gives way to nothing.
TEST_P(InspectRepairTest, WhatIsInTheWayIsAFailureThatNamesIt) {
  Place(Method::kCopy);
  std::filesystem::remove(to_ + "/a");
  ASSERT_OK(ArrangeTree(to_, "a/mine \"m\""));
  ASSERT_OK_AND_ASSIGN(const InspectReport report, Repair());
  ASSERT_EQ(report.failures.size(), 1u);
  EXPECT_EQ(report.failures[0].path, "a");
  EXPECT_THAT(RepairedPaths(report), IsEmpty());
  EXPECT_TRUE(report.differs());
  EXPECT_EQ(ReadFile(to_ + "/a/mine"), "m");
}

}  // namespace
}  // namespace materialize
