// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Which files of an input have equal contents, with each other or with files
// that the destination has already. Places nothing.

#ifndef MATERIALIZE_EXEC_TWINS_H_
#define MATERIALIZE_EXEC_TWINS_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "materialize/exec/census.h"
#include "materialize/exec/options.h"
#include "materialize/hash_cache.h"
#include "materialize/os/sys.h"
#include "materialize/plan/source.h"

namespace materialize {

// Files with one content.
struct TwinGroup {
  int64_t size = 0;   // bytes of each
  int64_t count = 0;  // names in the input
  // A file of the destination that the input does not list, or that is in its
  // place already while others of the group are not: its path relative to the
  // root, and its type, device, inode, size and mtime when it was read. "":
  // there is none, and `count` is 2 or more. It may have changed or gone since.
  std::string existing = {};
  Stat existing_facts = {};
};

// Read-only once made: from any thread.
class Twins {
 public:
  // Lists `source` to its end and stats every file; reads only those whose size
  // another file has too, each inode once, unless `cache` knows them.
  // `destination`: the open root of the tree that is merged into, or -1. Empty
  // files have no twins, and a file that cannot be read has none either:
  // placing it will tell. The one error is Cancelled.
  static absl::StatusOr<std::unique_ptr<Twins>> Find(Sys& sys,
                                                     const ExecOptions& options,
                                                     Source& source,
                                                     int destination,
                                                     HashCache& cache);

  // Both count from 0.
  struct Numbers {
    uint32_t group = 0;
    uint32_t alike = 0;  // of those in a group with one mtime and one mode
    friend bool operator==(const Numbers&, const Numbers&) = default;
  };
  // Of the input's file that goes to `path`, relative to the destination's
  // root. Nothing where it has no twin, or where `facts` (of its source) tell
  // that it is not the file, or not the content, that was read.
  std::optional<Numbers> NumbersOf(const std::string& path,
                                   const Stat& facts) const;
  const TwinGroup& group(uint32_t number) const { return groups_[number]; }
  size_t groups() const { return groups_.size(); }

 private:
  struct Member {
    Numbers numbers = {};
    Identity identity = {};
    Time mtime = {};
  };

  Twins() = default;
  void AddGroup(absl::Span<const CountedFile* const> files);

  std::vector<TwinGroup> groups_;
  uint32_t alikes_ = 0;
  absl::flat_hash_map<std::string, Member> members_;  // by path
};

}  // namespace materialize

#endif  // MATERIALIZE_EXEC_TWINS_H_
