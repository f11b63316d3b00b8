// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// What the entries of a manifest mean together: one tree, with everything that
// contradicts itself refused before anything is written.

#ifndef MATERIALIZE_PLAN_MANIFEST_CHECK_H_
#define MATERIALIZE_PLAN_MANIFEST_CHECK_H_

#include <optional>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "materialize/manifest.h"
#include "materialize/os/sys.h"

namespace materialize {

// Of files with one path, equal contents and the same wishes the first stays.
// The others, and those that cannot be read, are for CheckManifest() to refuse.
void FoldEqualFiles(Sys& sys, std::vector<ManifestEntry>* entries);

// The same entries, each directory right before what is below it, the root ("")
// first, with the parents that nobody named. InvalidArgument, naming both
// origins, for two entries with one path (identical directories are one), for
// an entry below a file or a symlink, for one below a directory that is laid
// out as a whole (content=); for a unit that is no such directory, or is the
// root; and for paths as in entry_path.h.
absl::StatusOr<std::vector<ManifestEntry>> CheckManifest(
    std::vector<ManifestEntry> entries);

// Looks at every content= once: what is missing, or is a directory where a file
// is meant and the reverse, is an error naming origin and path.
absl::Status CheckContents(Sys& sys, const std::vector<ManifestEntry>& entries);

// Two entries, or the directories that lead to them, whose paths differ in case
// only (ASCII), for destinations that cannot tell them apart.
std::optional<std::pair<const ManifestEntry*, const ManifestEntry*>>
FindCaseTwin(const std::vector<ManifestEntry>& entries);

}  // namespace materialize

#endif  // MATERIALIZE_PLAN_MANIFEST_CHECK_H_
