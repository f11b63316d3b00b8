// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// The lock of a merge. A merge that finds nothing to change writes nothing, not
// even a lock: it looks under a shared flock(2) of the tree, and takes the
// staging with its lock when it comes to the first change. Whoever changes a
// tree in place holds the staging and an exclusive flock of the tree.

#ifndef MATERIALIZE_EXEC_TREE_LOCK_H_
#define MATERIALIZE_EXEC_TREE_LOCK_H_

#include <atomic>
#include <mutex>
#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "materialize/exec/destination.h"
#include "materialize/exec/merge.h"
#include "materialize/exec/staging.h"
#include "materialize/os/sys.h"
#include "materialize/request.h"

namespace materialize {

class TreeLock final : public Permit {
 public:
  // `root` is the open directory that is merged into: the destination itself,
  // or, where that is one file, the directory that holds it. All outlive the
  // lock.
  TreeLock(Sys& sys, const Destination& destination, int root, bool is_file,
           Busy busy, const std::atomic<bool>* cancel)
      : sys_(sys),
        destination_(destination),
        root_(root),
        is_file_(is_file),
        busy_(busy),
        cancel_(cancel) {}

  // Only to look, for now. False: somebody is changing the tree, or died of it,
  // or it cannot be locked; then Acquire() is what helps.
  bool Share();

  // To change. Waits, or answers Unavailable. Of a dead run's staging all is
  // removed.
  absl::Status Acquire();

  // The staging's descriptor. After Share() the first call takes the lock, and
  // answers Aborted where somebody else may have changed the tree meanwhile.
  absl::StatusOr<int> Get() override;

  // Get() answered Aborted: look again from the beginning, after Acquire().
  bool is_stale() const { return is_stale_; }
  bool is_held() const { return staging_.has_value(); }
  // Held now or, before Release(), once: the tree may have been changed.
  bool was_held() const { return was_held_; }
  // After Acquire(): a run that changed the tree may have died of it, as its
  // staging was there. After Share() none can have.
  bool is_inherited() const { return is_inherited_; }
  // Whether the tree still is what has the destination's name.
  bool is_current() const { return is_file_ || IsStillNamed(); }

  // Removes the staging, if it was taken.
  absl::Status Release();

 private:
  absl::StatusOr<Staging> TakeStaging(Busy busy);
  absl::Status LockTree(int operation);
  bool IsStillNamed() const;
  bool HasStaging() const;

  Sys& sys_;
  const Destination& destination_;
  const int root_;
  const bool is_file_;
  const Busy busy_;
  const std::atomic<bool>* cancel_;
  std::mutex mutex_;
  std::optional<Staging> staging_;
  bool was_held_ = false;
  bool is_inherited_ = false;
  std::atomic<bool> is_stale_{false};
};

}  // namespace materialize

#endif  // MATERIALIZE_EXEC_TREE_LOCK_H_
