// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Tells what Execute() would do, and writes nothing.

#ifndef MATERIALIZE_EXEC_DRY_RUN_H_
#define MATERIALIZE_EXEC_DRY_RUN_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "materialize/exec/options.h"
#include "materialize/exec/tally.h"
#include "materialize/os/sys.h"
#include "materialize/plan/source.h"
#include "materialize/progress.h"
#include "materialize/report.h"
#include "materialize/strategy/mounts.h"

namespace materialize {

// Lists all that `source` has, in order, with the method that would be tried
// first onto the mount `to`: what tables know is heeded, what only a try can
// tell is not. Counts go to `report`, entries to `progress` (may be null) as if
// worker 0 had placed them.
absl::Status DryRun(Sys& sys, const ExecOptions& options, Source& source,
                    const Mount& to, MountTable& mounts,
                    const Telling& telling);

// The mount of the nearest directory above `path` (absolute) that is there:
// what methods could do at a destination that is not.
absl::StatusOr<const Mount*> NearestMount(Sys& sys, const std::string& path,
                                          MountTable& mounts);

}  // namespace materialize

#endif  // MATERIALIZE_EXEC_DRY_RUN_H_
