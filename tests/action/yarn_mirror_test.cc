// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Which sources make the offline mirror of a lock file, and what is wrong with
// them.

#include "materialize/action/yarn_mirror.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "tests/testing/temp_dir.h"
#include "tests/testing/tree_text.h"

namespace materialize {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// SHA-1 and SHA-256 of "1" and "2".
constexpr char kSha1One[] = "356a192b7913b04c54574d18c28d46e6395428ab";
constexpr char kOne[] = "sha256-a4ayc/80/OGda4BO/1o/V0etpOqiLx1JwB5S3beHW0s=";
constexpr char kTwo[] = "sha256-1HNeOiZeFu7gP1lxi5tdAwGcB9i2xR+Q2jpmbuwTqzU=";

class YarnMirrorTest : public ::testing::Test {
 protected:
  YarnMirrorTest() {
    request_.package = "p";
    request_.include_external_repositories = {"**"};
    request_.include_srcs_packages = {"**"};
    request_.include_srcs_patterns = {"**"};
    request_.yarn_lock = dir_ / "yarn.lock";
  }

  void Arrange(const std::string& text) {
    const absl::Status arranged = ArrangeTree(dir_, text);
    ASSERT_TRUE(arranged.ok()) << arranged;
  }
  void Lock(const std::string& text) {
    std::ofstream(request_.yarn_lock) << "# yarn lockfile v1\n" << text;
  }
  static std::string Entry(const std::string& pattern,
                           const std::string& lines) {
    return absl::StrCat("\"", pattern, "\":\n  version \"1.0.0\"\n", lines);
  }
  static std::string Integrity(const std::string& integrity) {
    return absl::StrCat("  integrity ", integrity, "\n");
  }
  void AddSource(const std::string& file) {
    request_.sources.push_back({.path = dir_ / file,
                                .short_path = absl::StrCat("../npm/", file),
                                .package = "",
                                .repository = "npm",
                                .name = file});
  }

  // "path <- content" of each entry but the root.
  std::vector<std::string> Mirror() {
    const auto entries = LayOutYarnMirror(request_, RealSys());
    if (!entries.ok()) return {std::string(entries.status().message())};
    std::vector<std::string> lines;
    for (const ManifestEntry& entry : *entries) {
      if (entry.path.empty()) continue;
      lines.push_back(absl::StrCat(
          entry.path, " <- ", entry.content.substr(dir_.path().size() + 1)));
    }
    return lines;
  }

  TempDir dir_;
  ActionRequest request_;
};

TEST_F(YarnMirrorTest, TakesWhatTheLockFileNamesAndNothingElse) {
  Arrange(
      "a-1.0.0.tgz \"1\"\nnot-1.0.0.tgz \"3\"\nREADME.md \"x\"\n@s-b-1.0.0.tgz "
      "\"2\"");
  Lock(Entry("a@^1", Integrity(kOne)) + Entry("@s/b@^1", Integrity(kTwo)) +
       Entry("local@file:x", ""));
  for (const char* file :
       {"a-1.0.0.tgz", "not-1.0.0.tgz", "README.md", "@s-b-1.0.0.tgz"})
    AddSource(file);
  EXPECT_THAT(Mirror(), ElementsAre("@s-b-1.0.0.tgz <- @s-b-1.0.0.tgz",
                                    "a-1.0.0.tgz <- a-1.0.0.tgz"));
}

TEST_F(YarnMirrorTest, TakesADirectoryFileByFile) {
  Arrange(
      "tree/deep/a-1.0.0.tgz \"1\"\ntree/.gitattributes \"x\"\ntree/r.git-0123 "
      "\"2\"");
  Lock(Entry("a@^1", Integrity(kOne)) +
       Entry("r@git", "  resolved \"git+https://g.example/r.git#0123\"\n"));
  AddSource("tree");
  EXPECT_THAT(Mirror(), ElementsAre("a-1.0.0.tgz <- tree/deep/a-1.0.0.tgz",
                                    "r.git-0123 <- tree/r.git-0123"));
}

TEST_F(YarnMirrorTest, PrebuiltOnesMayBeMissingButNotWrong) {
  Arrange("a-1.0.0.tgz \"1\"\nprebuilt/a-v1.0.0-linux-x64-108.tgz \"1\"");
  Lock(Entry("a@^1",
             absl::StrCat(Integrity(kOne), "  prebuiltVariants:\n",
                          "    a-v1.0.0-linux-x64-108 \"", kSha1One,
                          "\"\n    a-v1.0.0-darwin-x64-108 ", kSha1One, "\n")));
  AddSource("a-1.0.0.tgz");
  AddSource("prebuilt");
  EXPECT_THAT(Mirror(), ElementsAre("a-1.0.0.tgz <- a-1.0.0.tgz",
                                    "prebuilt/a-v1.0.0-linux-x64-108.tgz <- "
                                    "prebuilt/a-v1.0.0-linux-x64-108.tgz"));
  std::ofstream(dir_ / "prebuilt/a-v1.0.0-linux-x64-108.tgz") << "2";
  EXPECT_THAT(Mirror(), ElementsAre(HasSubstr("a-v1.0.0-linux-x64-108.tgz: its "
                                              "integrity is sha1-")));
}

TEST_F(YarnMirrorTest, ATamperedTarballIsNamedWithItsLabelAndTheLine) {
  Arrange("a-1.0.0.tgz \"2\"\nb-1.0.0.tgz \"1\"");
  Lock(Entry("a@^1", Integrity(kOne)) + Entry("b@^1", Integrity(kTwo)));
  AddSource("a-1.0.0.tgz");
  AddSource("b-1.0.0.tgz");
  EXPECT_THAT(
      Mirror(),
      ElementsAre(
          AllOf(HasSubstr(absl::StrCat("a-1.0.0.tgz: its integrity is ", kTwo)),
                HasSubstr(absl::StrCat("yarn.lock:2 says ", kOne,
                                       " (from @npm//:a-1.0.0.tgz)")),
                HasSubstr("(and 1 more)"))));
}

TEST_F(YarnMirrorTest, ChecksTheHashBehindResolvedToo) {
  Arrange("a-1.0.0.tgz \"2\"");
  Lock(Entry("a@^1", absl::StrCat("  resolved \"https://r.example/a/-/",
                                  "a-1.0.0.tgz#", kSha1One, "\"\n")));
  AddSource("a-1.0.0.tgz");
  EXPECT_THAT(Mirror(), ElementsAre(HasSubstr("its integrity is sha1-2ku")));
}

TEST_F(YarnMirrorTest, AMissingTarballIsNamed) {
  Arrange("a-1.0.0.tgz \"1\"");
  Lock(Entry("b@^1", Integrity(kOne)) + Entry("c@^1", "") + Entry("a@1", ""));
  AddSource("a-1.0.0.tgz");
  EXPECT_THAT(Mirror(),
              ElementsAre(AllOf(
                  HasSubstr("yarn.lock:2: b-1.0.0.tgz: no file of this name"),
                  HasSubstr("(and 1 more)"))));
}

TEST_F(YarnMirrorTest, TwoContentsForOneNameAreAnErrorThatNamesBoth) {
  Arrange("one/r.git-01 \"1\"\ntwo/r.git-01 \"2\"");
  Lock(Entry("r@git", "  resolved \"git+https://g.example/r.git#01\"\n"));
  AddSource("one");
  AddSource("two");
  EXPECT_THAT(Mirror(), ElementsAre(AllOf(
                            HasSubstr("r.git-01: two files with different"),
                            HasSubstr("@npm//:one"), HasSubstr("@npm//:two"))));
}

TEST_F(YarnMirrorTest, TwoPackagesOfOneNameAreAnError) {
  Lock(Entry("@s/b-c@^1", Integrity(kOne)) +
       Entry("@s-b/c@^1", Integrity(kTwo)));
  EXPECT_THAT(Mirror(),
              ElementsAre(HasSubstr("two packages have one name in the mirror: "
                                    "@s-b-c-1.0.0.tgz")));
}

TEST_F(YarnMirrorTest, TwoEntriesOfOneTarballAreOneFile) {
  Arrange("a-1.0.0.tgz \"1\"");
  Lock(Entry("a@^1", Integrity(kOne)) +
       Entry("alias@npm:a@^1", Integrity(kOne)));
  AddSource("a-1.0.0.tgz");
  EXPECT_THAT(Mirror(), ElementsAre("a-1.0.0.tgz <- a-1.0.0.tgz"));
}

TEST_F(YarnMirrorTest, ALockFileOfYarn2IsRefused) {
  Lock("__metadata:\n  version: 6\n");
  EXPECT_THAT(Mirror(), ElementsAre(HasSubstr("of Yarn 2 or later")));
}

}  // namespace
}  // namespace materialize
