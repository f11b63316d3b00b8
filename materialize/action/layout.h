// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// From sources to what must exist: one entry per file, or per directory where
// that goes as a whole. Everything that is wrong with the sources is found
// here, before anything is written.

#ifndef MATERIALIZE_ACTION_LAYOUT_H_
#define MATERIALIZE_ACTION_LAYOUT_H_

#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "materialize/action/action_request.h"
#include "materialize/manifest.h"
#include "materialize/method.h"
#include "materialize/os/sys.h"

namespace materialize {

// Entries in the order of their paths, the root among them. Errors name the
// label that brought the file; two sources for one path are an AlreadyExists
// that names both, unless their contents are equal (then the first counts) or
// overwriting is allowed (then the last does). A name that is not UTF-8 is
// InvalidArgument. Nothing but generated files of the main repository, as the
// request wants it, may share an inode: all else is ManifestEntry::is_private.
absl::StatusOr<std::vector<ManifestEntry>> LayOut(const ActionRequest& request,
                                                  Sys& sys);

// InvalidArgument names the label where `methods` leave a private entry
// nothing.
absl::Status CheckPrivate(const std::vector<ManifestEntry>& entries,
                          const std::vector<Method>& methods);

// `status`, which is not ok, with the label that brought the file it speaks of.
absl::Status WithLabel(const absl::Status& status,
                       const std::vector<ManifestEntry>& entries);

}  // namespace materialize

#endif  // MATERIALIZE_ACTION_LAYOUT_H_
