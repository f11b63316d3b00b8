// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Alternatives come out in their order; what is no group stays as it is.

#include "materialize/action/braces.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace materialize {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> Expanded(const std::string& pattern) {
  const auto expanded = ExpandBraces(pattern);
  EXPECT_TRUE(expanded.ok()) << expanded.status();
  std::vector<std::string> patterns = *expanded;
  return patterns;
}

TEST(BracesTest, EachAlternativeIsAPattern) {
  EXPECT_THAT(Expanded("*.{js,css}"), ElementsAre("*.js", "*.css"));
  EXPECT_THAT(Expanded("{a,}b"), ElementsAre("ab", "b"));
  EXPECT_THAT(Expanded("plain"), ElementsAre("plain"));
}
TEST(BracesTest, GroupsMultiplyAndNest) {
  EXPECT_EQ(Expanded("{a,b}{c,d}").size(), 4u);
  EXPECT_EQ(Expanded("{a,{b,c}d}").size(), 3u);
}
TEST(BracesTest, EscapedAndBracketedBracesAreBytes) {
  EXPECT_THAT(Expanded("\\{a,b\\}"), ElementsAre("\\{a,b\\}"));
  EXPECT_THAT(Expanded("[{]a"), ElementsAre("[{]a"));
}
TEST(BracesTest, AnOpenGroupIsAnError) {
  EXPECT_EQ(ExpandBraces("x{a,b").status().message(),
            "pattern \"x{a,b\": { without its }");
}
TEST(BracesTest, TooManyAlternativesAreAnError) {
  std::string pattern;
  for (int i = 0; i < 20; ++i) pattern += "{a,b}";
  EXPECT_FALSE(ExpandBraces(pattern).ok());
}

}  // namespace
}  // namespace materialize
