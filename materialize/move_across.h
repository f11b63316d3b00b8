// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// A move between filesystems: lay out, sync, rename into place, and then only
// take the source away.

#ifndef MATERIALIZE_MOVE_ACROSS_H_
#define MATERIALIZE_MOVE_ACROSS_H_

#include <optional>

#include "absl/status/status.h"
#include "materialize/exec/destination.h"
#include "materialize/exec/staging.h"
#include "materialize/exec/take_away.h"
#include "materialize/move.h"
#include "materialize/os/sys.h"
#include "materialize/progress.h"

namespace materialize {

struct Crossing {
  const MoveRequest& request;
  const MoveEnd& source;
  const Stat& facts;  // of the source
  const Destination& destination;
  // The source's; null where nothing can be written beside the source. Its
  // lock keeps a second mover of the same source away.
  const Staging* staging = nullptr;
  // A dead run has brought the destination into place: only the rest is to do.
  bool is_there = false;
};

// Refuses, before anything is written, what cannot be moved that way.
absl::Status CheckCrossing(Sys& sys, const MoveRequest& request,
                           const MoveEnd& source, const Stat& facts);

// Refuses what MoveAcross() would refuse, tells `progress` (may be null) what
// it would lay out at report->destination, and fills report->placed. Writes
// nothing; request.dry_run is set.
absl::Status RehearseCrossing(Sys& sys, const MoveRequest& request,
                              const MoveEnd& source, const Stat& facts,
                              Progress* progress, MoveReport* report);

// Fills report->placed, left, fork and warnings. An error means that the source
// is whole; `progress` may be null.
absl::Status MoveAcross(Sys& sys, const Crossing& crossing, Progress* progress,
                        MoveReport* report);

}  // namespace materialize

#endif  // MATERIALIZE_MOVE_ACROSS_H_
