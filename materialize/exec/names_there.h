// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// What a directory of the destination holds already, from one listing.

#ifndef MATERIALIZE_EXEC_NAMES_THERE_H_
#define MATERIALIZE_EXEC_NAMES_THERE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "materialize/os/sys.h"

namespace materialize {

// What has a name in the destination now.
struct NameThere {
  Kind kind = Kind::kUnknown;
  uint64_t inode = 0;  // as the listing gave it
};

// One listing; memory grows with it. Take() may be called from several threads
// for different names, and costs each least in the order of the listing or
// against it: a tree that was laid out from the input mostly lists alike.
class NamesThere {
 public:
  // Lists the open directory `fd`: 0 or -errno. Of a small one kMost spares the
  // call that only says that this was all, until somebody asks IsWhole().
  enum class Extent { kAll, kMost };
  int Read(Sys& sys, int fd, Extent extent = Extent::kAll);

  // What `name` is, and marks it as one that the input lists.
  std::optional<NameThere> Take(const char* name);

  // Whether what Take() does not find is not there. `fd`: that of Read().
  bool IsWhole(Sys& sys, int fd);

  // Every name that nobody has taken.
  void ForEachLeft(
      absl::FunctionRef<void(const char* name, NameThere there)> visit) const;

 private:
  struct Row {
    const char* name;  // in a block
    NameThere there;
    bool is_taken = false;  // each by one thread, whoever takes its neighbours
  };
  void Add(const char* listing, size_t bytes);
  bool IsAt(size_t at, const char* name) const;
  size_t Search(const char* name);  // rows_.size() where it is not
  size_t& Last();  // that this thread took; rows_.size(): none yet

  std::once_flag asked_for_more_;
  bool is_whole_ = false;
  std::vector<std::unique_ptr<char[]>> blocks_;
  std::vector<Row> rows_;  // as listed
  std::once_flag named_;
  absl::flat_hash_map<absl::string_view, size_t>
      by_name_;  // once somebody asks out of order
};

}  // namespace materialize

#endif  // MATERIALIZE_EXEC_NAMES_THERE_H_
