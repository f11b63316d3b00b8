// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// What a move leaves beside its source while it is at work, so that the next
// run can finish what a killed one began: a file in the source's staging.

#ifndef MATERIALIZE_MOVE_MARK_H_
#define MATERIALIZE_MOVE_MARK_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "materialize/exec/staging.h"
#include "materialize/exec/take_away.h"
#include "materialize/os/sys.h"
#include "materialize/plan/walk.h"

namespace materialize {

// From now on a dead run is known to have been moving `source` to
// `destination` (absolute).
absl::Status WriteMark(Sys& sys, const Staging& staging, const Identity& source,
                       const std::string& destination);

// Whether there is a mark of a move from `source` to `destination`, by a run
// that is dead or at work. Without `identity`: of whatever was there.
bool HasMark(Sys& sys, const MoveEnd& source,
             const std::optional<Identity>& identity,
             const std::string& destination);

// A moment of the source's filesystem: what was changed before the call has an
// earlier ctime, what is changed after it has not. Nothing where ctimes are too
// coarse to wait for. Call after WriteMark().
std::optional<Time> MarkMoment(Sys& sys, const Staging& staging);

}  // namespace materialize

#endif  // MATERIALIZE_MOVE_MARK_H_
