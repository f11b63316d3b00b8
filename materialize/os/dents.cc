// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/os/dents.h"

#include <dirent.h>

namespace materialize {
namespace {

Kind KindOfType(unsigned char type) {
  switch (type) {
    case DT_REG:
      return Kind::kFile;
    case DT_DIR:
      return Kind::kDirectory;
    case DT_LNK:
      return Kind::kSymlink;
    case DT_UNKNOWN:
      return Kind::kUnknown;
    default:
      return Kind::kSpecial;
  }
}

bool IsSelfOrParent(const char* name) {
  return name[0] == '.' &&
         (name[1] == '\0' || (name[1] == '.' && name[2] == '\0'));
}

}  // namespace

void ForEachDent(const char* buffer, size_t bytes,
                 absl::FunctionRef<void(const Dent&)> visit) {
  for (size_t at = 0; at < bytes;) {
    // The kernel aligns each record for dirent64 (getdents64(2)).
    const auto* record = reinterpret_cast<const dirent64*>(buffer + at);
    at += record->d_reclen;
    if (IsSelfOrParent(record->d_name)) continue;
    visit({.name = record->d_name,
           .inode = record->d_ino,
           .kind = KindOfType(record->d_type)});
  }
}

}  // namespace materialize
