// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//

#include "materialize/exec/sync.h"

#include <cerrno>
#include <memory>

#include "materialize/os/dents.h"
#include "materialize/os/fd.h"
#include "materialize/os/path.h"
#include "materialize/os/status.h"
#include "materialize/plan/source.h"

namespace materialize {
namespace {

constexpr int64_t kFew =
    1000;  // above it one syncfs is cheaper than that many fsyncs
constexpr size_t kListingBytes = 32 * 1024;
constexpr int kDeepest = 64;  // one descriptor and one listing a level

absl::Status SyncAll(Sys& sys, int fd, const std::string& path) {
  const int result = sys.SyncFilesystem(fd);
  return result < 0 ? ErrnoStatus(-result, "syncfs", path) : absl::OkStatus();
}

absl::Status SyncEntry(Sys& sys, int dir, const Dent& dent,
                       const std::string& path, int depth);

absl::Status SyncDirectory(Sys& sys, int dir, const std::string& path,
                           int depth) {
  if (depth > kDeepest) return SyncAll(sys, dir, path);
  const auto buffer = std::make_unique_for_overwrite<char[]>(kListingBytes);
  absl::Status status;
  if (const int64_t at = sys.Seek(dir, 0, 0); at < 0)
    return ErrnoStatus(static_cast<int>(-at), "lseek", path);
  while (status.ok()) {
    const int64_t bytes = sys.ReadDirectory(dir, buffer.get(), kListingBytes);
    if (bytes < 0) return ErrnoStatus(static_cast<int>(-bytes), "list", path);
    if (bytes == 0) break;
    ForEachDent(
        buffer.get(), static_cast<size_t>(bytes), [&](const Dent& dent) {
          if (status.ok())
            status =
                SyncEntry(sys, dir, dent, JoinPath(path, dent.name), depth);
        });
  }
  return status.ok() ? SyncOne(sys, dir, path) : status;
}

absl::Status SyncEntry(Sys& sys, int dir, const Dent& dent,
                       const std::string& path, int depth) {
  if (dent.kind == Kind::kSymlink)
    return absl::OkStatus();  // its directory holds all of it
  const Fd fd(sys, OpenPatiently(sys, dir, dent.name,
                                 O_RDONLY | O_NOFOLLOW | O_NONBLOCK, 0));
  // A symlink on a filesystem that does not tell kinds.
  if (fd.get() == -ELOOP) return absl::OkStatus();
  if (!fd.ok()) return ErrnoStatus(-fd.get(), "open", path);
  Stat facts;
  if (const int result = sys.StatAt(fd.get(), "", 0, &facts); result < 0)
    return ErrnoStatus(-result, "stat", path);
  return facts.kind() == Kind::kDirectory
             ? SyncDirectory(sys, fd.get(), path, depth + 1)
             : SyncOne(sys, fd.get(), path);
}

}  // namespace

absl::Status SyncTree(Sys& sys, int root, int64_t files,
                      const std::string& path) {
  return files <= kFew ? SyncDirectory(sys, root, path, 0)
                       : SyncAll(sys, root, path);
}

absl::Status SyncOne(Sys& sys, int fd, const std::string& path) {
  const int result = sys.Sync(fd);
  return result < 0 ? ErrnoStatus(-result, "fsync", path) : absl::OkStatus();
}

}  // namespace materialize
