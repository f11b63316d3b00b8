// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// What include and exclude lists, and --private, mean for an entry.

#include "materialize/plan/selection.h"

#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace materialize {
namespace {

TEST(SelectionTest, TakesEverythingWithoutAPattern) {
  EXPECT_TRUE(Selection().takes_all());
  EXPECT_TRUE(Selection().Takes("a", "b", Kind::kFile));
  // An include alone rescues nothing, because nothing is left out.
  const absl::StatusOr<Selection> only = Selection::Parse({"*.c"}, {});
  ASSERT_TRUE(only.ok());
  EXPECT_TRUE(only->Takes("", "a.o", Kind::kFile));
}

// Row S14.
TEST(SelectionTest, AnIncludeWinsForOneEntry) {
  const absl::StatusOr<Selection> s =
      Selection::Parse({"keep.o", "/lib/x.o"}, {"*.o", "build/"});
  ASSERT_TRUE(s.ok());
  EXPECT_FALSE(s->Takes("lib", "a.o", Kind::kFile));
  EXPECT_TRUE(s->Takes("lib", "keep.o", Kind::kFile));
  EXPECT_TRUE(s->Takes("lib", "x.o", Kind::kFile));
  EXPECT_FALSE(s->Takes("", "x.o", Kind::kFile));
  EXPECT_FALSE(s->Takes("", "build", Kind::kDirectory));
  EXPECT_TRUE(s->Takes("", "build", Kind::kFile));
  EXPECT_TRUE(s->needs_kind());
}

TEST(SelectionTest, NamesTheBadPattern) {
  EXPECT_EQ(Selection::Parse({}, {"ok", "a//b"}).status().message(),
            "pattern \"a//b\": empty component");
  EXPECT_FALSE(Selection::Parse({"["}, {}).ok());
}

TEST(GlobListTest, ADirectoryMarksEverythingBelowIt) {
  const absl::StatusOr<GlobList> list = GlobList::Parse({"etc/", "/var/*.db"});
  ASSERT_TRUE(list.ok());
  EXPECT_TRUE(list->Matches("a/etc/b", "passwd", Kind::kFile));
  EXPECT_TRUE(list->Matches("a", "etc", Kind::kDirectory));
  EXPECT_FALSE(list->Matches("a", "etc", Kind::kFile));
  EXPECT_TRUE(list->Matches("var/x.db/deep", "file", Kind::kFile));
  EXPECT_TRUE(list->Matches("var/x.db"));
  EXPECT_FALSE(list->Matches("a/var/x.db"));
  EXPECT_FALSE(list->matches_all());
}

TEST(GlobListTest, TwoStarsMarkTheWholeTree) {
  for (const char* all : {"**", "*", "/**"}) {
    const absl::StatusOr<GlobList> list = GlobList::Parse({"x", all});
    ASSERT_TRUE(list.ok());
    EXPECT_TRUE(list->matches_all()) << all;
    EXPECT_TRUE(list->Matches("a/b", "c", Kind::kFile));
  }
  EXPECT_FALSE(GlobList().Matches("a"));
}

}  // namespace
}  // namespace materialize
