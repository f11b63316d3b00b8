// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// What a directory of the destination holds already, from one listing.

#ifndef MATERIALIZE_EXEC_NAMES_THERE_H_
#define MATERIALIZE_EXEC_NAMES_THERE_H_

#include <atomic>
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
// for different names, and costs each least in about the order of the listing
// or against it: a tree that was laid out from the input mostly lists alike.
class NamesThere {
 public:
  // Lists the first block of the open directory `fd`, mostly all: 0 or -errno.
  int Begin(Sys& sys, int fd);
  // Lists on to the end: 0 or -errno. Of several threads the first does so, the
  // others wait for it.
  int ReadRest(Sys& sys, int fd);
  int Read(Sys& sys, int fd) {
    const int result = Begin(sys, fd);
    return result < 0 ? result : ReadRest(sys, fd);
  }
  // After Begin(): whether more is not to be expected, and not worth a call
  // before somebody asks IsWhole().
  bool is_small() const { return is_small_; }
  // Whether ReadRest() would not have to wait. Thread-safe.
  bool is_read() const { return is_read_.load(); }

  // What `name` is, and marks it as one that the input lists.
  std::optional<NameThere> Take(const char* name);

  // Whether what Take() does not find is not there.
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
  int64_t ReadBlock(Sys& sys, int fd);
  void Add(const char* listing, size_t bytes);
  bool IsAt(size_t at, const char* name) const;
  // Both: rows_.size() where it is not.
  size_t Near(const char* name, size_t last);
  size_t Search(const char* name);
  size_t& Last();  // that this thread took; rows_.size(): none yet

  std::once_flag asked_for_more_;
  std::once_flag read_rest_;
  std::atomic<bool> is_read_{false};
  int rest_result_ = 0;
  bool is_small_ = false;
  bool is_whole_ = false;
  std::vector<std::unique_ptr<char[]>> blocks_;
  std::vector<Row> rows_;            // as listed
  std::atomic<size_t> compared_{0};  // of rows, far from the last one
  std::once_flag named_;
  absl::flat_hash_map<absl::string_view, size_t>
      by_name_;  // once too many were compared
};

}  // namespace materialize

#endif  // MATERIALIZE_EXEC_NAMES_THERE_H_
