// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//

#include "materialize/exec/remove.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "materialize/os/dents.h"
#include "materialize/os/fd.h"
#include "materialize/os/path.h"
#include "materialize/os/status.h"
#include "materialize/os/threads.h"
#include "materialize/plan/source.h"

namespace materialize {
namespace {

constexpr size_t kListingBytes = 32 * 1024;
constexpr int kDeepest =
    64;  // one descriptor a level; deeper directories are first moved up
constexpr int kMostThreads = 4;
constexpr size_t kWorthThreads = 16;  // directories beside each other
constexpr int kRounds = 10;  // a directory that still is not empty then is
                             // being filled by somebody else

class Remover {
 public:
  // `top` is an open directory; `facts` are its own.
  Remover(Sys& sys, int top, const Stat& facts, absl::string_view keep = "",
          int jobs = 1)
      : sys_(sys),
        top_(top),
        mount_id_(facts.mount_id),
        device_(facts.device),
        keep_(keep),
        jobs_(std::min(jobs, kMostThreads)) {}

  absl::Status RemoveEntry(int dir, const std::string& name, Kind kind,
                           const std::string& path, int depth);
  absl::Status Empty(int dir, const std::string& path, int depth);

 private:
  struct Listing {
    std::vector<std::string> directories;
    int64_t others = 0;  // were unlinked at once
  };

  absl::Status RemoveDirectory(int dir, const std::string& name,
                               const std::string& path, int depth);
  absl::Status MoveUp(int dir, const std::string& name,
                      const std::string& path);
  absl::Status List(int dir, const std::string& path, Listing* listing);
  absl::Status Sort(int dir, const Dent& dent, const std::string& path,
                    Listing* listing);
  absl::Status RemoveDirectories(int dir, const std::string& path, int depth,
                                 const Listing& listing);
  absl::Status RemoveTogether(int dir, const std::string& path, int depth,
                              const Listing& listing);
  int OpenForRemoval(int dir, const char* name);
  int Unlink(int dir, const char* name, int flags);

  Sys& sys_;
  const int top_;
  const uint64_t mount_id_;
  const uint64_t device_;
  const absl::string_view keep_;  // a name in the top
  const int jobs_;
  bool is_shared_ = false;  // threads are at work
  int deepest_ = kDeepest;
  std::atomic<int> moved_{0};
};

// As EACCES says: the directory is not its owner's to write. It is ours, so
// that can be changed.
int Remover::Unlink(int dir, const char* name, int flags) {
  const int result = sys_.UnlinkAt(dir, name, flags);
  if (result != -EACCES || sys_.ChangeMode(dir, S_IRWXU) < 0) return result;
  return sys_.UnlinkAt(dir, name, flags);
}

int Remover::OpenForRemoval(int dir, const char* name) {
  constexpr int kFlags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW;
  const int fd = OpenPatiently(sys_, dir, name, kFlags, 0);
  if (fd != -EACCES || sys_.ChangeModeAt(dir, name, S_IRWXU) < 0) return fd;
  return OpenPatiently(sys_, dir, name, kFlags, 0);
}

absl::Status Remover::RemoveEntry(int dir, const std::string& name, Kind kind,
                                  const std::string& path, int depth) {
  if (kind == Kind::kDirectory) return RemoveDirectory(dir, name, path, depth);
  const int result = Unlink(dir, name.c_str(), 0);
  if (result == 0 || result == -ENOENT) return absl::OkStatus();
  return ErrnoStatus(-result, "unlink", path);
}

absl::Status Remover::RemoveDirectory(int dir, const std::string& name,
                                      const std::string& path, int depth) {
  if (depth > deepest_) return MoveUp(dir, name, path);
  {
    const Fd fd(sys_, OpenForRemoval(dir, name.c_str()));
    if (fd.get() == -ENOENT) return absl::OkStatus();
    if (!fd.ok()) return ErrnoStatus(-fd.get(), "open", path);
    Stat facts;
    if (const int result = sys_.StatAt(fd.get(), "", 0, &facts); result < 0)
      return ErrnoStatus(-result, "stat", path);
    if (facts.mount_id != mount_id_) {
      return absl::FailedPreconditionError(absl::StrCat(
          "remove ", path, ": something is mounted here; left as it is"));
    }
    // Nothing can be moved up out of a subvolume of btrfs.
    absl::Status status =
        facts.device == device_
            ? Empty(fd.get(), path, depth)
            : Remover(sys_, fd.get(), facts, "", is_shared_ ? 1 : jobs_)
                  .Empty(fd.get(), path, 0);
    if (!status.ok()) return status;
  }
  const int result = Unlink(dir, name.c_str(), AT_REMOVEDIR);
  if (result == 0 || result == -ENOENT) return absl::OkStatus();
  return ErrnoStatus(-result, "rmdir", path);
}

// Out of the deep, to be met again when the top is listed anew. Its own ".."
// changes, so it must be writable as well.
absl::Status Remover::MoveUp(int dir, const std::string& name,
                             const std::string& path) {
  constexpr unsigned kFlags = RENAME_NOREPLACE;
  while (true) {
    const std::string up = absl::StrCat(".deep-", moved_++);
    int result = sys_.RenameAt(dir, name.c_str(), top_, up.c_str(), kFlags);
    if (result == -EACCES && sys_.ChangeMode(dir, S_IRWXU) == 0 &&
        sys_.ChangeModeAt(dir, name.c_str(), S_IRWXU) == 0) {
      result = sys_.RenameAt(dir, name.c_str(), top_, up.c_str(), kFlags);
    }
    if (result == -EINVAL) {  // NFS, FUSE: the flag is not known
      Stat there;
      result = sys_.StatAt(top_, up.c_str(), AT_SYMLINK_NOFOLLOW, &there);
      if (result == 0) continue;
      if (result == -ENOENT)
        result = sys_.RenameAt(dir, name.c_str(), top_, up.c_str(), 0);
    }
    if (result == -EEXIST) continue;
    if (result == 0 || result == -ENOENT) return absl::OkStatus();
    return ErrnoStatus(-result, "rename", path, up);
  }
}

absl::Status Remover::RemoveDirectories(int dir, const std::string& path,
                                        int depth, const Listing& listing) {
  if (jobs_ > 1 && !is_shared_ && listing.directories.size() >= kWorthThreads)
    return RemoveTogether(dir, path, depth, listing);
  for (const std::string& name : listing.directories) {
    absl::Status status =
        RemoveDirectory(dir, name, JoinPath(path, name), depth + 1);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

// The first of the failures ends it.
absl::Status Remover::RemoveTogether(int dir, const std::string& path,
                                     int depth, const Listing& listing) {
  std::atomic<size_t> next{0};
  std::mutex mutex;
  absl::Status first;
  is_shared_ = true;
  deepest_ = depth + kDeepest / jobs_;  // all of them hold descriptors
  RunTogether(jobs_, [&](int) {
    size_t at;
    while ((at = next.fetch_add(1)) < listing.directories.size()) {
      const std::string& name = listing.directories[at];
      absl::Status status =
          RemoveDirectory(dir, name, JoinPath(path, name), depth + 1);
      if (status.ok()) continue;
      next.store(listing.directories.size());
      const std::lock_guard<std::mutex> lock(mutex);
      if (first.ok()) first = std::move(status);
    }
  });
  is_shared_ = false;
  deepest_ = kDeepest;
  return first;
}

absl::Status Remover::Empty(int dir, const std::string& path, int depth) {
  for (int round = 0; round < kRounds || moved_ > 0; ++round) {
    Listing listing;
    if (const int64_t at = round > 0 ? sys_.Seek(dir, 0, 0) : 0; at < 0)
      return ErrnoStatus(static_cast<int>(-at), "lseek", path);
    if (absl::Status status = List(dir, path, &listing); !status.ok())
      return status;
    if (listing.directories.empty() && listing.others == 0)
      return absl::OkStatus();
    absl::Status status = RemoveDirectories(dir, path, depth, listing);
    if (!status.ok()) return status;
    // What was moved up from below landed in the top, which its own Empty()
    // lists once more.
    if (dir != top_) return absl::OkStatus();
  }
  return ErrnoStatus(ENOTEMPTY, "remove", path);
}

// Directories are put down, everything else goes.
absl::Status Remover::Sort(int dir, const Dent& dent, const std::string& path,
                           Listing* listing) {
  Kind kind = dent.kind;
  Stat facts;
  if (kind == Kind::kUnknown &&
      sys_.StatAt(dir, dent.name, AT_SYMLINK_NOFOLLOW, &facts) == 0) {
    kind = facts.kind();
  }
  if (kind == Kind::kDirectory) {
    listing->directories.emplace_back(dent.name);
    return absl::OkStatus();
  }
  ++listing->others;
  return RemoveEntry(dir, dent.name, kind, JoinPath(path, dent.name), 0);
}

absl::Status Remover::List(int dir, const std::string& path, Listing* listing) {
  const auto buffer = std::make_unique_for_overwrite<char[]>(kListingBytes);
  absl::Status status;
  while (status.ok()) {
    const int64_t bytes = sys_.ReadDirectory(dir, buffer.get(), kListingBytes);
    if (bytes < 0) return ErrnoStatus(static_cast<int>(-bytes), "list", path);
    if (bytes == 0) break;
    ForEachDent(buffer.get(), static_cast<size_t>(bytes),
                [&](const Dent& dent) {
                  if (!status.ok() || (dir == top_ && keep_ == dent.name))
                    return;
                  status = Sort(dir, dent, path, listing);
                });
  }
  return status;
}

}  // namespace

absl::Status RemoveTree(Sys& sys, int dir, const char* name,
                        absl::string_view path) {
  const std::string whole = JoinPath(path, name);
  Stat facts;
  const int found = sys.StatAt(dir, name, AT_SYMLINK_NOFOLLOW, &facts);
  if (found == -ENOENT) return absl::OkStatus();
  if (found < 0) return ErrnoStatus(-found, "stat", whole);
  if (facts.kind() != Kind::kDirectory) {
    return Remover(sys, dir, facts)
        .RemoveEntry(dir, name, facts.kind(), whole, 0);
  }
  Stat holder;
  if (const int result = sys.StatAt(dir, "", 0, &holder); result < 0)
    return ErrnoStatus(-result, "stat", path);
  if (facts.mount_id != holder.mount_id) {
    return absl::FailedPreconditionError(absl::StrCat(
        "remove ", whole, ": something is mounted here; left as it is"));
  }
  if ((facts.mode & S_IRWXU) != S_IRWXU)
    (void)sys.ChangeModeAt(dir, name, S_IRWXU);  // else open or unlink tells
  {
    const Fd fd(sys, OpenPatiently(sys, dir, name,
                                   O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0));
    if (!fd.ok()) return ErrnoStatus(-fd.get(), "open", whole);
    if (absl::Status status = RemoveContents(sys, fd.get(), whole);
        !status.ok())
      return status;
  }
  const int result = sys.UnlinkAt(dir, name, AT_REMOVEDIR);
  return result == 0 || result == -ENOENT
             ? absl::OkStatus()
             : ErrnoStatus(-result, "rmdir", whole);
}

absl::Status RemoveContents(Sys& sys, int dir, absl::string_view path,
                            absl::string_view keep, int jobs) {
  Stat facts;
  if (const int result = sys.StatAt(dir, "", 0, &facts); result < 0)
    return ErrnoStatus(-result, "stat", path);
  if (const int64_t result = sys.Seek(dir, 0, 0); result < 0) {
    return ErrnoStatus(static_cast<int>(-result), "lseek", path);
  }
  return Remover(sys, dir, facts, keep, jobs).Empty(dir, std::string(path), 0);
}

}  // namespace materialize
