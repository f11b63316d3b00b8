// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// The look at all names, by one thread and by several.

#include "materialize/action/tree_scan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"
#include "tests/testing/tree_text.h"

namespace materialize {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

// Wants all but what is called "not"; "never" is an error.
class ByName final : public TreeAnswers {
 public:
  absl::StatusOr<bool> Wants(absl::string_view path) override {
    ++asked;
    if (absl::EndsWith(path, "/never"))
      return absl::InvalidArgumentError(absl::StrCat("told of ", path));
    return !absl::EndsWith(path, "/not");
  }
  void SeeLink(absl::string_view path, const Stat& facts) override {
    links.push_back(absl::StrCat(path, " ", facts.size));
  }

  size_t asked = 0;
  std::vector<std::string> links;
};

class TreeScanTest : public testing::Test {
 protected:
  // `count` directories, on two levels, of three files each.
  void MakeDirectories(int count) {
    std::string text;
    for (int i = 0; i < count; ++i) {
      const std::string at = absl::StrCat("t/", i % 20, "/", i);
      absl::StrAppend(&text, at, "/a \"1\"\n", at, "/b \"2\"\n", at,
                      i % 7 == 0 ? "/not \"3\"\n" : "/c \"3\"\n");
    }
    ASSERT_OK(ArrangeTree(dir_, text));
  }

  absl::StatusOr<ScannedTree> Scan(size_t threads) {
    answers_.clear();
    answers_.resize(threads);
    std::vector<TreeAnswers*> all;
    for (ByName& one : answers_) all.push_back(&one);
    return ScanTree(RealSys(), dir_ / "t", all);
  }

  TempDir dir_;
  std::deque<ByName> answers_;
};

TEST_F(TreeScanTest, SeveralThreadsFindWhatOneFinds) {
  MakeDirectories(400);
  ASSERT_OK(ArrangeTree(dir_, "t/1/81/none/not \"\"\nt/2/only/x/not \"\""));
  fs::create_symlink("a", dir_ / "t/3/3/link");
  ASSERT_OK_AND_ASSIGN(const ScannedTree alone, Scan(1));
  EXPECT_EQ(alone.files, 400u * 3 - 58 + 1);
  EXPECT_EQ(answers_[0].asked, 400u * 3 + 3);
  EXPECT_THAT(answers_[0].links, ElementsAre("3/3/link 1"));
  EXPECT_TRUE(alone.has_links);
  // Files, and the directories "none", "only" and "only/x".
  EXPECT_THAT(alone.left_out, SizeIs(58 + 2 + 3));
  for (int turn = 0; turn < 20; ++turn) {
    ASSERT_OK_AND_ASSIGN(const ScannedTree together, Scan(4));
    EXPECT_EQ(together.files, alone.files);
    EXPECT_EQ(together.left_out, alone.left_out);
    EXPECT_TRUE(together.has_links);
    size_t asked = 0, links = 0;
    for (const ByName& one : answers_) {
      asked += one.asked;
      links += one.links.size();
    }
    EXPECT_EQ(asked, 400u * 3 + 3);
    EXPECT_EQ(links, 1u);
  }
}

TEST_F(TreeScanTest, AFewDirectoriesAreOneThreadsMatter) {
  MakeDirectories(10);
  ASSERT_OK(Scan(4).status());
  EXPECT_EQ(answers_[0].asked, 30u);
}

TEST_F(TreeScanTest, AnErrorEndsItForAll) {
  MakeDirectories(400);
  ASSERT_OK(ArrangeTree(dir_, "t/3/63/never \"\""));
  for (const size_t threads : {1u, 4u}) {
    EXPECT_THAT(std::string(Scan(threads).status().message()),
                HasSubstr("told of 3/63/never"));
  }
  fs::rename(dir_ / "t/3/63/never", dir_ / "t/3/63/d");
  fs::create_symlink("nowhere", dir_ / "t/19/399/dangling");
  for (const size_t threads : {1u, 4u}) {
    EXPECT_THAT(std::string(Scan(threads).status().message()),
                HasSubstr("/t/19/399/dangling"));
  }
}

TEST_F(TreeScanTest, ALinkToADirectoryEndsItForAll) {
  MakeDirectories(400);
  fs::create_directory_symlink(".", dir_ / "t/19/399/loop");
  for (const size_t threads : {1u, 4u}) {
    ASSERT_OK_AND_ASSIGN(const ScannedTree tree, Scan(threads));
    EXPECT_TRUE(tree.is_entangled);
  }
}

TEST_F(TreeScanTest, AnEmptyDirectoryHasNothing) {
  fs::create_directory(dir_ / "t");
  ASSERT_OK_AND_ASSIGN(const ScannedTree tree, Scan(4));
  EXPECT_EQ(tree.files, 0u);
  EXPECT_THAT(tree.left_out, SizeIs(0));
}

}  // namespace
}  // namespace materialize
