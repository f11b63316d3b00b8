// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// What goes where, with real files as sources.

#include "materialize/action/layout.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tests/testing/temp_dir.h"
#include "tests/testing/tree_text.h"

namespace materialize {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

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

  // "path" or "path <- content" or "path/ <- content" of each entry, with
  // " shared" where the inode may be, and " without" what is left out.
  std::vector<std::string> Entries() {
    const auto entries = LayOut(request_, RealSys());
    EXPECT_TRUE(entries.ok()) << entries.status();
    std::vector<std::string> lines;
    if (!entries.ok()) return lines;
    for (const ManifestEntry& entry : *entries) {
      const bool directory = entry.kind == Kind::kDirectory;
      const std::string content =
          entry.content.empty() ? "" : entry.content.substr(dir_.path().size());
      const bool may_share = !entry.is_private && !content.empty();
      lines.push_back(absl::StrCat(entry.path, directory ? "/" : "",
                                   content.empty() ? "" : " <- ", content,
                                   may_share ? " shared" : "",
                                   entry.left_out.empty() ? "" : " without ",
                                   absl::StrJoin(entry.left_out, " ")));
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

TEST_F(LayoutTest, WhatPatternsLeaveOutOfADirectoryIsNamed) {
  Arrange("t/x \"2\"\nt/sub/y \"3\"\nt/sub/z \"4\"\nt/all/z \"5\"");
  AddSource("t", "p/t");
  request_.exclude_srcs_patterns = {"**/z"};
  EXPECT_THAT(Entries(), ElementsAre("/", "t/ <- /t without all all/z sub/z"));
  request_.include_srcs_patterns = {"t/sub/*"};
  EXPECT_THAT(Entries(),
              ElementsAre("/", "t/ <- /t without all all/z sub/z x"));
  request_.include_srcs_patterns = {"none"};
  EXPECT_THAT(Entries(), ElementsAre("/"));
}

TEST_F(LayoutTest, WhereSomebodyElseHasAFileADirectoryGoesFileByFile) {
  Arrange("t/x \"2\"\nt/z \"4\"\nf \"\"");
  AddSource("t", "p/t");
  AddSource("f", "p/t/f");
  request_.exclude_srcs_patterns = {"**/z"};
  EXPECT_THAT(Entries(), ElementsAre("/", "t/f <- /f", "t/x <- /t/x"));
}

// A sandbox shows every input as a link, and directories as links too.
TEST_F(LayoutTest, LinksAreFollowed) {
  Arrange("real/sub/y \"3\"\nt/file -> ../real/sub/y\nt/dir -> ../real/sub");
  AddSource("t", "p/t");
  EXPECT_THAT(Entries(), ElementsAre("/", "t/ <- /t"));
  Arrange("t/out \"4\"");
  request_.exclude_srcs_patterns = {"t/out"};
  EXPECT_THAT(Entries(),
              ElementsAre("/", "t/dir/y <- /t/dir/y", "t/file <- /t/file"));
}

TEST_F(LayoutTest, APatternThatMatchesNothingLeavesADirectoryWhole) {
  Arrange("t/x \"2\"\nt/sub/y \"3\"");
  AddSource("t", "p/t");
  request_.exclude_srcs_patterns = {"**/.DS_Store"};
  EXPECT_THAT(Entries(), ElementsAre("/", "t/ <- /t"));
}

// Bazel shows it to nobody, so nobody shall find it by chance.
TEST_F(LayoutTest, AnEmptyDirectoryIsNotLaidOut) {
  Arrange("t/x \"2\"\nt/empty/");
  AddSource("t", "p/t");
  EXPECT_THAT(Entries(), ElementsAre("/", "t/ <- /t without empty"));
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

// Row H16.
TEST_F(LayoutTest, WithOverwritingTheLastFileForOnePathCounts) {
  Arrange("a \"one\"\nt/x \"two\"\nt/y \"three\"\nb \"four\"");
  request_.root_paths = {"p/t", "p"};
  request_.allow_overwrites = true;
  AddSource("a", "p/x");
  AddSource("t", "p/t");
  AddSource("b", "p/y");
  EXPECT_THAT(Entries(), ElementsAre("/", "x <- /t/x", "y <- /b"));
  std::swap(request_.sources[0], request_.sources[1]);
  EXPECT_THAT(Entries(), ElementsAre("/", "x <- /a", "y <- /b"));
}

TEST_F(LayoutTest, AWholeDirectoryMayTakeEveryFileOfAnother) {
  Arrange("t/x \"one\"\nu/x \"two\"\nu/y \"\"");
  request_.root_paths = {"p/t", "p/u"};
  request_.allow_overwrites = true;
  AddSource("t", "p/t");
  AddSource("u", "p/u");
  EXPECT_THAT(Entries(), ElementsAre("/ <- /u"));
}

// A directory in another's place: neither is a whole that holds the other.
TEST_F(LayoutTest, ADirectoryBelowADirectoryStaysWhole) {
  Arrange("t/x \"one\"\nu/y \"two\"");
  AddSource("t", "p/t");
  AddSource("u", "p/t/sub");
  EXPECT_THAT(Entries(), ElementsAre("/", "t/sub/ <- /u", "t/x <- /t/x"));
}

TEST_F(LayoutTest, PrefixesAreReplacedLast) {
  Arrange("t/x \"2\"\nt/sub/y \"3\"\na \"1\"");
  AddSource("t", "p/t");
  AddSource("a", "p/a");
  request_.include_srcs_patterns = {"t/**", "a"};
  request_.replace_prefixes = {{"t", "new/T"}};
  EXPECT_THAT(Entries(), ElementsAre("/", "a <- /a", "new/T/ <- /t"));
  request_.replace_prefixes = {{"t/s", "t/S"}};
  EXPECT_THAT(Entries(), ElementsAre("/", "a <- /a", "t/Sub/y <- /t/sub/y",
                                     "t/x <- /t/x"));
}

TEST_F(LayoutTest, APathThatLeavesTheOutputIsAnErrorThatNamesTheLabel) {
  Arrange("a \"1\"");
  AddSource("a", "p/a");
  for (const char* replacement : {"../a", "", "x/../.."}) {
    request_.replace_prefixes = {{"a", replacement}};
    EXPECT_EQ(Error(), absl::StrCat(dir_ / "a",
                                    ": replace_prefixes leaves it no place in "
                                    "the output directory (from //p:a)"));
  }
}

TEST_F(LayoutTest, ANameThatIsNotUtf8IsAnErrorThatNamesTheLabel) {
  Arrange("t/ok \"1\"");
  AddSource("t", "p/t");
  std::ofstream(dir_ /
                "t/b\xe4"
                "d")
      << "2";
  EXPECT_EQ(Error(), "t/b\\xe4d: the name is not UTF-8 (from //p:t)");
  request_.exclude_srcs_patterns = {"t/b*"};
  EXPECT_THAT(Entries(), ElementsAre("/",
                                     "t/ <- /t without b\xe4"
                                     "d"));
}

// Row Z1.
TEST_F(LayoutTest, OnlyGeneratedFilesOfTheMainRepositoryMayShareInodes) {
  Arrange("a \"1\"\nb \"2\"\nc \"3\"");
  AddSource("a", "p/a");
  AddSource("b", "p/b");
  AddSource("c", "p/c");
  request_.sources[1].is_generated = true;
  request_.sources[2].is_generated = true;
  request_.sources[2].repository = "ext";
  request_.include_external_repositories = {"ext"};
  EXPECT_THAT(Entries(),
              ElementsAre("/", "a <- /a", "b <- /b shared", "c <- /c"));
  request_.private_patterns = {"b"};
  EXPECT_THAT(Entries(), ElementsAre("/", "a <- /a", "b <- /b", "c <- /c"));
  request_.private_patterns = {};
  request_.hardlink = Hardlink::kOff;
  EXPECT_THAT(Entries(), ElementsAre("/", "a <- /a", "b <- /b", "c <- /c"));
  request_.hardlink = Hardlink::kOn;
  EXPECT_THAT(Entries(),
              ElementsAre("/", "a <- /a", "b <- /b shared", "c <- /c"));
}

// An action may make a link to a source file its output. Row Z1.
TEST_F(LayoutTest, AGeneratedLinkSharesNothing) {
  Arrange("source \"1\"\ns/f \"2\"\nlink -> source\ntree -> s");
  AddSource("link", "p/link");
  AddSource("tree", "p/tree");
  for (ActionSource& source : request_.sources) source.is_generated = true;
  EXPECT_THAT(Entries(), ElementsAre("/", "link <- /link", "tree/ <- /tree"));
}

TEST_F(LayoutTest, LinksInAGeneratedDirectoryShareNothing) {
  Arrange("s/f \"2\"\nt/file \"1\"\nt/link -> ../s/f\nt/dir -> ../s");
  AddSource("t", "p/t");
  request_.sources[0].is_generated = true;
  EXPECT_THAT(Entries(),
              ElementsAre("/", "t/dir/f <- /t/dir/f",
                          "t/file <- /t/file shared", "t/link <- /t/link"));
}

TEST_F(LayoutTest, OneForeignLinkInADirectoryOfFilesSharesNothing) {
  Arrange("s/f \"2\"\nt/file \"1\"\nt/link -> ../s/f");
  AddSource("t", "p/t");
  request_.sources[0].is_generated = true;
  EXPECT_THAT(Entries(), ElementsAre("/", "t/file <- /t/file shared",
                                     "t/link <- /t/link"));
}

// As in a sandbox.
TEST_F(LayoutTest, ADirectoryOfForeignLinksIsAWhole) {
  Arrange("s/f \"2\"\nt/a -> ../s/f\nt/b -> ../s/f");
  AddSource("t", "p/t");
  request_.sources[0].is_generated = true;
  EXPECT_THAT(Entries(), ElementsAre("/", "t/ <- /t"));
  EXPECT_TRUE(LayOut(request_, RealSys())->back().links_are_files);
}

TEST_F(LayoutTest, AFifoInADirectoryIsAnError) {
  Arrange("t/x \"1\"\nt/f |");
  AddSource("t", "p/t");
  EXPECT_EQ(Error(), absl::StrCat(dir_ / "t/f",
                                  ": neither a file nor a "
                                  "directory (from //p:t)"));
}

TEST_F(LayoutTest, AGeneratedDirectoryOfFilesIsSharedAsAWhole) {
  Arrange("t/x \"1\"\nt/sub/y \"2\"");
  AddSource("t", "p/t");
  request_.sources[0].is_generated = true;
  EXPECT_THAT(Entries(), ElementsAre("/", "t/ <- /t shared"));
  request_.private_patterns = {"**/y"};
  EXPECT_THAT(Entries(),
              ElementsAre("/", "t/sub/y <- /t/sub/y", "t/x <- /t/x shared"));
  request_.private_patterns = {"**"};
  EXPECT_THAT(Entries(), ElementsAre("/", "t/ <- /t"));
}

TEST_F(LayoutTest, HardlinkAloneIsRefusedForWhatMayNotShare) {
  Arrange("a \"1\"");
  AddSource("a", "p/a");
  const auto check = [&](const std::vector<Method>& methods) {
    return CheckPrivate(*LayOut(request_, RealSys()), methods);
  };
  EXPECT_EQ(check({Method::kHardlink}).message(),
            "a: methods: hardlink alone cannot place a file that may not "
            "share its inode (from //p:a)");
  EXPECT_TRUE(check({Method::kHardlink, Method::kReflink}).ok());
  request_.sources[0].is_generated = true;
  EXPECT_TRUE(check({Method::kHardlink}).ok());
}

TEST_F(LayoutTest, AnErrorOfTheEngineGetsTheLabelOfTheLongestPath) {
  const std::vector<ManifestEntry> entries = {
      {.path = "a", .kind = Kind::kFile, .content = "p/a", .origin = "//p:a"},
      {.path = "b", .kind = Kind::kFile, .content = "p/a/b", .origin = "//p:b"},
  };
  EXPECT_EQ(
      WithLabel(absl::UnknownError("open p/a/b/c: no"), entries).message(),
      "open p/a/b/c: no (from //p:b)");
  EXPECT_EQ(WithLabel(absl::UnknownError("mkdir out: no"), entries).message(),
            "mkdir out: no");
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
            "x: a file (from //p:a) and the directory of x/t/x (from //p:t)");
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
