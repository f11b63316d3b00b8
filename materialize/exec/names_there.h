// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// What a directory of the destination holds already, from one listing.

#ifndef MATERIALIZE_EXEC_NAMES_THERE_H_
#define MATERIALIZE_EXEC_NAMES_THERE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "absl/functional/function_ref.h"
#include "materialize/os/sys.h"

namespace materialize {

// What has a name in the destination now.
struct NameThere {
  Kind kind = Kind::kUnknown;
  uint64_t inode = 0;  // as the listing gave it
};

// One listing; memory grows with it. Take() may be called from several threads
// for different names.
class NamesThere {
 public:
  // Lists the open directory `fd`: 0 or -errno.
  int Read(Sys& sys, int fd);

  // What `name` is, and marks it as one that the input lists.
  std::optional<NameThere> Take(const char* name);

  // Every name that nobody has taken.
  void ForEachLeft(
      absl::FunctionRef<void(const char* name, NameThere there)> visit) const;

 private:
  struct Row {
    const char* name;  // in a block
    NameThere there;
  };
  std::vector<std::unique_ptr<char[]>> blocks_;
  std::vector<Row> rows_;       // by name
  std::vector<uint8_t> taken_;  // not bits: neighbours are other threads'
};

}  // namespace materialize

#endif  // MATERIALIZE_EXEC_NAMES_THERE_H_
