// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// materialize uninstall by its binary: what it prints, where, and its exit
// codes; receipts of our own runs.

#include <fstream>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/cli/run_command.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"
#include "tests/testing/tree_text.h"

namespace materialize::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::StartsWith;
using Words = std::vector<std::string>;

class UninstallTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_OK(ArrangeTree(dir_ / "src", "a/b \"abc\"\nx\\040y -> a\nz \"\"\n"));
    ASSERT_OK(ArrangeTree(dst_, "a/mine \"mine\"\n"));
    const Said said =
        RunCommand({"place", "--quiet", "--into=merge", "--receipt_digest",
                    "--receipt=" + dir_ / "receipt", dir_ / "src", dst_});
    ASSERT_EQ(said.code, 0) << said.err;
  }
  Said Uninstall(Words flags = {}) const {
    flags.insert(flags.begin(), "uninstall");
    flags.push_back(dir_ / "receipt");
    flags.push_back(dst_);
    return RunCommand(flags);
  }
  std::string Now() const {
    return TreeText(dst_, {.root = false, .modes = false, .times = false});
  }

  const TempDir dir_;
  const std::string dst_ = dir_ / "dst";
};

TEST_F(UninstallTest, TakesAwayWhatWasPlaced) {
  const Said said = Uninstall();
  EXPECT_EQ(said.code, 0) << said.err;
  EXPECT_EQ(said.err, "");
  EXPECT_THAT(said.out, MatchesRegex("2 files \\(3 B\\), 1 link and 0 "
                                     "directories removed; 1 directory is not "
                                     "empty; [0-9.]+ s\n"));
  EXPECT_EQ(Now(), "a/\na/mine \"mine\"\n");
  const Said again = Uninstall({"--quiet"});
  EXPECT_EQ(again.code, 0);
  EXPECT_EQ(again.out + again.err, "");
}

TEST_F(UninstallTest, ARehearsalListsWhatWouldGo) {
  const std::string before = TreeText(dst_);
  const Said said = Uninstall({"--dry_run"});
  EXPECT_EQ(said.code, 0) << said.err;
  EXPECT_THAT(said.out, StartsWith("deleted   a/b\ndeleted   x\\040y\n"
                                   "deleted   z\ndry run: 2 files (3 B)"));
  EXPECT_EQ(TreeText(dst_), before);
}

TEST_F(UninstallTest, WhatWasChangedIsToldAndStays) {
  std::ofstream(dst_ + "/a/b") << "abd";
  const Said said = Uninstall({"--report=" + dir_ / "json"});
  EXPECT_EQ(said.code, 4);
  EXPECT_EQ(said.err, "materialize: warning: left " + dst_ +
                          "/a/b: it has another content\n"
                          "materialize: note: --force removes what was changed "
                          "as well\n");
  EXPECT_EQ(Now(), "a/\na/b \"abd\"\na/mine \"mine\"\n");
  const auto json = nlohmann::json::parse(std::ifstream(dir_ / "json"));
  EXPECT_EQ(json["changed"][0]["path"], "a/b");
  EXPECT_EQ(json["files"], 1);
  EXPECT_EQ(Uninstall({"--quiet"}).err, "materialize: warning: left " + dst_ +
                                            "/a/b: it has another content\n");
  const Said forced = Uninstall({"--force"});
  EXPECT_EQ(forced.code, 0) << forced.err;
  EXPECT_EQ(forced.err, "");
  EXPECT_EQ(Now(), "a/\na/mine \"mine\"\n");
}

TEST_F(UninstallTest, TheReportTakesStandardOutput) {
  const Said said = Uninstall({"--report=-"});
  EXPECT_EQ(said.code, 0);
  EXPECT_THAT(said.err, StartsWith("2 files"));
  EXPECT_EQ(nlohmann::json::parse(said.out)["kept_directories"], 1);
}

TEST_F(UninstallTest, WhatCannotBeReadIsAFailureAndNothingGoes) {
  const std::string before = TreeText(dst_);
  std::ofstream(dir_ / "receipt", std::ios::app) << "./../x type=file\n";
  const Said hostile = Uninstall({"--force"});
  EXPECT_EQ(hostile.code, 1);
  EXPECT_EQ(hostile.out, "");
  EXPECT_THAT(hostile.err, HasSubstr("./../x: ..\n"));
  EXPECT_EQ(RunCommand({"uninstall", dir_ / "none", dst_}).code, 1);
  EXPECT_EQ(TreeText(dst_), before);
}

TEST_F(UninstallTest, TakesTwoNames) {
  for (const Words& words :
       {Words{"uninstall", "a"}, Words{"uninstall", "a", "b", "c"},
        Words{"uninstall", "", "b"}, Words{"uninstall", "a", ""},
        Words{"uninstall", "--into=new", "a", "b"}}) {
    const Said said = RunCommand(words);
    EXPECT_EQ(said.code, 2) << said.err;
    EXPECT_THAT(said.err, StartsWith("materialize: "));
  }
}

}  // namespace
}  // namespace materialize::cli
