// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/plan/same_content.h"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>

#include "absl/status/status.h"
#include "materialize/os/fd.h"
#include "materialize/os/io.h"
#include "materialize/os/status.h"

namespace materialize {
namespace {

constexpr size_t kBlock = 128 * 1024;

absl::StatusOr<Fd> Open(Sys& sys, const std::string& path, Stat* facts) {
  Fd fd(sys, sys.OpenAt(AT_FDCWD, path.c_str(), O_RDONLY, 0));
  if (!fd.ok()) return ErrnoStatus(-fd.get(), "open", path);
  const int result = sys.StatAt(fd.get(), "", 0, facts);
  if (result < 0) return ErrnoStatus(-result, "stat", path);
  return fd;
}

}  // namespace

absl::StatusOr<bool> EqualBytes(Sys& sys, const OpenFile& a, const OpenFile& b,
                                const std::atomic<bool>* cancel) {
  const auto left = std::make_unique_for_overwrite<char[]>(kBlock);
  const auto right = std::make_unique_for_overwrite<char[]>(kBlock);
  while (cancel == nullptr || !cancel->load(std::memory_order_relaxed)) {
    const int64_t bytes = ReadFull(sys, a.fd, left.get(), kBlock);
    if (bytes < 0) return ErrnoStatus(static_cast<int>(-bytes), "read", a.path);
    const int64_t others = ReadFull(sys, b.fd, right.get(), kBlock);
    if (others < 0)
      return ErrnoStatus(static_cast<int>(-others), "read", b.path);
    const auto size = static_cast<size_t>(bytes);
    if (bytes != others || std::memcmp(left.get(), right.get(), size) != 0)
      return false;
    if (size < kBlock) return true;
  }
  return absl::CancelledError("interrupted");
}

absl::StatusOr<bool> SameContent(Sys& sys, const std::string& a,
                                 const std::string& b) {
  Stat left;
  Stat right;
  const absl::StatusOr<Fd> one = Open(sys, a, &left);
  if (!one.ok()) return one.status();
  const absl::StatusOr<Fd> other = Open(sys, b, &right);
  if (!other.ok()) return other.status();
  if (left.device == right.device && left.inode == right.inode) return true;
  if (left.size != right.size) return false;
  return EqualBytes(sys, {.fd = one->get(), .path = a},
                    {.fd = other->get(), .path = b});
}

}  // namespace materialize
