// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Into::kFill: an empty directory is filled where it is.

#include <cerrno>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "materialize/exec/install.h"
#include "materialize/exec/remove.h"
#include "materialize/exec/sync.h"
#include "materialize/os/path.h"
#include "materialize/os/status.h"
#include "materialize/run.h"

namespace materialize {

absl::Status Run::Fill(const Destination& destination) {
  const absl::StatusOr<Presence> presence = destination.Look(nullptr);
  if (!presence.ok()) return presence.status();
  if (absl::Status status = RefuseFill(destination, *presence); !status.ok())
    return status;
  const StagingPlace place = {.parent = destination.parent(),
                              .parent_path = destination.parent_path(),
                              .name = destination.name()};
  absl::StatusOr<Staging> staging =
      Staging::Acquire(sys_, place, request_.busy, request_.cancel);
  // Below a mount point or a lower layer the place beside may not be ours to
  // write: then there is no lock.
  const std::optional<int> error =
      staging.ok() ? std::nullopt : ErrnoOf(staging.status());
  if (!staging.ok() && error != EACCES && error != EROFS && error != EPERM)
    return staging.status();
  const Fd fd(sys_, OpenPatiently(sys_, destination.parent(),
                                  destination.name().c_str(),
                                  O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0));
  absl::Status status =
      fd.ok()
          ? LeaveOut(sys_, destination, input_.directories,
                     staging.ok() ? staging->fd() : -1, input_.left_out.get())
          : ErrnoStatus(-fd.get(), "open", destination.path());
  if (status.ok()) status = FillLocked(destination, fd.get());
  if (staging.ok()) {
    const absl::Status removed = staging->Remove();
    if (status.ok() && !removed.ok()) Warn(std::string(removed.message()));
  }
  return status;
}

absl::Status Run::RefuseFill(const Destination& destination,
                             Presence presence) const {
  if (staged() == Staged::kFile)
    return absl::InvalidArgumentError(
        "--into=fill takes a directory, not a file");
  if (presence == Presence::kEmptyDirectory) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      "fill ", destination.path(), ": must be there, a directory, and empty"));
}

absl::Status Run::FillLocked(const Destination& destination, int fd) {
  // Whoever held the lock before us may have filled it.
  const absl::StatusOr<Presence> presence = destination.Look(nullptr);
  if (!presence.ok()) return presence.status();
  if (*presence != Presence::kEmptyDirectory) {
    return absl::AlreadyExistsError(
        absl::StrCat("fill ", destination.path(), ": not empty any more"));
  }
  // A merge that only looks must not see half of it. (Where there are no such
  // locks, none looks without the staging's.)
  (void)sys_.Lock(fd, LOCK_EX);
  Stat facts;
  if (const int result = sys_.StatAt(fd, "", 0, &facts); result < 0) {
    return ErrnoStatus(-result, "stat", destination.path());
  }
  const bool has_acl =
      sys_.GetXattr(fd, "system.posix_acl_default", nullptr, 0) > 0;
  const bool inherits = has_acl || (facts.mode & S_ISGID) != 0;
  report_.phases.prepare = watch_.Lap();
  const absl::StatusOr<Stat> root =
      Lay(fd, inherits ? Hygiene::kInherits : Hygiene::kExact);
  absl::Status status = root.status();
  if (status.ok()) {
    const absl::Status set =
        SetRoot(sys_, fd, *root, owner(), report_.destination);
    // Somebody else's directory looks as its owner wants it.
    const bool is_ours = ErrnoOf(set) != EPERM;
    if (!is_ours) Warn(std::string(set.message()));
    if (is_ours) status = set;
  }
  if (status.ok() && request_.durable)
    status = SyncTree(sys_, fd, report_.files(), destination.path());
  if (status.ok()) status = WriteReceipt(fd);
  if (!status.ok()) {
    const absl::Status emptied = RemoveContents(sys_, fd, destination.path());
    return emptied.ok()
               ? status
               : WithHint(status, absl::StrCat("and not emptied again: ",
                                               emptied.message()));
  }
  return absl::OkStatus();
}

}  // namespace materialize
