// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// A yarn.lock of Yarn 1, read as the list of what an offline mirror holds.

#ifndef MATERIALIZE_VERIFY_YARN_LOCK_H_
#define MATERIALIZE_VERIFY_YARN_LOCK_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "materialize/plan/mtree.h"

namespace materialize {

// Whether it says so of itself ("# yarn lockfile v").
bool LooksLikeYarnLock(absl::string_view text);

// One file for each locked package, by the name that Yarn 1.22 gives its
// tarball in `yarn-offline-mirror`: the last component of `resolved`
// (`@scope-name-1.2.3.tgz` for a scope; `repo.git-COMMIT` for git), or name and
// version where there is no `resolved`. Its digests are the strongest of
// `integrity` (any one of equal strength will do, as to Yarn) and the SHA-1
// behind the `#` of `resolved`. Packages of `file:` and `link:` are in no
// mirror and left out.
//
// InvalidArgument, naming `file`:LINE, for what is no yarn.lock of Yarn 1, for
// an integrity that cannot be read, and for names as in plan/entry_path.h.
absl::StatusOr<std::vector<MtreeEntry>> ParseYarnLock(absl::string_view text,
                                                      absl::string_view file);

// The name in the mirror of what `resolved` (without its `#`) points at.
std::string YarnMirrorName(absl::string_view resolved);

}  // namespace materialize

#endif  // MATERIALIZE_VERIFY_YARN_LOCK_H_
