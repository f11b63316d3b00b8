// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// A run that waits for what may never come, a FIFO, ends at the first signal;
// and what can be read once only is read once.

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "materialize/exec/staging.h"
#include "tests/cli/run_command.h"
#include "tests/rows/files.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"
#include "tests/testing/tree_text.h"

namespace materialize::cli {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Words = std::vector<std::string>;

constexpr int kTries = 5'000;  // of a millisecond

// proc(5): the state follows the name of the command.
bool IsAsleep(pid_t pid) {
  std::string text;
  std::getline(std::ifstream("/proc/" + std::to_string(pid) + "/stat"), text);
  const size_t end = text.rfind(") ");
  return end != std::string::npos && text[end + 2] == 'S';
}

// Who does not end is killed, and that is seen in the code.
void EndSoon(pid_t pid) {
  siginfo_t ended = {};
  for (int i = 0; i < kTries && ended.si_pid == 0; ++i) {
    usleep(1'000);
    (void)waitid(P_PID, static_cast<id_t>(pid), &ended,
                 WEXITED | WNOWAIT | WNOHANG);
  }
  if (ended.si_pid == 0) kill(pid, SIGKILL);
}

// Signals it when it has come to wait.
void StopWaiting(pid_t pid, int signal) {
  int asleep = 0;
  for (int i = 0; i < kTries && asleep < 5; ++i) {
    asleep = IsAsleep(pid) ? asleep + 1 : 0;
    usleep(1'000);
  }
  kill(pid, signal);
  EndSoon(pid);
}

class SignalsTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_OK(ArrangeTree(dir_, "from/a \"a\"\nto/old \"old\""));
    ASSERT_EQ(mkfifo(fifo_.c_str(), 0600), 0);
  }

  TempDir dir_;
  const std::string from_ = dir_ / "from";
  const std::string to_ = dir_ / "to";
  const std::string fifo_ = dir_ / "fifo";
};

TEST_F(SignalsTest, TheFirstOneEndsTheWaitForAFifo) {
  const Words commands[] = {
      {"place", "--manifest=" + fifo_, dir_ / "new"},
      {"place", "--files_from=" + fifo_, from_, dir_ / "new"},
      {"status", "--cache=" + from_, "--against=" + fifo_, to_},
      {"verify", fifo_, to_},
      {"uninstall", fifo_, to_},
  };
  const std::string before = TreeText(dir_);
  for (const Words& words : commands) {
    for (const int signal : {SIGINT, SIGTERM}) {
      for (const bool is_open : {false, true}) {
        SCOPED_TRACE(testing::Message()
                     << testing::PrintToString(words) << signal << is_open);
        // Somebody has it open for writing, and writes nothing.
        const int held = is_open ? open(fifo_.c_str(), O_RDWR | O_CLOEXEC) : -1;
        const Said said = RunCommand(words, {.while_running = [&](pid_t pid) {
                                       StopWaiting(pid, signal);
                                     }});
        if (is_open) close(held);
        EXPECT_EQ(said.code, 130) << said.err;
        EXPECT_THAT(said.out, IsEmpty());
        EXPECT_EQ(TreeText(dir_), before);
      }
    }
  }
}

// With the staging of a dead run, what merges opens its input a second time.
TEST_F(SignalsTest, AManifestFromAPipeIsReadOnce) {
  const std::string text = "./a type=file content=" + from_ + "/a\n";
  for (const Words& flags : {Words{"--delete", "--force"}, Words{"--dedupe"}}) {
    fs::remove_all(to_);
    ASSERT_OK(ArrangeTree(to_, "old \"old\""));
    ASSERT_EQ(mkdir((dir_ / StagingName("to")).c_str(), 0700), 0);
    std::thread writer([&] { std::ofstream(fifo_) << text; });
    Words words = {"place", "--into=merge", "--manifest=" + fifo_};
    words.insert(words.end(), flags.begin(), flags.end());
    words.push_back(to_);
    // A second reading would wait for ever.
    const Said said = RunCommand(words, {.while_running = EndSoon});
    writer.join();
    EXPECT_EQ(said.code, 0) << said.err;
    EXPECT_TRUE(Exists(to_ + "/a"));
    EXPECT_THAT(Leftovers(dir_), IsEmpty());
  }
}

}  // namespace
}  // namespace materialize::cli
