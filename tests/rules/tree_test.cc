// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// The directories that Bazel built, as a later action sees them: paths,
// contents, what can be run. Row Z3 for whatever strategy this build uses.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>

namespace {

namespace fs = std::filesystem;
using ::testing::_;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

fs::path RootOf(const std::string& tree) {
  return fs::path(std::getenv("TEST_SRCDIR")) / std::getenv("TEST_WORKSPACE") /
         "tests/rules" / tree;
}

// Relative path and content of each file; a sandbox shows files as links.
std::map<std::string, std::string> Files(const std::string& tree) {
  const fs::path root = RootOf(tree);
  // Bazel 4 shows an empty directory to nobody.
  if (!fs::is_directory(root)) return {};
  std::map<std::string, std::string> files;
  constexpr auto kFollow = fs::directory_options::follow_directory_symlink;
  for (const auto& entry : fs::recursive_directory_iterator(root, kFollow)) {
    if (entry.is_directory()) continue;
    std::ifstream file(entry.path(), std::ios::binary);
    files[entry.path().lexically_relative(root).string()] = std::string(
        std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  return files;
}

constexpr char kScript[] = "#!/bin/sh\necho made\n";

TEST(TreeTest, NamesComeThroughByteByByte) {
  EXPECT_THAT(
      Files("odd_names"),
      UnorderedElementsAre(
          Pair("@scope-a-1.0.0.tgz", "odd @scope-a-1.0.0.tgz"),
          Pair("with space", "odd with space"), Pair("#hash", "odd #hash"),
          Pair("it's \"quoted\"", "odd it's \"quoted\""),
          Pair("\xc3\xa4\xe2\x82\xac", "odd \xc3\xa4\xe2\x82\xac"),
          Pair("-dash", "odd -dash"), Pair("a{b}[c]$d", "odd a{b}[c]$d"),
          Pair("sub/=;,+~", "odd sub/=;,+~")));
}

TEST(TreeTest, ADirectoryKeepsItsNameAndItsFiles) {
  EXPECT_THAT(Files("whole"),
              UnorderedElementsAre(
                  Pair("made/b\\s", "3"), Pair("made/deep/er/one", "1"),
                  Pair("made/link", "1"), Pair("made/nothing", ""),
                  Pair("made/sp ace/@two", "2"), Pair("made/t\tb", "4"),
                  Pair("made/tool", kScript)));
}

TEST(TreeTest, ASubdirectoryComesWithoutTheRest) {
  EXPECT_THAT(Files("part"),
              UnorderedElementsAre(Pair("made/deep/er/one", "1")));
  EXPECT_THAT(Files("part_as_root"),
              UnorderedElementsAre(Pair("one", "1"), Pair("one.js", _)));
}

TEST(TreeTest, RootPathsUnwrapADirectoryBesideFiles) {
  EXPECT_THAT(
      Files("unwrapped"),
      UnorderedElementsAre(Pair("b\\s", "3"), Pair("deep/er/one", "1"),
                           Pair("link", "1"), Pair("nothing", ""),
                           Pair("sp ace/@two", "2"), Pair("t\tb", "4"),
                           Pair("tool", kScript), Pair("one.js", "one")));
}

TEST(TreeTest, PatternsChooseByThePathInTheOutput) {
  EXPECT_THAT(
      Files("filtered.d/out"),
      ElementsAre(Pair("made/b\\s", "3"), Pair("made/link", "1"),
                  Pair("made/nothing", ""), Pair("made/sp ace/@two", "2"),
                  Pair("made/t\tb", "4"), Pair("made/tool", kScript),
                  Pair("one.js", "one"), Pair("src/two.js", "two")));
}

TEST(TreeTest, PrefixesAreReplacedLast) {
  EXPECT_THAT(
      Files("replaced"),
      UnorderedElementsAre(Pair("one.js", "one"), Pair("sources/two.js", "two"),
                           Pair("sources/two.js.map", _),
                           Pair("sources/text.md", _), Pair("m/er/one", "1"),
                           Pair("m/@two", "2"), Pair("made/b\\s", "3"),
                           Pair("made/t\tb", "4"), Pair("made/tool", kScript),
                           Pair("made/link", "1"), Pair("made/nothing", "")));
}

// Row H16.
TEST(TreeTest, TheLaterOfTwoFilesCountsWhereOverwritingIsAllowed) {
  EXPECT_THAT(Files("overwritten"), ElementsAre(Pair("same", "two")));
}

TEST(TreeTest, WhatFileManagersLeaveBehindStaysOutByDefault) {
  EXPECT_THAT(Files("swept"), ElementsAre(Pair("littered/sub/kept", "")));
  EXPECT_THAT(Files("unswept"),
              UnorderedElementsAre(Pair("littered/.DS_Store", ""),
                                   Pair("littered/sub/Thumbs.db", ""),
                                   Pair("littered/sub/desktop.ini", ""),
                                   Pair("littered/sub/kept", "")));
}

// Row C6, as far as Bazel shows modes.
TEST(TreeTest, WhatCouldBeRunCanBeRun) {
  for (const char* tool : {"lib/tool.sh", "made/tool"}) {
    const fs::path path = RootOf("executable") / tool;
    EXPECT_EQ(std::system(("'" + path.string() + "' > /dev/null").c_str()), 0)
        << path;
  }
}

TEST(TreeTest, TreesOfTreesHoldAllFiles) {
  const auto files = Files("nested");
  EXPECT_EQ(files.size(), 15u);
  EXPECT_EQ(files.at("whole/made/deep/er/one"), "1");
  EXPECT_EQ(files.at("unwrapped/one.js"), "one");
}

TEST(TreeTest, NoSourcesMakeAnEmptyDirectory) {
  EXPECT_THAT(Files("nothing"), IsEmpty());
}

TEST(TreeTest, OtherRulesLayOutDirectoriesByTheHelper) {
  EXPECT_THAT(
      Files("by_helper.d/below"),
      ElementsAre(Pair("lib/one.js", "one"), Pair("lib/src/two.js", "two")));
}

}  // namespace
