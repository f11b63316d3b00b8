// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// A disk that fails, other runs on the same tree, an interruption; and what a
// removal costs in system calls.

#include <atomic>
#include <cerrno>
#include <filesystem>
#include <optional>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "materialize/digest.h"
#include "materialize/exec/staging.h"
#include "materialize/os/fd.h"
#include "materialize/uninstall.h"
#include "tests/rows/files.h"
#include "tests/testing/faulty_sys.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/tree_text.h"
#include "tests/uninstall/uninstalled.h"

namespace materialize {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kTime[] = " type=file time=1600000000\n";

class FaultTest : public UninstallScene {
 protected:
  // Foreign, changed, read by digest, by time; links and directories.
  void ArrangeAll() const {
    Arrange(
        "a \"abc\"\nchanged \"mine\"\nd/b \"\"\nd/e/l -> x\nd/e/f \"\"\n"
        "d/mine/m \"\"\nz/ 0755\n",
        absl::StrCat(". type=dir\n./a sha256=", Sha256("abc"),
                     "\n./changed type=file time=5\n./d type=dir\n./d/b", kTime,
                     "./d/e type=dir\n./d/e/f", kTime,
                     "./d/e/l type=link link=x\n./z type=dir\n"));
  }
  static constexpr char kStays[] = "changed \"mine\"\nd/mine/m \"\"\n";
};

// EIO, EPERM: that entry is named, the rest goes.
TEST_F(FaultTest, AnEntryThatFailsStopsNothing) {
  struct Case {
    const char* call;
    int error;
    const char* path;
    const char* said;
  };
  const Case cases[] = {
      {"StatAt", EIO, "/d/b", "! stat DST/d/b: Input/output error\n"},
      {"UnlinkAt", EIO, "/d/b", "! unlink DST/d/b: Input/output error\n"},
      {"UnlinkAt", EPERM, "/d/b",
       "! unlink DST/d/b: Operation not permitted\n"},
      {"UnlinkAt", EACCES, "/d/b", "! unlink DST/d/b: Permission denied\n"},
      {"UnlinkAt", EIO, "/dst/z", "! rmdir DST/z: Input/output error\n"},
      {"UnlinkAt", EBUSY, "/dst/z",
       "! remove DST/z: something is mounted here; left as it is\n"},
      {"ReadLinkAt", EIO, "/e/l", "! readlink DST/d/e/l: Input/output error\n"},
      {"OpenAt", EIO, "/dst/a", "! open DST/a: Input/output error\n"},
      {"Read", EIO, "/dst/a", "! read DST/a: Input/output error\n"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(absl::StrCat(c.call, " ", c.path));
    ArrangeAll();
    FaultySys sys(RealSys());
    sys.Fail(c.call, c.error, {.path = c.path});
    EXPECT_THAT(Run(sys), HasSubstr(c.said));
    EXPECT_THAT(Leftovers(dir_), IsEmpty());
    (void)Run();
    EXPECT_EQ(Now(), Text(kStays));
  }
}

TEST_F(FaultTest, ADirectoryThatCannotBeOpenedIsToldOnce) {
  ArrangeAll();
  FaultySys sys(RealSys());
  sys.Fail("OpenBeneath", EIO, {.path = "/dst/d"});
  EXPECT_EQ(Run(sys),
            "1 files, 0 links, 1 directories; 0 gone, 0 kept, 4 unreached\n"
            "left DST/changed: it has another time\n"
            "! open DST/d: Input/output error\n");
}

// One error at any call: nothing goes that is not to go, nothing is left
// behind, and the next run does the rest.
TEST_F(FaultTest, EveryCallMayFail) {
  const char* const calls[] = {
      "OpenAt",         "OpenBeneath",   "Close",      "StatAt",
      "StatFilesystem", "ReadLinkAt",    "UnlinkAt",   "Read",
      "Lock",           "ReadDirectory", "ChangeMode", "ChangeModeAt",
      "MakeDirectoryAt"};
  ArrangeAll();
  FaultySys counting(RealSys());
  (void)Run(counting);
  EXPECT_EQ(Now(), Text(kStays));
  for (const char* call : calls) {
    for (int nth = 1; nth <= counting.Calls(call); ++nth) {
      SCOPED_TRACE(absl::StrCat(call, " ", nth));
      ArrangeAll();
      FaultySys sys(RealSys());
      sys.Fail(call, EIO, {.nth = nth, .count = 1});
      const auto first = Uninstall(Request(), sys);
      EXPECT_EQ(ReadFile(dst_ + "/changed"), "mine");
      EXPECT_TRUE(Exists(dst_ + "/d/mine/m"));
      if (first.ok() && first->failures.empty() && first->warnings.empty()) {
        EXPECT_EQ(Now(), Text(kStays));
      }
      EXPECT_THAT(Run(), HasSubstr("left DST/changed: it has another time\n"));
      EXPECT_EQ(Now(), Text(kStays));
      EXPECT_THAT(Leftovers(dir_), IsEmpty());
    }
  }
}

TEST_F(FaultTest, CallsAreMadeAgainWhenInterrupted) {
  ArrangeAll();
  FaultySys sys(RealSys());
  const char* const calls[] = {"OpenAt",     "OpenBeneath", "StatAt",
                               "ReadLinkAt", "UnlinkAt",    "Read"};
  for (const char* call : calls) {
    for (int nth = 1; nth < 40; nth += 3)
      sys.Fail(call, EINTR, {.nth = nth, .count = 2});
  }
  (void)Run(sys);
  EXPECT_EQ(Now(), Text(kStays));
}

TEST_F(FaultTest, StopsWhenCancelledAndIsFinishedByTheNextRun) {
  ArrangeAll();
  std::atomic<bool> cancel{false};
  FaultySys sys(RealSys());
  sys.Before("UnlinkAt", [&] { cancel = true; }, {.nth = 2, .count = 1});
  UninstallRequest request = Request();
  request.cancel = &cancel;
  EXPECT_THAT(Uninstall(request, sys),
              StatusIs(absl::StatusCode::kCancelled,
                       "interrupted (the same command again does the rest)"));
  EXPECT_NE(Now(), Text(kStays));
  EXPECT_THAT(Leftovers(dir_), IsEmpty());
  (void)Run();
  EXPECT_EQ(Now(), Text(kStays));
}

TEST_F(FaultTest, WaitsForARunOnTheSameTreeOrNot) {
  ArrangeAll();
  const Fd parent(RealSys(), RealSys().OpenAt(AT_FDCWD, dir_.path().c_str(),
                                              O_RDONLY | O_DIRECTORY, 0));
  UninstallRequest request = Request();
  request.busy = Busy::kFail;
  const std::string before = Now();
  {
    const auto held = Staging::Acquire(
        RealSys(),
        {.parent = parent.get(), .parent_path = dir_.path(), .name = "dst"},
        Busy::kFail, nullptr);
    ASSERT_OK(held);
    EXPECT_THAT(Uninstall(request), StatusIs(absl::StatusCode::kUnavailable));
    EXPECT_EQ(Now(), before);
  }
  // A dead run's.
  EXPECT_OK(Uninstall(request));
  EXPECT_THAT(Leftovers(dir_), IsEmpty());
}

TEST_F(FaultTest, AMergeDoesNotMixWithIt) {
  ArrangeAll();
  ASSERT_OK(ArrangeTree(dir_ / "src", "new \"\"\n"));
  auto merge = Merging(dir_ / "src", dst_);
  merge.busy = Busy::kFail;
  FaultySys sys(RealSys());
  std::optional<absl::StatusCode> code;
  sys.Before("ReadLinkAt", [&] { code = Materialize(merge).status().code(); },
             {.count = 1, .path = "/d/e/l"});
  (void)Run(sys);
  EXPECT_EQ(code, absl::StatusCode::kUnavailable);
  EXPECT_FALSE(Exists(dst_ + "/new"));
  EXPECT_OK(Materialize(merge));
}

// Who held the lock has put another tree there.
TEST_F(FaultTest, TheTreeThatHasTheNameIsTheOneThatCounts) {
  Arrange("f \"\"\n", absl::StrCat("./f", kTime));
  ASSERT_OK(ArrangeTree(dir_ / "new", "f \"\"\nmine \"\"\n"));
  FaultySys sys(RealSys());
  sys.Before("MakeDirectoryAt", [&] {
    fs::rename(dst_, dir_ / "old");
    fs::rename(dir_ / "new", dst_);
  });
  EXPECT_THAT(Run(sys), HasSubstr("1 files"));
  EXPECT_EQ(Now(), Text("mine \"\""));
  EXPECT_TRUE(Exists(dir_ / "old/f"));
}

// A file: statx, unlinkat. A directory: openat2, statx, close, and rmdir. A
// symlink: readlinkat too.
TEST_F(FaultTest, CostsTwoCallsAFileAndFourADirectory) {
  const auto calls = [&](int directories, int files, int links) {
    std::string tree = "./ 0755\n";
    std::string receipt = ". type=dir\n";
    for (int d = 0; d < directories; ++d) {
      absl::StrAppend(&tree, "d", d, "/ 0755\n");
      absl::StrAppend(&receipt, "./d", d, " type=dir\n");
      for (int f = 0; f < files; ++f) {
        absl::StrAppend(&tree, "d", d, "/f", f, " \"\"\n");
        absl::StrAppend(&receipt, "./d", d, "/f", f, kTime);
      }
      for (int l = 0; l < links; ++l) {
        absl::StrAppend(&tree, "d", d, "/l", l, " -> x\n");
        absl::StrAppend(&receipt, "./d", d, "/l", l, " type=link link=x\n");
      }
    }
    Arrange(tree, receipt);
    FaultySys sys(RealSys());
    EXPECT_THAT(Run(sys),
                HasSubstr(absl::StrCat(directories * files, " files, ",
                                       directories * links)));
    return sys.AllCalls();
  };
  const int one = calls(1, 1, 0);
  EXPECT_EQ(calls(1, 101, 0) - one, 100 * 2);
  EXPECT_EQ(calls(51, 1, 0) - one, 50 * (4 + 2));
  EXPECT_EQ(calls(1, 1, 100) - one, 100 * 3);
}

}  // namespace
}  // namespace materialize
