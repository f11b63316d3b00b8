// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// materialize verify by its binary: what it prints, where, and its exit codes;
// receipts of our own runs.

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

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::StartsWith;

class VerifyTest : public testing::Test {
 protected:
  VerifyTest() {
    EXPECT_OK(ArrangeTree(dir_ / "src",
                          "./ 0755\na/b \"abc\"\nx\\040y -> a\nz/ 0700\n"));
  }
  // Places `source` with a receipt, which is then of dst.
  void Place(const std::string& source) {
    const Said said =
        RunCommand({"place", "--quiet", "--receipt=" + dir_ / "receipt",
                    "--receipt_digest", "--methods=copy", source, dst_});
    ASSERT_EQ(said.code, 0) << said.err;
  }
  void Write(const std::string& name, const std::string& text) const {
    std::ofstream(dst_ + name) << text;
  }
  Said Verify(std::vector<std::string> flags = {}) {
    flags.insert(flags.begin(), "verify");
    flags.push_back(dir_ / "receipt");
    flags.push_back(dst_);
    return RunCommand(flags);
  }

  const TempDir dir_;
  const std::string dst_ = dir_ / "dst";
};

TEST_F(VerifyTest, AReceiptIsTrueUntilSomethingChanges) {
  Place(dir_ / "src");
  const Said equal = Verify();
  EXPECT_EQ(equal.code, 0) << equal.out;
  EXPECT_EQ(equal.err, "");
  EXPECT_THAT(equal.out,
              MatchesRegex("5 entries, 1 file read \\(3 B\\): equal; .*\n"));
  EXPECT_EQ(Verify({"--quiet"}).out, "");

  Write("/a/b", "abd");
  Write("/z/new", "");
  const Said differs = Verify();
  EXPECT_EQ(differs.code, 3);
  EXPECT_EQ(differs.err, "");
  EXPECT_THAT(differs.out, AllOf(StartsWith("./a/b: modification time ("),
                                 HasSubstr(")\n./a/b: sha256 ("),
                                 HasSubstr(")\nextra: ./z/new\n5 entries, "),
                                 HasSubstr(": 4 differences; ")));
  EXPECT_THAT(Verify({"--quiet"}).out, EndsWith("\nextra: ./z/new\n"));
}

TEST_F(VerifyTest, SoIsTheReceiptOfAFile) {
  Place(dir_ / "src/a/b");
  EXPECT_EQ(Verify().code, 0);
  Write("", "abcd");
  const Said differs = Verify({"--quiet"});
  EXPECT_EQ(differs.code, 3);
  EXPECT_THAT(differs.out, StartsWith("./dst: size (3, 4)\n"));
}

TEST_F(VerifyTest, TheReportTakesStandardOutput) {
  Place(dir_ / "src");
  Write("/a/b", "abd");
  const Said said = Verify({"--report=-"});
  EXPECT_EQ(said.code, 3);
  EXPECT_THAT(said.err, HasSubstr("\n./a/b: sha256 ("));
  const auto json = nlohmann::json::parse(said.out);
  EXPECT_EQ(json["format"], "mtree");
  EXPECT_EQ(json["differences"][0]["path"], "a/b");
  EXPECT_EQ(json["differences"][1]["what"], "sha256");
}

TEST_F(VerifyTest, WhatCannotBeReadIsAFailure) {
  Place(dir_ / "src");
  const std::string manifest = dir_ / "bad.mtree";
  ASSERT_OK(ArrangeTree(dir_.path(), "bad.mtree \"../x type=file\\n\"\n"));
  const Said hostile = RunCommand({"verify", manifest, dst_});
  EXPECT_EQ(hostile.code, 1);
  EXPECT_EQ(hostile.out, "");
  EXPECT_EQ(hostile.err, "materialize: " + manifest + ":1: ../x: ..\n");
  EXPECT_EQ(RunCommand({"verify", dir_ / "receipt", dir_ / "none"}).code, 1);
  EXPECT_EQ(RunCommand({"verify", dir_ / "none", dst_}).code, 1);
}

// Nobody can read the start of that file, root included. Differences do not
// hide it.
TEST_F(VerifyTest, AnEntryThatCannotBeReadIsAFailure) {
  const std::string zeros(64, '0');
  ASSERT_OK(ArrangeTree(
      dir_.path(), "list \"" + zeros + "  mem\\n" + zeros + "  none\\n\"\n"));
  const Said said =
      RunCommand({"verify", "--quiet", dir_ / "list", "/proc/self"});
  EXPECT_EQ(said.code, 1);
  EXPECT_EQ(said.err, "materialize: read /proc/self/mem: Input/output error\n");
  EXPECT_EQ(said.out, "missing: ./none\n");
}

TEST_F(VerifyTest, TakesTwoNames) {
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"verify", "a"},
        {"verify", "a", "b", "c"},
        {"verify", "", "b"},
        {"verify", "--into=new", "a", "b"}}) {
    const Said said = RunCommand(words);
    EXPECT_EQ(said.code, 2) << said.err;
    EXPECT_THAT(said.err, StartsWith("materialize: "));
  }
}

}  // namespace
}  // namespace materialize::cli
