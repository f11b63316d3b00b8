// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// The line that counts along while a run is at work. Nothing is written in its
// first half second, and the line is erased at the end.

#ifndef MATERIALIZE_CLI_TERMINAL_H_
#define MATERIALIZE_CLI_TERMINAL_H_

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>

#include "materialize/progress.h"

namespace materialize::cli {

// "12,345 files, 95 MB, 45,000 files/s".
std::string ProgressText(int64_t files, int64_t bytes, double seconds);

// Whether `fd` is a terminal.
bool IsTerminal(int fd);

// From its making to Stop(), a thread of its own writes the line to `fd`.
class ProgressLine : public Progress {
 public:
  explicit ProgressLine(int fd);
  ~ProgressLine() override { Stop(); }

  void Advanced(int worker, int64_t files, int64_t bytes) override;
  // Erases the line; idempotent.
  void Stop();

 private:
  // A cache line each, so that workers do not wait for each other.
  struct alignas(64) Counter {
    std::atomic<int64_t> files{0};
    std::atomic<int64_t> bytes{0};
  };
  static constexpr size_t kCounters = 64;  // workers beyond that share

  void Tick();
  void Draw();

  const int fd_;
  const std::chrono::steady_clock::time_point start_ =
      std::chrono::steady_clock::now();
  std::array<Counter, kCounters> counters_;
  bool drawn_ = false;  // of the ticker, until it has ended
  std::mutex mutex_;
  std::condition_variable stopped_;
  bool stop_ = false;  // by mutex_
  std::thread ticker_;
};

}  // namespace materialize::cli

#endif  // MATERIALIZE_CLI_TERMINAL_H_
