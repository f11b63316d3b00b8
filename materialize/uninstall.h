// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Takes away what a receipt names and that still is what the receipt says.

#ifndef MATERIALIZE_UNINSTALL_H_
#define MATERIALIZE_UNINSTALL_H_

#include <atomic>
#include <string>

#include "absl/status/statusor.h"
#include "materialize/os/sys.h"
#include "materialize/progress.h"
#include "materialize/request.h"
#include "materialize/uninstall_report.h"

namespace materialize {

enum class Changed { kLeave, kRemove };

struct UninstallRequest {
  std::string receipt;      // an mtree(5), as Request::receipt is written
  std::string destination;  // the directory it is of, or the one file
  // What is no longer as the receipt says. A directory where the receipt has
  // something else stays in any case.
  Changed changed = Changed::kLeave;
  Busy busy = Busy::kWait;
  bool dry_run = false;

  // Set by anybody, any time: stop and answer Cancelled. Not owned; may be
  // null.
  const std::atomic<bool>* cancel = nullptr;
};

// A file is what the receipt says if it has its digest, whatever its time; or,
// where the receipt has none, its size and time (and the inode number and ctime
// of Request::receipt_identity). Where the receipt has neither time nor digest,
// nobody can tell, so it counts as changed. A symlink must have the target that
// the receipt names. Modes and owners do not count.
//
// A directory that the receipt names goes when nothing is left in it; until
// then it may be made writable, and has its mode back if it stays. The
// destination itself stays, empty or not: it may have been there before. What
// the receipt does not name is never touched. What is gone already is counted,
// so that the same call again finishes what was interrupted; a destination that
// is not there is one of which all is gone.
//
// Passes through no symlink below the destination and enters nothing that is
// mounted there. Holds the lock of a merge, but for "/", which is nobody's
// destination. Between the look at an entry and its removal is one moment in
// which a change is not seen. Memory follows the receipt.
//
// Errors, with nothing removed: FailedPrecondition for a receipt that cannot be
// read, lists nothing or names what is outside; Unavailable where another run
// is at work and Busy::kFail was asked for; what the kernel said of the
// destination as a whole. Cancelled, with some of it removed. What is wrong
// with single entries is in the report and stops nothing. `progress` may be
// null; entries that go are told as How::kDeleted, by one worker.
absl::StatusOr<UninstallReport> Uninstall(const UninstallRequest& request,
                                          Sys& sys = RealSys(),
                                          Progress* progress = nullptr);

}  // namespace materialize

#endif  // MATERIALIZE_UNINSTALL_H_
