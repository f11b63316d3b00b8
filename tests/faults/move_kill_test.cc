// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// A move between filesystems, killed at random moments and short of space: the
// source or the destination is whole, and the next run finishes.

#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <filesystem>
#include <optional>
#include <ostream>
#include <random>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "materialize/move.h"
#include "tests/cli/run_command.h"
#include "tests/faults/scene.h"
#include "tests/testing/faulty_sys.h"
#include "tests/testing/lab.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/tree_text.h"

namespace materialize {
namespace {

using std::chrono::microseconds;
using ::testing::IsEmpty;

constexpr int kMoments = 24;  // for each way and fork
constexpr int kKilled = 1000;
constexpr TreeTextOptions kAll = {.twins = true};

std::string Tree() {
  std::string text = "./ 0750\nlink -> dir0/file1\ntwin = dir0/file0\n";
  for (int file = 0; file < 60; ++file)
    absl::StrAppend(&text, "dir", file / 20, "/file", file, " size=3K\n");
  return text;
}

struct Case {
  const char* from;
  const char* to;
  const char* fork;
};
void PrintTo(const Case& c, std::ostream* out) {
  *out << c.from << " to " << c.to << ", " << c.fork;
}

class MoveKillTest : public testing::TestWithParam<Case> {
 protected:
  void SetUp() override {
    REQUIRE_LAB(GetParam().from);
    REQUIRE_LAB(GetParam().to);
    here_.emplace(TempDir::In(Lab(GetParam().from)));
    there_.emplace(TempDir::In(Lab(GetParam().to)));
    ASSERT_OK(ArrangeTree(from(), Tree()));
    whole_ = TreeText(from(), kAll);
  }
  std::string from() const { return *here_ / "from"; }
  std::string to() const { return *there_ / "to"; }
  void Prepare() const {
    (void)RemoveTree(from());
    (void)RemoveTree(to());
    ASSERT_OK(ArrangeTree(from(), Tree()));
  }
  cli::Said Move(const cli::Surroundings& surroundings = {}) const {
    return cli::RunCommand(
        {"move", "--quiet", absl::StrCat("--fork=", GetParam().fork), from(),
         to()},
        surroundings);
  }
  microseconds RunTime() const {
    const auto start = std::chrono::steady_clock::now();
    EXPECT_EQ(Move().code, 0);
    return std::chrono::duration_cast<microseconds>(
        std::chrono::steady_clock::now() - start);
  }
  void AwaitDestination() const {
    for (int tries = 0; tries < 100000 && access(to().c_str(), F_OK) != 0;
         ++tries)
      usleep(50);
  }
  bool leaves_link() const {
    return std::string_view(GetParam().fork) == "symlink";
  }
  // The source is gone, and what was asked for is in its place.
  bool IsOver() const {
    return leaves_link() ? std::filesystem::is_symlink(from())
                         : !std::filesystem::exists(from());
  }

  std::optional<TempDir> here_, there_;
  std::string whole_;
};

// Rows B6, B7.
TEST_P(MoveKillTest, OneSideIsWholeAndTheNextRunFinishes) {
  const microseconds time = RunTime();
  std::mt19937 random(20201121);
  std::uniform_int_distribution<int64_t> moment(0, time.count() * 11 / 10);
  int killed = 0;
  int with_both = 0;
  for (int nth = 0; nth < kMoments; ++nth) {
    Prepare();
    // Most of the time goes by in fsync: every other kill is for what follows.
    const bool is_late = nth % 2 == 1;
    const microseconds after(is_late ? moment(random) % 4000 : moment(random));
    const int code = Move({.while_running = [&](pid_t pid) {
                       if (is_late) AwaitDestination();
                       usleep(static_cast<useconds_t>(after.count()));
                       kill(pid, SIGKILL);
                     }}).code;
    SCOPED_TRACE(absl::StrCat("killed after ", after.count(), " of ",
                              time.count(), " us: ", code));
    killed += code == kKilled + SIGKILL;
    const bool is_there = std::filesystem::exists(to());
    if (is_there) {
      ASSERT_EQ(TreeText(to(), kAll), whole_);
    } else {
      ASSERT_EQ(TreeText(from(), kAll), whole_);
    }
    const bool was_over = IsOver();
    with_both += is_there && !was_over;
    const cli::Said again = Move();
    if (code == 0) {
      EXPECT_NE(again.code, 0);
    } else if (!was_over) {
      EXPECT_EQ(again.code, 0) << again.err;
    }
    EXPECT_TRUE(IsOver());
    ASSERT_EQ(TreeText(to(), kAll), whole_);
    EXPECT_THAT(Leftovers(*here_), IsEmpty());
    EXPECT_THAT(Leftovers(*there_), IsEmpty());
  }
  EXPECT_GE(killed, kMoments / 4);
  EXPECT_GE(with_both, 1) << "no kill hit a run that took the source away";
}

// Row B6: a disk that is full at the nth write.
TEST_P(MoveKillTest, AFullDiskLeavesTheSource) {
  for (int nth = 1; nth <= 60; nth += 7) {
    Prepare();
    FaultySys sys(RealSys());
    sys.Fail("CopyRange", ENOSPC, {.nth = nth});
    sys.Fail("Write", ENOSPC, {.nth = nth});
    EXPECT_FALSE(
        materialize::Move({.source = from(), .destination = to()}, sys).ok());
    EXPECT_EQ(TreeText(from(), kAll), whole_);
    EXPECT_FALSE(std::filesystem::exists(to()));
    EXPECT_THAT(Leftovers(*here_), IsEmpty());
    EXPECT_THAT(Leftovers(*there_), IsEmpty());
  }
}

constexpr Case kCases[] = {
    {"ext4", "xfs", "none"},
    {"xfs", "btrfs", "none"},
    {"btrfs", "tmpfs", "symlink"},
    {"xfs", "ext4", "symlink"},
};
INSTANTIATE_TEST_SUITE_P(Ways, MoveKillTest, testing::ValuesIn(kCases),
                         [](const auto& test) {
                           return absl::StrCat(test.param.from, "_",
                                               test.param.to, "_",
                                               test.param.fork);
                         });

}  // namespace
}  // namespace materialize
