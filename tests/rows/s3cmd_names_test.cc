// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Symlinks, odd names and lists of files, merged into what is there.

#include <filesystem>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/cli/run_command.h"
#include "tests/rows/files.h"
#include "tests/testing/lab.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"
#include "tests/testing/tree_text.h"

namespace materialize {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

class NamesTest : public testing::Test {
 protected:
  void SetUp() override {
    REQUIRE_LAB("xfs");
    dir_.emplace(TempDir::In(Lab("xfs")));
    from_ = *dir_ / "from";
    to_ = *dir_ / "to";
  }
  Request Merging() const {
    Request request = FromTo(from_, to_);
    request.into = Into::kMerge;
    request.deletion.enabled = true;
    return request;
  }
  void ExpectEqualTrees() const {
    EXPECT_EQ(TreeText(to_, {.root = false}), TreeText(from_, {.root = false}));
    EXPECT_THAT(Leftovers(*dir_), IsEmpty());
  }

  std::optional<TempDir> dir_;
  std::string from_, to_;
};

// Row S20.
TEST_F(NamesTest, SymlinksAreSkippedFollowedOrKept) {
  ASSERT_OK(ArrangeTree(from_, R"(
    d/inner "inner"
    file "file"
    to-d -> d
    to-file -> file
  )"));
  ASSERT_OK(ArrangeTree(to_, "file \"file\"\nto-file \"mine too\"\nto-d -> x"));
  Request request = Merging();
  request.deletion.enabled = false;
  request.symlinks = Symlinks::kSkip;
  ASSERT_OK_AND_ASSIGN(Report report, Materialize(request));
  EXPECT_EQ(report.symlinks_skipped, 2);
  EXPECT_EQ(report.symlinks, 0);
  EXPECT_EQ(ReadFile(to_ + "/to-file"), "mine too");
  EXPECT_EQ(ReadLink(to_ + "/to-d"), "x");

  request.symlinks = Symlinks::kFollow;
  for (const int64_t unchanged : {2, 4}) {
    ASSERT_OK_AND_ASSIGN(report, Materialize(request));
    EXPECT_EQ(report.unchanged.files, unchanged);
    EXPECT_EQ(report.files(), 4);
    EXPECT_EQ(report.symlinks, 0);
    EXPECT_EQ(StatOf(to_ + "/to-d").kind(), Kind::kDirectory);
    EXPECT_EQ(ReadFile(to_ + "/to-d/inner"), "inner");
    EXPECT_EQ(StatOf(to_ + "/to-file").kind(), Kind::kFile);
    EXPECT_EQ(ReadFile(to_ + "/to-file"), "file");
  }
  // A directory with something in it does not give way to a link.
  request.symlinks = Symlinks::kKeep;
  ASSERT_OK_AND_ASSIGN(report, Materialize(request));
  EXPECT_THAT(report.failures, SizeIs(1));
  EXPECT_EQ(ReadFile(to_ + "/to-d/inner"), "inner");
  EXPECT_EQ(ReadLink(to_ + "/to-file"), "file");
  request.deletion.enabled = true;
  for (int run = 0; run < 2; ++run) {
    ASSERT_OK_AND_ASSIGN(report, Materialize(request));
    EXPECT_EQ(report.symlinks, 2);
    EXPECT_EQ(report.deleted, run == 0 ? 1 : 0);
    ExpectEqualTrees();
  }
}

// Row S20: what a link in the destination leads to is nobody's business.
TEST_F(NamesTest, NothingIsWrittenOrDeletedThroughALink) {
  ASSERT_OK(ArrangeTree(*dir_ / "outside", "a \"mine\"\nsub/b \"mine\""));
  const std::string outside = TreeText(*dir_ / "outside");
  ASSERT_OK(ArrangeTree(from_, "a \"new a\"\nsub/b \"new b\"\nsub/c \"c\""));
  ASSERT_OK(ArrangeTree(
      to_, "a -> ../outside/a\nsub -> ../outside/sub\nx -> ../outside"));
  ASSERT_OK(Materialize(Merging()).status());
  ExpectEqualTrees();
  EXPECT_EQ(TreeText(*dir_ / "outside"), outside);
}

// Row S20.
TEST_F(NamesTest, FollowingInACircleIsAFailureAndTheRestIsDone) {
  for (const char* tree : {"d/up -> ..\nz \"z\"", "self -> self\nz \"z\"",
                           "a/b -> ../c\nc/d -> ../a\nz \"z\""}) {
    SCOPED_TRACE(tree);
    (void)RemoveTree(from_);
    (void)RemoveTree(to_);
    ASSERT_OK(ArrangeTree(from_, tree));
    ASSERT_OK(ArrangeTree(to_, "old \"o\""));
    Request request = Merging();
    request.symlinks = Symlinks::kFollow;
    const absl::StatusOr<Report> report = Materialize(request);
    const std::string text = report.ok() && report->partial()
                                 ? report->failures[0].text
                                 : std::string(report.status().message());
    EXPECT_THAT(text, HasSubstr("--symlinks=keep"));
    EXPECT_THAT(Leftovers(*dir_), IsEmpty());
  }
}

constexpr char kOddNames[] = R"(
  \001\033[31m "escape"
  -rf "dash"
  A "upper"
  a "lower"
  back\134slash "b"
  blank\040in\040it "blank"
  dir\012with\012lines/\377\376 "not UTF-8"
  hash#mark "#"
  new\012line "line"
  star*[x]? "glob"
  tab\011 -> to\040\377
  zw\303\266lf "UTF-8"
)";

// Row S21: made, left alone, updated, deleted.
TEST_F(NamesTest, EveryNameIsMerged) {
  ASSERT_OK(ArrangeTree(from_, kOddNames));
  ASSERT_OK(ArrangeTree(to_, "old \"o\""));
  ASSERT_OK_AND_ASSIGN(Report report, Materialize(Merging()));
  EXPECT_EQ(report.files(), 11);
  ExpectEqualTrees();
  ASSERT_OK_AND_ASSIGN(report, Materialize(Merging()));
  EXPECT_EQ(report.unchanged.files, 11);
  for (const auto& entry : std::filesystem::recursive_directory_iterator(to_)) {
    if (entry.is_regular_file() && !entry.is_symlink())
      std::filesystem::resize_file(entry.path(), 99);
  }
  ASSERT_OK_AND_ASSIGN(report, Materialize(Merging()));
  EXPECT_EQ(report.unchanged.files, 0);
  ExpectEqualTrees();
  for (const auto& entry : std::filesystem::directory_iterator(from_))
    (void)RemoveTree(entry.path());
  ASSERT_OK(ArrangeTree(from_, "b \"b\""));
  ASSERT_OK_AND_ASSIGN(report, Materialize(Merging()));
  EXPECT_EQ(report.deleted, 13);
  ExpectEqualTrees();
}

// Row S21: of two names that differ in case each is its own.
TEST_F(NamesTest, CaseTwinsAreTwoNames) {
  ASSERT_OK(ArrangeTree(from_, "readme \"low\"\nDir/x \"X\""));
  ASSERT_OK(ArrangeTree(to_, "README \"HIGH\"\ndir/x \"x\""));
  Request request = Merging();
  request.deletion.enabled = false;
  ASSERT_OK(Materialize(request).status());
  EXPECT_EQ(ReadFile(to_ + "/readme") + ReadFile(to_ + "/README"), "lowHIGH");
  EXPECT_EQ(ReadFile(to_ + "/Dir/x") + ReadFile(to_ + "/dir/x"), "Xx");
  ASSERT_OK_AND_ASSIGN(const Report report, Materialize(Merging()));
  EXPECT_EQ(report.deleted, 3);
  ExpectEqualTrees();
}

// Row S21: what is said of them harms no terminal.
TEST_F(NamesTest, FailuresOfOddNamesAreEscaped) {
  ASSERT_OK(ArrangeTree(from_, "\\033[31m \"file\""));
  ASSERT_OK(ArrangeTree(to_, "\\033[31m/in \"in\""));
  const cli::Said said = cli::RunCommand({"place", "--into=merge", from_, to_});
  EXPECT_EQ(said.code, 4);
  EXPECT_THAT(said.err, HasSubstr("\\033[31m"));
  EXPECT_THAT(said.err, Not(HasSubstr("\033")));
}

// Row S22.
TEST_F(NamesTest, AListedFileThatIsMissingIsAFailureAndTheRestIsMerged) {
  ASSERT_OK(ArrangeTree(from_, "a \"new a\"\nb \"new b\"\nd/c \"new c\""));
  ASSERT_OK(ArrangeTree(to_, "b \"b\"\nd/c \"c\"\ngone \"g\"\nx \"x\""));
  Request request = Merging();
  request.deletion.enabled = false;
  request.only_files = true;
  request.files = {"d/c", "gone", "a", "d/gone"};
  ASSERT_OK_AND_ASSIGN(Report report, Materialize(request));
  EXPECT_TRUE(report.partial());
  ASSERT_THAT(report.failures, SizeIs(2));
  EXPECT_EQ(report.files(), 2);
  EXPECT_EQ(ReadFile(to_ + "/a") + ReadFile(to_ + "/d/c"), "new anew c");
  // Neither listed, nor changed; nor does a missing one take anything away.
  EXPECT_EQ(ReadFile(to_ + "/b") + ReadFile(to_ + "/gone"), "bg");
  ASSERT_OK_AND_ASSIGN(report, Materialize(request));
  EXPECT_EQ(report.unchanged.files, 2);
  EXPECT_THAT(report.failures, SizeIs(2));
  request.deletion.enabled = true;
  EXPECT_THAT(std::string(Materialize(request).status().message()),
              HasSubstr("--delete"));

  const cli::Said said =
      cli::RunCommand({"place", "--into=merge", "--files_from=-", from_, to_},
                      {.input = "b\nnot\033here\n"});
  EXPECT_EQ(said.code, 4);
  EXPECT_THAT(said.err, HasSubstr("not\\033here: "));
  EXPECT_EQ(ReadFile(to_ + "/b"), "new b");
  EXPECT_EQ(ReadFile(to_ + "/x"), "x");
}

}  // namespace
}  // namespace materialize
