// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Whatever receipt and destination are made to hold, nothing goes but what the
// receipt names, where it names it.

#include <cerrno>
#include <filesystem>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "materialize/digest.h"
#include "materialize/uninstall.h"
#include "tests/rows/files.h"
#include "tests/testing/fake_mounts.h"
#include "tests/testing/faulty_sys.h"
#include "tests/testing/scoped_mount.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/tree_text.h"
#include "tests/uninstall/uninstalled.h"

namespace materialize {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

constexpr char kFile[] = " type=file time=1600000000\n";

class ConfinedTest : public UninstallScene {
 protected:
  void SetUp() override {
    ASSERT_OK(ArrangeTree(dir_ / "elsewhere", "f \"\"\ns/f \"\"\n"));
    elsewhere_ = TreeText(dir_ / "elsewhere");
  }
  void TearDown() override {
    EXPECT_EQ(TreeText(dir_ / "elsewhere"), elsewhere_);
  }
  std::string elsewhere_;
};

TEST_F(ConfinedTest, APlantedLinkIsNotFollowed) {
  const std::string receipt = absl::StrCat(
      "./d type=dir\n./d/f", kFile, "./d/s type=dir\n./d/s/f", kFile, "./x/s/f",
      kFile, "./x/s/none/f", kFile, "./y", kFile);
  const bool with_openat2[] = {true, false};
  for (const bool has : with_openat2) {
    FaultySys sys(RealSys());
    if (!has) sys.Fail("OpenBeneath", ENOSYS);
    Arrange("d -> ../elsewhere\nx/s -> ../../elsewhere/s\ny \"\"\n", receipt);
    const std::string answer =
        "1 files, 0 links, 0 directories; 0 gone, 0 kept, 5 unreached\n"
        "left DST/d: its type is link, not dir\n"
        "left DST/x/s: its type is link, not dir\n";
    UninstallRequest rehearsal = Request();
    rehearsal.dry_run = true;
    EXPECT_EQ(AnswerText(rehearsal, Uninstall(rehearsal, sys)), answer);
    EXPECT_EQ(Run(sys), answer);
    EXPECT_EQ(Now(), Text("d -> ../elsewhere\nx/s -> ../../elsewhere/s"));
    // The link itself goes where it has the name of an entry.
    EXPECT_EQ(Run(sys, Changed::kRemove),
              "0 files, 1 links, 0 directories; 1 gone, 0 kept, 5 unreached\n"
              "left DST/x/s: its type is link, not dir\n");
    EXPECT_EQ(Now(), Text("x/s -> ../../elsewhere/s"));
  }
}

// The held directory is what names are removed from.
TEST_F(ConfinedTest, NorIsOneThatIsPlantedMeanwhile) {
  Arrange("d/f \"\"\nd/g \"\"\n",
          absl::StrCat("./d type=dir\n./d/f", kFile, "./d/g", kFile));
  FaultySys sys(RealSys());
  sys.Before("UnlinkAt", [&] {
    fs::rename(dst_ + "/d", dst_ + "/moved");
    fs::create_symlink("../elsewhere", dst_ + "/d");
  });
  EXPECT_EQ(Run(sys),
            "2 files, 0 links, 0 directories; 0 gone, 0 kept, 0 unreached\n"
            "left DST/d: its type is link, not dir\n");
  EXPECT_EQ(Now(), Text("d -> ../elsewhere\nmoved/ 0755"));
}

TEST_F(ConfinedTest, WhatIsMountedInsideIsNotEntered) {
  if (!CanMount()) GTEST_SKIP() << "needs to mount";
  Arrange(
      "a/m/ 0755\na/f \"\"\nb \"\"\n",
      absl::StrCat("./a type=dir\n./a/f", kFile, "./a/m type=dir\n./a/m/f",
                   kFile, "./a/m/s type=dir\n./a/m/s/f", kFile, "./b", kFile));
  const ScopedMount mounted =
      ScopedMount::Bind(dir_ / "elsewhere", dst_ + "/a/m");
  UninstallRequest request = Request();
  for (const bool dry : {true, false}) {
    request.dry_run = dry;
    EXPECT_EQ(AnswerText(request, Uninstall(request)),
              "2 files, 0 links, 0 directories; 0 gone, 1 kept, 3 unreached\n"
              "! remove DST/a/m: something is mounted here; left as it is\n");
  }
}

TEST_F(ConfinedTest, NorIsOneRemovedThatIsAMountPoint) {
  if (!CanMount()) GTEST_SKIP() << "needs to mount";
  Arrange("f \"\"\nm/ 0755\n", absl::StrCat("./f", kFile, "./m type=dir\n"));
  const ScopedMount empty = ScopedMount::Tmpfs(dst_ + "/m");
  FakeMounts sys(RealSys(), {{.prefix = dst_ + "/f", .mount_id = 12345}});
  UninstallRequest request = Request();
  for (const bool dry : {true, false}) {
    request.dry_run = dry;
    EXPECT_EQ(AnswerText(request, Uninstall(request, sys)),
              "0 files, 0 links, 0 directories; 0 gone, 0 kept, 0 unreached\n"
              "! remove DST/f: something is mounted here; left as it is\n"
              "! remove DST/m: something is mounted here; left as it is\n");
  }
}

TEST_F(ConfinedTest, HostileReceiptsAreRefusedBeforeAnythingGoes) {
  struct Case {
    std::string receipt;
    std::string why;
  };
  const Case cases[] = {
      {absl::StrCat("./f", kFile, "./../elsewhere/f", kFile),
       "RECEIPT:2: ./../elsewhere/f: .."},
      {absl::StrCat("./f", kFile, dir_ / "elsewhere/f", kFile),
       absl::StrCat("RECEIPT:2: ", dir_ / "elsewhere/f", ": absolute")},
      {absl::StrCat("./f", kFile, "./\\056./elsewhere/f", kFile),
       "RECEIPT:2: ./\\056./elsewhere/f: .."},
      {absl::StrCat("./f", kFile, "./a\\000b", kFile),
       "RECEIPT:2: ./a\\000b: NUL"},
      {absl::StrCat("./f", kFile, "./f type=dir\n"),
       "RECEIPT:2: f: differs from RECEIPT:1"},
      {absl::StrCat("./f", kFile, "./f type=file time=x\n"),
       "RECEIPT:2: time=x: not a time"},
      {"#mtree\n", "RECEIPT: lists nothing"},
      {absl::StrCat(Sha256(""), "  f\n"),
       "RECEIPT: not an mtree(5), as receipts are"},
      {"f\n",
       "RECEIPT: neither an mtree, nor a list of digests, nor a "
       "yarn.lock"},
  };
  for (const Case& c : cases) {
    Arrange("f \"\"\n", c.receipt);
    FaultySys sys(RealSys());
    EXPECT_EQ(Run(sys, Changed::kRemove), "!! " + c.why + "\n");
    EXPECT_EQ(sys.Calls("UnlinkAt"), 0);
    EXPECT_EQ(Now(), Text("f \"\""));
  }
}

// An entry below what the receipt itself calls a file.
TEST_F(ConfinedTest, WhatIsBelowAFileIsNotThere) {
  Arrange("f \"\"\n", absl::StrCat("./f", kFile, "./f/g", kFile));
  EXPECT_EQ(Run(),
            "1 files, 0 links, 0 directories; 0 gone, 0 kept, 1 unreached\n");
}

TEST_F(ConfinedTest, AFileThatBecameADirectoryStaysWithAllInIt) {
  Arrange("f/mine \"mine\"\n", absl::StrCat("./f", kFile));
  for (const Changed changed : {Changed::kLeave, Changed::kRemove}) {
    EXPECT_EQ(Run(RealSys(), changed),
              "0 files, 0 links, 0 directories; 0 gone, 0 kept, 0 unreached\n"
              "left DST/f: its type is dir, not file\n");
    EXPECT_EQ(Now(), Text("f/mine \"mine\""));
  }
}

// Even where it becomes one between the look and the removal.
TEST_F(ConfinedTest, OrBecomesOneMeanwhile) {
  Arrange("f \"\"\n", absl::StrCat("./f", kFile));
  FaultySys sys(RealSys());
  sys.Before("UnlinkAt",
             [&] {
               fs::remove(dst_ + "/f");
               ASSERT_OK(ArrangeTree(dst_, "f/mine \"\"\n"));
             },
             {.count = 1, .path = "/dst/f"});
  EXPECT_EQ(Run(sys, Changed::kRemove),
            "0 files, 0 links, 0 directories; 0 gone, 0 kept, 0 unreached\n"
            "! unlink DST/f: Is a directory\n");
  EXPECT_EQ(Now(), Text("f/mine \"\""));
}

TEST_F(ConfinedTest, ADirectoryThatBecameAFileIsLeft) {
  Arrange("d \"mine\"\n",
          absl::StrCat("./d type=dir\n./d/f", kFile, "./d/s/g", kFile));
  EXPECT_EQ(Run(),
            "0 files, 0 links, 0 directories; 0 gone, 0 kept, 2 unreached\n"
            "left DST/d: its type is file, not dir\n");
  EXPECT_EQ(Now(), Text("d \"mine\""));
}

// It would wait for a writer for ever.
TEST_F(ConfinedTest, AFifoIsNeverOpened) {
  Arrange("f |\n", absl::StrCat("./f sha256=", Sha256(""), "\n"));
  FaultySys sys(RealSys());
  sys.Fail("OpenAt", EIO, {.path = "/dst/f"});
  EXPECT_THAT(Run(sys), HasSubstr("left DST/f: its type is fifo, not file\n"));
}

// A digest of what was there when reading began is no proof of what is now.
TEST_F(ConfinedTest, WhatChangesWhileItIsReadStays) {
  const std::string receipt = absl::StrCat("./f sha256=", Sha256("abc"), "\n");
  const char* const calls[] = {"OpenAt", "Read"};
  for (const char* call : calls) {
    for (const bool replaced : {false, true}) {
      Arrange("f \"abc\"\nnew \"abd\"\n", receipt);
      FaultySys sys(RealSys());
      const auto change = [&] {
        replaced ? fs::rename(dst_ + "/new", dst_ + "/f")
                 : WriteFile(dst_ + "/f", "abd");
      };
      sys.Before(call, change, {.count = 1, .path = "/dst/f"});
      EXPECT_THAT(Run(sys), HasSubstr("left DST/f: it "));
      EXPECT_EQ(ReadFile(dst_ + "/f"), "abd");
    }
  }
}

}  // namespace
}  // namespace materialize
