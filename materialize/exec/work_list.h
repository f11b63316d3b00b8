// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// The list of what is still to do, shared by the workers, of which each has a
// lane. It takes the newest of its own: what the kernel made last it has at
// hand, and the list stays short; or, where that is asked for, the oldest, up
// to half of what makes the list long. Whose lane is empty takes the oldest of
// the longest: it leads to the most, and away from where the other is at work,
// as what lies together (inodes, on xfs) is under one lock.

#ifndef MATERIALIZE_EXEC_WORK_LIST_H_
#define MATERIALIZE_EXEC_WORK_LIST_H_

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

namespace materialize {

// Directories of a tree that wait, some hundred bytes each, before a worker in
// the middle of one does some of them: memory does not follow the tree.
constexpr size_t kLongList = 4096;

// What a worker takes of its own lane.
enum class Order { kNewestFirst, kOldestFirst };

// Work is movable. Thread-safe. Pushing never blocks.
template <typename Work>
class WorkList {
 public:
  // Above `limit`, a worker in the middle of something that adds to the list
  // should take from it first.
  explicit WorkList(size_t limit, int lanes = 1,
                    Order order = Order::kNewestFirst)
      : limit_(limit), order_(order), lanes_(static_cast<size_t>(lanes)) {}

  // Empties `works`.
  void Push(std::vector<Work>* works, int lane = 0) {
    if (works->empty()) return;
    const std::lock_guard<std::mutex> lock(mutex_);
    for (Work& work : *works) LaneOf(lane).push_back(std::move(work));
    Changed(size() + works->size());
    works->clear();
  }

  void Push(Work work, int lane = 0) {
    const std::lock_guard<std::mutex> lock(mutex_);
    LaneOf(lane).push_back(std::move(work));
    Changed(size() + 1);
  }

  // The next work; waits while others are at work and may still push. Nothing
  // when all is done, or stopped. Done() is owed for each work taken.
  std::optional<Work> Wait(int lane = 0) {
    std::unique_lock<std::mutex> lock(mutex_);
    waiting_.fetch_add(1);
    wake_.wait(lock, [&] { return stopped_ || size() > 0 || active_ == 0; });
    waiting_.fetch_sub(1);
    if (stopped_ || size() == 0) return std::nullopt;
    return Take(lane);
  }

  // The same, but only if the list is above its limit.
  std::optional<Work> TakeSurplus(int lane = 0) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (stopped_ || size() <= limit_) return std::nullopt;
    return Take(lane);
  }

  void Done() {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (--active_ == 0 && size() == 0) wake_.notify_all();
  }

  // Nobody gets anything any more.
  void Stop() {
    const std::lock_guard<std::mutex> lock(mutex_);
    stopped_ = true;
    wake_.notify_all();
  }

  // Whether TakeSurplus() would give something; no lock.
  bool has_surplus() const { return size() > limit_; }

  // Workers that have nothing to do.
  int waiting() const { return waiting_.load(std::memory_order_relaxed); }
  bool hungry() const { return waiting() > 0; }

 private:
  size_t size() const { return size_.load(std::memory_order_relaxed); }

  std::deque<Work>& LaneOf(int lane) {
    return lanes_[static_cast<size_t>(lane)];
  }

  void Changed(size_t size) {
    size_.store(size, std::memory_order_relaxed);
    if (waiting_.load(std::memory_order_relaxed) > 0) wake_.notify_all();
  }

  Work TakeNewest(std::deque<Work>& lane) {
    Work work = std::move(lane.back());
    lane.pop_back();
    return work;
  }

  Work TakeOldest(std::deque<Work>& lane) {
    Work work = std::move(lane.front());
    lane.pop_front();
    return work;
  }

  // Where there is some.
  Work Take(int lane) {
    const bool grows_long = size() > limit_ / 2;
    size_.store(size() - 1, std::memory_order_relaxed);
    ++active_;
    std::deque<Work>& own = LaneOf(lane);
    const bool newest = order_ == Order::kNewestFirst || grows_long;
    if (!own.empty()) return newest ? TakeNewest(own) : TakeOldest(own);
    return TakeOldest(*std::max_element(lanes_.begin(), lanes_.end(),
                                        [](const auto& one, const auto& other) {
                                          return one.size() < other.size();
                                        }));
  }

  const size_t limit_;
  const Order order_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<std::deque<Work>> lanes_;
  std::atomic<size_t> size_{0};
  std::atomic<int> waiting_{0};
  int active_ = 0;
  bool stopped_ = false;
};

}  // namespace materialize

#endif  // MATERIALIZE_EXEC_WORK_LIST_H_
