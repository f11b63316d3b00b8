// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/cli/terminal.h"

#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "materialize/os/threads.h"
#include "materialize/quantity.h"

namespace materialize::cli {
namespace {

constexpr std::chrono::milliseconds kPatience(500);
constexpr std::chrono::milliseconds kInterval(100);
constexpr absl::string_view kErase = "\r\x1b[K";

void WriteText(int fd, absl::string_view text) {
  // A line that cannot be shown is no reason to stop the work.
  [[maybe_unused]] const ssize_t written = write(fd, text.data(), text.size());
}

}  // namespace

std::string ProgressText(int64_t files, int64_t bytes, double seconds) {
  std::string text = CountText(files, "file");
  if (bytes > 0) absl::StrAppend(&text, ", ", BytesText(bytes));
  if (seconds > 0)
    absl::StrAppend(&text, ", ",
                    CountText(static_cast<int64_t>(files / seconds)),
                    " files/s");
  return text;
}

bool IsTerminal(int fd) { return isatty(fd) == 1; }

ProgressLine::ProgressLine(int fd)
    : fd_(fd), ticker_(StartThread(&ProgressLine::Tick, this)) {}

void ProgressLine::Advanced(int worker, int64_t files, int64_t bytes) {
  Counter& counter = counters_[static_cast<size_t>(worker) % kCounters];
  counter.files.fetch_add(files, std::memory_order_relaxed);
  counter.bytes.fetch_add(bytes, std::memory_order_relaxed);
}

void ProgressLine::Stop() {
  if (!ticker_.joinable()) return;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stop_ = true;
  }
  stopped_.notify_one();
  ticker_.join();
  if (drawn_) WriteText(fd_, kErase);
}

void ProgressLine::Tick() {
  std::unique_lock<std::mutex> lock(mutex_);
  auto next = start_ + kPatience;
  while (!stopped_.wait_until(lock, next, [this] { return stop_; })) {
    Draw();
    next += kInterval;
  }
}

void ProgressLine::Draw() {
  int64_t files = 0;
  int64_t bytes = 0;
  for (const Counter& counter : counters_) {
    files += counter.files.load(std::memory_order_relaxed);
    bytes += counter.bytes.load(std::memory_order_relaxed);
  }
  const std::chrono::duration<double> passed =
      std::chrono::steady_clock::now() - start_;
  drawn_ = true;
  WriteText(fd_,
            absl::StrCat(kErase, ProgressText(files, bytes, passed.count())));
}

}  // namespace materialize::cli
