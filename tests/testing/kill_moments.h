// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// When to kill a run: at random moments, the same in each run of a test, which
// come sooner while runs are done before they are killed, as on a machine that
// was busy when one was timed.

#ifndef MATERIALIZE_TESTS_TESTING_KILL_MOMENTS_H_
#define MATERIALIZE_TESTS_TESTING_KILL_MOMENTS_H_

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <random>

namespace materialize {

class KillMoments {
 public:
  KillMoments(uint32_t seed, std::chrono::microseconds latest)
      : random_(seed), latest_(latest.count()), most_(latest_) {}

  // After the start of a run.
  std::chrono::microseconds Next() {
    return std::chrono::microseconds(
        std::uniform_int_distribution<int64_t>(0, most_)(random_));
  }

  // Owed for each run.
  void Ended(bool was_done) {
    most_ = was_done ? most_ / 2 + 1 : std::min(2 * most_, latest_);
  }

 private:
  std::mt19937 random_;
  const int64_t latest_;
  int64_t most_;
};

}  // namespace materialize

#endif  // MATERIALIZE_TESTS_TESTING_KILL_MOMENTS_H_
