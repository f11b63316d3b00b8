// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Whether small files are cloned or copied, where both can be done: by what
// both took lately. A file that was just written is first written out
// when it is cloned, which on xfs takes longer than copying it (4 KiB: 60 to
// 100 us, and 20), and tens of thousands of them take minutes instead of
// seconds.

#ifndef MATERIALIZE_STRATEGY_RACE_H_
#define MATERIALIZE_STRATEGY_RACE_H_

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>

namespace materialize {

// Thread-safe.
class Race {
 public:
  using Duration = std::chrono::nanoseconds;

  // A larger file takes so long to copy that it is always cloned.
  static constexpr int64_t kSmall = 64 << 10;
  static constexpr int kSample = 8;  // files; the fastest of them counts
  static constexpr Duration kSlow = std::chrono::microseconds(40);
  // Files until it is tried once more which is the faster; after copies won
  // twice as many each time, but not more than kMostPatience.
  static constexpr int kPatience = 1024;
  static constexpr int kMostPatience = 8 * kPatience;

  enum class Lane : uint8_t {
    kClones,
    kTrial,  // copies, to see whether they are faster
    kCopies
  };
  // How a file of `size` bytes is to be made.
  Lane LaneOf(int64_t size) const {
    return IsSmall(size) ? lane_.load(std::memory_order_relaxed)
                         : Lane::kClones;
  }

  // What was done with a file of `size` bytes, and how long that took.
  void Cloned(int64_t size, Duration took);
  void Copied(int64_t size, Duration took);

 private:
  // An empty file has nothing to be cloned or copied.
  static bool IsSmall(int64_t size) { return size > 0 && size <= kSmall; }
  bool IsSampled(Duration took);
  void Turn(Lane lane, int patience);
  void TurnToCopies();

  std::atomic<Lane> lane_{Lane::kClones};
  std::mutex mutex_;
  int patience_ = 0;  // files that are not looked at
  int next_patience_ = kPatience;
  int sampled_ = 0;
  Duration least_ = Duration::max();  // of the sample
  Duration clone_ = Duration::max();  // that copies have to beat
};

}  // namespace materialize

#endif  // MATERIALIZE_STRATEGY_RACE_H_
