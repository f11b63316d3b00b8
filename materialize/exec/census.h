// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Every regular file of an input, and those of the destination that the input
// does not list: one walk of both, one stat each, nothing opened but
// directories.

#ifndef MATERIALIZE_EXEC_CENSUS_H_
#define MATERIALIZE_EXEC_CENSUS_H_

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "materialize/exec/options.h"
#include "materialize/os/fd.h"
#include "materialize/os/sys.h"
#include "materialize/plan/source.h"
#include "materialize/plan/walk.h"

namespace materialize {

struct CountedFile {
  struct Folder {
    std::string path;    // relative to the destination's root
    std::string source;  // as people call it; of an extra: empty
  };
  const Folder* folder = nullptr;  // the census's
  std::string name;                // in Folder::path
  std::string source = {};  // what the input gives it; "": `name` in the folder
  Identity identity = {};
  int64_t size = 0;  // bytes, never 0: empty files have nothing to share
  Time mtime = {};
  Time ctime = {};  // for HashCache
  mode_t permissions = 0;
  bool follow = false;
  bool is_private = false;  // shares no inode
  bool extra = false;       // of the destination, not listed by the input

  std::string Path() const { return JoinPath(folder->path, name); }
};

class Census {
 public:
  // Lists `source` to its end with `options.jobs` threads. `destination`: the
  // open root of a tree that `source` is to be merged into, or -1; below it
  // neither other mounts are counted, nor what is in a unit, nor what a run of
  // ours keeps there for itself. What cannot be listed or looked at is left
  // out: whoever places it will tell. The one error is Cancelled.
  static absl::StatusOr<Census> Take(Sys& sys, const ExecOptions& options,
                                     Source& source, int destination);

  // In no particular order.
  std::vector<CountedFile>& files() { return files_; }

  // What the destination has under the name of a listed file, as an extra, if
  // it looks like the source: type, size, mode and mtime. Never for a private
  // one.
  std::optional<CountedFile> InPlace(Sys& sys, const CountedFile& file) const;

  // Opens a file of it for reading, as a placement would; -errno, ESTALE where
  // it is not the one that was counted. Not for paths that the kernel finds too
  // long.
  Fd Open(Sys& sys, const CountedFile& file) const;

 private:
  class Worker;
  friend class Worker;

  explicit Census(int destination) : destination_(destination) {}

  int destination_;
  std::vector<CountedFile> files_;
  std::deque<std::deque<CountedFile::Folder>> folders_;  // of each worker
};

// Whether `facts` are those of the file that was counted, unchanged.
bool IsCounted(const CountedFile& file, const Stat& facts);

}  // namespace materialize

#endif  // MATERIALIZE_EXEC_CENSUS_H_
