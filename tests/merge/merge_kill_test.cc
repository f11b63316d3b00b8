// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Merges killed, at random moments and before every single change: each file is
// the old or the new one, whole, and the next run makes the rest new.

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <ostream>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/cli/run_command.h"
#include "tests/merge/merge_scene.h"
#include "tests/testing/kill_moments.h"
#include "tests/testing/lab.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/sys_wrapper.h"

namespace materialize {
namespace {

using std::chrono::microseconds;

constexpr int kMoments = 30;  // of each way on each filesystem: 600 in all
constexpr int kKilled = 1000;

const MergeWay kWays[] = {
    {.name = "copy", .methods = {Method::kCopy}, .hardlinks = true},
    {.name = "auto"},
    {.name = "delayed", .methods = {Method::kCopy}, .delay_updates = true},
    {.name = "dedupe", .dedupe = true},
    {.name = "units", .units = true},
};
constexpr const char* kPlaces[] = {"ext4", "xfs", "btrfs", "tmpfs"};

struct Case {
  const char* place;
  MergeWay way;
};
void PrintTo(const Case& c, std::ostream* out) {
  *out << c.place << ", " << c.way.name;
}
std::vector<Case> Cases() {
  std::vector<Case> cases;
  for (const char* place : kPlaces)
    for (const MergeWay& way : kWays) cases.push_back({place, way});
  return cases;
}

class MergeKillTest : public testing::TestWithParam<Case> {
 protected:
  void SetUp() override {
    REQUIRE_LAB(GetParam().place);
    setenv("XDG_CACHE_HOME", cache_.path().c_str(), 1);
    scene_.emplace(Lab(GetParam().place), GetParam().way);
  }
  cli::Said Run(const cli::Surroundings& surroundings = {}) const {
    return cli::RunCommand(scene_->Words(), surroundings);
  }
  microseconds RunTime() const {
    const auto start = std::chrono::steady_clock::now();
    const cli::Said said = Run();
    const auto time = std::chrono::steady_clock::now() - start;
    EXPECT_EQ(said.code, 0) << said.err;
    scene_->ExpectDone();
    return std::chrono::duration_cast<microseconds>(time);
  }

  TempDir cache_;
  std::optional<MergeScene> scene_;
};

// Rows C8, S7, S11, P1.
TEST_P(MergeKillTest, EveryFileIsOldOrNewAndTheNextRunFinishes) {
  const microseconds whole = RunTime();
  KillMoments moments(20201121, whole);
  int killed = 0;
  int at_work = 0;
  for (int nth = 0; nth < kMoments; ++nth) {
    scene_->Prepare();
    const microseconds after = moments.Next();
    const int code = Run({.while_running = [&](pid_t pid) {
                       usleep(static_cast<useconds_t>(after.count()));
                       kill(pid, SIGKILL);
                     }}).code;
    moments.Ended(code == 0);
    SCOPED_TRACE(absl::StrCat("killed after ", after.count(), " of ",
                              whole.count(), " us: ", code));
    killed += code == kKilled + SIGKILL;
    at_work += !AllLeftovers(scene_->destination()).empty();
    scene_->ExpectOldOrNew();
    const cli::Said again = Run();
    EXPECT_EQ(again.code, 0) << again.err;
    scene_->ExpectDone();
    if (HasFailure()) return;
  }
  EXPECT_GE(killed, kMoments / 4);
  RecordProperty("at_work", at_work);
}

INSTANTIATE_TEST_SUITE_P(Ways, MergeKillTest, testing::ValuesIn(Cases()),
                         [](const auto& test) {
                           return absl::StrCat(test.param.place, "_",
                                               test.param.way.name);
                         });

constexpr std::array kChanges = {
    "OpenAt",        "LinkAt",     "SymlinkAt",  "MakeDirectoryAt",
    "UnlinkAt",      "RenameAt",   "CloneFile",  "CopyRange",
    "Write",         "Truncate",   "ChangeMode", "ChangeModeAt",
    "ChangeOwnerAt", "SetTimesAt", "SetXattr",   "RemoveXattr"};

// Kills the process before the nth call that may change something.
class KillingSys final : public SysWrapper {
 public:
  explicit KillingSys(int nth) : SysWrapper(RealSys()), left_(nth) {}

 protected:
  int64_t Around(const Call& call, const RealCall& real) override {
    const bool changes =
        std::find(kChanges.begin(), kChanges.end(),
                  std::string_view(call.name)) != kChanges.end();
    if (changes && --left_ == 0) kill(getpid(), SIGKILL);
    return real();
  }

 private:
  std::atomic<int> left_;
};

// True: it was killed; else it came to its end.
bool KillBeforeCall(const Request& request, int nth) {
  const pid_t pid = fork();
  if (pid == 0) {
    KillingSys sys(nth);
    const bool done = Materialize(request, sys).ok();
    _exit(done ? 0 : 1);
  }
  int status = 0;
  EXPECT_EQ(waitpid(pid, &status, 0), pid);
  const bool was_killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
  EXPECT_TRUE(was_killed || (WIFEXITED(status) && WEXITSTATUS(status) == 0))
      << status;
  return was_killed;
}

class EveryChangeTest : public MergeKillTest {};

// Rows C8, S7, S11, P1.
TEST_P(EveryChangeTest, MayBeTheLastOne) {
  const Request request = scene_->MakeRequest();
  int changed = 0;
  int nth = 1;
  for (; KillBeforeCall(request, nth); ++nth) {
    SCOPED_TRACE(absl::StrCat("killed before change ", nth));
    changed += scene_->ExpectOldOrNew();
    ASSERT_OK_AND_ASSIGN(const Report report, Materialize(request));
    EXPECT_FALSE(report.partial());
    scene_->ExpectDone();
    if (HasFailure()) return;
    scene_->Prepare();
  }
  scene_->ExpectDone();
  EXPECT_GE(nth, 50);
  EXPECT_GE(changed, nth / 4);
}

const Case kEveryChange[] = {{"ext4", kWays[0]},
                             {"xfs", kWays[1]},
                             {"btrfs", kWays[2]},
                             {"tmpfs", kWays[3]},
                             {"xfs", kWays[4]}};
INSTANTIATE_TEST_SUITE_P(Ways, EveryChangeTest, testing::ValuesIn(kEveryChange),
                         [](const auto& test) {
                           return absl::StrCat(test.param.place, "_",
                                               test.param.way.name);
                         });

}  // namespace
}  // namespace materialize
