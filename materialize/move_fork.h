// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// What stays at the old path of a move: built beside it, then put there by one
// rename.

#ifndef MATERIALIZE_MOVE_FORK_H_
#define MATERIALIZE_MOVE_FORK_H_

#include <string>

#include "absl/status/status.h"
#include "materialize/exec/staging.h"
#include "materialize/exec/take_away.h"
#include "materialize/move.h"
#include "materialize/os/sys.h"

namespace materialize {

// Builds it from the source, which is still there, as kStagedOld of the
// source's staging: a run that dies after the move leaves it to the next one to
// put there. `facts` are the source's, `destination` is where it goes.
absl::Status BuildFork(Sys& sys, const MoveRequest& request,
                       const MoveEnd& source, const Stat& facts,
                       const std::string& destination, const Staging& staging);

// Refuses what BuildFork() would refuse, as far as that is known without
// writing; request.dry_run is set.
absl::Status RehearseFork(Sys& sys, const MoveRequest& request,
                          const MoveEnd& source);

// Puts it at the old path, which must be free.
absl::Status PlaceFork(Sys& sys, const MoveEnd& source, const Staging& staging);

}  // namespace materialize

#endif  // MATERIALIZE_MOVE_FORK_H_
