// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// By somebody who is not root, in directories that their owner may not write or
// search: those that the receipt names are opened up while that is needed.

#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "materialize/uninstall.h"
#include "tests/rows/files.h"
#include "tests/testing/faulty_sys.h"
#include "tests/testing/run_as.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/tree_text.h"
#include "tests/uninstall/uninstalled.h"

namespace materialize {
namespace {

namespace fs = std::filesystem;
using ::testing::IsEmpty;

constexpr uid_t kNobody = 65534;
constexpr char kTime[] = " type=file time=1600000000\n";
constexpr TreeTextOptions kModes = {.times = false};

class ClosedTest : public UninstallScene {
 protected:
  // Bazel's own directories may lie below one that only root can search.
  ClosedTest() : UninstallScene("/tmp") {}

  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "needs root, to be somebody else";
    ASSERT_EQ(lchown(dir_.path().c_str(), kNobody, kNobody), 0);
  }
  void Mine(std::string_view tree, const std::string& receipt) const {
    Arrange(tree, receipt);
    ASSERT_EQ(lchown(dst_.c_str(), kNobody, kNobody), 0);
    for (const auto& entry : fs::recursive_directory_iterator(dst_))
      ASSERT_EQ(lchown(entry.path().c_str(), kNobody, kNobody), 0);
  }
  std::string RunAsNobody(std::atomic<bool>* cancel = nullptr,
                          Sys& sys = RealSys()) const {
    return RunAs(kNobody, [&] {
      UninstallRequest request = Request();
      request.cancel = cancel;
      return AnswerText(request, Uninstall(request, sys));
    });
  }
};

constexpr char kReceipt[] =
    ". type=dir\n./r type=dir\n./r/f type=file time=1600000000\n"
    "./r/s type=dir\n./r/s/g type=file time=1600000000\n";

TEST_F(ClosedTest, OursAreOpenedUpAndGo) {
  for (const char* mode : {"0555", "0444", "0000", "0111"}) {
    SCOPED_TRACE(mode);
    Mine(absl::StrCat("./ 0555\nr/ ", mode, "\nr/f \"\"\nr/s/ ", mode,
                      "\nr/s/g \"\"\n"),
         kReceipt);
    EXPECT_EQ(RunAsNobody(),
              "2 files, 0 links, 2 directories; 0 gone, 0 kept, 0 unreached\n");
    EXPECT_EQ(TreeText(dst_, kModes), TreeTextOf("./ 0555", kModes));
    EXPECT_THAT(Leftovers(dir_), IsEmpty());
  }
}

TEST_F(ClosedTest, TheDestinationTooIsOpenedUpAndClosedAgain) {
  for (const char* root : {"./ 0444\n", "./ 0555\n"}) {
    Mine(absl::StrCat(root, "f \"\"\nr/s/g \"\"\n"),
         absl::StrCat(kReceipt, "./f", kTime));
    EXPECT_EQ(RunAsNobody(),
              "2 files, 0 links, 2 directories; 1 gone, 0 kept, 0 unreached\n");
    EXPECT_EQ(TreeText(dst_, kModes), TreeTextOf(root, kModes));
  }
}

TEST_F(ClosedTest, ThoseThatStayHaveTheirModeBack) {
  Mine("r/ 0511\nr/f \"\"\nr/mine \"\"\nr/s/ 0000\nr/s/g \"\"\nr/s/mine \"\"\n",
       kReceipt);
  EXPECT_EQ(RunAsNobody(),
            "2 files, 0 links, 0 directories; 0 gone, 2 kept, 0 unreached\n");
  EXPECT_EQ(
      TreeText(dst_, kModes),
      TreeTextOf("r/ 0511\nr/mine \"\"\nr/s/ 0000\nr/s/mine \"\"", kModes));
}

// The receipt has a file in it, but says nothing of it.
TEST_F(ClosedTest, ForeignOnesAreNotOpenedUp) {
  Mine("r/ 0555\nr/f \"\"\ns/ 0000\ns/g \"\"\n",
       absl::StrCat("./r/f", kTime, "./s/g", kTime));
  EXPECT_EQ(RunAsNobody(),
            "0 files, 0 links, 0 directories; 0 gone, 0 kept, 1 unreached\n"
            "! unlink DST/r/f: Permission denied\n"
            "! open DST/s: Permission denied\n");
  EXPECT_EQ(TreeText(dst_, kModes),
            TreeTextOf("r/ 0555\nr/f \"\"\ns/ 0000\ns/g \"\"", kModes));
}

TEST_F(ClosedTest, SomebodyElsesStayClosed) {
  Mine("r/ 0555\nr/f \"\"\nr/s/g \"\"\n", kReceipt);
  ASSERT_EQ(lchown((dst_ + "/r").c_str(), 0, 0), 0);
  EXPECT_EQ(RunAsNobody(),
            "1 files, 0 links, 0 directories; 0 gone, 1 kept, 0 unreached\n"
            "! unlink DST/r/f: Permission denied\n"
            "! rmdir DST/r/s: Permission denied\n");
}

// Interrupted in between.
TEST_F(ClosedTest, ClosedAgainHoweverTheRunEnds) {
  Mine("r/ 0511\nr/f \"\"\nr/s/ 0555\nr/s/g \"\"\n", kReceipt);
  std::atomic<bool> cancel{false};
  FaultySys sys(RealSys());
  sys.Before("ChangeModeAt", [&] { cancel = true; });
  EXPECT_EQ(RunAsNobody(&cancel, sys),
            "!! interrupted (the same command again does the rest)\n");
  EXPECT_EQ(TreeText(dst_, kModes),
            TreeTextOf("r/ 0511\nr/f \"\"\nr/s/ 0555", kModes));
}

// It is not the one that was opened up.
TEST_F(ClosedTest, ADirectoryThatComesAfterwardsKeepsItsMode) {
  Mine("r/ 0511\nr/f \"\"\nz \"\"\n",
       absl::StrCat("./r type=dir\n./r/f", kTime, "./z", kTime));
  FaultySys sys(RealSys());
  sys.Before("UnlinkAt", [&] { fs::create_directory(dst_ + "/r"); },
             {.count = 1, .path = "/dst/z"});
  EXPECT_EQ(RunAsNobody(nullptr, sys),
            "2 files, 0 links, 1 directories; 0 gone, 0 kept, 0 unreached\n");
  EXPECT_EQ(TreeText(dst_, kModes), TreeTextOf("r/ 0755", kModes));
}

}  // namespace
}  // namespace materialize
