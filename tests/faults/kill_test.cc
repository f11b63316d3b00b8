// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// The real command, killed at random moments: the destination is what it was or
// what it was to be, and the next run leaves nothing of the dead one.

#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/cli/run_command.h"
#include "tests/faults/scene.h"
#include "tests/testing/kill_moments.h"
#include "tests/testing/lab.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/tree_text.h"

namespace materialize {
namespace {

using std::chrono::microseconds;
using ::testing::AnyOf;
using ::testing::IsEmpty;

constexpr int kMoments = 25;  // for each filesystem and mode: 200 in all
constexpr int kKilled = 1000;

// `files` in directories of twenty, their content told by `word`.
std::string Tree(int files, const char* word) {
  std::string text = "./ 0750\nlink -> dir0/file1\n";
  for (int file = 0; file < files; ++file) {
    absl::StrAppend(&text, "dir", file / 20, "/file", file, " \"", word,
                    "\"\n");
  }
  return text;
}

// The root's mtime apart: xfs changes it in an exchange, and a moment later it
// is set again.
std::string Whole(const std::string& root) {
  struct stat facts = {};
  (void)stat(root.c_str(), &facts);
  return absl::StrCat(facts.st_mode, "\n", TreeText(root, {.root = false}));
}

struct Case {
  const char* place;
  const char* into;
};

class KillTest : public testing::TestWithParam<Case> {
 protected:
  void SetUp() override {
    REQUIRE_LAB(GetParam().place);
    dir_.emplace(TempDir::In(Lab(GetParam().place)));
    ASSERT_OK(ArrangeTree(*dir_ / "from", Tree(400, "new")));
    ASSERT_OK(ArrangeTree(*dir_ / "before", Tree(60, "old")));
    new_ = Whole(*dir_ / "from");
    old_ = Whole(*dir_ / "before");
  }
  bool swaps() const { return std::string_view(GetParam().into) == "swap"; }
  std::string to() const { return *dir_ / "to"; }

  void Prepare() const {
    (void)RemoveTree(to());
    if (!swaps()) return;
    ASSERT_OK(ArrangeTree(to(), Tree(60, "old")));
  }
  int Place(const cli::Surroundings& surroundings = {}) const {
    return cli::RunCommand(
               {"place", "--quiet", "--methods=copy",
                absl::StrCat("--into=", GetParam().into), *dir_ / "from", to()},
               surroundings)
        .code;
  }
  int PlaceAndSend(int signal, microseconds after) const {
    return Place({.while_running = [=](pid_t pid) {
      usleep(static_cast<useconds_t>(after.count()));
      kill(pid, signal);
    }});
  }
  // How long a run takes, roughly.
  microseconds RunTime() const {
    Prepare();
    EXPECT_EQ(Place(), 0);
    Prepare();
    const auto start = std::chrono::steady_clock::now();
    EXPECT_EQ(Place(), 0);
    return std::chrono::duration_cast<microseconds>(
        std::chrono::steady_clock::now() - start);
  }
  bool IsOld() const {
    return swaps() ? Whole(to()) == old_ : !std::filesystem::exists(to());
  }

  std::optional<TempDir> dir_;
  std::string old_;
  std::string new_;
};

// Row C8.
TEST_P(KillTest, LeavesTheOldOrTheNewTree) {
  const microseconds whole = RunTime();
  KillMoments moments(20200913, whole * 11 / 10);
  int killed = 0;
  int with_staging = 0;
  for (int nth = 0; nth < kMoments; ++nth) {
    Prepare();
    const microseconds after = moments.Next();
    const int code = PlaceAndSend(SIGKILL, after);
    moments.Ended(code == 0);
    SCOPED_TRACE(absl::StrCat("killed after ", after.count(), " of ",
                              whole.count(), " us: ", code));
    killed += code == kKilled + SIGKILL;
    with_staging += !Leftovers(*dir_).empty();
    const bool was_old = IsOld();
    ASSERT_TRUE(was_old || Whole(to()) == new_)
        << TreeText(to(), {.times = false});
    // In `new` what is there already is somebody's.
    const bool is_done = !swaps() && !was_old;
    EXPECT_EQ(Place(), is_done ? 1 : 0);
    EXPECT_EQ(Whole(to()), new_);
    EXPECT_THAT(Leftovers(*dir_), IsEmpty());
  }
  EXPECT_GE(killed, kMoments / 4);
  EXPECT_GE(with_staging, 1) << "no kill hit a run at work";
}

TEST_P(KillTest, ASignalStopsARunThatCleansUp) {
  const microseconds whole = RunTime();
  int stopped = 0;
  for (int nth = 1; nth <= 10; ++nth) {
    for (const int signal : {SIGINT, SIGTERM}) {
      Prepare();
      const int code = PlaceAndSend(signal, whole * nth / 12);
      // Before the handler is there nothing has been begun.
      EXPECT_THAT(code, AnyOf(0, 130, kKilled + signal));
      stopped += code == 130;
      EXPECT_TRUE(code == 0 ? Whole(to()) == new_ : IsOld());
      EXPECT_THAT(Leftovers(*dir_), IsEmpty());
    }
  }
  EXPECT_GE(stopped, 1);
}

constexpr Case kCases[] = {
    {"tmpfs", "new"}, {"tmpfs", "swap"}, {"ext4", "new"},  {"ext4", "swap"},
    {"xfs", "new"},   {"xfs", "swap"},   {"btrfs", "new"}, {"btrfs", "swap"},
};
INSTANTIATE_TEST_SUITE_P(Places, KillTest, testing::ValuesIn(kCases),
                         [](const auto& test) {
                           return absl::StrCat(test.param.place, "_",
                                               test.param.into);
                         });

}  // namespace
}  // namespace materialize
