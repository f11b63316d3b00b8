// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/move_check.h"

#include <cerrno>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "materialize/exec/destination.h"
#include "materialize/os/fd.h"
#include "materialize/os/path.h"
#include "materialize/os/status.h"
#include "materialize/plan/walk.h"

namespace materialize {

absl::Status CheckNames(const MoveRequest& request) {
  if (request.source.empty() || request.destination.empty())
    return absl::InvalidArgumentError("move: an empty name");
  const SplitPath source = Split(request.source);
  if (source.name.empty())
    return absl::InvalidArgumentError("move /: the root directory stays");
  // As mv(1): whoever stands in a directory, or names it by what is in it, may
  // well not know which one that is.
  if (source.name == "." || source.name == "..") {
    return absl::InvalidArgumentError(
        absl::StrCat("move ", request.source,
                     ": ends in . or .., and a directory is moved by its own "
                     "name only"));
  }
  return absl::OkStatus();
}

absl::Status CheckForkOf(const MoveRequest& request, const std::string& path,
                         Kind kind) {
  const bool needs_content =
      request.fork != Fork::kNone && request.fork != Fork::kSymlink;
  if (!needs_content || kind == Kind::kFile || kind == Kind::kDirectory)
    return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("move ", path,
                   ": neither a file nor a directory, so that "
                   "--fork=none and --fork=symlink are all there is"));
}

absl::Status RefuseInside(Sys& sys, const MoveRequest& request,
                          const std::string& path, const Stat& facts) {
  if (facts.kind() != Kind::kDirectory) return absl::OkStatus();
  const std::string destination = AbsolutePath(request.destination);
  std::string above = Split(destination).directory;
  Fd fd;
  while (true) {
    fd = Fd(sys, OpenPatiently(sys, AT_FDCWD, above.c_str(),
                               O_PATH | O_DIRECTORY, 0));
    if (fd.get() != -ENOENT || above == "/") break;
    above = Split(above).directory;
  }
  if (!fd.ok()) return ErrnoStatus(-fd.get(), "open", above);
  const absl::StatusOr<bool> inside =
      IsAtOrAbove(sys, IdentityOf(facts), fd.get());
  if (!inside.ok()) return inside.status();
  if (!*inside) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("move ", path, " -> ", destination,
                   ": the destination is inside the source"));
}

}  // namespace materialize
