// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// A look at all names below a directory before it is laid out as a whole: what
// is to be left out, and what is wrong with it. No call per file, but for
// links, and where a listing does not tell the kinds.

#ifndef MATERIALIZE_ACTION_TREE_SCAN_H_
#define MATERIALIZE_ACTION_TREE_SCAN_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
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

// Is asked by one thread. Links are followed.
class TreeAnswers {
 public:
  virtual ~TreeAnswers() = default;
  // Whether the file at `path` below the root is wanted.
  virtual absl::StatusOr<bool> Wants(absl::string_view path) = 0;
  // The wanted file that was asked for last, at `path`, is a link; `facts` are
  // of what it leads to.
  virtual void SeeLink(absl::string_view path, const Stat& facts) = 0;
};

// With at most one thread for each of `answers`, the first of them the
// caller's. An error names the path that it is about: a link that leads
// nowhere, what is neither file nor directory.
absl::StatusOr<ScannedTree> ScanTree(Sys& sys, const std::string& root,
                                     absl::Span<TreeAnswers* const> answers);

}  // namespace materialize

#endif  // MATERIALIZE_ACTION_TREE_SCAN_H_
