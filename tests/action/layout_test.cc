// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// What goes where, with real files as sources.

#include "materialize/action/layout.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/testing/temp_dir.h"
#include "tests/testing/tree_text.h"

namespace materialize {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

// Sources of package "p", whose files are in a directory of their own.
class LayoutTest : public ::testing::Test {
 protected:
  LayoutTest() {
    request_.package = "p";
    request_.root_paths = {"."};
    request_.include_srcs_packages = {"**"};
    request_.include_srcs_patterns = {"**"};
  }

  void Arrange(const std::string& text) {
    const absl::Status arranged = ArrangeTree(dir_, text);
    ASSERT_TRUE(arranged.ok()) << arranged;
  }

  // A source whose file is FILE and whose path in the workspace is PATH.
  void AddSource(const std::string& file, const std::string& path) {
    request_.sources.push_back({.path = dir_ / file,
                                .short_path = path,
                                .package = "p",
                                .repository = "",
                                .name = file});
  }

  // "path" or "path <- content" or "path/ <= content" of each entry.
  std::vector<std::string> Entries() {
    const auto entries = LayOut(request_, RealSys());
    EXPECT_TRUE(entries.ok()) << entries.status();
    std::vector<std::string> lines;
    if (!entries.ok()) return lines;
    for (const ManifestEntry& entry : *entries) {
      const bool directory = entry.kind == Kind::kDirectory;
      const std::string content =
          entry.content.empty() ? "" : entry.content.substr(dir_.path().size());
      lines.push_back(absl::StrCat(entry.path, directory ? "/" : "",
                                   content.empty() ? "" : " <- ", content));
    }
    return lines;
  }

  std::string Error() {
    const auto entries = LayOut(request_, RealSys());
    EXPECT_FALSE(entries.ok());
    return std::string(entries.status().message());
  }

  TempDir dir_;
  ActionRequest request_;
};

TEST_F(LayoutTest, NothingMakesAnEmptyRoot) {
  EXPECT_THAT(Entries(), ElementsAre("/"));
}

TEST_F(LayoutTest, FilesAndDirectoriesGoToTheirPlaces) {
  Arrange("a \"1\"\nt/x \"2\"\nt/sub/y \"3\"");
  AddSource("a", "p/a");
  AddSource("t", "p/t");
  EXPECT_THAT(Entries(), ElementsAre("/", "a <- /a", "t/ <- /t"));
}

TEST_F(LayoutTest, APatternMakesADirectoryGoFileByFile) {
  Arrange("t/x \"2\"\nt/sub/y \"3\"\nt/sub/z \"4\"");
  AddSource("t", "p/t");
  request_.exclude_srcs_patterns = {"**/z"};
  EXPECT_THAT(Entries(),
              ElementsAre("/", "t/sub/y <- /t/sub/y", "t/x <- /t/x"));
}

// A sandbox shows every input as a link, and directories as links too.
TEST_F(LayoutTest, LinksAreFollowed) {
  Arrange("real/sub/y \"3\"\nt/file -> ../real/sub/y\nt/dir -> ../real/sub");
  AddSource("t", "p/t");
  request_.exclude_srcs_patterns = {"none"};
  EXPECT_THAT(Entries(),
              ElementsAre("/", "t/dir/y <- /t/dir/y", "t/file <- /t/file"));
}

TEST_F(LayoutTest, DirectoriesThatMeetAreMerged) {
  Arrange("t/x \"1\"\nu/y \"2\"\nf \"3\"");
  request_.root_paths = {"p/t", "p/u", "p"};
  AddSource("t", "p/t");
  AddSource("u", "p/u");
  AddSource("f", "p/f");
  EXPECT_THAT(Entries(), ElementsAre("/", "f <- /f", "x <- /t/x", "y <- /u/y"));
}

TEST_F(LayoutTest, AFileBelowADirectoryMeetsIt) {
  Arrange("t/x \"1\"\nf \"3\"");
  AddSource("t", "p/t");
  AddSource("f", "p/t/sub/f");
  EXPECT_THAT(Entries(), ElementsAre("/", "t/sub/f <- /f", "t/x <- /t/x"));
}

// Row H16.
TEST_F(LayoutTest, EqualContentsForOnePathAreOneFile) {
  Arrange("a \"same\"\nb \"same\"");
  AddSource("a", "p/x");
  AddSource("b", "p/x");
  EXPECT_THAT(Entries(), ElementsAre("/", "x <- /a"));
}

// Rows H16, R15.
TEST_F(LayoutTest, DifferentContentsForOnePathAreAnErrorThatNamesBoth) {
  Arrange("a \"one\"\nt/x \"two\"");
  request_.root_paths = {"p/t", "p"};
  AddSource("a", "p/x");
  AddSource("t", "p/t");
  EXPECT_EQ(Error(),
            absl::StrCat("x: two files with different contents: ", dir_ / "a",
                         " (from //p:a) and ", dir_ / "t/x", " (from //p:t)"));
}

TEST_F(LayoutTest, AFileInTheWayOfADirectoryIsAnErrorThatNamesBoth) {
  Arrange("a \"one\"\nb \"two\"\nt/x \"\"");
  AddSource("a", "p/x");
  AddSource("b", "p/x/y/z");
  EXPECT_EQ(Error(),
            "x: a file (from //p:a) and the directory of x/y/z (from //p:b)");
  request_.sources.pop_back();
  AddSource("t", "p/x/t");
  EXPECT_EQ(Error(),
            "x: a file (from //p:a) and the directory of x/t (from //p:t)");
  request_.sources.pop_back();
  AddSource("t", "p/x");
  EXPECT_THAT(Error(), HasSubstr("x: a file (from //p:a) and the directory"));
}

TEST_F(LayoutTest, AMissingOrDanglingSourceIsAnErrorThatNamesItsLabel) {
  Arrange("dangling -> nowhere");
  AddSource("dangling", "p/x");
  EXPECT_EQ(Error(),
            absl::StrCat("stat ", dir_ / "dangling",
                         ": No such file or directory (from //p:dangling)"));
}

TEST_F(LayoutTest, ADanglingLinkInADirectoryNamesItsLabel) {
  Arrange("t/dangling -> nowhere");
  AddSource("t", "p/t");
  request_.exclude_srcs_patterns = {"none"};
  EXPECT_THAT(Error(), AllOf(HasSubstr(dir_ / "t/dangling"),
                             HasSubstr("No such file or directory"),
                             HasSubstr("from //p:t")));
}

// Row H10.
TEST_F(LayoutTest, AFifoIsNeverOpened) {
  Arrange("f |");
  AddSource("f", "p/f");
  EXPECT_EQ(Error(), absl::StrCat(dir_ / "f",
                                  ": neither a file nor a "
                                  "directory (from //p:f)"));
}

TEST_F(LayoutTest, WantedExternalFilesGoToTheirPathInTheirRepository) {
  Arrange("a \"1\"");
  AddSource("a", "../other/lib/a");
  request_.sources[0].repository = "other";
  request_.include_external_repositories = {"oth*"};
  EXPECT_THAT(Entries(), ElementsAre("/", "lib/a <- /a"));
}

TEST_F(LayoutTest, UnwantedSourcesAreNotLookedAt) {
  AddSource("not-there", "../other/x");
  request_.sources[0].repository = "other";
  EXPECT_THAT(Entries(), ElementsAre("/"));
}

}  // namespace
}  // namespace materialize
