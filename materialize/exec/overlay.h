// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Which layer of an overlayfs a file is in.

#ifndef MATERIALIZE_EXEC_OVERLAY_H_
#define MATERIALIZE_EXEC_OVERLAY_H_

#include "materialize/os/sys.h"

namespace materialize {

// Whether `name` in the open directory `dir` of an overlayfs, or the file `dir`
// itself (""), is not wholly in the upper layer: a hardlink of it may copy it
// up. True as well where the kernel does not tell, before Linux 6.6. Never ask
// it of a directory: with nfs_export=on, that may copy up one above it.
bool IsOverlayLower(Sys& sys, int dir, const char* name);

// Whether a directory of an overlayfs is in one layer alone, and so is all that
// is in it. (What was copied up and moved there is upper, and passes for
// lower.) False where that does not show, as on btrfs.
bool HasOneLayer(const Stat& directory);

}  // namespace materialize

#endif  // MATERIALIZE_EXEC_OVERLAY_H_
