// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/exec/deferred_modes.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "materialize/os/fd.h"
#include "materialize/os/path.h"
#include "materialize/os/status.h"
#include "materialize/plan/source.h"

namespace materialize {

void DeferredModes::Forget(absl::string_view path) {
  const std::string below = absl::StrCat(path, "/");
  std::erase_if(modes_, [&](const auto& mode) {
    return mode.first == path || absl::StartsWith(mode.first, below);
  });
}

std::vector<DeferredModes::Refused> DeferredModes::Apply(
    Sys& sys, int root, const std::string& root_path) const {
  std::vector<Refused> refused;
  for (const auto& [path, mode] : modes_) {
    const Fd fd(sys, OpenDirectoryBeneath(sys, root, path));
    const int result = fd.ok() ? sys.ChangeMode(fd.get(), mode) : fd.get();
    if (result == 0) continue;
    refused.push_back(
        {.path = path,
         .status = ErrnoStatus(-result, "chmod", JoinPath(root_path, path))});
  }
  return refused;
}

}  // namespace materialize
