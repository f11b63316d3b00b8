// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Takes trees away, and nothing but the tree that is meant.

#ifndef MATERIALIZE_EXEC_REMOVE_H_
#define MATERIALIZE_EXEC_REMOVE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "materialize/os/sys.h"

namespace materialize {

// Removes `name` in the open directory `dir`, whatever it is, with all below
// it; nothing there is success. Symlinks are removed, never followed. What is
// mounted below is left alone, and is the error. Directories that their owner
// may not write are made writable first. `path` is what people call `dir`.
absl::Status RemoveTree(Sys& sys, int dir, const char* name,
                        absl::string_view path);

// The same for everything in the open directory `dir`, which stays, as does the
// file called `keep`; by `jobs` threads where there is much of it.
absl::Status RemoveContents(Sys& sys, int dir, absl::string_view path,
                            absl::string_view keep = "", int jobs = 1);

}  // namespace materialize

#endif  // MATERIALIZE_EXEC_REMOVE_H_
