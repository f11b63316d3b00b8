// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// How many threads work, where nobody says.

#ifndef MATERIALIZE_JOBS_H_
#define MATERIALIZE_JOBS_H_

#include <algorithm>
#include <thread>

namespace materialize {

// `wanted` of them; 0: one for each processor, but four at most, since more
// wait for the filesystem's own locks.
inline int JobsFor(int wanted) {
  constexpr int kMost = 4;
  if (wanted > 0) return wanted;
  const int processors = static_cast<int>(std::thread::hardware_concurrency());
  return std::clamp(processors, 1, kMost);
}

}  // namespace materialize

#endif  // MATERIALIZE_JOBS_H_
