// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Time between steps, for Report::phases.

#ifndef MATERIALIZE_STOPWATCH_H_
#define MATERIALIZE_STOPWATCH_H_

#include <chrono>

namespace materialize {

class Stopwatch {
 public:
  // Seconds since the last call, or since it was made.
  double Lap() {
    const auto now = std::chrono::steady_clock::now();
    const std::chrono::duration<double> lap = now - last_;
    last_ = now;
    return lap.count();
  }

 private:
  std::chrono::steady_clock::time_point last_ =
      std::chrono::steady_clock::now();
};

}  // namespace materialize

#endif  // MATERIALIZE_STOPWATCH_H_
