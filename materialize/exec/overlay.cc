// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/exec/overlay.h"

#include <cstddef>
#include <cstdint>

namespace materialize {

// Neither st_dev nor the mount id tells; the file handle does
// (fs/overlayfs/export.c): type 0xf8, and a flag for what is wholly in
// the upper layer.
bool IsOverlayLower(Sys& sys, int dir, const char* name) {
  constexpr int kOverlayHandle = 0xf8;
  constexpr size_t kFlagsByte = 6;
  constexpr unsigned char kPureUpper = 0x04;
  int type = 0;
  unsigned char handle[64] = {};
  const int64_t bytes =
      sys.FileHandle(dir, name, &type, handle, sizeof(handle));
  const bool is_upper = bytes > static_cast<int64_t>(kFlagsByte) &&
                        type == kOverlayHandle &&
                        (handle[kFlagsByte] & kPureUpper) != 0;
  return !is_upper;
}

// A directory of several layers has one link (ovl_getattr in
// fs/overlayfs/inode.c), any other those of its own filesystem.
bool HasOneLayer(const Stat& directory) { return directory.links > 1; }

}  // namespace materialize
