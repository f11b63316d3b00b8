// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// What a data set client needs that lays out links into a cache of files, from
// a list that came from elsewhere.

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>

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
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const std::vector<Method> kLinksFirst = {Method::kSymlink, Method::kHardlink,
                                         Method::kCopy};

class GypsumTest : public testing::Test {
 protected:
  void SetUp() override {
    REQUIRE_LAB("ext4");
    dir_.emplace(TempDir::In(Lab("ext4")));
    cache_ = dir() + "/cache";
    to_ = dir() + "/to";
    ASSERT_OK(ArrangeTree(cache_, "one \"1\"\ntwo \"22\""));
  }
  const std::string& dir() const { return *dir_; }

  Request Manifest(const std::string& text, std::vector<Method> methods) {
    Request request;
    request.manifest = dir() + "/manifest";
    std::ofstream(request.manifest) << "#mtree\n" << text;
    request.destination = to_;
    request.methods = std::move(methods);
    return request;
  }
  std::string TwoFiles() const {
    return "./a/first type=file content=" + cache_ + "/one\n" +
           "./second type=file content=" + cache_ + "/two\n";
  }

  std::optional<TempDir> dir_;
  std::string cache_, to_;
};

// Row G1.
TEST_F(GypsumTest, AManifestBecomesAbsoluteLinksIntoTheCache) {
  for (const char* place : {"ext4", "xfs", "btrfs", "tmpfs"}) {
    if (!LabPlace(place)) continue;
    SCOPED_TRACE(place);
    const TempDir other = TempDir::In(Lab(place));
    Request request = Manifest(TwoFiles(), {Method::kSymlink});
    request.destination = other / "to";
    ASSERT_OK_AND_ASSIGN(const Report report, Materialize(request));
    EXPECT_EQ(ReadLink(other / "to/a/first"), cache_ + "/one");
    EXPECT_EQ(ReadLink(other / "to/second"), cache_ + "/two");
    EXPECT_EQ(report.of(Method::kSymlink).files, 2);
    EXPECT_THAT(report.downgrades, IsEmpty());
  }
}

// Row G1: content= is relative to the working directory, the link is not.
TEST_F(GypsumTest, ACacheNamedRelativelyGivesAbsoluteLinksAllTheSame) {
  std::ofstream(dir() + "/manifest") << "./a type=file content=cache/one\n";
  const cli::Said said = cli::RunCommand(
      {"place", "--manifest=manifest", "--methods=symlink", "to"},
      {.directory = dir()});
  EXPECT_EQ(said.code, 0) << said.err;
  EXPECT_EQ(ReadLink(to_ + "/a"), cache_ + "/one");
}

// Row G2, and the name of its flag.
TEST_F(GypsumTest, LinksToNothingAreMadeOnlyOnRequest) {
  const std::string text = "./a type=file content=" + cache_ + "/gone\n";
  Request request = Manifest(text, {Method::kSymlink});
  EXPECT_THAT(
      Materialize(request),
      StatusIs(absl::StatusCode::kNotFound,
               AllOf(HasSubstr(cache_ + "/gone"), HasSubstr("manifest:2: a"))));
  EXPECT_FALSE(Exists(to_));
  const cli::Said said =
      cli::RunCommand({"place", "--manifest=" + request.manifest,
                       "--methods=symlink", "--dangling=allow", to_});
  EXPECT_EQ(said.code, 0) << said.err;
  EXPECT_EQ(ReadLink(to_ + "/a"), cache_ + "/gone");
  EXPECT_THAT(said.out, HasSubstr("1 symlinked"));
}

// Row G2: nothing but a link can be made of what is not there.
TEST_F(GypsumTest, WhatIsNotThereCannotBeCopied) {
  FaultySys sys(RealSys());
  sys.Fail("SymlinkAt", EPERM);
  Request request =
      Manifest("./a type=file content=" + cache_ + "/gone\n", kLinksFirst);
  request.allow_dangling = true;
  EXPECT_FALSE(Materialize(request, sys).ok());
  EXPECT_FALSE(Exists(to_));
  request.methods = {Method::kCopy};
  EXPECT_THAT(Materialize(request), StatusIs(absl::StatusCode::kInvalidArgument,
                                             HasSubstr("--dangling=allow")));
}

// Row G3.
TEST_F(GypsumTest, AnExistingFileOrLinkIsReplaced) {
  for (const Method method :
       {Method::kSymlink, Method::kHardlink, Method::kCopy}) {
    for (const char* what :
         {"to \"old\"", "to -> gone", "to -> mine", "to -> cache/one"}) {
      SCOPED_TRACE(what);
      std::filesystem::remove(to_);
      std::filesystem::remove(dir() + "/mine");
      ASSERT_OK(ArrangeTree(dir(), std::string("mine \"mine\"\n") + what));
      Request request = FromTo(cache_ + "/one", to_, {method});
      request.into = Into::kSwap;
      ASSERT_OK(Materialize(request).status());
      EXPECT_EQ(ReadFile(to_), "1");
      EXPECT_EQ(StatOf(to_).kind(),
                method == Method::kSymlink ? Kind::kSymlink : Kind::kFile);
      // What a replaced link led to is as it was.
      EXPECT_EQ(ReadFile(dir() + "/mine"), "mine");
      EXPECT_EQ(ReadFile(cache_ + "/one"), "1");
      EXPECT_EQ(StatOf(cache_ + "/one").kind(), Kind::kFile);
      EXPECT_FALSE(Exists(dir() + "/gone"));
      EXPECT_THAT(Leftovers(dir()), IsEmpty());
    }
  }
}

// Row G3.
TEST_F(GypsumTest, AnExistingDirectoryIsAnErrorThatNamesIt) {
  for (const char* tree : {"to/ 0755", "to/mine \"mine\""}) {
    std::filesystem::remove_all(to_);
    ASSERT_OK(ArrangeTree(dir(), tree));
    const std::string before = TreeText(to_);
    for (const Into into : {Into::kNew, Into::kSwap}) {
      Request request = FromTo(cache_ + "/one", to_, {Method::kSymlink});
      request.into = into;
      EXPECT_THAT(std::string(Materialize(request).status().message()),
                  HasSubstr("place " + to_ + ": "));
      EXPECT_EQ(TreeText(to_), before);
      EXPECT_THAT(Leftovers(dir()), IsEmpty());
    }
  }
}

// Row G4.
TEST_F(GypsumTest, WithoutSymlinksItHardlinks) {
  FaultySys sys(RealSys());
  sys.Fail("SymlinkAt", EPERM);
  ASSERT_OK_AND_ASSIGN(const Report report,
                       Materialize(Manifest(TwoFiles(), kLinksFirst), sys));
  EXPECT_TRUE(IsOneInode(to_ + "/second", cache_ + "/two"));
  EXPECT_EQ(report.of(Method::kHardlink).files, 2);
  EXPECT_EQ(sys.Calls("SymlinkAt"), 1);
  ASSERT_THAT(report.downgrades, SizeIs(1));
  EXPECT_EQ(report.downgrades[0].method, Method::kSymlink);
  EXPECT_EQ(report.downgrades[0].used, Method::kHardlink);
  EXPECT_EQ(report.downgrades[0].error, EPERM);
  EXPECT_EQ(report.downgrades[0].files, 2);
  EXPECT_THAT(DowngradeText(report), ElementsAre(HasSubstr("--methods")));
}

// Row G4.
TEST_F(GypsumTest, WithoutAnyLinksItCopies) {
  FaultySys sys(RealSys());
  sys.Fail("SymlinkAt", EPERM);
  sys.Fail("LinkAt", EXDEV);
  ASSERT_OK_AND_ASSIGN(const Report report,
                       Materialize(Manifest(TwoFiles(), kLinksFirst), sys));
  EXPECT_FALSE(IsOneInode(to_ + "/second", cache_ + "/two"));
  EXPECT_EQ(ReadFile(to_ + "/second"), "22");
  EXPECT_EQ(report.of(Method::kCopy).files, 2);
  EXPECT_THAT(report.downgrades, SizeIs(2));
}

// Row G5.
TEST_F(GypsumTest, ErrorsNameTargetAndDestination) {
  FaultySys sys(RealSys());
  sys.Fail("SymlinkAt", ENOSPC, {.path = "first"});
  EXPECT_THAT(
      std::string(Materialize(Manifest(TwoFiles(), {Method::kSymlink}), sys)
                      .status()
                      .message()),
      HasSubstr("symlink " + cache_ + "/one -> " + to_ +
                "/a/first: " + strerror(ENOSPC)));
  EXPECT_FALSE(Exists(to_));
  EXPECT_THAT(Leftovers(dir()), IsEmpty());
}

// Row G5, where no method is left.
TEST_F(GypsumTest, AnExactListFailsNamingBothAndTheFlag) {
  FaultySys sys(RealSys());
  sys.Fail("SymlinkAt", EPERM);
  EXPECT_THAT(
      std::string(Materialize(Manifest(TwoFiles(), {Method::kSymlink}), sys)
                      .status()
                      .message()),
      AllOf(HasSubstr(cache_ + "/"), HasSubstr(" -> " + to_ + "/"),
            HasSubstr(strerror(EPERM)), HasSubstr("--methods")));
}

// Row G12: here hidden files are files, and a pattern leaves them out.
TEST_F(GypsumTest, HiddenFilesAreIncludedAndCanBeLeftOut) {
  const std::string tree =
      ".hidden \"h\"\nplain \"p\"\n.git/config \"c\"\nsub/.keep \"\"";
  ASSERT_OK(ArrangeTree(dir() + "/from", tree));
  ASSERT_OK(Materialize(FromTo(dir() + "/from", to_)).status());
  EXPECT_EQ(TreeText(to_), TreeText(dir() + "/from"));
  Request request = FromTo(dir() + "/from", dir() + "/shown");
  request.exclude = {".*"};
  ASSERT_OK_AND_ASSIGN(const Report report, Materialize(request));
  EXPECT_EQ(report.excluded, 3);
  const TreeTextOptions names = {.root = false, .times = false};
  EXPECT_EQ(TreeText(dir() + "/shown", names),
            TreeTextOf("plain \"p\"\nsub/ 0755", names));
}

// Row G14.
TEST_F(GypsumTest, NamesThatLeadElsewhereAreRefusedBeforeAnyWrite) {
  const std::string source = cache_ + "/one";
  const std::vector<std::string> wrong = {
      "/etc/x", "../x", "a/../../x", "..", "a//b", std::string("a\0b", 3)};
  for (const std::string& path : wrong) {
    SCOPED_TRACE(path);
    Request request;
    request.destination = dir() + "/new/to";
    request.entries = {{.path = "fine", .kind = Kind::kFile, .content = source},
                       {.path = path, .kind = Kind::kFile, .content = source}};
    FaultySys sys(RealSys());
    EXPECT_THAT(Materialize(request, sys),
                StatusIs(absl::StatusCode::kInvalidArgument));
    EXPECT_EQ(sys.Calls("MakeDirectoryAt"), 0);
    EXPECT_FALSE(Exists(dir() + "/new"));
  }
}

// Row G14, by manifest and command line.
TEST_F(GypsumTest, AManifestThatLeadsElsewhereIsAUsageError) {
  const std::string file = " type=file content=" + cache_ + "/one\n";
  for (const std::string& text :
       {"./../x" + file, "/x" + file, "./a\\000b" + file,
        "./link type=link link=" + dir() + "\n./link/x" + file}) {
    SCOPED_TRACE(text);
    const Request request = Manifest(text, {});
    const cli::Said said = cli::RunCommand(
        {"place", "--manifest=" + request.manifest, dir() + "/new/to"});
    EXPECT_EQ(said.code, 2) << said.err;
    EXPECT_THAT(said.err, HasSubstr("manifest:"));
    EXPECT_FALSE(Exists(dir() + "/new"));
    EXPECT_FALSE(Exists(dir() + "/x"));
  }
}

}  // namespace
}  // namespace materialize
