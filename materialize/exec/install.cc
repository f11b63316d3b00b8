// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//

#include "materialize/exec/install.h"

#include <cerrno>
#include <cstdio>

#include "absl/strings/str_cat.h"
#include "materialize/exec/attributes.h"
#include "materialize/exec/remove.h"
#include "materialize/os/status.h"
#include "materialize/plan/source.h"

namespace materialize {
namespace {

// Two names for rehearsals inside the staging.
constexpr char kRehearsal[] = "rehearsal";
constexpr char kRehearsalBelow[] = "rehearsal/below";
constexpr char kRehearsalOther[] = "rehearsal-other";

// Filesystems without renameat2's flags: NFS, many FUSE ones.
bool IsMissingFlag(int result) {
  return result == -EINVAL || result == -ENOSYS || result == -EOPNOTSUPP;
}

}  // namespace

const char* WhyNotMoved(int error) {
  switch (error) {
    case EBUSY:
      return "it is a mount point; --into=fill fills an empty directory in "
             "place, --into=merge one that is not";
    case EXDEV:
      return "it lies in a lower layer of overlayfs, or has another project "
             "id; --into=fill fills an empty directory in place, --into=merge "
             "one that is not";
    case EPERM:
    case EACCES:
      return "it is another user's in a sticky directory, or not writable; "
             "--into=fill fills an empty directory in place, --into=merge one "
             "that is not";
    default:
      return "--into=fill fills an empty directory in place, --into=merge one "
             "that is not";
  }
}

absl::Status Installer::Fail(int result, const char* call) const {
  return ErrnoStatus(-result, call, staging_.path(), destination_.path());
}

absl::Status RefuseWhatIsThere(const Destination& destination, Into into,
                               Staged staged) {
  const absl::StatusOr<Presence> presence = destination.Look(nullptr);
  if (!presence.ok()) return presence.status();
  if (*presence == Presence::kAbsent) return absl::OkStatus();
  const bool is_directory = *presence != Presence::kOther;
  if (is_directory && staged == Staged::kFile) {
    return absl::AlreadyExistsError(
        absl::StrCat("place ", destination.path(),
                     ": a directory is there, where a file is to go"));
  }
  if (into == Into::kNew && *presence != Presence::kEmptyDirectory) {
    return absl::AlreadyExistsError(absl::StrCat(
        "place ", destination.path(), ": already there",
        is_directory ? " and not empty" : "", "; --into=swap replaces it",
        is_directory ? ", --into=merge brings it up to date" : ""));
  }
  return absl::OkStatus();
}

absl::Status Installer::Rehearse(Staged staged) {
  if (absl::Status status = RefuseWhatIsThere(destination_, into_, staged);
      !status.ok())
    return status;
  const absl::StatusOr<Presence> presence = destination_.Look(nullptr);
  if (!presence.ok()) return presence.status();
  if (*presence == Presence::kAbsent || staged == Staged::kFile)
    return absl::OkStatus();
  if (*presence != Presence::kOther) {
    if (absl::Status status = RehearseMovingAway(); !status.ok()) return status;
  }
  return into_ == Into::kSwap ? RehearseExchange() : absl::OkStatus();
}

// Moving the destination over a directory that is not empty fails last of all
// checks, so any other error is what the real step would meet, and nothing has
// moved. (fs/namei.c: mount points, sticky bits and permissions are looked at
// first; fs/overlayfs/dir.c: lower content before emptiness.)
absl::Status Installer::RehearseMovingAway() {
  for (const char* name : {kRehearsal, kRehearsalBelow}) {
    if (const int made = sys_.MakeDirectoryAt(staging_.fd(), name, S_IRWXU);
        made < 0)
      return Fail(made, "mkdir");
  }
  const int result =
      sys_.RenameAt(destination_.parent(), destination_.name().c_str(),
                    staging_.fd(), kRehearsal, 0);
  if (absl::Status status =
          RemoveTree(sys_, staging_.fd(), kRehearsal, staging_.path());
      !status.ok())
    return status;
  if (result == -ENOTEMPTY || result == -EEXIST) return absl::OkStatus();
  absl::Status status(absl::StatusCode::kFailedPrecondition,
                      Fail(result, "rename").message());
  return WithAdvice(status, WhyNotMoved(-result));
}

absl::Status Installer::RehearseExchange() {
  for (const char* name : {kRehearsal, kRehearsalOther}) {
    if (const int made = sys_.MakeDirectoryAt(staging_.fd(), name, S_IRWXU);
        made < 0)
      return Fail(made, "mkdir");
  }
  const int result = sys_.RenameAt(staging_.fd(), kRehearsal, staging_.fd(),
                                   kRehearsalOther, RENAME_EXCHANGE);
  for (const char* name : {kRehearsal, kRehearsalOther}) {
    if (absl::Status status =
            RemoveTree(sys_, staging_.fd(), name, staging_.path());
        !status.ok())
      return status;
  }
  exchanges_ = result == 0;
  if (exchanges_ || (IsMissingFlag(result) && gap_ == SwapGap::kAllow))
    return absl::OkStatus();
  if (!IsMissingFlag(result)) return Fail(result, "exchange");
  return WithHint(
      absl::FailedPreconditionError(Fail(result, "exchange").message()),
      "this filesystem cannot exchange two names; --allow_gap allows two "
      "renames with a gap between them");
}

absl::Status Installer::Install(Staged staged, int directory,
                                const char* name) {
  return staged == Staged::kTree ? InstallTree(directory, name)
                                 : InstallFile(directory, name);
}

absl::Status Installer::InstallTree(int directory, const char* name) {
  const absl::StatusOr<Presence> presence = destination_.Look(nullptr);
  if (!presence.ok()) return presence.status();
  if (into_ == Into::kSwap && *presence != Presence::kAbsent)
    return Exchange(directory, name);
  // Over an empty directory rename(2) is one step as well.
  const int result = sys_.RenameAt(directory, name, destination_.parent(),
                                   destination_.name().c_str(), 0);
  if (result == 0) return absl::OkStatus();
  // An empty btrfs subvolume cannot be renamed over.
  if (*presence == Presence::kEmptyDirectory &&
      (result == -ENOTEMPTY || result == -EEXIST)) {
    return ReplaceEmpty(directory, name);
  }
  return Fail(result, "rename");
}

absl::Status Installer::ReplaceEmpty(int directory, const char* name) {
  const char* const to = destination_.name().c_str();
  int result = sys_.RenameAt(directory, name, destination_.parent(), to,
                             RENAME_EXCHANGE);
  if (result < 0) return Fail(result, "exchange");
  result = sys_.UnlinkAt(directory, name, AT_REMOVEDIR);
  if (result == 0) return absl::OkStatus();
  // Somebody has put something there in the meantime: it goes back.
  const int back = sys_.RenameAt(directory, name, destination_.parent(), to,
                                 RENAME_EXCHANGE);
  return Fail(back < 0 ? back : result, "rename");
}

absl::Status Installer::Exchange(int directory, const char* name) {
  const char* const to = destination_.name().c_str();
  if (exchanges_) {
    const int result = sys_.RenameAt(directory, name, destination_.parent(), to,
                                     RENAME_EXCHANGE);
    return result < 0 ? Fail(result, "exchange") : absl::OkStatus();
  }
  int result =
      sys_.RenameAt(destination_.parent(), to, staging_.fd(), kStagedOld, 0);
  if (result < 0) return Fail(result, "rename");
  result = sys_.RenameAt(directory, name, destination_.parent(), to, 0);
  if (result == 0) return absl::OkStatus();
  const int back =
      sys_.RenameAt(staging_.fd(), kStagedOld, destination_.parent(), to, 0);
  return Fail(back < 0 ? back : result, "rename");
}

absl::Status Installer::InstallFile(int directory, const char* name) {
  const char* const to = destination_.name().c_str();
  if (into_ == Into::kSwap) {
    const int result =
        sys_.RenameAt(directory, name, destination_.parent(), to, 0);
    return result < 0 ? Fail(result, "rename") : absl::OkStatus();
  }
  int result = sys_.RenameAt(directory, name, destination_.parent(), to,
                             RENAME_NOREPLACE);
  // A link does not replace either; the staged name goes with the staging.
  if (IsMissingFlag(result))
    result = sys_.LinkAt(directory, name, destination_.parent(), to, 0);
  return result < 0 ? Fail(result, "rename") : absl::OkStatus();
}

absl::Status SetRoot(Sys& sys, int fd, const Stat& facts, Owner owner,
                     const std::string& path) {
  mode_t bits = 0777;
  if (owner == Owner::kSources) {
    if (const int result =
            sys.ChangeOwnerAt(fd, "", facts.uid, facts.gid, AT_EMPTY_PATH);
        result == 0) {
      bits = 07777;
    } else if (!IsOwnerRefused(result)) {  // counted where the tree was laid
      return ErrnoStatus(-result, "chown", path);
    }
  }
  if (const int result = sys.ChangeMode(fd, facts.permissions() & bits);
      result < 0) {
    return ErrnoStatus(-result, "chmod", path);
  }
  // Once more: xfs changes the mtime of a directory that is exchanged
  // (xfs_cross_rename).
  const int result = sys.SetTimesAt(fd, nullptr, facts.mtime, 0);
  return result < 0 ? ErrnoStatus(-result, "utimensat", path)
                    : absl::OkStatus();
}

}  // namespace materialize
