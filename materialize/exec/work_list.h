// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// The list of what is still to do, shared by the workers. Breadth first while
// it is short, because siblings share what the kernel has at hand; depth first
// above a limit, so that memory follows the list and not the tree.

#ifndef MATERIALIZE_EXEC_WORK_LIST_H_
#define MATERIALIZE_EXEC_WORK_LIST_H_

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

namespace materialize {

// Work is movable. Thread-safe. Pushing never blocks.
template <typename Work>
class WorkList {
 public:
  explicit WorkList(size_t breadth_limit) : breadth_limit_(breadth_limit) {}

  // Empties `works`.
  void Push(std::vector<Work>* works) {
    if (works->empty()) return;
    const std::lock_guard<std::mutex> lock(mutex_);
    for (Work& work : *works) list_.push_back(std::move(work));
    works->clear();
    Changed();
  }

  // To be done before anything else.
  void PushFirst(Work work) {
    const std::lock_guard<std::mutex> lock(mutex_);
    list_.push_front(std::move(work));
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

  // The newest work, if the list is above its limit: for a worker in the middle
  // of something that adds to it.
  std::optional<Work> TakeSurplus() {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (stopped_ || list_.size() <= breadth_limit_) return std::nullopt;
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
    return size_.load(std::memory_order_relaxed) > breadth_limit_;
  }

  // Whether some worker has nothing to do.
  bool hungry() const { return waiting_.load(std::memory_order_relaxed) > 0; }

 private:
  void Changed() {
    size_.store(list_.size(), std::memory_order_relaxed);
    if (waiting_.load(std::memory_order_relaxed) > 0) wake_.notify_all();
  }

  std::optional<Work> Take() {
    const bool depth_first = list_.size() > breadth_limit_;
    std::optional<Work> work(
        std::move(depth_first ? list_.back() : list_.front()));
    depth_first ? list_.pop_back() : list_.pop_front();
    size_.store(list_.size(), std::memory_order_relaxed);
    ++active_;
    return work;
  }

  const size_t breadth_limit_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Work> list_;
  std::atomic<size_t> size_{0};
  std::atomic<int> waiting_{0};
  int active_ = 0;
  bool stopped_ = false;
};

}  // namespace materialize

#endif  // MATERIALIZE_EXEC_WORK_LIST_H_
