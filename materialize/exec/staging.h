// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// The one place beside a destination where things are made before they are put
// there, and the lock that goes with it: PARENT/.materialize-<16 hex digits of
// SHA-256 of the destination's name>, mode 0700.

#ifndef MATERIALIZE_EXEC_STAGING_H_
#define MATERIALIZE_EXEC_STAGING_H_

#include <atomic>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "materialize/os/fd.h"
#include "materialize/os/sys.h"
#include "materialize/request.h"

namespace materialize {

// What every staging name begins with.
constexpr char kStagingPrefix[] = ".materialize-";
// Names in it.
constexpr char kStagedTree[] =
    "tree";  // what is being built; after an exchange, what was there before
constexpr char kStagedOld[] =
    "old";  // what was there before, while there is a gap

// The staging name for a destination called `name`.
std::string StagingName(absl::string_view name);

struct StagingPlace {
  int parent =
      -1;  // open directory that holds the destination; outlives the staging
  std::string parent_path;  // what people call it
  std::string name;         // the destination's, in it
  int jobs = 1;             // threads that empty the staging
};

class Staging {
 public:
  // Makes or takes over the staging of a destination, and holds its lock. What
  // a dead run left is put right: an old tree goes back where the destination
  // is missing, everything else is removed. Waits for a live run, or answers
  // Unavailable. FailedPrecondition where the name is taken by something that
  // no run of ours made.
  static absl::StatusOr<Staging> Acquire(Sys& sys, const StagingPlace& place,
                                         Busy busy,
                                         const std::atomic<bool>* cancel);

  Staging(Staging&&) = default;
  Staging& operator=(Staging&&) = default;

  int fd() const { return fd_.get(); }
  // Whether this run made it: no dead run had left anything.
  bool is_new() const { return made_; }
  const std::string& path() const { return path_; }

  // Makes kStagedTree, mode 0700 whatever the umask, and opens it.
  absl::StatusOr<Fd> MakeTree();

  // Removes all that is staged and the staging itself; the lock is free
  // afterwards.
  absl::Status Remove();

 private:
  Staging(Sys& sys, StagingPlace place);
  absl::Status Make();
  absl::Status Open();
  absl::Status Check() const;
  absl::Status Lock(Busy busy, const std::atomic<bool>* cancel);
  bool IsStillNamed() const;
  absl::Status Recover();
  absl::Status Empty();
  void Forget(const absl::Status& why);

  Sys* sys_;
  StagingPlace place_;
  std::string name_;
  std::string path_;
  bool made_ = false;  // by this run
  Fd fd_;
  Fd lock_file_;  // where a directory cannot be locked (NFS)
};

}  // namespace materialize

#endif  // MATERIALIZE_EXEC_STAGING_H_
