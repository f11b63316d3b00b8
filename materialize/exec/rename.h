// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// A rename that never replaces anything, also where the kernel's flag for it is
// missing.

#ifndef MATERIALIZE_EXEC_RENAME_H_
#define MATERIALIZE_EXEC_RENAME_H_

#include "materialize/os/sys.h"

namespace materialize {

// A name in an open directory.
struct NameIn {
  int dir = -1;
  const char* name = "";
};

// renameat2(RENAME_NOREPLACE); 0 or -errno, -EEXIST where something is at `to`.
// Where flags are missing (NFS, many FUSE filesystems) what is no directory is
// linked and then unlinked, and a directory is renamed over an empty one made
// for it. `kind` is what `from` is.
int RenameNoReplace(Sys& sys, const NameIn& from, const NameIn& to, Kind kind);

}  // namespace materialize

#endif  // MATERIALIZE_EXEC_RENAME_H_
