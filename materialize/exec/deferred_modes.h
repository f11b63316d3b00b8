// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Modes of directories that their owner may not search or write: set when
// nothing has to be opened below them any more.

#ifndef MATERIALIZE_EXEC_DEFERRED_MODES_H_
#define MATERIALIZE_EXEC_DEFERRED_MODES_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "materialize/os/sys.h"

namespace materialize {

class DeferredModes {
 public:
  // `path` is relative to the root that Apply() is given.
  void Add(std::string path, mode_t mode) {
    modes_.push_back({.path = std::move(path), .mode = mode});
  }
  void Add(DeferredModes other) {
    for (Mode& mode : other.modes_) modes_.push_back(std::move(mode));
  }
  // Sets them all; `root` is open, `root_path` what people call it.
  absl::Status Apply(Sys& sys, int root, const std::string& root_path);

 private:
  struct Mode {
    std::string path;
    mode_t mode;
  };
  std::vector<Mode> modes_;
};

}  // namespace materialize

#endif  // MATERIALIZE_EXEC_DEFERRED_MODES_H_
