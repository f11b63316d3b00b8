// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// What a synchronizer takes away, when, and what keeps it from doing so.

#include <cerrno>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/cli/run_command.h"
#include "tests/rows/files.h"
#include "tests/testing/faulty_sys.h"
#include "tests/testing/lab.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"
#include "tests/testing/tree_text.h"

namespace materialize {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

class DeleteTest : public testing::Test {
 protected:
  void SetUp() override {
    REQUIRE_LAB("xfs");
    dir_.emplace(TempDir::In(Lab("xfs")));
    from_ = *dir_ / "from";
    to_ = *dir_ / "to";
  }
  Request Deleting() const {
    Request request = FromTo(from_, to_);
    request.into = Into::kMerge;
    request.deletion.enabled = true;
    return request;
  }
  // By the command, too: what it says and with which exit code.
  cli::Said Place(std::vector<std::string> words) const {
    words.insert(words.begin(), {"place", "--into=merge", "--delete"});
    words.insert(words.end(), {from_, to_});
    return cli::RunCommand(words);
  }
  void ExpectEqualTrees() const {
    EXPECT_EQ(TreeText(to_, {.root = false}), TreeText(from_, {.root = false}));
    EXPECT_THAT(Leftovers(*dir_), IsEmpty());
  }

  std::optional<TempDir> dir_;
  std::string from_, to_;
};

// Where in the log the first or last call is that begins so and is of `path`.
struct Span {
  int first = -1;
  int last = -1;
};
Span Calls(const std::vector<std::string>& log, const std::string& call,
           const std::string& path) {
  Span span;
  for (int at = 0; at < static_cast<int>(log.size()); ++at) {
    const std::string& line = log[static_cast<size_t>(at)];
    if (!absl::StartsWith(line, call + " ") || !absl::EndsWith(line, path))
      continue;
    if (span.first < 0) span.first = at;
    span.last = at;
  }
  return span;
}

// Row S10.
TEST_F(DeleteTest, NothingGoesBeforeAllIsInItsPlace) {
  ASSERT_OK(ArrangeTree(from_, R"(
    a/new "n"
    b/changed "c"
    c "same"
    link -> a
    z/last "l"
  )"));
  ASSERT_OK(ArrangeTree(to_, R"(
    a/extra "e"
    b/changed "old"
    b/extra "e"
    c "same"
    0/deep/extra "e"
    link -> b
    zz "e"
  )"));
  for (const bool delays : {false, true}) {
    Request request = Deleting();
    request.delay_updates = delays;
    FaultySys sys(RealSys());
    sys.StartLog();
    ASSERT_OK_AND_ASSIGN(const Report report, Materialize(request, sys));
    EXPECT_EQ(report.deleted, 6);
    const std::vector<std::string> log = sys.Log();
    int first = static_cast<int>(log.size());
    for (const char* gone :
         {"/a/extra", "/b/extra", "/0/deep/extra", "/0/deep", "/0", "/zz"}) {
      const Span unlink = Calls(log, "UnlinkAt", to_ + gone);
      ASSERT_GE(unlink.first, 0) << gone;
      first = std::min(first, unlink.first);
    }
    const Span update = Calls(log, "RenameAt", to_ + "/b/changed");
    for (const char* made : {"/b/changed", "/link", "/a/new", "/z/last"}) {
      const Span rename = Calls(log, "RenameAt", to_ + made);
      ASSERT_GE(rename.first, 0) << made;
      EXPECT_LT(rename.last, first) << made;
      if (delays && !absl::EndsWith(made, "link")) {
        EXPECT_LE(rename.last, update.first) << made;
      }
    }
    ExpectEqualTrees();
    (void)RemoveTree(to_);
    ASSERT_OK(ArrangeTree(to_, R"(
      a/extra "e"
      b/changed "old"
      b/extra "e"
      c "same"
      0/deep/extra "e"
      link -> b
      zz "e"
    )"));
  }
}

// Row S12.
TEST_F(DeleteTest, MoreThanAllowedIsNothingAtAll) {
  ASSERT_OK(ArrangeTree(from_, "new \"n\"\nold \"now\""));
  ASSERT_OK(ArrangeTree(to_, "old \"was it\"\nd/x \"x\"\nd/y \"y\"\nz \"z\""));
  const std::string extras = TreeText(to_ + "/d") + TreeText(to_ + "/z");
  Request request = Deleting();
  request.deletion.limit = 3;
  ASSERT_OK_AND_ASSIGN(const Report report, Materialize(request));
  EXPECT_EQ(report.deleted, 0);
  ASSERT_THAT(report.failures, SizeIs(1));
  EXPECT_THAT(report.failures[0].text,
              AllOf(HasSubstr("4 entries are not in the input"),
                    HasSubstr("--max_delete=3"), HasSubstr(to_)));
  EXPECT_EQ(TreeText(to_ + "/d") + TreeText(to_ + "/z"), extras);
  EXPECT_EQ(ReadFile(to_ + "/new") + ReadFile(to_ + "/old"), "nnow");
  const cli::Said said = Place({"--max_delete=3"});
  EXPECT_EQ(said.code, 4);
  EXPECT_THAT(said.err, HasSubstr("--max_delete=3"));
  EXPECT_EQ(TreeText(to_ + "/d") + TreeText(to_ + "/z"), extras);
  request.deletion.limit = 4;
  ASSERT_OK_AND_ASSIGN(const Report allowed, Materialize(request));
  EXPECT_EQ(allowed.deleted, 4);
  ExpectEqualTrees();
}

// Row S12: also what would give way to a file.
TEST_F(DeleteTest, WhatGivesWayCountsAsWell) {
  ASSERT_OK(ArrangeTree(from_, "a \"a\"\nb \"b\"\nc \"c\""));
  ASSERT_OK(ArrangeTree(to_, "a/1 \"\"\na/2 \"\"\nb/1 \"\"\nb/2 \"\"\nz \"\""));
  for (const int limit : {0, 2, 3, 4}) {
    Request request = Deleting();
    request.deletion.limit = limit;
    ASSERT_OK_AND_ASSIGN(const Report report, Materialize(request));
    EXPECT_EQ(report.deleted, 0) << limit;
    EXPECT_TRUE(report.partial());
    for (const char* kept : {"/a/1", "/a/2", "/b/1", "/b/2", "/z"})
      EXPECT_TRUE(Exists(to_ + kept)) << kept << limit;
  }
  Request request = Deleting();
  request.deletion.limit = 5;
  ASSERT_OK_AND_ASSIGN(const Report report, Materialize(request));
  EXPECT_EQ(report.deleted, 5);
  EXPECT_THAT(report.failures, IsEmpty());
  ExpectEqualTrees();
}

// Row S13: empty, or excluded to the last entry.
TEST_F(DeleteTest, AnEmptyInputNeedsForce) {
  for (const char* tree : {"./ 0755", "a \"a\"\nd/b \"b\""}) {
    const bool excludes = tree[0] == 'a';
    ASSERT_OK(ArrangeTree(from_, tree));
    ASSERT_OK(ArrangeTree(to_, "x \"x\"\ny/z \"z\""));
    const std::string before = TreeText(to_);
    Request request = Deleting();
    if (excludes) request.exclude = {"a", "d"};
    const absl::Status status = Materialize(request).status();
    EXPECT_THAT(std::string(status.message()),
                AllOf(HasSubstr(to_), HasSubstr("--force")));
    EXPECT_EQ(TreeText(to_), before);
    const cli::Said said =
        excludes ? Place({"--exclude=a", "--exclude=d"}) : Place({});
    EXPECT_EQ(said.code, 1) << said.err;
    EXPECT_THAT(said.err, HasSubstr("--force"));
    EXPECT_EQ(TreeText(to_), before);
    EXPECT_THAT(Leftovers(*dir_), IsEmpty());
    request.deletion.force = true;
    ASSERT_OK_AND_ASSIGN(const Report report, Materialize(request));
    EXPECT_EQ(report.deleted, 3);
    EXPECT_EQ(TreeText(to_, {.root = false}), "");
    (void)RemoveTree(to_);
    (void)RemoveTree(from_);
  }
}

// Row S13.
TEST_F(DeleteTest, ExcludedNamesAreKept) {
  constexpr char kThere[] = R"(
    a "a"
    gone/keep.me "k"
    gone/go "g"
    gone/deep/er/keep.me "k"
    gone/deep/go "g"
    all/of/it "i"
    keep.me "k"
    sub/keep.me "k"
    sub/extra "e"
  )";
  ASSERT_OK(ArrangeTree(from_, "a \"a\"\nsub/s \"s\"\nsub/keep.me \"not\""));
  ASSERT_OK(ArrangeTree(to_, kThere));
  Request request = Deleting();
  request.exclude = {"keep.me"};
  ASSERT_OK_AND_ASSIGN(Report report, Materialize(request));
  EXPECT_EQ(TreeText(to_, {.root = false, .times = false}),
            TreeTextOf(R"(
    a "a"
    gone/keep.me "k"
    gone/deep/er/keep.me "k"
    keep.me "k"
    sub/keep.me "k"
    sub/s "s"
  )",
                       {.root = false, .times = false}));
  EXPECT_EQ(report.deleted, 6);
  EXPECT_THAT(report.failures, IsEmpty());
  ASSERT_OK_AND_ASSIGN(report, Materialize(request));
  EXPECT_EQ(report.deleted, 0);
  request.deletion.excluded = true;
  ASSERT_OK_AND_ASSIGN(report, Materialize(request));
  EXPECT_EQ(report.deleted, 7);
  EXPECT_EQ(
      TreeText(to_, {.root = false, .times = false}),
      TreeTextOf("a \"a\"\nsub/s \"s\"", {.root = false, .times = false}));
}

TEST_F(DeleteTest, TakesAwayOnlyFilesThatMatch) {
  ASSERT_OK(ArrangeTree(from_, "a.tgz \"1\"\nb/c.tgz \"2\""));
  ASSERT_OK(
      ArrangeTree(to_,
                  "a.tgz \"1\"\nold.tgz \"3\"\nREADME \"x\"\nb/d.tgz \"4\"\n"
                  "gone/e.tgz \"5\"\nkept/f \"6\"\nkept/g.tgz \"7\""));
  const cli::Said check = Place({"--delete_only=/*.tgz", "--check=content"});
  EXPECT_EQ(check.code, 3);
  EXPECT_THAT(check.out,
              AllOf(HasSubstr("surplus  old.tgz\n"), Not(HasSubstr("README"))));
  EXPECT_EQ(Place({"--delete_only=/*.tgz", "--delete_only=/*/[eg].tgz"}).code,
            0);
  EXPECT_EQ(TreeText(to_, {.root = false, .modes = false, .times = false}),
            TreeTextOf("a.tgz \"1\"\nREADME \"x\"\nb/c.tgz \"2\"\n"
                       "b/d.tgz \"4\"\nkept/f \"6\"",
                       {.root = false, .modes = false, .times = false}));
}

TEST_F(DeleteTest, ADirectoryInTheWayKeepsWhatDoesNotMatch) {
  ASSERT_OK(ArrangeTree(from_, "a \"1\""));
  ASSERT_OK(ArrangeTree(to_, "a/kept \"2\""));
  const cli::Said said = Place({"--delete_only=*.tgz"});
  EXPECT_EQ(said.code, 4);
  EXPECT_THAT(said.err, HasSubstr("holds what --delete_only does not name"));
}

}  // namespace
}  // namespace materialize
