// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// What must exist: entries, in batches, one batch for (a part of) one
// destination directory.

#ifndef MATERIALIZE_PLAN_ENTRY_H_
#define MATERIALIZE_PLAN_ENTRY_H_

#include <memory>
#include <vector>

#include "materialize/manifest.h"
#include "materialize/os/sys.h"

namespace materialize {

class Directory;  // plan/source.h

struct Entry {
  const char* name = nullptr;    // in the destination directory; one component,
                                 // any byte but '/' and NUL
  const char* source = nullptr;  // relative to Batch::from; null for a file or
                                 // directory that has no source
  Kind kind = Kind::kUnknown;    // kUnknown: a stat must tell
  uint64_t inode = 0;  // of `source` as the listing gave it; 0: not known
  bool follow =
      false;  // `source` may be a symlink and what it points at is meant
  bool is_private = false;  // must never share an inode with the source
  bool unit = false;  // kDirectory: into a tree that is there all or nothing,
                      // never piece by piece; `child` can be listed Again()
  const char* target =
      nullptr;  // a symlink whose text is given rather than read from `source`
  const Wanted* wanted = nullptr;
  Directory* child = nullptr;  // kDirectory: what lists it (see
                               // Batch::children); null: nothing below

  // Nothing is asked but what its source is, which any method may give.
  bool is_plain() const {
    return source != nullptr && !follow && !is_private && wanted == nullptr;
  }
};

// Owns the bytes its entries point at. A worker reuses one batch after another.
struct Batch {
  int from = -1;  // directory descriptor that `Entry::source` is relative to,
                  // or AT_FDCWD; open while the batch lives
  std::vector<Entry> entries;
  std::vector<std::unique_ptr<Directory>> children;  // owners of Entry::child
  std::shared_ptr<char[]>
      block;  // what entries point at: a listing as the kernel gave it, or
  std::shared_ptr<const void> storage;  // whoever else owns it

  // Forgets the entries, keeps the memory.
  void Clear() {
    from = -1;
    entries.clear();
    children.clear();
    storage.reset();
  }
};

}  // namespace materialize

#endif  // MATERIALIZE_PLAN_ENTRY_H_
