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
#include "materialize/exec/take_away.h"
#include "materialize/materialize.h"
#include "materialize/move_fork.h"
#include "materialize/move_mark.h"
#include "materialize/os/path.h"
#include "materialize/os/status.h"
#include "materialize/plan/source.h"

namespace materialize {
namespace {

MoveEnd EndOf(const Destination& destination) {
  return {.dir = destination.parent(),
          .name = destination.name(),
          .path = destination.path()};
}

Request LayoutOf(const MoveRequest& move, const Stat& facts,
                 const std::string& source, const std::string& destination) {
  Request request;
  request.source = source;
  request.destination = destination;
  const bool replaces =
      move.existing == Existing::kReplace && facts.kind() == Kind::kFile;
  request.into = replaces ? Into::kSwap : Into::kNew;
  request.busy = move.busy;
  // Of no use where a rename is not possible, and a link would make the source
  // look changed.
  request.methods = {Method::kReflink, Method::kCopy};
  request.preserve = {
      .owner = true, .hardlinks = true, .xattrs = true, .acls = true};
  request.jobs = move.jobs;
  request.durable = true;
  request.count_bytes = true;
  request.dry_run = move.dry_run;
  request.cancel = move.cancel;
  return request;
}

absl::Status LayOut(Sys& sys, const Request& request, Progress* progress,
                    Report* report) {
  absl::StatusOr<Report> placed = Materialize(request, sys, progress);
  if (!placed.ok()) return WithoutAdvice(placed.status());
  *report = *std::move(placed);
  return absl::OkStatus();
}

absl::StatusOr<std::string> LinkText(Sys& sys, const MoveEnd& source) {
  char text[PATH_MAX];
  const int64_t length =
      sys.ReadLinkAt(source.dir, source.name.c_str(), text, PATH_MAX);
  if (length < 0)
    return ErrnoStatus(static_cast<int>(-length), "readlink", source.path);
  return std::string(text, static_cast<size_t>(length));
}

// A symlink named as the source is what is moved, and not what it leads to.
absl::Status StageLink(Sys& sys, const Crossing& crossing,
                       const Staging& staging, Report* report) {
  const absl::StatusOr<std::string> text = LinkText(sys, crossing.source);
  if (!text.ok()) return text.status();
  const std::string path = JoinPath(staging.path(), kStagedTree);
  const int made = sys.SymlinkAt(text->c_str(), staging.fd(), kStagedTree);
  if (made < 0) return ErrnoStatus(-made, "symlink", path);
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
             : LayOut(
                   sys,
                   LayoutOf(crossing.request, crossing.facts,
                            crossing.source.path, crossing.destination.path()),
                   progress, &report->placed);
}

// Somebody else may have moved the source away, or put something else there.
bool IsStillThere(Sys& sys, const Crossing& crossing) {
  Stat now;
  return sys.StatAt(crossing.source.dir, crossing.source.name.c_str(),
                    AT_SYMLINK_NOFOLLOW, &now) == 0 &&
         IdentityOf(now) == IdentityOf(crossing.facts) &&
         now.kind() == crossing.facts.kind();
}

// What is to be done about what is left.
void TellLeft(Sys& sys, const Crossing& crossing,
              const std::optional<Time>& since, MoveReport* report) {
  report->resumable =
      crossing.staging != nullptr &&
      IsAllThere(sys, crossing.source, EndOf(crossing.destination), since);
  report->warnings.push_back(
      {.text = absl::StrCat(
           crossing.destination.path(), " is whole; ",
           report->resumable
               ? "when what is left can be removed, the same command again "
                 "removes it"
               : "look at what is left, and then remove it by hand: rm -r ",
           report->resumable ? "" : crossing.source.path)});
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
  if (report->partial()) TellLeft(sys, crossing, since, report);
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

absl::Status RehearseCrossing(Sys& sys, const MoveRequest& request,
                              const MoveEnd& source, const Stat& facts,
                              Progress* progress, MoveReport* report) {
  if (absl::Status status = CheckCrossing(sys, request, source, facts);
      !status.ok())
    return status;
  const std::string& destination = report->destination;
  if (facts.kind() != Kind::kSymlink) {
    return LayOut(sys, LayoutOf(request, facts, source.path, destination),
                  progress, &report->placed);
  }
  const absl::StatusOr<std::string> text = LinkText(sys, source);
  if (!text.ok()) return text.status();
  report->placed.destination = destination;
  report->placed.symlinks = 1;
  report->placed.bytes_exact = true;
  if (progress != nullptr && progress->wants_entries()) {
    const std::string name = Split(destination).name;
    progress->Placed(0, {.directory = "",
                         .name = name,
                         .how = How::kKept,
                         .kind = Kind::kSymlink,
                         .target = *text,
                         .facts = &facts});
  }
  return absl::OkStatus();
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
