// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Reads what Sys::ReadDirectory() put into a buffer, entry by entry, without
// copying.

#ifndef MATERIALIZE_OS_DENTS_H_
#define MATERIALIZE_OS_DENTS_H_

#include <cstddef>
#include <cstdint>

#include "absl/functional/function_ref.h"
#include "materialize/os/sys.h"

namespace materialize {

struct Dent {
  const char* name;  // NUL-terminated, inside the buffer
  uint64_t inode;    // of the name itself: at a mount point, of the directory
                     // that is covered
  Kind kind;         // kUnknown where the filesystem does not say
};

// Calls `visit` for every entry but "." and "..".
void ForEachDent(const char* buffer, size_t bytes,
                 absl::FunctionRef<void(const Dent&)> visit);

}  // namespace materialize

#endif  // MATERIALIZE_OS_DENTS_H_
