// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// A merge into a disk that really is full.

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "materialize/materialize.h"
#include "tests/merge/entries.h"
#include "tests/testing/lab.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"
#include "tests/testing/tree_text.h"

namespace materialize {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

// 8 MiB that are there, and as much that is to replace them, in 16 MiB.
std::string Tree(int files, int size, int time) {
  std::string text;
  for (int file = 0; file < files; ++file)
    absl::StrAppend(&text, "dir", file % 4, "/file", file, " @", time,
                    " size=", size, "K\n");
  return text;
}

// Row S17.
TEST(FullDiskTest, EveryFileIsOldOrNewAndLessFitsInTheNextRun) {
  REQUIRE_LAB("small");
  const TempDir here;
  const TempDir small = TempDir::In(Lab("small"));
  for (const bool delays : {false, true}) {
    (void)RemoveTree(here / "from");
    (void)RemoveTree(small / "to");
    ASSERT_OK(ArrangeTree(here / "from", Tree(16, 1024, 1600000000)));
    ASSERT_OK(ArrangeTree(small / "to", Tree(16, 400, 1500000000)));
    Request request;
    request.source = here / "from";
    request.destination = small / "to";
    request.into = Into::kMerge;
    request.deletion.enabled = true;
    request.delay_updates = delays;
    const Entries before = EntriesOf(small / "to");
    const absl::StatusOr<Report> report = Materialize(request);
    ASSERT_FALSE(report.ok());
    EXPECT_THAT(std::string(report.status().message()),
                HasSubstr("No space left on device"));
    const Entries now = EntriesOf(small / "to");
    EXPECT_THAT(Harmed(now, before, EntriesOf(here / "from")), IsEmpty());
    EXPECT_EQ(now == before, delays);
    EXPECT_EQ(now.size(), before.size());

    (void)RemoveTree(here / "from");
    ASSERT_OK(ArrangeTree(here / "from", Tree(16, 100, 1700000000)));
    ASSERT_OK_AND_ASSIGN(const Report again, Materialize(request));
    EXPECT_FALSE(again.partial());
    EXPECT_EQ(TreeText(small / "to"), TreeText(here / "from"));
    EXPECT_THAT(AllLeftovers(small / "to"), IsEmpty());
  }
}

}  // namespace
}  // namespace materialize
