// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/action/action_request.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace materialize {

std::string ActionSource::Label() const {
  return absl::StrCat(repository.empty() ? "" : "@", repository, "//", package,
                      ":", name);
}

std::string ActionSource::WorkspacePath() const {
  const std::string prefix = absl::StrCat("../", repository, "/");
  return !repository.empty() && absl::StartsWith(short_path, prefix)
             ? short_path.substr(prefix.size())
             : short_path;
}

}  // namespace materialize
