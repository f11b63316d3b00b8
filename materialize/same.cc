// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/same.h"

#include <algorithm>
#include <cerrno>
#include <string>

#include "materialize/exec/rules.h"
#include "materialize/os/status.h"
#include "materialize/plan/selection.h"

namespace materialize {
namespace {

// Whether the result of a single file must have an inode of its own.
bool NeedsOwnInode(const Request& request, const std::vector<Method>& methods,
                   const std::string& name) {
  const absl::StatusOr<GlobList> privates =
      GlobList::Parse(request.private_entries);
  return (privates.ok() && privates->Matches("", name, Kind::kFile)) ||
         std::none_of(methods.begin(), methods.end(), SharesInode);
}

}  // namespace

absl::StatusOr<bool> IsSourceItself(Sys& sys, const Request& request,
                                    const std::vector<Method>& methods,
                                    const Input& input,
                                    const Destination& destination) {
  if (!input.has_facts || request.only_files) return false;
  Stat there;
  const int found = sys.StatAt(destination.parent(), destination.name().c_str(),
                               AT_SYMLINK_NOFOLLOW, &there);
  if (found == -ENOENT) return false;
  if (found < 0) return ErrnoStatus(-found, "stat", destination.path());
  if (IsNameOf(sys, request.source, destination)) return true;
  if (IdentityOf(there) != IdentityOf(input.facts)) return false;
  return input.shape == Shape::kTree ||
         !NeedsOwnInode(request, methods, destination.name());
}

}  // namespace materialize
