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

// Joins what it holds when it goes.
class Threads {
 public:
  Threads() = default;
  Threads(const Threads&) = delete;
  Threads& operator=(const Threads&) = delete;
  ~Threads() {
    for (std::thread& thread : threads_) thread.join();
  }

  // work(first) to work(last - 1), each in a thread of its own, until one is
  // refused. How many there are.
  int Start(int first, int last, absl::FunctionRef<void(int)> work) {
    for (int i = first; i < last; ++i) {
      std::thread thread = StartThread([work, i] { work(i); });
      if (!thread.joinable()) break;
      threads_.push_back(std::move(thread));
    }
    return static_cast<int>(threads_.size());
  }

 private:
  std::vector<std::thread> threads_;
};

// Calls work(0) here and work(1) to work(count - 1) beside it, and returns when
// all have ended. Where threads are refused only the first few are called, so
// that each must go on until nothing is left.
inline void RunTogether(int count, absl::FunctionRef<void(int)> work) {
  Threads threads;
  threads.Start(1, count, work);
  work(0);
}

}  // namespace materialize

#endif  // MATERIALIZE_OS_THREADS_H_
