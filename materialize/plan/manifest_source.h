// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// A manifest as a Source: batches of single entries from anywhere, and whole
// directories (content=) through whoever lists plain directories.

#ifndef MATERIALIZE_PLAN_MANIFEST_SOURCE_H_
#define MATERIALIZE_PLAN_MANIFEST_SOURCE_H_

#include <functional>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "materialize/manifest.h"
#include "materialize/os/sys.h"
#include "materialize/plan/selection.h"
#include "materialize/plan/source.h"

namespace materialize {

// The directory `entry.content`, to be laid out as `entry.path` (relative to
// the destination's root). Called on any thread, when its turn has come; the
// Source lives until its last Directory is gone.
using OpenContentDirectory =
    std::function<absl::StatusOr<std::unique_ptr<Source>>(
        Sys& sys, const ManifestEntry& entry)>;

struct ManifestOptions {
  Selection selection;  // by path relative to the destination's root
  GlobList privates;
  OpenContentDirectory open_directory;  // needed where such entries are
  bool allow_missing = false;  // links may point at content that is not there
};

// Checks everything that manifest_check.h checks: nothing was written where
// this fails. Directories without a source are 0755 and have the time of this
// call, their uid and gid in facts are -1 (leave alone). A missing entry of
// open_directory is InvalidArgument.
absl::StatusOr<std::unique_ptr<Source>> MakeManifestSource(
    Sys& sys, std::vector<ManifestEntry> entries, ManifestOptions options);

}  // namespace materialize

#endif  // MATERIALIZE_PLAN_MANIFEST_SOURCE_H_
