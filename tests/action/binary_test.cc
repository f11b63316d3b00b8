// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// The binary as Bazel runs it, with either form of request: what it makes, what
// it says, its exit codes.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/cli/run_command.h"
#include "tests/testing/temp_dir.h"
#include "tests/testing/tree_text.h"

namespace materialize {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;

class BinaryTest : public ::testing::Test {
 protected:
  void Arrange(const std::string& text) {
    const absl::Status arranged = ArrangeTree(dir_, text);
    ASSERT_TRUE(arranged.ok()) << arranged;
  }

  cli::Said Run(const std::string& request,
                const std::vector<std::string>& further) {
    std::ofstream(dir_ / "request") << request;
    std::vector<std::string> words = {
        fs::absolute("materialize/action/materialize_action"), "request"};
    words.insert(words.end(), further.begin(), further.end());
    return cli::RunProgram(words, {.directory = dir_.path()});
  }

  std::string Out() const {
    return TreeText(dir_ / "out",
                    {.root = false, .modes = false, .times = false});
  }
  static std::string Tree(const std::string& text) {
    return TreeTextOf(text, {.root = false, .modes = false, .times = false});
  }
  uintmax_t Links(const std::string& name) const {
    return fs::hard_link_count(dir_ / name);
  }

  TempDir dir_;
};

constexpr char kOwn[] =
    "materialize_tree\t1\nrepository\t\npackage\tp\nroot_paths\t.\n"
    "include_srcs_packages\t**\ninclude_srcs_patterns\t**\n";

// One source file and one generated one, in the words of bazel-lib's rule.
constexpr char kFiles[] = R"("files": [
    {"package": "p", "path": "p/a", "root_path": "", "short_path": "p/a",
     "workspace": "", "workspace_path": "p/a", "hardlink": false},
    {"package": "p", "path": "bazel-out/bin/p/g", "root_path": "bazel-out/bin",
     "short_path": "p/g", "workspace": "", "workspace_path": "p/g",
     "hardlink": true}], "include_srcs_packages": ["**"],
    "include_srcs_patterns": ["**"], "root_paths": ["p"], "dst": "out")";

constexpr char kSources[] = "p/a \"1\"\nbazel-out/bin/p/g \"2\"";

TEST_F(BinaryTest, BothFormsMakeTheSameTree) {
  Arrange(kSources);
  const cli::Said own = Run(absl::StrCat(kOwn, "file\tp/a\tp/a\tp\t\ta\n",
                                         "generated_file\tbazel-out/bin/p/g\t"
                                         "p/g\tp\t\tg\n"),
                            {"out"});
  EXPECT_EQ(own.code, 0) << own.err;
  EXPECT_EQ(Out(), Tree("a \"1\"\ng \"2\""));
  fs::remove_all(dir_ / "out");
  for (const std::vector<std::string>& workspace :
       {std::vector<std::string>(), std::vector<std::string>{""}}) {
    const cli::Said config = Run(absl::StrCat("{", kFiles, "}"), workspace);
    EXPECT_EQ(config.code, 0);
    EXPECT_EQ(config.out, "");
    EXPECT_EQ(config.err, "");
    EXPECT_EQ(Out(), Tree("a \"1\"\ng \"2\""));
    fs::remove_all(dir_ / "out");
  }
}

// Row Z1. Where there are reflinks a generated file is its own, too.
TEST_F(BinaryTest, OnlyTheGeneratedFileIsHardlinked) {
  Arrange(kSources);
  const std::string own =
      absl::StrCat(kOwn, "methods\thardlink\nfile\tp/a\tp/a\tp\t\ta\n",
                   "generated_file\tbazel-out/bin/p/g\tp/g\tp\t\tg\n");
  EXPECT_EQ(Run(own, {"out"}).code, 0);
  EXPECT_EQ(Links("p/a"), 1u);
  EXPECT_EQ(Links("bazel-out/bin/p/g"), 2u);
  fs::remove_all(dir_ / "out");
  const cli::Said off = Run(absl::StrCat(own, "hardlink\toff\n"), {"out"});
  EXPECT_EQ(off.code, 0) << off.err;
  EXPECT_EQ(Links("bazel-out/bin/p/g"), 1u);
  EXPECT_EQ(Out(), Tree("a \"1\"\ng \"2\""));
}

// Row Z1.
TEST_F(BinaryTest, OnlyAGeneratedDirectoryIsHardlinkedAsAWhole) {
  Arrange("p/s/x \"1\"\nbazel-out/t/y \"2\"");
  const cli::Said said =
      Run(absl::StrCat(kOwn, "methods\thardlink\ndirectory\tp/s\tp/s\tp\t\ts\n",
                       "generated_directory\tbazel-out/t\tp/t\tp\t\tt\n"),
          {"out"});
  EXPECT_EQ(said.code, 0) << said.err;
  EXPECT_EQ(Out(), Tree("s/x \"1\"\nt/y \"2\""));
  EXPECT_EQ(Links("p/s/x"), 1u);
  EXPECT_EQ(Links("bazel-out/t/y"), 2u);
}

TEST_F(BinaryTest, LinksInAGeneratedDirectoryLeaveTheirSourceAlone) {
  Arrange(
      "s/f \"1\"\nbazel-out/t/g \"2\"\nbazel-out/t/l -> ../../s/f\n"
      "bazel-out/t/d -> ../../s");
  const cli::Said said =
      Run(absl::StrCat(kOwn, "methods\thardlink\n",
                       "generated_directory\tbazel-out/t\tp/t\tp\t\tt\n"),
          {"out"});
  EXPECT_EQ(said.code, 0) << said.err;
  EXPECT_EQ(Out(), Tree("t/d/f \"1\"\nt/g \"2\"\nt/l \"1\""));
  EXPECT_EQ(Links("s/f"), 1u);
  EXPECT_EQ(Links("bazel-out/t/g"), 2u);
}

TEST_F(BinaryTest, HardlinkOnIsAWarning) {
  Arrange(kSources);
  const cli::Said said = Run(
      absl::StrCat(kOwn, "hardlink\ton\nfile\tp/a\tp/a\tp\t\ta\n"), {"out"});
  EXPECT_EQ(said.code, 0);
  EXPECT_THAT(said.err, HasSubstr("warning: hardlink = \"on\" means \"auto\""));
  EXPECT_EQ(Links("p/a"), 1u);
}

TEST_F(BinaryTest, VerboseTellsOnStderr) {
  Arrange(kSources);
  const cli::Said said =
      Run(absl::StrCat("{", kFiles, ", \"verbose\": true}"), {});
  EXPECT_EQ(said.code, 0);
  EXPECT_EQ(said.out, "");
  EXPECT_THAT(said.err, HasSubstr("2 files in 1 directory"));
}

// The same two answers to two requests: what the first found out is kept, what
// it made is not.
TEST_F(BinaryTest, AWorkerGoesOn) {
  Arrange(kSources);
  std::ofstream(dir_ / "request") << kOwn << "file\tp/a\tp/a\tp\t\ta\n";
  std::ofstream(dir_ / "in") << R"({"arguments": ["request", "one"]})"
                             << "\nnonsense\n"
                             << R"({"arguments": ["request", "two"]})"
                             << "\n";
  const cli::Said said =
      cli::RunProgram({"/bin/sh", "-c", "exec \"$0\" --persistent_worker <in",
                       fs::absolute("materialize/action/materialize_action")},
                      {.directory = dir_.path()});
  EXPECT_EQ(said.code, 0);
  EXPECT_EQ(said.err, "");
  EXPECT_THAT(said.out, HasSubstr("work request: not a JSON object"));
  EXPECT_TRUE(fs::exists(dir_ / "one/a"));
  EXPECT_TRUE(fs::exists(dir_ / "two/a"));
}

TEST_F(BinaryTest, ArgumentsMayBeInAFile) {
  Arrange(kSources);
  std::ofstream(dir_ / "flags") << "request\nout\n";
  std::ofstream(dir_ / "request") << kOwn << "file\tp/a\tp/a\tp\t\ta\n";
  const cli::Said said = cli::RunProgram(
      {fs::absolute("materialize/action/materialize_action"), "@flags"},
      {.directory = dir_.path()});
  EXPECT_EQ(said.code, 0) << said.err;
  EXPECT_EQ(Out(), Tree("a \"1\""));
}

// Whatever their sources have: a read-only one could not be moved.
TEST_F(BinaryTest, DirectoriesCanBeWritten) {
  Arrange("t/d/f \"1\"");
  fs::permissions(dir_ / "t/d", fs::perms(0555));
  fs::permissions(dir_ / "t", fs::perms(0555));
  const cli::Said said =
      Run(absl::StrCat(kOwn, "directory\tt\tp/t\tp\t\tt\n"), {"out"});
  EXPECT_EQ(said.code, 0) << said.err;
  EXPECT_EQ(fs::status(dir_ / "out/t").permissions(), fs::perms(0755));
  EXPECT_EQ(fs::status(dir_ / "out/t/d").permissions(), fs::perms(0755));
  fs::permissions(dir_ / "t", fs::perms(0755));
  fs::permissions(dir_ / "t/d", fs::perms(0755));
}

TEST_F(BinaryTest, AWrongRequestIsOneLineAndNothingIsWritten) {
  Arrange(kSources);
  const auto expect_usage = [&](const cli::Said& said, const char* text) {
    EXPECT_EQ(said.code, 2);
    EXPECT_EQ(said.out, "");
    EXPECT_EQ(said.err, absl::StrCat("materialize: ", text, "\n"));
    EXPECT_FALSE(fs::exists(dir_ / "out"));
  };
  expect_usage(Run("{\"dst\": \"out\", \"files\": 3}", {}),
               "request: files: not a list");
  expect_usage(Run("{\"dst\": \"out\"", {}), "request: not a JSON object");
  expect_usage(Run("nonsense\n", {"out"}),
               "request: line 1: not a request of this version of the rules");
  expect_usage(Run(kOwn, {}),
               "request: not a config, and no OUTPUT_DIRECTORY follows");
  expect_usage(Run(absl::StrCat(kOwn, "methods\tsymlink\n"), {"out"}),
               "methods: \"symlink\" is not one of reflink, hardlink, copy");
  expect_usage(Run(absl::StrCat(kOwn, "strict\t1\nmethods\thardlink\n",
                                "file\tp/a\tp/a\tp\t\ta\n"),
                   {"out"}),
               "a: methods: hardlink alone cannot place a file that may not "
               "share its inode (from //p:a)");
}

TEST_F(BinaryTest, ANameThatIsNotUtf8IsFoundBeforeAnythingIsWritten) {
  Arrange("t/ok \"1\"");
  std::ofstream(dir_ / "t/\xff") << "2";
  const cli::Said said =
      Run(absl::StrCat(kOwn, "directory\tt\tp/t\tp\t\tt\n"), {"out"});
  EXPECT_EQ(said.code, 2);
  EXPECT_EQ(said.err,
            "materialize: t/\\xff: the name is not UTF-8 (from //p:t)\n");
  EXPECT_FALSE(fs::exists(dir_ / "out"));
}

TEST_F(BinaryTest, ADanglingLinkIsNamedWithItsLabel) {
  Arrange("t/ok \"1\"\nt/sub/bad -> nowhere");
  const cli::Said said =
      Run(absl::StrCat(kOwn, "directory\tt\tp/t\tp\t\tt\n"), {"out"});
  EXPECT_EQ(said.code, 1);
  EXPECT_THAT(said.err, AllOf(HasSubstr("t/sub/bad: No such file or directory"),
                              HasSubstr("from //p:t")));
  EXPECT_FALSE(fs::exists(dir_ / "out"));
}

TEST_F(BinaryTest, WhatTheKernelRefusesIsNoWrongRequest) {
  const std::string name(300, 'x');
  const cli::Said said =
      Run(absl::StrCat(kOwn, "file\t", name, "\tp/a\tp\t\ta\n"), {"out"});
  EXPECT_EQ(said.code, 1);
  EXPECT_THAT(said.err, HasSubstr("File name too long"));
}

}  // namespace
}  // namespace materialize
