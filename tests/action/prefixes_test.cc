// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/action/prefixes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace materialize {
namespace {

using ::testing::HasSubstr;

std::string Replaced(const std::vector<PrefixReplacement>& rows,
                     const std::string& path) {
  const absl::StatusOr<Prefixes> prefixes = Prefixes::Parse(rows);
  EXPECT_TRUE(prefixes.ok()) << prefixes.status();
  return prefixes->Replace(path);
}

TEST(PrefixesTest, WhatNothingMatchesStays) {
  EXPECT_EQ(Replaced({}, "a/b"), "a/b");
  EXPECT_EQ(Replaced({{"b", "x"}}, "a/b"), "a/b");
  EXPECT_EQ(Replaced({{"", "x"}}, "a/b"), "a/b");
}

TEST(PrefixesTest, ABeginningMayEndWithinAComponent) {
  EXPECT_EQ(Replaced({{"a/b", "x"}}, "a/bcd/e"), "xcd/e");
  EXPECT_EQ(Replaced({{"a/b", "x"}}, "a/b"), "x");
}

TEST(PrefixesTest, TheLongestMatchCountsThenTheFirst) {
  EXPECT_EQ(Replaced({{"a", "1"}, {"a/b", "2"}, {"a/", "3"}}, "a/b/c"), "2/c");
  EXPECT_EQ(Replaced({{"a/?", "1"}, {"a/b", "2"}}, "a/b/c"), "1/c");
}

TEST(PrefixesTest, GlobsMatchAsMuchAsTheyCan) {
  EXPECT_EQ(Replaced({{"a*", "x"}}, "abc/ab"), "x/ab");
  EXPECT_EQ(Replaced({{"**/b", "x"}}, "a/b/b/c"), "x/c");
  EXPECT_EQ(Replaced({{"*/", "x"}}, "a/b/c"), "xb/c");
  EXPECT_EQ(Replaced({{"{a,a/b}/", ""}}, "a/b/c"), "c");
}

TEST(PrefixesTest, WhatComesOutIsAPath) {
  EXPECT_EQ(Replaced({{"a", ""}}, "a/b"), "b");
  EXPECT_EQ(Replaced({{"a", "/x//./y/"}}, "a/b"), "x/y/b");
  EXPECT_EQ(Replaced({{"a", "x/../y"}}, "a/b"), "y/b");
  EXPECT_EQ(Replaced({{"a", "x/../.."}}, "a/b"), "../b");
  EXPECT_EQ(Replaced({{"a", ""}}, "a"), "");
}

TEST(PrefixesTest, AWrongPrefixIsNamed) {
  EXPECT_THAT(Prefixes::Parse({{"a/**", "x"}}).status().message(),
              HasSubstr("replace_prefixes: pattern \"a/**\": a prefix must"));
  EXPECT_THAT(Prefixes::Parse({{"a[", "x"}}).status().message(),
              HasSubstr("replace_prefixes: pattern"));
}

}  // namespace
}  // namespace materialize
