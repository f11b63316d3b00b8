// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/exec/tree_lock.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <thread>
#include <utility>

#include "materialize/os/status.h"
#include "materialize/plan/walk.h"
#include "materialize/strategy/mounts.h"

namespace materialize {
namespace {

// Of one lock() to the next, while somebody only looks at the tree.
constexpr auto kPause = std::chrono::milliseconds(2);

}  // namespace

bool TreeLock::Share() {
  // One file is compared at one moment: there is nothing to keep still.
  const bool is_still =
      is_file_ || (sys_.Lock(root_, LOCK_SH | LOCK_NB) == 0 && IsStillNamed());
  return is_still && !HasStaging();
}

// A dead run's, as nobody is changing the tree.
bool TreeLock::HasStaging() const {
  const std::string name = StagingName(destination_.name());
  const auto is_in = [&](int dir) {
    Stat facts;
    return sys_.StatAt(dir, name.c_str(), AT_SYMLINK_NOFOLLOW, &facts) == 0;
  };
  return is_in(destination_.parent()) || (!is_file_ && is_in(root_));
}

absl::Status TreeLock::Acquire() {
  const std::lock_guard<std::mutex> lock(mutex_);
  const bool has_other = HasStaging();
  absl::StatusOr<Staging> staging = TakeStaging(busy_);
  if (!staging.ok()) return staging.status();
  is_inherited_ = has_other || !staging->is_new();
  staging_.emplace(*std::move(staging));
  was_held_ = true;
  return LockTree(LOCK_EX);
}

absl::StatusOr<int> TreeLock::Get() {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (staging_.has_value()) return staging_->fd();
  const auto stale = [&] {
    is_stale_.store(true);
    return absl::AbortedError("the tree may have changed");
  };
  if (is_file_ || is_stale_) return stale();
  absl::StatusOr<Staging> staging = TakeStaging(Busy::kFail);
  if (absl::IsUnavailable(staging.status())) return stale();
  if (!staging.ok()) return staging.status();
  staging_.emplace(*std::move(staging));
  // Nobody but those who look can come in between: who changes needs the
  // staging first. But the tree itself may have been exchanged before.
  if (absl::Status status = LockTree(LOCK_EX); !status.ok()) return status;
  if (!IsStillNamed()) return stale();
  was_held_ = true;
  return staging_->fd();
}

absl::Status TreeLock::Release() {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (!staging_.has_value()) return absl::OkStatus();
  const absl::Status status = staging_->Remove();
  staging_.reset();
  return status;
}

// Beside the tree; or in it, where nothing can be renamed from there, or
// nothing made.
absl::StatusOr<Staging> TreeLock::TakeStaging(Busy busy) {
  const StagingPlace beside = {.parent = destination_.parent(),
                               .parent_path = destination_.parent_path(),
                               .name = destination_.name()};
  if (is_file_) return Staging::Acquire(sys_, beside, busy, cancel_);
  const StagingPlace inside = {.parent = root_,
                               .parent_path = destination_.path(),
                               .name = destination_.name()};
  Stat root;
  Stat parent;
  int result = sys_.StatAt(root_, "", 0, &root);
  if (result == 0) result = sys_.StatAt(destination_.parent(), "", 0, &parent);
  if (result < 0) return ErrnoStatus(-result, "stat", destination_.path());
  if (KeyOf(root) != KeyOf(parent))
    return Staging::Acquire(sys_, inside, busy, cancel_);
  absl::StatusOr<Staging> staging =
      Staging::Acquire(sys_, beside, busy, cancel_);
  const int error = ErrnoOf(staging.status()).value_or(0);
  const bool is_refused = error == EACCES || error == EPERM || error == EROFS;
  return is_refused ? Staging::Acquire(sys_, inside, busy, cancel_)
                    : std::move(staging);
}

// Where a directory cannot be locked (NFS), nobody has shared it either.
absl::Status TreeLock::LockTree(int operation) {
  if (is_file_) return absl::OkStatus();
  while (sys_.Lock(root_, operation | LOCK_NB) == -EWOULDBLOCK) {
    if (cancel_ != nullptr && cancel_->load())
      return absl::CancelledError("interrupted");
    std::this_thread::sleep_for(kPause);
  }
  return absl::OkStatus();
}

bool TreeLock::IsStillNamed() const {
  Stat held;
  Stat named;
  return sys_.StatAt(root_, "", 0, &held) == 0 &&
         sys_.StatAt(destination_.parent(), destination_.name().c_str(),
                     AT_SYMLINK_NOFOLLOW, &named) == 0 &&
         IdentityOf(held) == IdentityOf(named);
}

}  // namespace materialize
