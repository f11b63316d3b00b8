// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// What is known of a filesystem by its statfs(2) magic alone: a table that
// spares impossible tries. It only ever rules out; what it calls kMaybe is
// found out by one real try.

#ifndef MATERIALIZE_STRATEGY_FILESYSTEM_H_
#define MATERIALIZE_STRATEGY_FILESYSTEM_H_

#include <cstdint>

namespace materialize {

enum class Support : uint8_t { kNo, kMaybe, kYes };
enum class Sizes : uint8_t {
  kTrue,
  kPretended
};  // procfs: st_size says nothing of what read(2) gives
enum class Names : uint8_t { kExact, kFolded };  // kFolded: a and A are one
// Whether d_ino of a directory's listing is the inode number that stat(2)
// gives. Not below FUSE, where it may be the same for all, nor on overlayfs.
enum class Listed : uint8_t { kAnything, kInodes };
enum class Modes : uint8_t {
  kMaybe,
  kKept
};  // whether chmod(2) tells the truth
enum class Layers : uint8_t {
  kNone,
  kOverlay
};  // a link may copy its source up
// Whether two threads that link into one directory are faster than one. Each
// waits for the directory's lock, but not with all that it does.
enum class Linking : uint8_t { kTogether, kAlone };
// Whether a tree of new files is laid out sooner with the newest directory next
// or with the oldest: btrfs gains 8 to 10 % by reflink and copy, the others
// nothing. Hardlinks, and a tree that is looked at, want the newest everywhere.
enum class Filling : uint8_t { kDepthFirst, kBreadthFirst };
// Whether several threads that write one large file are faster than one: btrfs
// and tmpfs only take more of the processors (tests/bench/run
// --works=one-file). Not where what lies before a written byte has to be filled
// with zeros first.
enum class Writers : uint8_t { kOne, kSeveral };

// What is not the same everywhere, beside the methods.
struct Traits {
  Sizes sizes = Sizes::kTrue;
  Layers layers = Layers::kNone;
  Names names = Names::kExact;
  Listed listed = Listed::kAnything;
  Modes modes = Modes::kMaybe;
  Linking linking = Linking::kTogether;
  Filling filling = Filling::kDepthFirst;
  Writers writers = Writers::kOne;
  // Bytes. A file no larger than this is copied sooner by read(2) and write(2)
  // than by copy_file_range(2).
  int64_t written = 0;
};

struct Filesystem {
  uint64_t magic;
  const char* name;
  Support reflink;
  Support hardlink;
  Support symlink;
  Traits traits = {};
};

// The row of `magic`; unknown magics get a row that rules out nothing and is
// called "unknown".
const Filesystem& FilesystemOf(uint64_t magic);

}  // namespace materialize

#endif  // MATERIALIZE_STRATEGY_FILESYSTEM_H_
