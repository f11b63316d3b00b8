// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//

#include "materialize/exec/staging.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "materialize/digest.h"
#include "materialize/exec/remove.h"
#include "materialize/os/path.h"
#include "materialize/os/status.h"
#include "materialize/plan/source.h"

namespace materialize {
namespace {

constexpr char kLockFile[] = "lock";
constexpr size_t kNameDigits = 16;

bool IsCancelled(const std::atomic<bool>* cancel) {
  return cancel != nullptr && cancel->load();
}

}  // namespace

std::string StagingName(absl::string_view name) {
  return absl::StrCat(kStagingPrefix,
                      absl::string_view(Sha256(name)).substr(0, kNameDigits));
}

Staging::Staging(Sys& sys, StagingPlace place)
    : sys_(&sys),
      place_(std::move(place)),
      name_(StagingName(place_.name)),
      path_(JoinPath(place_.parent_path, name_)) {}

absl::StatusOr<Staging> Staging::Acquire(Sys& sys, const StagingPlace& place,
                                         Busy busy,
                                         const std::atomic<bool>* cancel) {
  while (true) {
    Staging staging(sys, place);
    absl::Status status = staging.Make();
    if (!status.ok()) return status;
    status = staging.Open();
    // Removed by the run that had it, between our two calls.
    if (ErrnoOf(status) == ENOENT) continue;
    if (status.ok()) status = staging.Lock(busy, cancel);
    // The run that held the lock has removed the name, or a third one has made
    // it anew.
    if (status.ok() && !staging.IsStillNamed()) continue;
    if (status.ok()) status = staging.Recover();
    if (status.ok()) return staging;
    staging.Forget(status);
    return status;
  }
}

absl::Status Staging::Make() {
  const int result =
      sys_->MakeDirectoryAt(place_.parent, name_.c_str(), S_IRWXU);
  made_ = result == 0;
  if (made_ || result == -EEXIST) return absl::OkStatus();
  return ErrnoStatus(-result, "mkdir", path_);
}

// What this run made and could not take is not left behind; another run may
// have taken it meanwhile.
void Staging::Forget(const absl::Status& why) {
  if (!made_ || absl::IsUnavailable(why) || absl::IsCancelled(why)) return;
  if (lock_file_.ok()) (void)sys_->UnlinkAt(fd_.get(), kLockFile, 0);
  (void)sys_->UnlinkAt(place_.parent, name_.c_str(), AT_REMOVEDIR);
}

absl::Status Staging::Open() {
  fd_ = Fd(*sys_, OpenPatiently(*sys_, place_.parent, name_.c_str(),
                                O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0));
  if (fd_.get() == -ELOOP || fd_.get() == -ENOTDIR) {
    return absl::FailedPreconditionError(absl::StrCat(
        "open ", path_, ": not a directory of ours; remove it first"));
  }
  if (!fd_.ok()) return ErrnoStatus(-fd_.get(), "open", path_);
  if (absl::Status status = Check(); !status.ok()) return status;
  // Whatever umask, default ACL or set-group-id bit of the parent had a say in
  // it.
  (void)sys_->RemoveXattr(fd_.get(), "system.posix_acl_default");
  (void)sys_->RemoveXattr(fd_.get(), "system.posix_acl_access");
  if (const int changed = sys_->ChangeMode(fd_.get(), S_IRWXU); changed < 0) {
    return ErrnoStatus(-changed, "chmod", path_);
  }
  return absl::OkStatus();
}

absl::Status Staging::Check() const {
  Stat own;
  Stat parent;
  if (const int result = sys_->StatAt(fd_.get(), "", 0, &own); result < 0)
    return ErrnoStatus(-result, "stat", path_);
  if (const int result = sys_->StatAt(place_.parent, "", 0, &parent);
      result < 0) {
    return ErrnoStatus(-result, "stat", place_.parent_path);
  }
  if (own.uid != sys_->EffectiveUser() || own.mount_id != parent.mount_id) {
    return absl::FailedPreconditionError(absl::StrCat(
        "open ", path_,
        ": belongs to another user or is a mount point; remove it first"));
  }
  return absl::OkStatus();
}

absl::Status Staging::Lock(Busy busy, const std::atomic<bool>* cancel) {
  auto pause = std::chrono::milliseconds(1);
  while (true) {
    const int result = sys_->Lock(
        lock_file_.ok() ? lock_file_.get() : fd_.get(), LOCK_EX | LOCK_NB);
    if (result == 0) return absl::OkStatus();
    if (result == -EINTR) continue;
    if ((result == -EBADF || result == -ENOLCK || result == -EOPNOTSUPP ||
         result == -EINVAL) &&
        !lock_file_.ok()) {
      // NFS locks files that are open for writing, so never a directory.
      lock_file_ = Fd(*sys_, sys_->OpenAt(fd_.get(), kLockFile,
                                          O_RDWR | O_CREAT | O_NOFOLLOW,
                                          S_IRUSR | S_IWUSR));
      if (!lock_file_.ok())
        return ErrnoStatus(-lock_file_.get(), "create",
                           JoinPath(path_, kLockFile));
      continue;
    }
    if (result != -EWOULDBLOCK) return ErrnoStatus(-result, "lock", path_);
    if (busy == Busy::kFail) {
      return absl::UnavailableError(absl::StrCat(
          "lock ", path_, ": another run is at work on this destination"));
    }
    if (IsCancelled(cancel)) return absl::CancelledError("interrupted");
    std::this_thread::sleep_for(pause);
    pause = std::min(pause * 2, std::chrono::milliseconds(50));
  }
}

bool Staging::IsStillNamed() const {
  Stat held;
  Stat named;
  const auto is_named = [&](int fd, int dir, const char* name) {
    return sys_->StatAt(fd, "", 0, &held) == 0 &&
           sys_->StatAt(dir, name, AT_SYMLINK_NOFOLLOW, &named) == 0 &&
           held.inode == named.inode && held.device == named.device;
  };
  return is_named(fd_.get(), place_.parent, name_.c_str()) &&
         (!lock_file_.ok() || is_named(lock_file_.get(), fd_.get(), kLockFile));
}

absl::Status Staging::Recover() {
  Stat old;
  const int found =
      sys_->StatAt(fd_.get(), kStagedOld, AT_SYMLINK_NOFOLLOW, &old);
  if (found == -ENOENT) return Empty();  // no gap was open
  if (found < 0)
    return ErrnoStatus(-found, "stat", JoinPath(path_, kStagedOld));
  // NOREPLACE: the old tree goes back only where nothing is.
  int back = sys_->RenameAt(fd_.get(), kStagedOld, place_.parent,
                            place_.name.c_str(), RENAME_NOREPLACE);
  if (back == -EINVAL || back == -ENOSYS) {
    Stat there;
    back = sys_->StatAt(place_.parent, place_.name.c_str(), AT_SYMLINK_NOFOLLOW,
                        &there);
    if (back == -ENOENT) {
      back = sys_->RenameAt(fd_.get(), kStagedOld, place_.parent,
                            place_.name.c_str(), 0);
    }
  }
  // EEXIST: the destination is there. Else the old tree may be the only one.
  if (back < 0 && back != -EEXIST) {
    return ErrnoStatus(-back, "rename", JoinPath(path_, kStagedOld),
                       JoinPath(place_.parent_path, place_.name));
  }
  return Empty();
}

// Who waits has the lock file open: another one of that name would be no lock.
absl::Status Staging::Empty() {
  return RemoveContents(*sys_, fd_.get(), path_,
                        lock_file_.ok() ? kLockFile : "", place_.jobs);
}

absl::StatusOr<Fd> Staging::MakeTree() {
  const std::string path = JoinPath(path_, kStagedTree);
  const int made = sys_->MakeDirectoryAt(fd_.get(), kStagedTree, S_IRWXU);
  if (made < 0) return ErrnoStatus(-made, "mkdir", path);
  Fd tree(*sys_, OpenPatiently(*sys_, fd_.get(), kStagedTree,
                               O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0));
  if (!tree.ok()) return ErrnoStatus(-tree.get(), "open", path);
  const int changed = sys_->ChangeMode(tree.get(), S_IRWXU);
  if (changed < 0) return ErrnoStatus(-changed, "chmod", path);
  return tree;
}

absl::Status Staging::Remove() {
  if (absl::Status status = Empty(); !status.ok()) return status;
  if (lock_file_.ok()) (void)sys_->UnlinkAt(fd_.get(), kLockFile, 0);
  const int result = sys_->UnlinkAt(place_.parent, name_.c_str(), AT_REMOVEDIR);
  lock_file_.Reset();
  fd_.Reset();
  // ENOTEMPTY: a run that waits has made its lock file in there; it will take
  // over.
  const bool gone = result == 0 || result == -ENOENT || result == -ENOTEMPTY;
  return gone ? absl::OkStatus() : ErrnoStatus(-result, "rmdir", path_);
}

}  // namespace materialize
