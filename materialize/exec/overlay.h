// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Which layer of an overlayfs something is in.

#ifndef MATERIALIZE_EXEC_OVERLAY_H_
#define MATERIALIZE_EXEC_OVERLAY_H_

#include <cstdint>

#include "materialize/os/sys.h"

namespace materialize {

// Whether `name` in the open directory `dir` of an overlayfs, or `dir` itself
// (""), is not wholly in the upper layer: a hardlink of such a file copies it
// up. True as well where the kernel does not tell, before Linux 6.5.
bool IsOverlayLower(Sys& sys, int dir, const char* name);

// Whether all files in an open directory of an overlayfs are lower, for it is
// in one lower layer and nowhere else. `links` is its st_nlink. Where that does
// not tell, as of a directory on btrfs, false.
bool HoldsLowerAlone(Sys& sys, int dir, uint64_t links);

}  // namespace materialize

#endif  // MATERIALIZE_EXEC_OVERLAY_H_
