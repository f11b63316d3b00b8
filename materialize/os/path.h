// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Paths without surprises: opening below a held directory, asking for the
// absolute name of one.

#ifndef MATERIALIZE_OS_PATH_H_
#define MATERIALIZE_OS_PATH_H_

#include <string>

#include "absl/strings/string_view.h"
#include "materialize/os/sys.h"

namespace materialize {

// Opens the directory `path` (relative, "" is `root` itself) below `root`,
// passing through no symlink. Any depth: where openat2 is missing or the path
// is longer than the kernel takes, piece by piece. A descriptor, or -errno
// (-ELOOP or -ENOTDIR where a symlink was planted).
int OpenDirectoryBeneath(Sys& sys, int root, absl::string_view path);

// The same for the directory `name` in `dir`: one name cannot lead astray, and
// openat(2) takes less than openat2(2).
int OpenDirectoryIn(Sys& sys, int dir, absl::string_view name);

// The same for a file, to be read. A FIFO that was planted there neither blocks
// nor is read: its descriptor must be looked at before use.
int OpenFileBeneath(Sys& sys, int root, absl::string_view path);

// openat(2), patient: again after EINTR, and for about a second while
// descriptors are short (EMFILE, ENFILE), since other threads are about to
// close theirs.
int OpenPatiently(Sys& sys, int dir, const char* path, int flags, mode_t mode);

// The absolute path of an open directory as the kernel knows it now; "" where
// /proc does not tell.
std::string PathOfFd(Sys& sys, int fd);

struct SplitPath {
  std::string directory;  // "." for a bare name
  std::string name;       // without trailing slashes; "" for "/"
};
SplitPath Split(absl::string_view path);

// Lexical: `path` itself when absolute, else below the working directory; "."
// and ".." and double slashes resolved.
std::string AbsolutePath(absl::string_view path);

// Lexical: how to name absolute `to` from the absolute directory `from`.
std::string RelativePath(absl::string_view from, absl::string_view to);

}  // namespace materialize

#endif  // MATERIALIZE_OS_PATH_H_
