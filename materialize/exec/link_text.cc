// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/exec/link_text.h"

#include "materialize/os/fd.h"
#include "materialize/os/path.h"
#include "materialize/os/status.h"

namespace materialize {

// Relative text must hold between the real places, so links on the way are
// resolved first.
absl::StatusOr<std::string> LinkTextOf(Sys& sys, const ExecOptions& options,
                                       const Directory& listing,
                                       const Target& target,
                                       const Entry& entry) {
  const std::string source = AbsolutePath(listing.SourcePath(entry.source));
  if (options.link_target == LinkTarget::kAbsolute) return source;
  const SplitPath split = Split(source);
  const Fd directory(sys, OpenPatiently(sys, AT_FDCWD, split.directory.c_str(),
                                        O_PATH | O_DIRECTORY, 0));
  if (!directory.ok())
    return ErrnoStatus(-directory.get(), "open", split.directory);
  const std::string real = JoinPath(PathOfFd(sys, directory.get()), split.name);
  return RelativePath(JoinPath(options.final_path, *target.path), real);
}

}  // namespace materialize
