// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// What a merge with nothing to do asks of a tree that is there: its directories
// are read only where that tells more than two stats of each file.

#include <sys/stat.h>

#include <cerrno>
#include <optional>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "materialize/exec/staging.h"
#include "tests/rows/files.h"
#include "tests/testing/faulty_sys.h"
#include "tests/testing/lab.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"
#include "tests/testing/tree_text.h"

namespace materialize {
namespace {

constexpr int kDirectories = 3;
constexpr int kFiles = 4;
// Of each directory the names, and the end; and of the destination, whether
// anything is there.
constexpr int kOne = 2 * kDirectories + 1;
constexpr int kBoth = 2 * kDirectories + kOne;
// Where every name is found, nobody asks the destination whether there is more.
constexpr int kBothButTheEnd = kBoth - kDirectories;

struct Calls {
  int reads, stats;
};

class ListingsTest : public testing::Test {
 protected:
  void SetUp() override {
    REQUIRE_LAB("ext4");
    dir_.emplace(TempDir::In(Lab("ext4")));
    ASSERT_OK(ArrangeTree(*dir_ / "from", "1\na/2 \"two\"\na/b/3\na/b/4"));
  }
  Calls Merge(Method method, bool deletes = false) {
    Request request = Merging(*dir_ / "from", *dir_ / "to", {method});
    request.deletion.enabled = deletes;
    FaultySys sys(RealSys());
    const absl::StatusOr<Report> report = Materialize(request, sys);
    EXPECT_OK(report.status());
    return {.reads = sys.Calls("ReadDirectory"), .stats = sys.Calls("StatAt")};
  }
  Calls MergeTwice(Method method, bool deletes = false) {
    (void)Merge(method, deletes);
    return Merge(method, deletes);
  }

  std::optional<TempDir> dir_;
};

TEST_F(ListingsTest, OfCopiesOnlyTheInput) {
  EXPECT_EQ(MergeTwice(Method::kCopy).reads, kOne);
}

TEST_F(ListingsTest, OfHardlinksBothAndNoStatOfAFile) {
  const Calls copies = MergeTwice(Method::kCopy);
  ASSERT_EQ(RemoveTree(*dir_ / "to"), 0);
  const Calls links = MergeTwice(Method::kHardlink);
  EXPECT_EQ(links.reads, kBothButTheEnd);
  // And the kinds of the directories are listed, too.
  EXPECT_EQ(copies.stats - links.stats, 2 * kFiles + kDirectories - 1);
}

TEST_F(ListingsTest, OfHardlinksTheEndOnceForAllNamesThatAreNotFound) {
  (void)Merge(Method::kHardlink);
  ASSERT_OK(ArrangeTree(*dir_ / "from", "a/b/5"));
  const int for_one = Merge(Method::kHardlink).reads;
  ASSERT_OK(ArrangeTree(*dir_ / "from", "a/b/6\na/b/7\na/b/8"));
  EXPECT_EQ(Merge(Method::kHardlink).reads, for_one);
}

// What is there counts all the same, as asked for by its name.
TEST_F(ListingsTest, AnEndThatCannotBeReadHidesNothing) {
  (void)Merge(Method::kHardlink);
  ASSERT_OK(ArrangeTree(*dir_ / "from", "a/b/5 \"theirs\""));
  Request request = Merging(*dir_ / "from", *dir_ / "to", {Method::kHardlink});
  request.present = Present::kSkip;
  FaultySys sys(RealSys());
  // The file that only the rest of the listing would have shown.
  sys.Before("ReadDirectory",
             [&] { ASSERT_OK(ArrangeTree(*dir_, "to/a/b/5 \"ours\"")); },
             {.nth = 2, .count = 1, .path = "/to/a/b"});
  sys.Fail("ReadDirectory", EIO, {.nth = 2, .path = "/to/a/b"});
  const absl::StatusOr<Report> report = Materialize(request, sys);
  ASSERT_OK(report.status());
  EXPECT_THAT(report->failures, testing::IsEmpty());
  EXPECT_EQ(ReadFile(*dir_ / "to/a/b/5"), "ours");
}

TEST_F(ListingsTest, BothWhereSurplusGoes) {
  EXPECT_EQ(MergeTwice(Method::kCopy, /*deletes=*/true).reads, kBoth);
}

TEST_F(ListingsTest, BothAfterARunThatDied) {
  (void)Merge(Method::kCopy);
  ASSERT_EQ(mkdir((*dir_ / StagingName("to")).c_str(), 0700), 0);
  EXPECT_GE(Merge(Method::kCopy).reads, kBoth);
  EXPECT_EQ(Merge(Method::kCopy).reads, kOne);
}

}  // namespace
}  // namespace materialize
