// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// A look at all names below a directory before it is laid out as a whole: what
// is to be left out, and what is wrong with it. No call per file, but for
// links.

#ifndef MATERIALIZE_ACTION_TREE_SCAN_H_
#define MATERIALIZE_ACTION_TREE_SCAN_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "materialize/os/sys.h"

namespace materialize {

struct ScannedTree {
  // Files that are not wanted, and directories that hold no wanted one; paths
  // below the root of the scan.
  std::vector<std::string> left_out;
  size_t files = 0;  // wanted ones
  bool has_links = false;
  // It needs a look at each file: a link leads to a directory.
  bool is_entangled = false;
};

// What is asked of every file; links are followed.
struct TreeQuestions {
  // Whether the file at this path below the root is wanted.
  absl::FunctionRef<absl::StatusOr<bool>(absl::string_view path)> wants;
  // Told of every wanted file that is a link: its path, and what it leads to.
  absl::FunctionRef<void(absl::string_view path, const Stat& facts)> link;
};

// An error names the path that it is about: a link that leads nowhere, what is
// neither file nor directory.
absl::StatusOr<ScannedTree> ScanTree(Sys& sys, const std::string& root,
                                     const TreeQuestions& questions);

}  // namespace materialize

#endif  // MATERIALIZE_ACTION_TREE_SCAN_H_
