// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Takes away what the input of a merge does not list: found whole first, so
// that it can be counted and told before anything goes.

#ifndef MATERIALIZE_EXEC_DELETION_H_
#define MATERIALIZE_EXEC_DELETION_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "materialize/exec/deferred_modes.h"
#include "materialize/exec/merge.h"
#include "materialize/os/sys.h"
#include "materialize/report.h"

namespace materialize {

struct DoomedEntry {
  Surplus what;
  size_t above = 0;       // index of the directory that holds it; its own where
                          // that directory is to stay
  bool stays = false;     // something in it is kept
  bool is_listed = true;  // false: what is in a directory is not known yet
};

// Of what is mounted, or has something mounted in it.
Failure NotDeleted(const std::string& path);

struct Doomed {
  std::vector<DoomedEntry> entries;  // a directory before what is in it
  int64_t count = 0;                 // of those that do not stay
  std::vector<Failure> failures;     // what is left alone, and why
  bool hides = false;                // some of that cannot be listed
};

// `surplus` with all that is below it. What the merge keeps (excluded names)
// stays, with the directories it is in; so does what is mounted there. `root`
// is the open destination. Only reads, but for directories of ours that cannot
// be listed: they are opened up, and their modes put down in `opened_up`, to be
// set again when all is done. Null: that is not permitted, and what is in them
// is not found. What cannot be listed for other reasons stays.
absl::StatusOr<Doomed> FindDoomed(Sys& sys, int root, const Merge& merge,
                                  std::vector<Surplus> surplus,
                                  DeferredModes* opened_up);

// Why not all of `doomed`, which is in the way of a file, may go, and what
// would help.
const char* WhyInTheWay(const Doomed& doomed, const Deletion& deletion);

// Removes what does not stay, deepest first; `gone` is told of each. The
// directories that lose a name keep their mtime. What fails is added to
// `doomed`.
void Remove(Sys& sys, int root, Doomed* doomed,
            absl::FunctionRef<void(const Surplus&)> gone);

}  // namespace materialize

#endif  // MATERIALIZE_EXEC_DELETION_H_
