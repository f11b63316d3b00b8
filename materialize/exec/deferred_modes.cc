// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/exec/deferred_modes.h"

#include <algorithm>

#include "materialize/os/fd.h"
#include "materialize/os/path.h"
#include "materialize/os/status.h"
#include "materialize/plan/source.h"

namespace materialize {

// Deepest first: a directory that its owner may not search hides what is below.
absl::Status DeferredModes::Apply(Sys& sys, int root,
                                  const std::string& root_path) {
  std::sort(modes_.begin(), modes_.end(),
            [](const Mode& a, const Mode& b) { return a.path > b.path; });
  for (const Mode& deferred : modes_) {
    const Fd fd(sys, OpenDirectoryBeneath(sys, root, deferred.path));
    const int result =
        fd.ok() ? sys.ChangeMode(fd.get(), deferred.mode) : fd.get();
    if (result < 0)
      return ErrnoStatus(-result, "chmod", JoinPath(root_path, deferred.path));
  }
  return absl::OkStatus();
}

}  // namespace materialize
