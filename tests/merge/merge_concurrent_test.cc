// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Several merges at once into one tree, beside a swap, beside readers, and
// beside others that find nothing to do.

#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <random>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "materialize/exec/staging.h"
#include "materialize/materialize.h"
#include "tests/cli/run_command.h"
#include "tests/merge/entries.h"
#include "tests/rows/files.h"
#include "tests/testing/faulty_sys.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"
#include "tests/testing/tree_text.h"

namespace materialize {
namespace {

using ::testing::AnyOf;
using ::testing::IsEmpty;

constexpr int kTimes = 25;  // with threads, and again with processes

// Two trees that have names in common, of other kinds and with other contents.
std::string Tree(const char* word, int time) {
  std::string text = absl::StrCat("./ 0755 @", time, "\n");
  for (int file = 0; file < 40; ++file)
    absl::StrAppend(&text, "dir", file % 5, "/file", file, " @", time + file,
                    " \"", word, "\"\n");
  absl::StrAppend(&text, "only-", word, "/deep/file \"", word, "\"\n");
  absl::StrAppend(&text, "link -> ", word, "\n");
  const bool is_a = std::string_view(word) == "a";
  return text + (is_a ? "kind/below/file \"a\"\n" : "kind \"b\"\n");
}

class MergeConcurrentTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_OK(ArrangeTree(a_, Tree("a", 1600000000)));
    ASSERT_OK(ArrangeTree(b_, Tree("b", 1700000000)));
    ASSERT_OK(ArrangeTree(to_, Tree("old", 1500000000)));
    text_a_ = TreeText(a_);
    text_b_ = TreeText(b_);
  }
  Request MergeOf(const std::string& source) const {
    Request request;
    request.source = source;
    request.destination = to_;
    request.into = Into::kMerge;
    request.methods = {Method::kCopy};
    request.deletion.enabled = true;
    request.jobs = 2;
    return request;
  }
  Request SwapOf(const std::string& source) const {
    Request request = MergeOf(source);
    request.into = Into::kSwap;
    request.deletion = {};
    return request;
  }
  static void Run(const Request& request) {
    const absl::StatusOr<Report> report = Materialize(request);
    EXPECT_OK(report);
    if (report.ok()) {
      EXPECT_FALSE(report->partial()) << report->failures.front().text;
    }
  }
  void RunCommand(const std::string& source) const {
    const cli::Said said = cli::RunCommand(
        {"place", "--quiet", "--into=merge", "--delete", source, to_});
    EXPECT_EQ(said.code, 0) << said.err;
  }
  // Each begins a little before or after the others.
  void RunTogether(const std::vector<std::function<void()>>& runs) {
    std::uniform_int_distribution<useconds_t> pause(0, 3000);
    std::vector<std::thread> threads;
    for (const auto& run : runs) {
      threads.emplace_back([&run, wait = pause(random_)] {
        usleep(wait);
        run();
      });
    }
    for (std::thread& thread : threads) thread.join();
  }
  void ExpectOneOfTheTwo() const {
    EXPECT_THAT(TreeText(to_), AnyOf(text_a_, text_b_));
    EXPECT_THAT(AllLeftovers(to_), IsEmpty());
    EXPECT_EQ(TreeText(a_), text_a_);
    EXPECT_EQ(TreeText(b_), text_b_);
  }

  TempDir dir_;
  const std::string a_ = dir_ / "a";
  const std::string b_ = dir_ / "b";
  const std::string to_ = dir_ / "made/to";
  std::string text_a_;
  std::string text_b_;
  std::mt19937 random_{20201121};
};

TEST_F(MergeConcurrentTest, TwoSourcesGiveOneOfThem) {
  for (int nth = 0; nth < kTimes && !HasFailure(); ++nth) {
    RunTogether({[&] { Run(MergeOf(a_)); }, [&] { Run(MergeOf(b_)); }});
    ExpectOneOfTheTwo();
  }
}

TEST_F(MergeConcurrentTest, TwoProcessesAsTwoThreads) {
  for (int nth = 0; nth < kTimes && !HasFailure(); ++nth) {
    RunTogether({[&] { RunCommand(a_); }, [&] { RunCommand(b_); }});
    ExpectOneOfTheTwo();
  }
}

TEST_F(MergeConcurrentTest, ASwapComesBeforeOrAfterAMerge) {
  for (int nth = 0; nth < kTimes && !HasFailure(); ++nth) {
    RunTogether({[&] { Run(MergeOf(a_)); },
                 [&] { Run(SwapOf(nth % 2 == 0 ? b_ : a_)); },
                 [&] { Run(MergeOf(b_)); }});
    ExpectOneOfTheTwo();
  }
}

// A merge that only looks finds names of the tree that was swapped away, and
// no files any more.
TEST_F(MergeConcurrentTest, ASwapWhileAMergeLooks) {
  Run(MergeOf(a_));
  FaultySys sys(RealSys());
  sys.Before("StatAt", [&] { Run(SwapOf(b_)); },
             {.count = 1, .path = "/made/to/kind/below/file"});
  ASSERT_OK_AND_ASSIGN(const Report report, Materialize(MergeOf(a_), sys));
  EXPECT_FALSE(report.partial()) << report.failures.front().text;
  EXPECT_EQ(TreeText(to_), text_a_);
}

TEST_F(MergeConcurrentTest, ATreeThatIsGoneWhileAMergeLooksIsMadeAnew) {
  Run(MergeOf(a_));
  FaultySys sys(RealSys());
  const auto take_away = [&] {
    const std::string away = dir_ / "away";
    ASSERT_EQ(rename(to_.c_str(), away.c_str()), 0);
    ASSERT_EQ(RemoveTree(away), 0);
  };
  sys.Before("StatAt", take_away,
             {.count = 1, .path = "/made/to/kind/below/file"});
  ASSERT_OK_AND_ASSIGN(const Report report, Materialize(MergeOf(a_), sys));
  EXPECT_FALSE(report.partial()) << report.failures.front().text;
  EXPECT_EQ(TreeText(to_), text_a_);
}

// What it did it does not do again to the tree that comes after it.
TEST_F(MergeConcurrentTest, ASwapAfterAMergeThatFailedInPart) {
  FaultySys sys(RealSys());
  sys.Fail("OpenAt", EACCES, {.path = "/a/dir0/file0"});
  bool was_held = false;
  bool is_swapped = false;
  const auto swap = [&] {  // when the lock is free again
    const bool is_held = Exists(dir_ / ("made/" + StagingName("to")));
    if (was_held && !is_held && !std::exchange(is_swapped, true))
      Run(SwapOf(b_));
    was_held |= is_held;
  };
  sys.Before("StatAt", swap, {.path = "/made/to"});
  Request request = MergeOf(a_);
  request.jobs = 1;
  ASSERT_OK_AND_ASSIGN(const Report report, Materialize(request, sys));
  EXPECT_TRUE(is_swapped);
  EXPECT_EQ(report.failures.size(), 1);
  EXPECT_EQ(TreeText(to_), text_b_);
}

// The one that changes the tree is among others that come to look.
TEST_F(MergeConcurrentTest, ManyThatFindNothingToDoAndOneThatDoes) {
  for (int nth = 0; nth < 10 && !HasFailure(); ++nth) {
    const std::string& wanted = nth % 2 == 0 ? a_ : b_;
    RunTogether(
        std::vector<std::function<void()>>(8, [&] { Run(MergeOf(wanted)); }));
    EXPECT_EQ(TreeText(to_), nth % 2 == 0 ? text_a_ : text_b_);
    EXPECT_THAT(AllLeftovers(to_), IsEmpty());
  }
}

TEST_F(MergeConcurrentTest, WhoFindsNothingToDoWritesNothing) {
  Run(MergeOf(a_));
  const std::string before = Identities(dir_ / "made");
  const auto look = [&] {
    FaultySys sys(RealSys());
    ASSERT_OK_AND_ASSIGN(const Report report, Materialize(MergeOf(a_), sys));
    EXPECT_EQ(report.unchanged.files, report.files());
    for (const char* change :
         {"LinkAt", "SymlinkAt", "MakeDirectoryAt", "UnlinkAt", "RenameAt",
          "CloneFile", "CopyRange", "Write", "Truncate", "ChangeMode",
          "ChangeModeAt", "ChangeOwnerAt", "SetTimesAt", "SetXattr",
          "RemoveXattr", "Sync", "SyncFilesystem"})
      EXPECT_EQ(sys.Calls(change), 0) << change;
  };
  look();
  RunTogether(std::vector<std::function<void()>>(8, look));
  EXPECT_EQ(Identities(dir_ / "made"), before);
}

// What is not there yet appears whole, and whoever comes later merges into it.
TEST_F(MergeConcurrentTest, ATreeThatIsNotThereIsMadeOnce) {
  for (int nth = 0; nth < kTimes && !HasFailure(); ++nth) {
    (void)RemoveTree(to_);
    RunTogether({[&] { Run(MergeOf(a_)); }, [&] { Run(MergeOf(b_)); }});
    ExpectOneOfTheTwo();
  }
}

TEST_F(MergeConcurrentTest, AReaderFindsEveryFileWhole) {
  Run(MergeOf(a_));
  std::atomic<bool> is_over{false};
  std::atomic<int> reads{0};
  std::thread reader([&] {
    for (int file = 0; !is_over.load(); file = (file + 1) % 40) {
      const std::string path =
          absl::StrCat(to_, "/dir", file % 5, "/file", file);
      ASSERT_THAT(ReadFile(path), AnyOf("a", "b")) << path;
      reads.fetch_add(1);
    }
  });
  for (int nth = 0; nth < kTimes; ++nth) Run(MergeOf(nth % 2 == 0 ? b_ : a_));
  is_over.store(true);
  reader.join();
  EXPECT_GT(reads.load(), 100);
}

}  // namespace
}  // namespace materialize
