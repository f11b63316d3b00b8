// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// What a comparison opens and does not open, whatever manifest and destination
// are made to hold.

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "materialize/digest.h"
#include "materialize/verify.h"
#include "tests/testing/faulty_sys.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"
#include "tests/testing/tree_text.h"
#include "tests/verify/verified.h"

namespace materialize {
namespace {

// Names below `dst` that were opened or listed, by any call.
std::vector<std::string> Touched(const FaultySys& sys,
                                 const std::string& what) {
  std::vector<std::string> touched;
  for (const std::string& line : sys.Log()) {
    if (absl::StrContains(line, what)) touched.push_back(line);
  }
  return touched;
}

class ConfinedTest : public testing::Test {
 protected:
  const TempDir dir_;
  const std::string dst_ = dir_ / "dst";
};

TEST_F(ConfinedTest, AFileWithoutADigestIsNotOpened) {
  ASSERT_OK(ArrangeTree(dst_, "a \"abc\"\nd/b \"abc\"\nread \"abc\"\n"));
  FaultySys sys(RealSys());
  sys.StartLog();
  EXPECT_EQ(
      VerifiedText(absl::StrCat("./a type=file size=3 mode=0644\n./d type=dir\n"
                                "./d/b type=file\n./read type=file sha256=",
                                Sha256("abc"), "\n"),
                   dst_, sys),
      "");
  const auto opened = [&](const std::string& path) {
    return Touched(sys, "OpenAt " + path).size() +
           Touched(sys, "OpenBeneath " + path).size();
  };
  EXPECT_EQ(opened(dst_ + "/a"), 0u);
  EXPECT_EQ(opened(dst_ + "/d/b"), 0u);
  EXPECT_EQ(opened(dst_ + "/read"), 1u);
  EXPECT_EQ(Touched(sys, "StatAt " + dst_ + "/a").size(), 1u);
  EXPECT_EQ(Touched(sys, "StatAt " + dst_ + "/d/b").size(), 1u);
}

TEST_F(ConfinedTest, AFileOfAnotherSizeIsNotRead) {
  ASSERT_OK(ArrangeTree(dst_, "a \"abcd\"\n"));
  FaultySys sys(RealSys());
  EXPECT_EQ(
      VerifiedText(
          absl::StrCat("./a type=file size=3 sha256=", Sha256("abc"), "\n"),
          dst_, sys),
      "./a: size (3, 4)\n");
  EXPECT_EQ(sys.Calls("Read"), 2);  // Of the manifest.
}

// Row G14, for verify: what the link leads to has all that is asked for.
TEST_F(ConfinedTest, APlantedLinkIsNotFollowed) {
  ASSERT_OK(ArrangeTree(dir_ / "elsewhere", "f \"abc\"\ns/f \"abc\"\n"));
  ASSERT_OK(ArrangeTree(dst_,
                        "d -> ../elsewhere\nx/s -> ../../elsewhere/s\n"
                        "f -> ../elsewhere/f\n"));
  FaultySys sys(RealSys());
  sys.StartLog();
  const std::string digest = " type=file sha256=" + Sha256("abc") + "\n";
  EXPECT_EQ(VerifiedText("./d type=dir\n./d/f" + digest + "./d/s/f" + digest +
                             "./x/s/f" + digest + "./f" + digest,
                         dst_, sys),
            "./d: type (dir, link)\nmissing: ./d/f\nmissing: ./d/s/f\n"
            "./f: type (file, link)\nmissing: ./x/s/f\n");
  EXPECT_TRUE(Touched(sys, "elsewhere").empty());
}

// The same on a kernel without openat2(2).
TEST_F(ConfinedTest, NorWithoutOpenat2) {
  ASSERT_OK(ArrangeTree(dir_ / "elsewhere", "s/f \"abc\"\n"));
  ASSERT_OK(ArrangeTree(dst_, "d -> ../elsewhere\ne/f \"abc\"\n"));
  FaultySys sys(RealSys());
  sys.Fail("OpenBeneath", ENOSYS);
  const std::string digest = " type=file sha256=" + Sha256("abc") + "\n";
  EXPECT_EQ(VerifiedText("./d/s/f" + digest + "./e/f" + digest, dst_, sys),
            "missing: ./d/s/f\n");
}

// It would wait for a writer for ever.
TEST_F(ConfinedTest, AFifoIsNeverOpened) {
  ASSERT_OK(ArrangeTree(dst_, "a |\nb |\nc |\n"));
  FaultySys sys(RealSys());
  sys.StartLog();
  EXPECT_EQ(
      VerifiedText(absl::StrCat("./a type=file sha256=", Sha256(""),
                                "\n./b sha256=", Sha256(""),
                                "\n./c type=fifo sha256=", Sha256(""), "\n"),
                   dst_, sys),
      "./a: type (file, fifo)\n./b: type (file, fifo)\n");
  EXPECT_TRUE(Touched(sys, "OpenAt " + dst_ + "/").empty());
}

TEST_F(ConfinedTest, AFileThatBecomesALinkMeanwhileIsNotFollowed) {
  ASSERT_OK(ArrangeTree(dst_, "a \"abc\"\nb \"abc\"\n"));
  FaultySys sys(RealSys());
  const auto put = [&](const std::string& name, const std::string& tree) {
    ASSERT_EQ(unlink((dst_ + "/" + name).c_str()), 0);
    ASSERT_OK(ArrangeTree(dst_, tree));
  };
  sys.Before("OpenAt", [&] { put("a", "a -> b\n"); },
             {.count = 1, .path = "/dst/a"});
  sys.Before("OpenAt", [&] { put("b", "other \"xyz\"\nb |\n"); },
             {.count = 1, .path = "/dst/b"});
  EXPECT_EQ(
      VerifiedText(absl::StrCat(Sha256("abc"), "  a\n", Sha256("abc"), "  b\n"),
                   dst_, sys),
      absl::StrCat("! open ", dst_,
                   "/a: Too many levels of symbolic links\n! open ", dst_,
                   "/b: replaced meanwhile\n"));
}

// What was compared is not what would be read.
TEST_F(ConfinedTest, AFileThatIsReplacedMeanwhileIsAFailure) {
  ASSERT_OK(ArrangeTree(dst_, "a \"abc\"\nnew \"abc\"\n"));
  FaultySys sys(RealSys());
  sys.Before("OpenAt",
             [&] {
               ASSERT_EQ(rename((dst_ + "/new").c_str(), (dst_ + "/a").c_str()),
                         0);
             },
             {.count = 1, .path = "/dst/a"});
  EXPECT_EQ(VerifiedText(Sha256("abc") + "  a\n", dst_, sys),
            absl::StrCat("! open ", dst_, "/a: replaced meanwhile\n"));
}

TEST_F(ConfinedTest, WhatCannotBeLookedAtDoesNotStopTheRest) {
  ASSERT_OK(ArrangeTree(dst_, "a \"abc\"\nb \"abc\"\nc/d \"\"\ne \"\"\n"));
  FaultySys sys(RealSys());
  sys.Fail("StatAt", EIO, {.path = "/dst/a"});
  sys.Fail("OpenAt", EACCES, {.path = "/dst/b"});
  sys.Fail("OpenBeneath", EACCES, {.path = "/dst/c"});
  EXPECT_EQ(VerifiedText(absl::StrCat("./a type=file\n./b type=file sha256=",
                                      Sha256("abc"),
                                      "\n./c type=dir\n./c/d type=file\n"
                                      "./e type=dir\n"),
                         dst_, sys),
            absl::StrCat("! stat ", dst_, "/a: Input/output error\n! open ",
                         dst_, "/b: Permission denied\n! open ", dst_,
                         "/c: Permission denied\n./e: type (dir, file)\n"));
}

TEST_F(ConfinedTest, AReadErrorIsNoDifference) {
  ASSERT_OK(ArrangeTree(dst_, "a \"abc\"\n"));
  FaultySys sys(RealSys());
  sys.Fail("Read", EIO, {.path = "/dst/a"});
  EXPECT_EQ(VerifiedText(Sha256("abc") + "  a\n", dst_, sys),
            absl::StrCat("! read ", dst_, "/a: Input/output error\n"));
  sys.Heal();
  sys.Fail("ReadDirectory", EIO);
  EXPECT_EQ(VerifiedText("./a type=file\n", dst_, sys),
            absl::StrCat("! getdents ", dst_, ": Input/output error\n"));
}

// Row G14, for verify.
TEST_F(ConfinedTest, HostileManifestsAreRefused) {
  ASSERT_OK(ArrangeTree(dst_, "a \"\"\n"));
  const std::string sha1(40, '0');
  struct Case {
    std::string manifest;
    std::string why;
  };
  const Case cases[] = {
      {"./a type=file\n./../x type=file\n", "m:2: ./../x: .."},
      {"/etc/passwd type=file\n", "m:1: /etc/passwd: absolute"},
      {"./a\\000b type=file\n", "m:1: ./a\\000b: NUL"},
      {sha1 + "  ../a\n", "m:1: ../a: .."},
      {sha1 + "  /a\n", "m:1: /a: absolute"},
      {"# yarn lockfile v1\na@1:\n  version \"1\"\n"
       "  resolved \"https://r.example/a/-/..\"\n",
       "m:2: ..: .."},
  };
  for (const Case& c : cases) {
    FaultySys sys(RealSys());
    EXPECT_EQ(VerifiedText(c.manifest, dst_, sys), "!! " + c.why + "\n");
    EXPECT_EQ(sys.Calls("StatAt"), 0);
  }
}

TEST_F(ConfinedTest, WhatIsNotThereIsAnErrorOfTheKernel) {
  EXPECT_EQ(VerifiedText("./a type=file\n", dst_),
            absl::StrCat("!! open ", dst_, ": No such file or directory\n"));
  EXPECT_EQ(
      Verified(dir_ / "none", dst_),
      absl::StrCat("!! open ", dir_ / "none", ": No such file or directory\n"));
}

}  // namespace
}  // namespace materialize
