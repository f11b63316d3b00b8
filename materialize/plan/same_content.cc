// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/plan/same_content.h"

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>

#include "absl/status/status.h"
#include "materialize/os/fd.h"
#include "materialize/os/status.h"

namespace materialize {
namespace {

constexpr size_t kBlock = 128 * 1024;

// An open file and its facts.
struct Reader {
  Sys& sys;
  const std::string& path;
  Fd fd;
  Stat facts;
  std::unique_ptr<char[]> block = std::make_unique<char[]>(kBlock);

  absl::Status Open() {
    fd = Fd(sys, sys.OpenAt(AT_FDCWD, path.c_str(), O_RDONLY, 0));
    if (!fd.ok()) return ErrnoStatus(-fd.get(), "open", path);
    const int result = sys.StatAt(fd.get(), "", 0, &facts);
    return result < 0 ? ErrnoStatus(-result, "stat", path) : absl::OkStatus();
  }

  // Fills the block; less only at the end.
  absl::StatusOr<size_t> Fill() {
    size_t filled = 0;
    while (filled < kBlock) {
      const int64_t bytes =
          sys.Read(fd.get(), block.get() + filled, kBlock - filled);
      if (bytes == -EINTR) continue;
      if (bytes < 0) return ErrnoStatus(static_cast<int>(-bytes), "read", path);
      if (bytes == 0) break;
      filled += static_cast<size_t>(bytes);
    }
    return filled;
  }
};

}  // namespace

absl::StatusOr<bool> SameContent(Sys& sys, const std::string& a,
                                 const std::string& b) {
  Reader left{.sys = sys, .path = a, .fd = {}, .facts = {}};
  Reader right{.sys = sys, .path = b, .fd = {}, .facts = {}};
  for (Reader* reader : {&left, &right}) {
    if (absl::Status opened = reader->Open(); !opened.ok()) return opened;
  }
  if (left.facts.device == right.facts.device &&
      left.facts.inode == right.facts.inode)
    return true;
  if (left.facts.size != right.facts.size) return false;
  while (true) {
    const absl::StatusOr<size_t> bytes = left.Fill();
    if (!bytes.ok()) return bytes.status();
    const absl::StatusOr<size_t> others = right.Fill();
    if (!others.ok()) return others.status();
    if (*bytes != *others ||
        std::memcmp(left.block.get(), right.block.get(), *bytes) != 0)
      return false;
    if (*bytes == 0) return true;
  }
}

}  // namespace materialize
