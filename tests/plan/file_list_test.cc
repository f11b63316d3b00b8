// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Lists of files: how they are read and what becomes of each.

#include "materialize/plan/file_list.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"
#include "tests/testing/tree_text.h"

namespace materialize {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<std::string> Short(const ListedFiles& listed, const TempDir& dir) {
  std::vector<std::string> lines;
  for (const ManifestEntry& e : listed.entries) {
    std::string line = absl::StrCat(e.path.empty() ? "." : e.path);
    if (e.kind == Kind::kDirectory) line += "/";
    if (!e.content.empty()) {
      EXPECT_EQ(e.content, e.path.empty() ? dir.path() : dir / e.path);
      line += " <-";
    }
    if (!e.target.empty()) absl::StrAppend(&line, " -> ", e.target);
    if (e.wanted.mode) absl::StrAppend(&line, " ", absl::Hex(*e.wanted.mode));
    lines.push_back(line);
  }
  return lines;
}

class ListFilesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_OK(ArrangeTree(dir_,
                          "./ 0700\na/ 0711 @5\na/b/ 0755\na/b/c \"c\"\n"
                          "a/b/d \"d\"\nl -> a\nx\\012y \"\"\npipe |\n"));
  }
  absl::StatusOr<ListedFiles> List(const std::vector<std::string>& files,
                                   FileListOptions options = {}) {
    return ListFiles(RealSys(), dir_.path(), files, options);
  }
  TempDir dir_;
};

TEST(ParseFileListTest, IsSplitAtNewlinesOrAtNuls) {
  EXPECT_THAT(ParseFileList("a\n./b c\n\nd"), ElementsAre("a", "./b c", "d"));
  EXPECT_THAT(ParseFileList(absl::string_view("a\nb\0c\0", 6)),
              ElementsAre("a\nb", "c"));
  EXPECT_THAT(ParseFileList(""), IsEmpty());
}

// Row S22.
TEST_F(ListFilesTest, ParentsLookAsTheyDoInTheSource) {
  ASSERT_OK_AND_ASSIGN(const ListedFiles listed,
                       List({"./a/b/d", "x\ny", "a/b/c", "a/b/c", "gone",
                             "a/b/gone", "x\ny/below"}));
  EXPECT_THAT(Short(listed, dir_),
              ElementsAre("./ 1c0", "a/ 1c9", "a/b/ 1ed", "a/b/c <-",
                          "a/b/d <-", "x\ny <-"));
  EXPECT_EQ(listed.entries[1].wanted.mtime, (Time{5, 0}));
  EXPECT_THAT(listed.missing, ElementsAre("a/b/gone", "gone", "x\ny/below"));
}

TEST_F(ListFilesTest, AListedDirectoryIsMeantAsAWhole) {
  ASSERT_OK_AND_ASSIGN(const ListedFiles listed,
                       List({"a/b/c", "a/b/", "a/b", "a/b/d"}));
  EXPECT_THAT(Short(listed, dir_), ElementsAre("./ 1c0", "a/ 1c9", "a/b/ <-"));
  ASSERT_OK_AND_ASSIGN(const ListedFiles all, List({"a/b/c", "."}));
  EXPECT_THAT(Short(all, dir_), ElementsAre("./ <-"));
}

TEST_F(ListFilesTest, SymlinksAreKeptFollowedOrSkipped) {
  ASSERT_OK_AND_ASSIGN(const ListedFiles kept, List({"l"}));
  EXPECT_THAT(Short(kept, dir_), ElementsAre("./ 1c0", "l -> a"));
  ASSERT_OK_AND_ASSIGN(const ListedFiles followed,
                       List({"l"}, {.symlinks = Symlinks::kFollow}));
  EXPECT_THAT(Short(followed, dir_), ElementsAre("./ 1c0", "l/ <-"));
  ASSERT_OK_AND_ASSIGN(const ListedFiles skipped,
                       List({"l"}, {.symlinks = Symlinks::kSkip}));
  EXPECT_EQ(skipped.symlinks_skipped, 1);
}

TEST_F(ListFilesTest, PassingThroughALinkNeedsFollow) {
  EXPECT_THAT(List({"l/b/c"}), StatusIs(absl::StatusCode::kInvalidArgument,
                                        HasSubstr("--symlinks=follow")));
  ASSERT_OK_AND_ASSIGN(const ListedFiles followed,
                       List({"l/b/c"}, {.symlinks = Symlinks::kFollow}));
  EXPECT_THAT(Short(followed, dir_),
              ElementsAre("./ 1c0", "l/ 1c9", "l/b/ 1ed", "l/b/c <-"));
}

TEST_F(ListFilesTest, RefusesPathsThatLeaveTheSource) {
  for (const char* bad : {"/etc", "../x", "a/../x", "a//b", "a/.."}) {
    EXPECT_THAT(List({"a/b/c", bad}),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(bad)));
  }
}

TEST_F(ListFilesTest, SpecialFilesAreAnErrorOrSkipped) {
  EXPECT_THAT(List({"pipe"}), StatusIs(absl::StatusCode::kInvalidArgument));
  ASSERT_OK_AND_ASSIGN(const ListedFiles listed,
                       List({"pipe"}, {.special = Special::kSkip}));
  EXPECT_EQ(listed.special_skipped, 1);
}

TEST_F(ListFilesTest, AMissingSourceIsNoMissingFile) {
  EXPECT_THAT(ListFiles(RealSys(), dir_ / "none", {"."}, {}),
              StatusIs(absl::StatusCode::kNotFound));
}

}  // namespace
}  // namespace materialize
