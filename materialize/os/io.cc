// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/os/io.h"

#include <cerrno>
#include <memory>

#include "materialize/os/fd.h"
#include "materialize/os/path.h"
#include "materialize/os/status.h"

namespace materialize {
namespace {

constexpr size_t kBlock = 64 * 1024;

}  // namespace

int WriteAll(Sys& sys, int fd, absl::string_view bytes) {
  while (!bytes.empty()) {
    const int64_t written = sys.Write(fd, bytes.data(), bytes.size());
    if (written == -EINTR) continue;
    if (written < 0) return static_cast<int>(written);
    if (written == 0) return -EIO;
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return 0;
}

int64_t ReadFull(Sys& sys, int fd, char* buffer, size_t size) {
  size_t filled = 0;
  while (filled < size) {
    const int64_t bytes = sys.Read(fd, buffer + filled, size - filled);
    if (bytes == -EINTR) continue;
    if (bytes < 0) return bytes;
    if (bytes == 0) break;
    filled += static_cast<size_t>(bytes);
  }
  return static_cast<int64_t>(filled);
}

absl::StatusOr<std::string> ReadFile(Sys& sys, const std::string& path) {
  const Fd fd(sys, OpenPatiently(sys, AT_FDCWD, path.c_str(), O_RDONLY, 0));
  if (!fd.ok()) return ErrnoStatus(-fd.get(), "open", path);
  std::string text;
  const auto block = std::make_unique_for_overwrite<char[]>(kBlock);
  while (true) {
    const int64_t bytes = ReadFull(sys, fd.get(), block.get(), kBlock);
    if (bytes < 0) return ErrnoStatus(static_cast<int>(-bytes), "read", path);
    text.append(block.get(), static_cast<size_t>(bytes));
    if (bytes < static_cast<int64_t>(kBlock)) return text;
  }
}

}  // namespace materialize
