// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Owns one file descriptor of a Sys; and how many there may be.

#ifndef MATERIALIZE_OS_FD_H_
#define MATERIALIZE_OS_FD_H_

#include <sys/resource.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "materialize/os/sys.h"

namespace materialize {

// Closes at the end of its life. What close(2) might report is not for a
// destructor: whoever needs the answer syncs first or calls Close().
class Fd {
 public:
  Fd() = default;
  Fd(Sys& sys, int fd) : sys_(&sys), fd_(fd) {}
  Fd(Fd&& other) noexcept
      : sys_(other.sys_), fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    if (this != &other) {
      Reset();
      sys_ = other.sys_;
      fd_ = std::exchange(other.fd_, -1);
    }
    return *this;
  }
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;
  ~Fd() { Reset(); }

  // The descriptor, or what the opening call answered (-errno).
  int get() const { return fd_; }
  bool ok() const { return fd_ >= 0; }

  // Closes now and answers what the kernel says; 0 when nothing was open.
  int Close() {
    if (fd_ < 0) return 0;
    return sys_->Close(std::exchange(fd_, -1));
  }
  void Reset() { (void)Close(); }  // Nobody can act on it here.

 private:
  Sys* sys_ = nullptr;
  int fd_ = -1;
};

// How many descriptors this process may have open at once (RLIMIT_NOFILE).
inline int DescriptorLimit() {
  rlimit limit = {};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
  constexpr rlim_t kLargest = std::numeric_limits<int>::max();
  return static_cast<int>(std::min(limit.rlim_cur, kLargest));
}

}  // namespace materialize

#endif  // MATERIALIZE_OS_FD_H_
