// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Puts what is staged where it belongs, in one step; and finds out beforehand
// whether that step can work.

#ifndef MATERIALIZE_EXEC_INSTALL_H_
#define MATERIALIZE_EXEC_INSTALL_H_

#include <string>

#include "absl/status/status.h"
#include "materialize/exec/destination.h"
#include "materialize/exec/staging.h"
#include "materialize/os/sys.h"
#include "materialize/request.h"

namespace materialize {

// What is staged: a directory, or one other file.
enum class Staged { kTree, kFile };

// Refuses what is at the destination where `into` (new or swap) cannot be had
// over it. Looks only.
absl::Status RefuseWhatIsThere(const Destination& destination, Into into,
                               Staged staged);

// What to do about a directory that cannot be renamed as a whole, by errno.
const char* WhyNotMoved(int error);

class Installer {
 public:
  // All references outlive the installer.
  Installer(Sys& sys, const Destination& destination, const Staging& staging,
            Into into, SwapGap gap)
      : sys_(sys),
        destination_(destination),
        staging_(staging),
        into_(into),
        gap_(gap) {}

  // Tries, without a trace, what Install() will have to do; to be called before
  // the first file. Errors name the mode that works.
  absl::Status Rehearse(Staged staged);

  // `directory`/`name` becomes the destination; what was there is left in the
  // staging.
  absl::Status Install(Staged staged, int directory, const char* name);

 private:
  absl::Status RehearseMovingAway();
  absl::Status RehearseExchange();
  absl::Status InstallTree(int directory, const char* name);
  absl::Status InstallFile(int directory, const char* name);
  absl::Status Exchange(int directory, const char* name);
  absl::Status ReplaceEmpty(int directory, const char* name);
  absl::Status Fail(int result, const char* call) const;

  Sys& sys_;
  const Destination& destination_;
  const Staging& staging_;
  const Into into_;
  const SwapGap gap_;
  bool exchanges_ = true;
};

enum class Owner { kOurs, kSources };

// Gives the root of a tree that is in its place the mode, mtime and, if asked,
// owner of `facts`. Set-id and sticky bits only with the owner. `path` is what
// people call it.
absl::Status SetRoot(Sys& sys, int fd, const Stat& facts, Owner owner,
                     const std::string& path);

}  // namespace materialize

#endif  // MATERIALIZE_EXEC_INSTALL_H_
