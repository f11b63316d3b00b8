// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Threads, as many as the kernel gives: it refuses some (EAGAIN) where a user
// has no processes left (RLIMIT_NPROC), or a control group (pids.max).

#ifndef MATERIALIZE_OS_THREADS_H_
#define MATERIALIZE_OS_THREADS_H_

#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"

namespace materialize {

// What std::thread's constructor makes of the arguments, or, where the kernel
// refuses, a thread that is not joinable.
template <typename... Arguments>
std::thread StartThread(Arguments&&... arguments) {
  try {
    return std::thread(std::forward<Arguments>(arguments)...);
  } catch (const std::system_error&) {
    return {};
  }
}

// work(0) here, work(1) to work(count - 1) beside it; returns when all have
// ended. Where threads are refused only the first few are called, so that each
// must go on until nothing is left.
inline void RunTogether(int count, absl::FunctionRef<void(int)> work) {
  std::vector<std::thread> threads;
  for (int i = 1; i < count; ++i) {
    std::thread thread = StartThread([work, i] { work(i); });
    if (!thread.joinable()) break;
    threads.push_back(std::move(thread));
  }
  work(0);
  for (std::thread& thread : threads) thread.join();
}

}  // namespace materialize

#endif  // MATERIALIZE_OS_THREADS_H_
