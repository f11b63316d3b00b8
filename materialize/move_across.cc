// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/move_across.h"

#include <climits>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "materialize/exec/attributes.h"
#include "materialize/exec/rename.h"
#include "materialize/exec/rules.h"
#include "materialize/exec/sync.h"
#include "materialize/materialize.h"
#include "materialize/move_fork.h"
#include "materialize/move_mark.h"
#include "materialize/os/status.h"
#include "materialize/plan/source.h"

namespace materialize {
namespace {

MoveEnd EndOf(const Destination& destination) {
  return {.dir = destination.parent(),
          .name = destination.name(),
          .path = destination.path()};
}

absl::Status LayOut(Sys& sys, const Crossing& crossing, Progress* progress,
                    Report* report) {
  Request request;
  request.source = crossing.source.path;
  request.destination = crossing.destination.path();
  const bool replaces = crossing.request.existing == Existing::kReplace &&
                        crossing.facts.kind() == Kind::kFile;
  request.into = replaces ? Into::kSwap : Into::kNew;
  request.busy = crossing.request.busy;
  // Of no use where a rename is not possible, and a link would make the source
  // look changed.
  request.methods = {Method::kReflink, Method::kCopy};
  request.preserve = {
      .owner = true, .hardlinks = true, .xattrs = true, .acls = true};
  request.jobs = crossing.request.jobs;
  request.durable = true;
  request.count_bytes = true;
  request.cancel = crossing.request.cancel;
  absl::StatusOr<Report> placed = Materialize(request, sys, progress);
  if (!placed.ok()) return placed.status();
  *report = *std::move(placed);
  return absl::OkStatus();
}

// A symlink named as the source is what is moved, and not what it leads to.
absl::Status StageLink(Sys& sys, const Crossing& crossing,
                       const Staging& staging, Report* report) {
  char text[PATH_MAX + 1];
  const int64_t length = sys.ReadLinkAt(
      crossing.source.dir, crossing.source.name.c_str(), text, PATH_MAX);
  if (length < 0) {
    return ErrnoStatus(static_cast<int>(-length), "readlink",
                       crossing.source.path);
  }
  text[length] = '\0';
  const std::string path = JoinPath(staging.path(), kStagedTree);
  if (const int made = sys.SymlinkAt(text, staging.fd(), kStagedTree); made < 0)
    return ErrnoStatus(-made, "symlink", path);
  const int owned =
      sys.ChangeOwnerAt(staging.fd(), kStagedTree, crossing.facts.uid,
                        crossing.facts.gid, AT_SYMLINK_NOFOLLOW);
  if (owned < 0 && !IsOwnerRefused(owned))
    return ErrnoStatus(-owned, "chown", path);
  report->not_kept.owners = owned < 0;
  const int timed = sys.SetTimesAt(staging.fd(), kStagedTree,
                                   crossing.facts.mtime, AT_SYMLINK_NOFOLLOW);
  if (timed < 0) return ErrnoStatus(-timed, "utimensat", path);
  return SyncOne(sys, staging.fd(), staging.path());
}

absl::Status InstallLink(Sys& sys, const Crossing& crossing,
                         const Staging& staging) {
  const NameIn from = {staging.fd(), kStagedTree};
  const NameIn to = {crossing.destination.parent(),
                     crossing.destination.name().c_str()};
  const int result = crossing.request.existing == Existing::kReplace
                         ? sys.RenameAt(from.dir, from.name, to.dir, to.name, 0)
                         : RenameNoReplace(sys, from, to, Kind::kSymlink);
  return result < 0 ? ErrnoStatus(-result, "rename", staging.path(),
                                  crossing.destination.path())
                    : absl::OkStatus();
}

absl::StatusOr<Staging> StagingOf(Sys& sys, const Crossing& crossing) {
  const Destination& destination = crossing.destination;
  return Staging::Acquire(sys,
                          {.parent = destination.parent(),
                           .parent_path = destination.parent_path(),
                           .name = destination.name()},
                          crossing.request.busy, crossing.request.cancel);
}

// A run that died a moment after its last rename has left an empty one.
absl::Status SweepStaging(Sys& sys, const Crossing& crossing) {
  absl::StatusOr<Staging> staging = StagingOf(sys, crossing);
  return staging.ok() ? staging->Remove() : staging.status();
}

absl::Status PlaceLink(Sys& sys, const Crossing& crossing, Report* report) {
  absl::StatusOr<Staging> staging = StagingOf(sys, crossing);
  if (!staging.ok()) return staging.status();
  absl::Status status = StageLink(sys, crossing, *staging, report);
  if (status.ok()) status = InstallLink(sys, crossing, *staging);
  const absl::Status removed = staging->Remove();
  if (!status.ok()) return status;
  if (!removed.ok())
    report->warnings.push_back({.text = std::string(removed.message())});
  report->symlinks = 1;
  report->destination = crossing.destination.path();
  WarnOfNotKept(report);
  return absl::OkStatus();
}

absl::Status Place(Sys& sys, const Crossing& crossing, Progress* progress,
                   MoveReport* report) {
  if (crossing.is_there) return SweepStaging(sys, crossing);
  return crossing.facts.kind() == Kind::kSymlink
             ? PlaceLink(sys, crossing, &report->placed)
             : LayOut(sys, crossing, progress, &report->placed);
}

// Somebody else may have moved the source away, or put something else there.
bool IsStillThere(Sys& sys, const Crossing& crossing) {
  Stat now;
  return sys.StatAt(crossing.source.dir, crossing.source.name.c_str(),
                    AT_SYMLINK_NOFOLLOW, &now) == 0 &&
         IdentityOf(now) == IdentityOf(crossing.facts) &&
         now.kind() == crossing.facts.kind();
}

void Clear(Sys& sys, const Crossing& crossing, const std::optional<Time>& since,
           MoveReport* report) {
  const std::string& path = crossing.source.path;
  if (!IsStillThere(sys, crossing)) {
    report->left = {{.path = path,
                     .text = absl::StrCat("remove ", path,
                                          ": not what was copied any more")}};
    return;
  }
  report->left =
      TakeAway(sys, crossing.source, EndOf(crossing.destination), since);
  if (report->partial() || crossing.request.fork == Fork::kNone) return;
  const absl::Status placed =
      PlaceFork(sys, crossing.source, *crossing.staging);
  if (placed.ok()) {
    report->fork = crossing.request.fork;
  } else {
    report->left = {{.path = path, .text = std::string(placed.message())}};
  }
}

}  // namespace

absl::Status CheckCrossing(Sys& sys, const MoveRequest& request,
                           const MoveEnd& source, const Stat& facts) {
  if (facts.kind() == Kind::kSpecial) {
    return absl::FailedPreconditionError(
        absl::StrCat("move ", source.path,
                     ": a FIFO, socket or device stays on its filesystem"));
  }
  if (request.fork == Fork::kHardlink || request.fork == Fork::kReflink) {
    return absl::FailedPreconditionError(
        absl::StrCat("move ", source.path,
                     ": goes to another filesystem, and what it shares cannot "
                     "stay; --fork=copy and --fork=symlink can"));
  }
  const std::string mounted = MountAtOrBelow(sys, source.path);
  if (mounted.empty()) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("move ", source.path, ": ", mounted,
                   " is mounted there; unmount it first"));
}

absl::Status MoveAcross(Sys& sys, const Crossing& crossing, Progress* progress,
                        MoveReport* report) {
  const bool keeps_source = crossing.request.fork == Fork::kCopy;
  std::optional<Time> since;
  if (crossing.staging != nullptr) {
    const absl::Status marked =
        WriteMark(sys, *crossing.staging, IdentityOf(crossing.facts),
                  crossing.destination.path());
    if (!marked.ok()) return marked;
    if (!crossing.is_there) since = MarkMoment(sys, *crossing.staging);
    if (!keeps_source && crossing.request.fork != Fork::kNone) {
      const absl::Status built =
          BuildFork(sys, crossing.request, crossing.source, crossing.facts,
                    crossing.destination.path(), *crossing.staging);
      if (!built.ok()) return built;
    }
  }
  report->how = Moved::kAcross;
  if (const absl::Status placed = Place(sys, crossing, progress, report);
      !placed.ok())
    return placed;
  // Also the parents that were made for it.
  const absl::Status synced = crossing.destination.Sync();
  if (!synced.ok()) return WithHint(synced, "all is in its place by now");
  report->fork = keeps_source ? Fork::kCopy : Fork::kNone;
  if (!keeps_source) Clear(sys, crossing, since, report);
  return absl::OkStatus();
}

}  // namespace materialize
