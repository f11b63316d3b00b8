// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Second homes for inodes that have all the names they can have (EMLINK): the
// first file that could not be linked is placed by another method, and the rest
// is linked to that one.

#ifndef MATERIALIZE_EXEC_REPLICAS_H_
#define MATERIALIZE_EXEC_REPLICAS_H_

#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "materialize/plan/walk.h"

namespace materialize {

// Thread-safe. Paths are relative to the root of what is being built.
class Replicas {
 public:
  std::optional<std::string> Find(const Identity& source) const {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto at = paths_.find(source);
    if (at == paths_.end()) return std::nullopt;
    return at->second;
  }

  // From now on `path` stands for `source`; a fuller one is forgotten.
  void Set(const Identity& source, std::string path) {
    const std::lock_guard<std::mutex> lock(mutex_);
    paths_[source] = std::move(path);
  }

 private:
  mutable std::mutex mutex_;
  std::map<Identity, std::string> paths_;
};

}  // namespace materialize

#endif  // MATERIALIZE_EXEC_REPLICAS_H_
