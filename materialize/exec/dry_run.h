// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Tells what Execute() would do, and writes nothing.

#ifndef MATERIALIZE_EXEC_DRY_RUN_H_
#define MATERIALIZE_EXEC_DRY_RUN_H_

#include <deque>
#include <memory>
#include <set>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "materialize/exec/options.h"
#include "materialize/exec/tally.h"
#include "materialize/os/sys.h"
#include "materialize/plan/source.h"
#include "materialize/progress.h"
#include "materialize/report.h"
#include "materialize/strategy/mounts.h"

namespace materialize {

// Goes through an input and tells what would be done with it, as the worker of
// this number. Not thread-safe.
class Rehearsal {
 public:
  Rehearsal(Sys& sys, const ExecOptions& options, const Mount& to,
            MountTable& mounts, Progress* progress, int worker)
      : sys_(sys),
        options_(options),
        to_(to),
        mounts_(mounts),
        progress_(progress),
        worker_(worker) {}

  absl::Status All(Source& source);

  // What would become of one entry that is no directory. `facts` are those of
  // its directory.
  absl::Status Tell(const Directory& directory, const Stat& facts,
                    const Entry& entry);

  const WorkerTally& tally() const { return tally_; }

 private:
  absl::Status List(Directory& directory);
  absl::Status TellLink(const Directory& directory, const Entry& entry);
  absl::StatusOr<How> Predict(const Directory& directory, const Stat& above,
                              const Entry& entry, const Stat& facts);
  absl::StatusOr<const Mount*> MountOf(const Directory& directory,
                                       const Stat& above, const Entry& entry,
                                       const Stat& facts);
  // What is known of two mounts; what mountinfo tells included.
  const Pair& PairFrom(const Mount& from);
  void Pass(const Directory& directory, const char* name, How how, Kind kind,
            const Stat* facts, absl::string_view target);

  Sys& sys_;
  const ExecOptions& options_;
  const Mount& to_;
  MountTable& mounts_;
  Progress* progress_;
  const int worker_;
  WorkerTally tally_;
  std::deque<std::unique_ptr<Directory>> waiting_;
  std::set<const Pair*> known_;  // to mountinfo
};

// Lists all that `source` has, in order, with the method that would be tried
// first onto the mount `to`: what tables and mountinfo know is heeded, what
// only a try can tell is not. Where they leave nothing of an exact list, that
// is the error it would be. Counts go to `report`, entries to `progress` (may
// be null) as if worker 0 had placed them.
absl::Status DryRun(Sys& sys, const ExecOptions& options, Source& source,
                    const Mount& to, MountTable& mounts,
                    const Telling& telling);

// The mount of the nearest directory above `path` (absolute) that is there:
// what methods could do at a destination that is not.
absl::StatusOr<const Mount*> NearestMount(Sys& sys, const std::string& path,
                                          MountTable& mounts);

}  // namespace materialize

#endif  // MATERIALIZE_EXEC_DRY_RUN_H_
