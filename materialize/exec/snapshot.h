// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// A whole btrfs subvolume at once, whatever its size: all its files share their
// extents with the original's.

#ifndef MATERIALIZE_EXEC_SNAPSHOT_H_
#define MATERIALIZE_EXEC_SNAPSHOT_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "materialize/exec/staging.h"
#include "materialize/os/fd.h"
#include "materialize/os/sys.h"

namespace materialize {

// Opens the subvolume at `path`. FailedPrecondition for what is no subvolume,
// and for one of which a snapshot would show less than a copy: with other
// subvolumes in it, or something mounted below it.
absl::StatusOr<Fd> OpenSubvolume(Sys& sys, const std::string& path);

// Refuses a destination (absolute; its parents need not be there) that is no
// btrfs, or in the subvolume that is called `path`: the snapshot would hold a
// part of itself. Looks only; that it is another btrfs shows in a try.
absl::Status CheckPlace(Sys& sys, int subvolume, const std::string& path,
                        const std::string& destination);

// The same of the directory that `destination` turns out to be in, links and
// ".." followed.
absl::Status CheckParent(Sys& sys, int subvolume, const std::string& path,
                         int parent, const std::string& destination);

// Makes the snapshot, writable, as kStagedTree, on the disk when this returns,
// and opens it. FailedPrecondition where `destination` is elsewhere.
absl::StatusOr<Fd> StageSnapshot(Sys& sys, int subvolume,
                                 const std::string& path,
                                 const Staging& staging,
                                 const std::string& destination);

}  // namespace materialize

#endif  // MATERIALIZE_EXEC_SNAPSHOT_H_
