// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Every file below a directory, for when its place depends on its path. Links
// are followed: in a sandbox all inputs are links.

#ifndef MATERIALIZE_ACTION_TREE_FILES_H_
#define MATERIALIZE_ACTION_TREE_FILES_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "materialize/os/sys.h"

namespace materialize {

// Paths relative to `root`, sorted. Directories are only passed through.
absl::StatusOr<std::vector<std::string>> ListTreeFiles(Sys& sys,
                                                       const std::string& root);

}  // namespace materialize

#endif  // MATERIALIZE_ACTION_TREE_FILES_H_
