// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// The list of what is still to do, shared by the workers. The newest first:
// what the kernel made last it has at hand, and the list stays short.

#ifndef MATERIALIZE_EXEC_WORK_LIST_H_
#define MATERIALIZE_EXEC_WORK_LIST_H_

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

namespace materialize {

// Directories of a tree that wait, some hundred bytes each, before a worker in
// the middle of one does some of them: memory does not follow the tree.
constexpr size_t kLongList = 4096;

// Work is movable. Thread-safe. Pushing never blocks.
template <typename Work>
class WorkList {
 public:
  // Above `limit`, a worker in the middle of something that adds to the list
  // should take from it first.
  explicit WorkList(size_t limit) : limit_(limit) {}

  // Empties `works`.
  void Push(std::vector<Work>* works) {
    if (works->empty()) return;
    const std::lock_guard<std::mutex> lock(mutex_);
    for (Work& work : *works) list_.push_back(std::move(work));
    works->clear();
    Changed();
  }

  void Push(Work work) {
    const std::lock_guard<std::mutex> lock(mutex_);
    list_.push_back(std::move(work));
    Changed();
  }

  // The next work; waits while others are at work and may still push. Nothing
  // when all is done, or stopped. Done() is owed for each work taken.
  std::optional<Work> Wait() {
    std::unique_lock<std::mutex> lock(mutex_);
    waiting_.fetch_add(1);
    wake_.wait(lock,
               [&] { return stopped_ || !list_.empty() || active_ == 0; });
    waiting_.fetch_sub(1);
    if (stopped_ || list_.empty()) return std::nullopt;
    return Take();
  }

  // The newest work, if the list is above its limit.
  std::optional<Work> TakeSurplus() {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (stopped_ || list_.size() <= limit_) return std::nullopt;
    return Take();
  }

  void Done() {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (--active_ == 0 && list_.empty()) wake_.notify_all();
  }

  // Nobody gets anything any more.
  void Stop() {
    const std::lock_guard<std::mutex> lock(mutex_);
    stopped_ = true;
    wake_.notify_all();
  }

  // Whether TakeSurplus() would give something; no lock.
  bool has_surplus() const {
    return size_.load(std::memory_order_relaxed) > limit_;
  }

  // Whether some worker has nothing to do.
  bool hungry() const { return waiting_.load(std::memory_order_relaxed) > 0; }

 private:
  void Changed() {
    size_.store(list_.size(), std::memory_order_relaxed);
    if (waiting_.load(std::memory_order_relaxed) > 0) wake_.notify_all();
  }

  std::optional<Work> Take() {
    std::optional<Work> work(std::move(list_.back()));
    list_.pop_back();
    size_.store(list_.size(), std::memory_order_relaxed);
    ++active_;
    return work;
  }

  const size_t limit_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<Work> list_;
  std::atomic<size_t> size_{0};
  std::atomic<int> waiting_{0};
  int active_ = 0;
  bool stopped_ = false;
};

}  // namespace materialize

#endif  // MATERIALIZE_EXEC_WORK_LIST_H_
