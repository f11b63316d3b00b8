// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Lays out what a Source lists below an open directory, with several workers.

#ifndef MATERIALIZE_EXEC_EXECUTOR_H_
#define MATERIALIZE_EXEC_EXECUTOR_H_

#include "absl/status/statusor.h"
#include "materialize/exec/options.h"
#include "materialize/exec/tally.h"
#include "materialize/exec/target.h"
#include "materialize/os/sys.h"
#include "materialize/plan/source.h"
#include "materialize/progress.h"
#include "materialize/report.h"
#include "materialize/strategy/mounts.h"

namespace materialize {

class Merge;  // exec/merge.h

struct Root {
  int fd = -1;  // an open directory, empty unless there is a merge
  const Mount* mount = nullptr;
  Hygiene hygiene = Hygiene::kExact;
  Merge* merge = nullptr;  // what is there counts; else null
};

// Fills `root` and adds to `report`. Stops at the first hard error, which is
// the answer; what was placed until then stays, for the caller to remove. In a
// merge, errors of single entries are added to Report::failures and the rest
// goes on. The root's own mode, owner and mtime are the caller's to set when
// the tree is in its place: the answer says what the source's root looks like;
// its mode is 0 where nothing is asked of a root that was there.
// `progress` may be null.
absl::StatusOr<Stat> Execute(Sys& sys, const ExecOptions& options,
                             Source& source, const Root& root,
                             MountTable& mounts, const Telling& telling);

}  // namespace materialize

#endif  // MATERIALIZE_EXEC_EXECUTOR_H_
