// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Makes what was placed survive a loss of power. Only for those who ask: it
// waits for the disk.

#ifndef MATERIALIZE_EXEC_SYNC_H_
#define MATERIALIZE_EXEC_SYNC_H_

#include <string>

#include "absl/status/status.h"
#include "materialize/os/sys.h"

namespace materialize {

// Syncs the tree below the open directory `root`, which has about `files`
// files: each file and directory by itself while they are few, else the whole
// filesystem at once. `path` is what people call it.
absl::Status SyncTree(Sys& sys, int root, int64_t files,
                      const std::string& path);

// Syncs one open file or directory.
absl::Status SyncOne(Sys& sys, int fd, const std::string& path);

}  // namespace materialize

#endif  // MATERIALIZE_EXEC_SYNC_H_
