// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// A directory that goes to one place as a whole: the engine lists it by itself,
// and needs to be told only what stays out.

#ifndef MATERIALIZE_ACTION_WHOLE_TREE_H_
#define MATERIALIZE_ACTION_WHOLE_TREE_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "materialize/action/action_request.h"
#include "materialize/action/source_filter.h"
#include "materialize/manifest.h"
#include "materialize/os/sys.h"

namespace materialize {

// What lays `source`, a directory, out at `place`, where nobody else has
// anything: one entry, or none when no file of it is wanted. Nothing when each
// file has to be asked for: a link leads to a directory, or some files may
// share their inodes and others not. Errors name the label.
absl::StatusOr<std::optional<std::vector<ManifestEntry>>> WholeTree(
    Sys& sys, const ActionRequest& request, const SourceFilter& filter,
    const ActionSource& source, const std::string& place);

}  // namespace materialize

#endif  // MATERIALIZE_ACTION_WHOLE_TREE_H_
