// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// From sources to what must exist: one entry per file, or per directory where
// that goes as a whole. Everything that is wrong with the sources is found
// here, before anything is written.

#ifndef MATERIALIZE_ACTION_LAYOUT_H_
#define MATERIALIZE_ACTION_LAYOUT_H_

#include <vector>

#include "absl/status/statusor.h"
#include "materialize/action/request_file.h"
#include "materialize/manifest.h"
#include "materialize/os/sys.h"

namespace materialize {

// Entries in the order of their paths, the root among them. Errors name the
// label that brought the file; two sources for one path are an AlreadyExists
// that names both, unless their contents are equal (then the first counts).
absl::StatusOr<std::vector<ManifestEntry>> LayOut(const ActionRequest& request,
                                                  Sys& sys);

}  // namespace materialize

#endif  // MATERIALIZE_ACTION_LAYOUT_H_
