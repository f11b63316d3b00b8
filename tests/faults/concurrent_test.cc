// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Several runs at once into one destination, and a run beside what a dead or a
// hostile one left.

#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "materialize/exec/staging.h"
#include "materialize/materialize.h"
#include "tests/cli/run_command.h"
#include "tests/faults/scene.h"
#include "tests/testing/faulty_sys.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"
#include "tests/testing/tree_text.h"

namespace materialize {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;

class ConcurrentTest : public testing::Test {
 protected:
  // A source of its own for each run.
  std::string Source(int number) {
    const std::string path = dir_ / absl::StrCat("from", number);
    if (fs::exists(path)) return path;
    std::string tree;
    for (int file = 0; file < 40; ++file) {
      absl::StrAppend(&tree, "dir", file / 8, "/file", file, " \"", number,
                      "\"\n");
    }
    EXPECT_OK(ArrangeTree(path, tree));
    return path;
  }
  Request RequestFor(int number, Into into) {
    Request request;
    request.source = Source(number);
    request.destination = to_;
    request.into = into;
    request.methods = {Method::kCopy};
    request.jobs = 2;
    return request;
  }
  // Which runs' tree it is that is there.
  std::vector<int> Owners(int runs) {
    std::vector<int> owners;
    for (int number = 0; number < runs; ++number)
      if (TreeText(to_) == TreeText(Source(number))) owners.push_back(number);
    return owners;
  }
  std::vector<absl::Status> RunTogether(int runs, Into into) {
    std::vector<Request> requests;
    for (int number = 0; number < runs; ++number)
      requests.push_back(RequestFor(number, into));
    std::vector<absl::Status> results(static_cast<size_t>(runs));
    std::vector<std::thread> threads;
    for (size_t number = 0; number < requests.size(); ++number) {
      threads.emplace_back([&, number] {
        results[number] = Materialize(requests[number]).status();
      });
    }
    for (std::thread& thread : threads) thread.join();
    return results;
  }
  std::vector<int> RunProcesses(int runs, const char* into) {
    for (int number = 0; number < runs; ++number) (void)Source(number);
    std::vector<int> codes(static_cast<size_t>(runs));
    std::vector<std::thread> threads;
    for (int number = 0; number < runs; ++number) {
      threads.emplace_back([&, number] {
        const cli::Said said = cli::RunCommand(
            {"place", absl::StrCat("--into=", into), Source(number), to_});
        codes[static_cast<size_t>(number)] = said.code;
        if (said.code != 0) {
          EXPECT_THAT(said.err, HasSubstr("already there"));
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    return codes;
  }
  std::string staging() const {
    return dir_ / absl::StrCat("made/", StagingName("to"));
  }

  TempDir dir_;
  const std::string to_ = dir_ / "made/to";
};

TEST_F(ConcurrentTest, OfSeveralNewRunsOneSucceeds) {
  for (const int runs : {2, 8}) {
    const std::vector<absl::Status> results = RunTogether(runs, Into::kNew);
    int done = 0;
    for (const absl::Status& result : results) {
      done += result.ok();
      if (!result.ok()) {
        EXPECT_THAT(result, StatusIs(absl::StatusCode::kAlreadyExists,
                                     HasSubstr("already there")));
      }
    }
    EXPECT_EQ(done, 1);
    ASSERT_EQ(Owners(runs).size(), 1U);
    EXPECT_TRUE(results[static_cast<size_t>(Owners(runs)[0])].ok());
    EXPECT_THAT(Leftovers(dir_ / "made"), IsEmpty());
    (void)RemoveTree(dir_ / "made");
  }
}

TEST_F(ConcurrentTest, SwapsFollowOneAnother) {
  for (const int runs : {2, 8}) {
    for (const absl::Status& result : RunTogether(runs, Into::kSwap))
      EXPECT_OK(result);
    EXPECT_EQ(Owners(runs).size(), 1U);
    EXPECT_THAT(Leftovers(dir_ / "made"), IsEmpty());
  }
}

TEST_F(ConcurrentTest, ProcessesAsThreads) {
  std::vector<int> codes = RunProcesses(8, "new");
  EXPECT_EQ(std::count(codes.begin(), codes.end(), 0), 1);
  EXPECT_EQ(std::count(codes.begin(), codes.end(), 1), 7);
  EXPECT_EQ(Owners(8).size(), 1U);
  codes = RunProcesses(8, "swap");
  EXPECT_EQ(std::count(codes.begin(), codes.end(), 0), 8);
  EXPECT_EQ(Owners(8).size(), 1U);
  EXPECT_THAT(Leftovers(dir_ / "made"), IsEmpty());
}

TEST_F(ConcurrentTest, NoWaitAnswersAtOnceAndDoesNoHarm) {
  FaultySys sys(RealSys());
  absl::Status second;
  sys.Before("CopyRange", [&] {
    Request request = RequestFor(1, Into::kNew);
    request.busy = Busy::kFail;
    second = Materialize(request).status();
    EXPECT_EQ(Leftovers(dir_ / "made").size(), 1U);
  });
  EXPECT_OK(Materialize(RequestFor(0, Into::kNew), sys));
  EXPECT_THAT(second, StatusIs(absl::StatusCode::kUnavailable,
                               HasSubstr("another run is at work")));
  EXPECT_THAT(Owners(2), ElementsAre(0));
}

// Where a directory cannot be locked (NFS) a file in it is: the one who holds
// it must not lose it by emptying the staging.
TEST_F(ConcurrentTest, ALockFileHoldsAsWell) {
  FaultySys first(RealSys());
  first.Fail("Lock", EBADF, {.count = 1});
  absl::Status second;
  first.Before("CopyRange", [&] {
    FaultySys sys(RealSys());
    sys.Fail("Lock", EBADF, {.count = 1});
    Request request = RequestFor(1, Into::kSwap);
    request.busy = Busy::kFail;
    second = Materialize(request, sys).status();
  });
  EXPECT_OK(Materialize(RequestFor(0, Into::kSwap), first));
  EXPECT_THAT(second, StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(Owners(2), ElementsAre(0));
  EXPECT_THAT(Leftovers(dir_ / "made"), IsEmpty());
}

TEST_F(ConcurrentTest, ARunThatWaitsCanBeCancelled) {
  std::atomic<bool> cancel{false};
  FaultySys sys(RealSys());
  absl::Status second;
  sys.Before("CopyRange", [&] {
    Request request = RequestFor(1, Into::kNew);
    request.cancel = &cancel;
    FaultySys waiting(RealSys());
    waiting.Before("Lock", [&] { cancel = true; }, {.nth = 3, .count = 1});
    second = Materialize(request, waiting).status();
  });
  EXPECT_OK(Materialize(RequestFor(0, Into::kNew), sys));
  EXPECT_THAT(second, StatusIs(absl::StatusCode::kCancelled));
  EXPECT_THAT(Owners(2), ElementsAre(0));
}

// Row C8: one fixed prefix, one place per destination, nobody else's to read.
TEST_F(ConcurrentTest, TheStagingHasItsNameAndMode) {
  EXPECT_THAT(StagingName("to"), MatchesRegex("\\.materialize-[0-9a-f]{16}"));
  EXPECT_NE(StagingName("to"), StagingName("too"));
  EXPECT_EQ(StagingName(std::string(255, 'x')).size(), StagingName("x").size());
  FaultySys sys(RealSys());
  struct stat facts = {};
  sys.Before("CopyRange", [&] { stat(staging().c_str(), &facts); });
  EXPECT_OK(Materialize(RequestFor(0, Into::kNew), sys));
  EXPECT_EQ(facts.st_mode & 07777, 0700U);
}

// Row C8.
TEST_F(ConcurrentTest, ADeadRunsStagingIsTakenOver) {
  for (const Into into : {Into::kNew, Into::kSwap}) {
    ASSERT_OK(ArrangeTree(staging(),
                          "./ 0700\ntree/half \"x\"\n"
                          "tree/locked/ 0500\ntree/locked/in \"x\"\n"
                          "rehearsal/below/ 0700\n"));
    EXPECT_OK(Materialize(RequestFor(0, into)));
    EXPECT_THAT(Owners(1), ElementsAre(0));
    EXPECT_THAT(Leftovers(dir_ / "made"), IsEmpty());
    (void)RemoveTree(to_);
  }
}

// Row C8: it died between the two renames of --allow_gap.
TEST_F(ConcurrentTest, AnOldTreeInTheGapIsPutBack) {
  ASSERT_OK(ArrangeTree(staging(), "./ 0700\nold/precious \"x\"\ntree/half"));
  EXPECT_THAT(Materialize(RequestFor(0, Into::kNew)),
              StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_EQ(TreeText(to_, {.root = false}),
            TreeTextOf("precious \"x\"", {.root = false}));
  EXPECT_THAT(Leftovers(dir_ / "made"), IsEmpty());

  ASSERT_OK(ArrangeTree(staging(), "./ 0700\ntree/half"));
  fs::rename(to_, staging() + "/old");
  FaultySys sys(RealSys());
  std::string before;
  sys.Before("CopyRange", [&] { before = TreeText(to_, {.root = false}); });
  EXPECT_OK(Materialize(RequestFor(0, Into::kSwap), sys));
  EXPECT_EQ(before, TreeTextOf("precious \"x\"", {.root = false}));
  EXPECT_THAT(Owners(1), ElementsAre(0));

  // With a destination in place the old one is only a remainder.
  ASSERT_OK(ArrangeTree(staging(), "./ 0700\nold/remainder"));
  EXPECT_OK(Materialize(RequestFor(1, Into::kSwap)));
  EXPECT_THAT(Owners(2), ElementsAre(1));
  EXPECT_THAT(Leftovers(dir_ / "made"), IsEmpty());
}

TEST_F(ConcurrentTest, WhatNoRunOfOursMadeIsRefusedAndKept) {
  ASSERT_OK(ArrangeTree(dir_ / "made", "victim/file \"x\""));
  const auto refused = [&] {
    const std::string before = TreeText(dir_ / "made");
    EXPECT_THAT(
        Materialize(RequestFor(0, Into::kNew)),
        StatusIs(absl::StatusCode::kFailedPrecondition,
                 AllOf(HasSubstr(staging()), HasSubstr("remove it first"))));
    EXPECT_EQ(TreeText(dir_ / "made"), before);
    (void)RemoveTree(staging());
  };
  fs::create_symlink("victim", staging());
  refused();
  std::ofstream(staging()) << "a file";
  refused();
  if (geteuid() != 0) GTEST_SKIP() << "another user's needs root";
  ASSERT_OK(ArrangeTree(staging(), "./ 0777\ntree/file \"x\""));
  ASSERT_EQ(chown(staging().c_str(), 12345, 12345), 0);
  refused();
}

// A parent that is gone is an error, not a reason to try for ever.
TEST_F(ConcurrentTest, AParentThatVanishesIsAnError) {
  ASSERT_OK(ArrangeTree(dir_ / "made", ""));
  FaultySys sys(RealSys());
  sys.Before("MakeDirectoryAt", [&] { fs::remove(dir_ / "made"); },
             {.count = 1, .path = kStagingPrefix});
  EXPECT_THAT(Materialize(RequestFor(0, Into::kNew), sys),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("mkdir ")));
}

}  // namespace
}  // namespace materialize
