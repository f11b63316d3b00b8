// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/exec/snapshot.h"

#include <cerrno>
#include <cstdint>
#include <utility>

#include "absl/strings/str_cat.h"
#include "materialize/exec/destination.h"
#include "materialize/os/path.h"
#include "materialize/os/status.h"

namespace materialize {
namespace {

constexpr uint64_t kBtrfsMagic = 0x9123683e;  // BTRFS_SUPER_MAGIC
constexpr uint64_t kSubvolumeRoot = 256;      // BTRFS_FIRST_FREE_OBJECTID

absl::Status Refuse(const std::string& path, absl::string_view why) {
  return absl::FailedPreconditionError(absl::StrCat(
      "snapshot ", path, ": ", why, "; --methods=reflink takes any directory"));
}

constexpr absl::string_view kElsewhere = " is on another filesystem";

absl::StatusOr<bool> IsBtrfs(Sys& sys, int fd, const std::string& path) {
  FilesystemStat filesystem;
  const int result = sys.StatFilesystem(fd, &filesystem);
  if (result < 0) return ErrnoStatus(-result, "statfs", path);
  return filesystem.magic == kBtrfsMagic;
}

absl::StatusOr<Stat> FactsOf(Sys& sys, int fd, const std::string& path) {
  Stat facts;
  const int result = sys.StatAt(fd, "", 0, &facts);
  if (result < 0) return ErrnoStatus(-result, "stat", path);
  return facts;
}

absl::StatusOr<bool> IsSubvolume(Sys& sys, int fd, const std::string& path) {
  const absl::StatusOr<Stat> facts = FactsOf(sys, fd, path);
  if (!facts.ok()) return facts.status();
  if (facts->inode != kSubvolumeRoot) return false;
  return IsBtrfs(sys, fd, path);
}

// What would not be seen in a snapshot; empty if all would be.
absl::StatusOr<std::string> HiddenIn(Sys& sys, int subvolume,
                                     const std::string& path) {
  const int nested = sys.HasSubvolumes(subvolume);
  if (nested < 0) return ErrnoStatus(-nested, "list subvolumes", path);
  if (nested > 0) return "the other subvolumes in it";
  const std::string real = PathOfFd(sys, subvolume);
  if (real.empty())
    return absl::FailedPreconditionError(
        absl::StrCat("snapshot ", path, ": the kernel does not tell its path"));
  const std::string mounted = MountBelow(sys, real);
  return mounted.empty() ? "" : absl::StrCat("what is mounted at ", mounted);
}

}  // namespace

absl::StatusOr<Fd> OpenSubvolume(Sys& sys, const std::string& path) {
  Fd fd(sys,
        OpenPatiently(sys, AT_FDCWD, path.c_str(), O_RDONLY | O_DIRECTORY, 0));
  if (!fd.ok()) return ErrnoStatus(-fd.get(), "open", path);
  const absl::StatusOr<bool> is_subvolume = IsSubvolume(sys, fd.get(), path);
  if (!is_subvolume.ok()) return is_subvolume.status();
  if (!*is_subvolume) return Refuse(path, "is no subvolume of a btrfs");
  const absl::StatusOr<std::string> hidden = HiddenIn(sys, fd.get(), path);
  if (!hidden.ok()) return hidden.status();
  if (hidden->empty()) return fd;
  return Refuse(path, absl::StrCat(*hidden, " would not be in a snapshot"));
}

absl::Status CheckParent(Sys& sys, int subvolume, const std::string& path,
                         int parent, const std::string& destination) {
  const absl::StatusOr<Stat> from = FactsOf(sys, subvolume, path);
  if (!from.ok()) return from.status();
  const absl::StatusOr<Stat> to = FactsOf(sys, parent, destination);
  if (!to.ok()) return to.status();
  if (from->device == to->device)
    return Refuse(path, absl::StrCat(destination, " is in the same subvolume"));
  const absl::StatusOr<bool> is_btrfs = IsBtrfs(sys, parent, destination);
  if (!is_btrfs.ok()) return is_btrfs.status();
  return *is_btrfs ? absl::OkStatus()
                   : Refuse(path, absl::StrCat(destination, kElsewhere));
}

absl::Status CheckPlace(Sys& sys, int subvolume, const std::string& path,
                        const std::string& destination) {
  const absl::StatusOr<NearestDirectory> nearest =
      OpenNearest(sys, destination);
  if (!nearest.ok()) return nearest.status();
  return CheckParent(sys, subvolume, path, nearest->fd.get(), destination);
}

absl::StatusOr<Fd> StageSnapshot(Sys& sys, int subvolume,
                                 const std::string& path,
                                 const Staging& staging,
                                 const std::string& destination) {
  const int result = sys.SnapshotAt(subvolume, staging.fd(), kStagedTree);
  if (result == -EXDEV)
    return Refuse(path, absl::StrCat(destination, kElsewhere));
  if (result < 0) return ErrnoStatus(-result, "snapshot", path, destination);
  Fd fd(sys, OpenPatiently(sys, staging.fd(), kStagedTree,
                           O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0));
  if (!fd.ok()) return ErrnoStatus(-fd.get(), "open", staging.path());
  return fd;
}

}  // namespace materialize
