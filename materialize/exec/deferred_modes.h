// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Modes of directories that their owner may not search or write: set when
// nothing has to be opened below them any more. Those of a tree that is there
// are open to their owner until then.

#ifndef MATERIALIZE_EXEC_DEFERRED_MODES_H_
#define MATERIALIZE_EXEC_DEFERRED_MODES_H_

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "materialize/os/sys.h"

namespace materialize {

class DeferredModes {
 public:
  struct Refused {
    std::string path;
    absl::Status status;
  };

  // `path` is relative to the root that Apply() is given; the last one counts.
  void Add(std::string path, mode_t mode) {
    modes_.insert_or_assign(std::move(path), mode);
  }
  // Those that are known here stay as they are.
  void Add(DeferredModes other) { modes_.merge(other.modes_); }
  bool Has(const std::string& path) const { return modes_.contains(path); }
  // `path` and all below it.
  void Forget(absl::string_view path);
  // Sets them all, and answers what could not be set; `root` is open,
  // `root_path` what people call it.
  std::vector<Refused> Apply(Sys& sys, int root,
                             const std::string& root_path) const;

 private:
  // Deepest first: a directory that its owner may not search hides what is
  // below.
  std::map<std::string, mode_t, std::greater<>> modes_;
};

}  // namespace materialize

#endif  // MATERIALIZE_EXEC_DEFERRED_MODES_H_
