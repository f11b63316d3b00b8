// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// A Yarn 1 offline mirror out of sources: what a yarn.lock names, under the
// names that Yarn looks for, with the content that the lock file asks for.

#ifndef MATERIALIZE_ACTION_YARN_MIRROR_H_
#define MATERIALIZE_ACTION_YARN_MIRROR_H_

#include <vector>

#include "absl/status/statusor.h"
#include "materialize/action/action_request.h"
#include "materialize/manifest.h"
#include "materialize/os/sys.h"

namespace materialize {

// As LayOut() of a request with a `yarn_lock`, whose `root_paths` do not count:
// a source belongs to the entry of the lock file that has its base name. Other
// sources are left out, of a directory file by file.
//
// InvalidArgument for a lock file that cannot be read. Of tarballs, naming lock
// file and line: NotFound where a source is missing (prebuilt ones may be),
// AlreadyExists where two packages have one name, DataLoss where the content is
// not what the lock file says, naming the label, too.
absl::StatusOr<std::vector<ManifestEntry>> LayOutYarnMirror(
    const ActionRequest& request, Sys& sys);

}  // namespace materialize

#endif  // MATERIALIZE_ACTION_YARN_MIRROR_H_
