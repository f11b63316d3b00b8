// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Every file below a directory, since its place can depend on its path. Links
// are followed: in a sandbox all inputs are links.

#ifndef MATERIALIZE_ACTION_TREE_FILES_H_
#define MATERIALIZE_ACTION_TREE_FILES_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "materialize/os/sys.h"

namespace materialize {

struct TreeFile {
  std::string path;      // relative to the root of the listing
  bool is_link = false;  // itself, or a directory on the way from the root
};

struct TreeListing {
  std::vector<TreeFile> files;  // sorted by path
  bool has_empty_directories = false;
};

// An error names the path that it is about: a link that points at nothing, for
// one.
absl::StatusOr<TreeListing> ListTree(Sys& sys, const std::string& root);

}  // namespace materialize

#endif  // MATERIALIZE_ACTION_TREE_FILES_H_
