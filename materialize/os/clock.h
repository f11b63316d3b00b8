// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// What time it is, as files have it.

#ifndef MATERIALIZE_OS_CLOCK_H_
#define MATERIALIZE_OS_CLOCK_H_

#include <chrono>
#include <cstdint>

#include "materialize/os/sys.h"

namespace materialize {

inline Time WallClock() {
  const auto now = std::chrono::duration_cast<std::chrono::nanoseconds>(
                       std::chrono::system_clock::now().time_since_epoch())
                       .count();
  return {.seconds = now / 1'000'000'000,
          .nanoseconds = static_cast<uint32_t>(now % 1'000'000'000)};
}

}  // namespace materialize

#endif  // MATERIALIZE_OS_CLOCK_H_
