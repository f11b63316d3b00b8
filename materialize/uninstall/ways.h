// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// The ways to the directories of a receipt, from the open root: through no
// symlink, onto no other mount, and through closed directories of our own.

#ifndef MATERIALIZE_UNINSTALL_WAYS_H_
#define MATERIALIZE_UNINSTALL_WAYS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "materialize/exec/deferred_modes.h"
#include "materialize/os/fd.h"
#include "materialize/os/sys.h"
#include "materialize/verify/expectation.h"

namespace materialize {

// What is in the way.
struct Obstacle {
  std::string path;
  int error = 0;    // ENOTDIR: it is no directory. EXDEV: it is mounted.
  mode_t mode = 0;  // of what is no directory
};

// What to do with directories that their owner may not enter or write.
enum class Closed { kOpenUp, kLeave };

// Used by one thread. References outlive it. Paths are relative to the root.
class Ways {
 public:
  Ways(Sys& sys, const std::vector<Expected>& entries, int root, Closed closed)
      : sys_(sys), entries_(entries), root_(root), closed_(closed) {}

  // Once, first. 0 or -errno.
  int Start();

  // A descriptor or -errno, -EXDEV for another mount. Opens up what must be.
  Fd Open(absl::string_view directory);
  // After Open() answered -`error`: the topmost that cannot be passed.
  Obstacle FirstObstacle(absl::string_view directory, int error) const;
  bool IsOnMount(const Stat& facts) const {
    return facts.mount_id == mount_id_;
  }

  // Gives the owner all rights to a directory that the receipt names, where
  // that is possible, until CloseAgain().
  void OpenUp(const std::string& path);
  // It was removed.
  void Forget(absl::string_view path) { opened_up_.Forget(path); }
  // Answers what could not be set.
  std::vector<DeferredModes::Refused> CloseAgain(const std::string& root_path);

  // Whether the receipt names it: not only what is below it.
  bool IsNamed(absl::string_view path) const;

 private:
  Sys& sys_;
  const std::vector<Expected>& entries_;
  const int root_;
  const Closed closed_;
  uint64_t mount_id_ = 0;
  DeferredModes opened_up_;
};

}  // namespace materialize

#endif  // MATERIALIZE_UNINSTALL_WAYS_H_
