// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// What goes by a receipt and what stays.

#include "materialize/uninstall.h"

#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "materialize/digest.h"
#include "tests/rows/files.h"
#include "tests/testing/fake_mounts.h"
#include "tests/testing/faulty_sys.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/tree_text.h"
#include "tests/uninstall/uninstalled.h"

namespace materialize {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr char kNothing[] =
    "0 files, 0 links, 0 directories; 0 gone, 0 kept, 0 unreached\n";

class UninstallTest : public UninstallScene {
 protected:
  // Lays out `tree` with a receipt, beside what is there.
  void Place(const char* tree, bool digest, bool identity) const {
    (void)RemoveTree(dir_ / "src");
    ASSERT_OK(ArrangeTree(dir_ / "src", tree));
    auto request = Merging(dir_ / "src", dst_, {Method::kCopy});
    request.receipt = receipt_;
    request.receipt_digest = digest;
    request.receipt_identity = identity;
    ASSERT_OK(Materialize(request));
  }
};

constexpr char kTree[] = R"(
  a "one"
  bin/tool 0755 "two"
  bin/link -> tool
  bin/\377\040\134\043[x] "odd"
  empty/ 0700
  deep/er/and/file ""
)";

TEST_F(UninstallTest, WhatWasPlacedGoesAndWhatIsForeignStays) {
  constexpr char kForeign[] = "bin/mine \"mine\"\nmine/a \"mine\"\n";
  for (const bool digest : {false, true}) {
    for (const bool identity : {false, true}) {
      (void)RemoveTree(dst_);
      ASSERT_OK(ArrangeTree(dst_, kForeign));
      Place(kTree, digest, identity);
      EXPECT_EQ(Run(),
                "4 files, 1 links, 4 directories; 0 gone, 1 kept, "
                "0 unreached\n");
      EXPECT_EQ(Now(), Text(kForeign));
      EXPECT_THAT(Leftovers(dir_), IsEmpty());
    }
  }
}

// A prefix such as /usr/local was there before, and may be again.
TEST_F(UninstallTest, TheDestinationStays) {
  Place(kTree, false, false);
  EXPECT_EQ(Run(),
            "4 files, 1 links, 5 directories; 0 gone, 0 kept, 0 unreached\n");
  EXPECT_TRUE(fs::is_directory(dst_));
  EXPECT_TRUE(fs::is_empty(dst_));
}

TEST_F(UninstallTest, ASecondRunFindsAllGone) {
  Place(kTree, false, false);
  (void)Run();
  EXPECT_EQ(Run(),
            "0 files, 0 links, 0 directories; 10 gone, 0 kept, 0 unreached\n");
  ASSERT_TRUE(fs::remove(dst_));
  EXPECT_EQ(Run(),
            "0 files, 0 links, 0 directories; 10 gone, 0 kept, 0 unreached\n");
  EXPECT_FALSE(Exists(dst_));
}

struct Case {
  const char* tree;
  std::string receipt;
  std::string why;    // "" for what goes
  bool force = true;  // removes it
};

class JudgedTest : public UninstallScene {
 protected:
  void Expect(const Case& c) const {
    SCOPED_TRACE(absl::StrCat(c.tree, " by ", c.receipt));
    Arrange(c.tree, c.receipt);
    const std::string before = Now();
    const std::string answer = Run();
    if (c.why.empty()) {
      EXPECT_EQ(answer.find("left "), std::string::npos) << answer;
      EXPECT_EQ(Now(), "");
      return;
    }
    EXPECT_EQ(answer, absl::StrCat(kNothing, "left DST/x: ", c.why, "\n"));
    EXPECT_EQ(Now(), before);
    (void)Run(RealSys(), Changed::kRemove);
    EXPECT_EQ(Now(), c.force ? "" : before);
  }
};

TEST_F(JudgedTest, ByTypeSizeAndTime) {
  const std::string size_and_time = "./x type=file size=3 time=1600000000.0\n";
  const Case cases[] = {
      {"x \"abc\"", size_and_time, ""},
      {"x 0600 \"abc\"", "./x type=file mode=0755 size=3 time=1600000000\n",
       ""},
      {"x \"abcd\"", size_and_time, "its size is 4, not 3"},
      {"x @1600000001 \"abc\"", size_and_time, "it has another time"},
      {"x @1599999999 \"abc\"", size_and_time, "it has another time"},
      // In the second of the receipt, but after it.
      {"x @1600000000.5 \"abc\"", size_and_time, "it has another time"},
      // A filesystem that keeps whole seconds cuts down what was asked for.
      {"x @1600000000 \"abc\"", "./x type=file time=1600000000.5\n", ""},
      {"x @1600000000.25 \"abc\"", "./x type=file time=1600000000.5\n",
       "it has another time"},
      {"x \"abc\"", "./x type=file size=3\n",
       "the receipt has neither its time nor a digest"},
      {"x \"abc\"", "./x size=3 time=1600000000\n",
       "the receipt does not say what it is"},
      {"x -> y", size_and_time, "its type is link, not file"},
      {"x |", size_and_time, "its type is fifo, not file"},
      {"x/ 0755", size_and_time, "its type is dir, not file", false},
      {"x/y \"abc\"", size_and_time, "its type is dir, not file", false},
      {"x \"abc\"", "./x type=dir\n", "its type is file, not dir"},
      {"x -> y", "./x type=dir\n", "its type is link, not dir"},
      {"x |", "./x type=fifo\n", ""},
      {"x |", "./x type=socket\n", "its type is fifo, not socket"},
  };
  for (const Case& c : cases) Expect(c);
}

TEST_F(JudgedTest, ByTarget) {
  const Case cases[] = {
      {"x -> y", "./x type=link link=y time=5\n", ""},
      {"x -> \\377\\040", "./x type=link link=\\377\\040\n", ""},
      {"x -> z", "./x type=link link=y\n", "it leads elsewhere"},
      {"x -> yy", "./x type=link link=y\n", "it leads elsewhere"},
      {"x -> y", "./x type=link\n", "the receipt does not say where it leads"},
      {"x \"y\"", "./x type=link link=y\n", "its type is file, not link"},
  };
  for (const Case& c : cases) Expect(c);
}

// The content decides, whatever the times say.
TEST_F(JudgedTest, ByDigest) {
  const std::string digest = " sha256digest=" + Sha256("abc");
  const std::string whole =
      "./x type=file size=3 time=1600000000" + digest + "\n";
  const Case cases[] = {
      {"x \"abc\"", whole, ""},
      {"x @1700000000.7 \"abc\"", whole, ""},
      {"x \"abd\"", whole, "it has another content"},
      {"x \"abcd\"", whole, "its size is 4, not 3"},
      {"x \"abc\"", "./x" + digest + "\n", ""},
      {"x \"abd\"", "./x" + digest + "\n", "it has another content"},
      {"x |", "./x" + digest + "\n", "its type is fifo, not file"},
      {"x \"abc\"",
       "./x type=file" + digest + " md5=" + std::string(32, '0') + "\n",
       "it has another content"},
  };
  for (const Case& c : cases) Expect(c);
}

// What was replaced with its old size and time set back.
TEST_F(UninstallTest, AReceiptWithIdentitySeesWhatWasSetBack) {
  constexpr char kFiles[] = "again \"abc\"\nback \"abc\"\nsame \"abc\"\n";
  Place(kFiles, false, true);
  ASSERT_OK(ArrangeTree(dst_, "new \"abd\"\n"));
  fs::rename(dst_ + "/new", dst_ + "/again");
  WriteFile(dst_ + "/back", "abd");
  fs::last_write_time(dst_ + "/back", fs::last_write_time(dst_ + "/same"));
  EXPECT_EQ(Run(),
            "1 files, 0 links, 0 directories; 0 gone, 0 kept, 0 unreached\n"
            "left DST/again: it is another inode\n"
            "left DST/back: it has another ctime\n");
}

TEST_F(UninstallTest, OnlyDirectoriesThatAreNamedGo) {
  Arrange("a/b/f \"\"\na/c/f \"\"\n",
          "./a/b type=dir\n./a/b/f type=file time=1600000000\n"
          "./a/c/f type=file time=1600000000\n");
  EXPECT_EQ(Run(),
            "2 files, 0 links, 1 directories; 0 gone, 0 kept, 0 unreached\n");
  EXPECT_EQ(Now(), Text("a/c/ 0755"));
}

TEST_F(UninstallTest, TheReceiptMayLieInTheDestination) {
  Arrange("d/f \"\"\n", "");
  fs::rename(receipt_, dst_ + "/d/receipt");
  WriteFile(dst_ + "/d/receipt",
            "./d type=dir\n./d/f type=file time=1600000000\n");
  const UninstallRequest request = {.receipt = dst_ + "/d/receipt",
                                    .destination = dst_};
  ASSERT_OK_AND_ASSIGN(const UninstallReport report, Uninstall(request));
  EXPECT_EQ(report.files, 1);
  EXPECT_EQ(report.kept_directories, 1);
  EXPECT_TRUE(Exists(dst_ + "/d/receipt"));
}

TEST_F(UninstallTest, AReceiptOfOneFileTakesThatFile) {
  ASSERT_OK(
      ArrangeTree(dir_,
                  "dst \"abc\"\nother \"abc\"\n"
                  "receipt \"./dst type=file size=3 time=1600000000\\n\"\n"));
  const std::string one =
      "1 files, 0 links, 0 directories; 0 gone, 0 kept, 0 unreached\n";
  EXPECT_EQ(Run(), one);
  EXPECT_FALSE(Exists(dst_));
  EXPECT_TRUE(Exists(dir_ / "other"));
  EXPECT_THAT(Leftovers(dir_), IsEmpty());
  EXPECT_EQ(Run(),
            "0 files, 0 links, 0 directories; 1 gone, 0 kept, 0 unreached\n");
  // Another name is no part of it.
  WriteFile(receipt_, "./other type=file size=3 time=1600000000\n");
  ASSERT_OK(ArrangeTree(dir_, "dst \"abc\"\n"));
  EXPECT_EQ(Run(), "!! open DST: Not a directory\n");
}

TEST_F(UninstallTest, ADestinationMayBeNamedByALink) {
  Arrange("f \"\"\n", "./f type=file time=1600000000\n");
  ASSERT_OK(ArrangeTree(dir_, "link -> dst\n"));
  UninstallRequest request = Request();
  request.destination = dir_ / "link";
  ASSERT_OK(Uninstall(request));
  EXPECT_EQ(Now(), "");
}

// With an unset DESTDIR. Shown as one mount, whatever this machine has.
TEST_F(UninstallTest, TheRootDirectoryIsADestination) {
  Arrange("f \"\"\nmine \"\"\n",
          absl::StrCat(".", dst_, "/f type=file time=1600000000\n"));
  FakeMounts one(RealSys(), {{.prefix = "/", .mount_id = 1}});
  FaultySys sys(one);
  UninstallRequest request = Request();
  request.destination = "/";
  ASSERT_OK_AND_ASSIGN(const UninstallReport report, Uninstall(request, sys));
  EXPECT_EQ(report.files, 1);
  EXPECT_FALSE(report.partial());
  EXPECT_EQ(Now(), Text("mine \"\""));
  EXPECT_EQ(sys.Calls("MakeDirectoryAt"), 0);
}

TEST_F(UninstallTest, ARehearsalTellsWhatTheRunDoes) {
  const char* const trees[] = {"", "bin/mine \"\"\n", "deep/er/mine/a \"\"\n",
                               "empty/mine -> x\n"};
  for (const char* foreign : trees) {
    SCOPED_TRACE(foreign);
    (void)RemoveTree(dst_);
    Place(kTree, false, false);
    ASSERT_OK(ArrangeTree(dst_, foreign));
    WriteFile(dst_ + "/a", "changed");
    const std::string before = TreeText(dst_);
    UninstallRequest request = Request();
    request.dry_run = true;
    FaultySys sys(RealSys());
    Recorder would;
    const std::string rehearsed =
        AnswerText(request, Uninstall(request, sys, &would));
    EXPECT_EQ(TreeText(dst_), before);
    for (const char* call : {"UnlinkAt", "ChangeMode", "ChangeModeAt",
                             "MakeDirectoryAt", "Lock", "SetTimesAt"})
      EXPECT_EQ(sys.Calls(call), 0) << call;
    Recorder did;
    request.dry_run = false;
    EXPECT_EQ(AnswerText(request, Uninstall(request, RealSys(), &did)),
              rehearsed);
    EXPECT_EQ(did.Lines(), would.Lines());
  }
}

TEST_F(UninstallTest, EachThatGoesIsTold) {
  Arrange("d/f \"\"\nd/l -> f\nchanged \"x\"\n",
          "./d type=dir\n./d/f type=file time=1600000000\n"
          "./d/l type=link link=f\n./changed type=file time=5\n");
  Recorder recorder;
  ASSERT_OK(Uninstall(Request(), RealSys(), &recorder));
  EXPECT_THAT(recorder.Lines(),
              ElementsAre("deleted d", "deleted d/f", "deleted d/l"));
}

TEST_F(UninstallTest, WhatASiblingOfOneNameBeginsWithIsKeptApart) {
  Arrange("a/f \"\"\na-b/f \"\"\na.b \"\"\n",
          "./a type=dir\n./a/f type=file time=1600000000\n./a-b type=dir\n"
          "./a.b type=file time=1600000000\n");
  EXPECT_EQ(Run(),
            "2 files, 0 links, 1 directories; 0 gone, 1 kept, 0 unreached\n");
  EXPECT_EQ(Now(), Text("a-b/f \"\""));
}

}  // namespace
}  // namespace materialize
