// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// What one pattern matches.

#include "materialize/plan/glob.h"

#include <fnmatch.h>

#include <random>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace materialize {
namespace {

// Whether `pattern` matches the path `path`.
bool Matches(absl::string_view pattern, absl::string_view path,
             bool is_directory = false) {
  const absl::StatusOr<Glob> glob = Glob::Parse(pattern);
  EXPECT_TRUE(glob.ok()) << glob.status();
  const size_t slash = path.rfind('/');
  if (slash == absl::string_view::npos) {
    return glob->Matches("", path, is_directory);
  }
  return glob->Matches(path.substr(0, slash), path.substr(slash + 1),
                       is_directory);
}

TEST(GlobTest, APatternWithoutASlashMatchesBaseNamesAnywhere) {
  EXPECT_TRUE(Matches("*.o", "a.o"));
  EXPECT_TRUE(Matches("*.o", "deep/down/a.o"));
  EXPECT_FALSE(Matches("*.o", "a.o/b"));
  EXPECT_TRUE(Matches("node_modules", "x/node_modules"));
  EXPECT_FALSE(Matches("node_modules", "x/node_modules2"));
}

TEST(GlobTest, ASlashAnchorsAtTheRoot) {
  EXPECT_TRUE(Matches("a/*.o", "a/b.o"));
  EXPECT_FALSE(Matches("a/*.o", "x/a/b.o"));
  EXPECT_FALSE(Matches("a/*.o", "a/x/b.o"));
  EXPECT_TRUE(Matches("/b", "b"));
  EXPECT_FALSE(Matches("/b", "a/b"));
  EXPECT_FALSE(Matches("a/b", "a"));
  EXPECT_FALSE(Matches("a/b", "a/b/c"));
}

TEST(GlobTest, ASlashAtTheEndMeansDirectoriesOnly) {
  EXPECT_TRUE(Matches("build/", "x/build", /*is_directory=*/true));
  EXPECT_FALSE(Matches("build/", "x/build", /*is_directory=*/false));
  EXPECT_TRUE(Matches("/build/", "build", /*is_directory=*/true));
  EXPECT_FALSE(Matches("/build/", "x/build", /*is_directory=*/true));
}

TEST(GlobTest, TwoStarsCrossDirectories) {
  EXPECT_TRUE(Matches("**", "a"));
  EXPECT_TRUE(Matches("**", "a/b/c"));
  EXPECT_TRUE(Matches("a/**/z", "a/z"));
  EXPECT_TRUE(Matches("a/**/z", "a/b/c/z"));
  EXPECT_TRUE(Matches("a/**/z", "a/z/z"));
  EXPECT_FALSE(Matches("a/**/z", "a/b/c"));
  EXPECT_TRUE(Matches("**/z", "z"));
  EXPECT_TRUE(Matches("a/**", "a/b/c"));
  EXPECT_FALSE(Matches("a/**", "a"));
  EXPECT_FALSE(Matches("a/**", "ab/c"));
  EXPECT_TRUE(Matches("**/b/**/d", "a/b/b/c/d"));
  EXPECT_TRUE(Matches("a/**/b/*.c", "a/b/x/b/y.c"));
  EXPECT_TRUE(Matches("a/**/**/b", "a/b"));
  // Two stars that are not a whole component are one.
  EXPECT_TRUE(Matches("/a**b", "axxb"));
  EXPECT_FALSE(Matches("/a**b", "ax/xb"));
}

TEST(GlobTest, LeadingDotsAreNothingSpecial) {
  EXPECT_TRUE(Matches("*", ".hidden"));
  EXPECT_TRUE(Matches("?git", ".git"));
}

TEST(GlobTest, MatchesBytesAndNotCharacters) {
  EXPECT_FALSE(Matches("?", "\xc3\xa9"));
  EXPECT_TRUE(Matches("??", "\xc3\xa9"));
  EXPECT_TRUE(Matches("[\x80-\xff]*", "\xff\xfe"));
}

TEST(GlobTest, RefusesWhatCannotBeMeant) {
  for (absl::string_view bad :
       {"", "/", "//", "a//b", "a/./b", "../a", "./a", "[a", "a[", "[a/b]",
        "[[:no:]]", "a\\", "x/[]"}) {
    const absl::StatusOr<Glob> glob = Glob::Parse(bad);
    ASSERT_FALSE(glob.ok()) << bad;
    EXPECT_EQ(glob.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_TRUE(absl::StrContains(glob.status().message(), bad));
  }
  EXPECT_FALSE(Glob::Parse(absl::string_view("a\0b", 3)).ok());
}

TEST(GlobTest, ManyStarsEndSoon) {
  const std::string name(255, 'a');
  EXPECT_FALSE(Matches("*a*a*a*a*a*a*a*a*a*a*a*a*a*b", name));
  std::string deep = "a";
  for (int i = 0; i < 500; ++i) deep += "/a";
  EXPECT_FALSE(Matches("**/a/**/a/**/a/**/a/**/a/**/a/**/b", deep));
}

// fnmatch(3) of the C locale is the reference for one component.
TEST(MatchesComponentTest, AgreesWithFnmatch) {
  std::mt19937 random(7);
  const std::string letters = "ab*?[]!^-\\.";
  const auto draw = [&](size_t longest) {
    std::string text;
    for (size_t n = random() % (longest + 1); n > 0; --n) {
      text += letters[random() % letters.size()];
    }
    return text;
  };
  int matches = 0;
  for (int i = 0; i < 300000; ++i) {
    const std::string pattern = draw(7);
    const std::string name = draw(5);
    // What Parse() refuses, and [. .], need not agree.
    if (!Glob::Parse(pattern).ok() || absl::StrContains(pattern, "[.") ||
        pattern.back() == '/') {
      continue;
    }
    const bool expected = fnmatch(pattern.c_str(), name.c_str(), 0) == 0;
    matches += expected ? 1 : 0;
    ASSERT_EQ(MatchesComponent(pattern, name), expected)
        << pattern << " against " << name;
  }
  EXPECT_GT(matches, 1000);
}

TEST(MatchesComponentTest, KnowsNamedClasses) {
  EXPECT_TRUE(MatchesComponent("[[:digit:]_]*", "7up"));
  EXPECT_TRUE(MatchesComponent("[[:digit:]_]*", "_up"));
  EXPECT_FALSE(MatchesComponent("[[:digit:]_]*", "up"));
  EXPECT_TRUE(MatchesComponent("[![:upper:]]", "a"));
}

}  // namespace
}  // namespace materialize
