// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// A tree as a list in memory, in the order of paths: what is there, with its
// facts. No symlink is followed and no file is opened.

#ifndef MATERIALIZE_INSPECT_TREE_H_
#define MATERIALIZE_INSPECT_TREE_H_

#include <atomic>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "materialize/os/fd.h"
#include "materialize/os/sys.h"
#include "materialize/plan/selection.h"
#include "materialize/plan/walk.h"

namespace materialize {

struct Seen {
  std::string path;         // relative to the root; "" is the root itself
  Stat facts = {};          // of the name itself
  std::string target = {};  // text of a symlink
};

struct ListOptions {
  Selection selection = {};
  std::vector<Identity> left_out = {};  // directories, wherever they turn up
  const std::atomic<bool>* cancel = nullptr;
  // Of what is no directory: whether it is to be in the list; null: all is.
  std::function<bool(const Stat&)> wants = nullptr;
};

// `root` is the open directory, `root_path` what people call it. What vanishes
// meanwhile is not in the list. Cancelled, or what the kernel said.
absl::StatusOr<std::vector<Seen>> ListTree(Sys& sys, Fd root,
                                           const std::string& root_path,
                                           const ListOptions& options);

// The one of `path` in such a list; null where there is none.
const Seen* FindSeen(const std::vector<Seen>& list, absl::string_view path);

}  // namespace materialize

#endif  // MATERIALIZE_INSPECT_TREE_H_
