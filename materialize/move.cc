// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/move.h"

#include <cerrno>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "materialize/exec/destination.h"
#include "materialize/exec/dry_run.h"
#include "materialize/exec/measure.h"
#include "materialize/exec/rename.h"
#include "materialize/exec/staging.h"
#include "materialize/exec/sync.h"
#include "materialize/exec/take_away.h"
#include "materialize/exec/uninterrupted.h"
#include "materialize/move_across.h"
#include "materialize/move_check.h"
#include "materialize/move_fork.h"
#include "materialize/move_mark.h"
#include "materialize/os/path.h"
#include "materialize/os/status.h"
#include "materialize/plan/source.h"
#include "materialize/stopwatch.h"

namespace materialize {
namespace {

// One call of Move().
class Mover {
 public:
  Mover(const MoveRequest& request, Sys& sys, Progress* progress)
      : request_(request), sys_(sys), progress_(progress) {}

  absl::StatusOr<MoveReport> Move();

 private:
  absl::Status Prepare();
  absl::Status Do();
  absl::Status Finish(const std::string& destination);
  absl::Status Rehearse();

  // Whether there is nothing in the way; sets replaces_ where something gives
  // way.
  absl::Status CheckPlace();
  absl::Status AdviseOfTwin(const absl::Status& status) const;
  bool IsOneInode() const;
  bool IsOnOtherMount() const;
  bool WasBroughtThere() const;
  bool HasBareStaging() const;
  void SweepMark();

  absl::Status TakeStaging();
  absl::Status Rename();
  absl::Status Cross();
  absl::Status PutForkInPlace();
  absl::Status SyncBoth() const;
  void Warn(std::string text) {
    report_.warnings.push_back({.text = std::move(text)});
  }
  MoveEnd destination_end() const {
    return {.dir = destination_->parent(),
            .name = destination_->name(),
            .path = destination_->path()};
  }

  const MoveRequest& request_;
  Sys& sys_;
  Progress* progress_;
  std::optional<Destination> source_place_;
  std::optional<Destination> destination_;
  MoveEnd source_;
  Stat facts_;                  // of the source
  std::optional<Stat> theirs_;  // of what is at the destination
  bool replaces_ = false;
  std::optional<Staging> staging_;
  MoveReport report_;
};

absl::StatusOr<MoveReport> Mover::Move() {
  Stopwatch watch;
  absl::Status status = Prepare();
  if (status.ok() && source_place_.has_value() && destination_.has_value())
    status = Do();
  const bool keeps_mark = status.ok() && report_.resumable;
  if (staging_.has_value() && !keeps_mark) {
    const absl::Status removed = staging_->Remove();
    if (status.ok() && !removed.ok()) Warn(std::string(removed.message()));
  }
  if (!status.ok()) {
    if (destination_.has_value()) destination_->RemoveMadeParents();
    return status;
  }
  report_.seconds = watch.Lap();
  return std::move(report_);
}

// Finds out what is meant. Without a destination_ there is nothing left to do.
absl::Status Mover::Prepare() {
  if (absl::Status status = CheckNames(request_); !status.ok()) return status;
  absl::StatusOr<Destination> source = Destination::Resolve(
      sys_, request_.source, Parents::kLeave, LastLink::kKeep);
  if (!source.ok()) return source.status();
  source_place_.emplace(*std::move(source));
  source_ = {.dir = source_place_->parent(),
             .name = source_place_->name(),
             .path = source_place_->path()};
  report_.source = source_.path;
  report_.destination = AbsolutePath(request_.destination);
  const int found = sys_.StatAt(source_.dir, source_.name.c_str(),
                                AT_SYMLINK_NOFOLLOW, &facts_);
  if (found == -ENOENT) return Finish(report_.destination);
  if (found < 0) return ErrnoStatus(-found, "stat", source_.path);
  if (absl::Status status = CheckForkOf(request_, source_.path, facts_.kind());
      !status.ok())
    return status;
  if (absl::Status status = RefuseInside(sys_, request_, source_.path, facts_);
      !status.ok())
    return status;
  absl::StatusOr<Destination> destination = Destination::Resolve(
      sys_, request_.destination,
      request_.dry_run ? Parents::kLeave : Parents::kMake, LastLink::kKeep);
  // Its parents would be made.
  if (request_.dry_run && ErrnoOf(destination.status()) == ENOENT)
    return Rehearse();
  if (!destination.ok()) return destination.status();
  destination_.emplace(*std::move(destination));
  report_.destination = destination_->path();
  return absl::OkStatus();
}

// The source is gone: a run that was killed may have come that far.
absl::Status Mover::Finish(const std::string& destination) {
  const absl::Status missing = ErrnoStatus(ENOENT, "stat", source_.path);
  absl::StatusOr<Destination> place =
      Destination::Resolve(sys_, destination, Parents::kLeave, LastLink::kKeep);
  Stat there;
  const bool is_finished =
      place.ok() && HasMark(sys_, source_, std::nullopt, place->path()) &&
      sys_.StatAt(place->parent(), place->name().c_str(), AT_SYMLINK_NOFOLLOW,
                  &there) == 0;
  if (!is_finished) {
    // A dead run was done but for the directory that its mark was in.
    if (HasBareStaging() && !request_.dry_run) (void)TakeStaging();
    return missing;
  }
  if (request_.dry_run) {
    report_.destination = place->path();
    report_.how = Moved::kFinished;
    return absl::OkStatus();
  }
  // Taking the staging over puts the fork in its place.
  if (absl::Status status = TakeStaging(); !status.ok()) return status;
  // The run was alive, and has finished while we waited.
  if (!staging_.has_value() || staging_->is_new()) return missing;
  report_.destination = place->path();
  report_.how = Moved::kFinished;
  Stat now;
  const bool has_fork = sys_.StatAt(source_.dir, source_.name.c_str(),
                                    AT_SYMLINK_NOFOLLOW, &now) == 0;
  report_.fork = has_fork ? request_.fork : Fork::kNone;
  return absl::OkStatus();
}

bool Mover::IsOneInode() const {
  return theirs_.has_value() && IdentityOf(*theirs_) == IdentityOf(facts_);
}

bool Mover::WasBroughtThere() const {
  const bool shares =
      request_.fork == Fork::kHardlink || request_.fork == Fork::kReflink;
  return theirs_.has_value() && !shares &&
         HasMark(sys_, source_, IdentityOf(facts_), destination_->path()) &&
         IsAllThere(sys_, source_, destination_end(), std::nullopt);
}

bool Mover::HasBareStaging() const {
  const std::string name = StagingName(source_.name);
  return IsEmptyDirectory(sys_, source_.dir, name, name).value_or(false);
}

// A dead run has left its fork here, so that it was done but for its mark, or
// but for what that was in.
void Mover::SweepMark() {
  const std::string& destination = report_.destination;
  const bool is_of_another =
      HasMark(sys_, source_, std::nullopt, destination) &&
      !HasMark(sys_, source_, IdentityOf(facts_), destination);
  if ((is_of_another || HasBareStaging()) && !request_.dry_run)
    (void)TakeStaging();
}

absl::Status Mover::CheckPlace() {
  Stat facts;
  const absl::StatusOr<Presence> presence = destination_->Look(&facts);
  if (!presence.ok()) return presence.status();
  if (*presence == Presence::kAbsent) return absl::OkStatus();
  theirs_ = facts;
  if (IsOneInode()) return absl::OkStatus();
  const auto refuse = [&](absl::string_view why) {
    return absl::AlreadyExistsError(absl::StrCat(
        "move ", source_.path, " -> ", destination_->path(), ": ", why));
  };
  const bool is_tree = facts_.kind() == Kind::kDirectory;
  replaces_ = true;
  if (*presence != Presence::kOther) {
    if (!is_tree) return refuse("a directory is there");
    if (*presence == Presence::kEmptyDirectory) return absl::OkStatus();
    return refuse("already there and not empty");
  }
  if (is_tree) return refuse("already there, and no directory");
  return request_.existing == Existing::kReplace
             ? absl::OkStatus()
             : refuse("already there; --force replaces it");
}

// As after a move that could not take the source away.
absl::Status Mover::AdviseOfTwin(const absl::Status& status) const {
  if (!absl::IsAlreadyExists(status) ||
      !IsAllThere(sys_, source_, destination_end(), std::nullopt))
    return status;
  return WithHint(status,
                  absl::StrCat("all that is at the source is there, of the "
                               "same size and time; to be rid of the source: "
                               "rm -r ",
                               source_.path));
}

absl::Status Mover::Do() {
  const absl::Status place = CheckPlace();
  if (IsOneInode()) {
    report_.how = Moved::kNothing;
    Warn(absl::StrCat(report_.destination, " and ", source_.path,
                      " are one inode: nothing to do, and nothing removed"));
    return absl::OkStatus();
  }
  const bool was_brought = WasBroughtThere();
  if (was_brought && !request_.dry_run) return Cross();
  if (was_brought) {
    report_.how = Moved::kFinished;
    return absl::OkStatus();
  }
  if (place.ok() && request_.dry_run) return Rehearse();
  if (!place.ok()) {
    const absl::Status advised = AdviseOfTwin(place);
    SweepMark();
    return advised;
  }
  if (request_.fork == Fork::kNone) return Rename();
  // Known beforehand, so that no fork is built for nothing.
  if (IsOnOtherMount()) return Cross();
  if (absl::Status status = TakeStaging(); !status.ok()) return status;
  return Rename();
}

bool Mover::IsOnOtherMount() const {
  Stat mine;
  Stat theirs;
  return sys_.StatAt(source_.dir, "", 0, &mine) == 0 &&
         sys_.StatAt(destination_->parent(), "", 0, &theirs) == 0 &&
         mine.mount_id != theirs.mount_id;
}

absl::Status Mover::TakeStaging() {
  absl::StatusOr<Staging> staging =
      Staging::Acquire(sys_,
                       {.parent = source_place_->parent(),
                        .parent_path = source_place_->parent_path(),
                        .name = source_place_->name()},
                       request_.busy, request_.cancel);
  // Then nobody can remove the source either, but what is asked for first is
  // the destination.
  const bool is_unwritable = IsBaseError(staging.status());
  if (!staging.ok())
    return is_unwritable && request_.fork == Fork::kNone ? absl::OkStatus()
                                                         : staging.status();
  staging_.emplace(*std::move(staging));
  return absl::OkStatus();
}

absl::Status Mover::Rename() {
  const NameIn from = {source_.dir, source_.name.c_str()};
  const NameIn to = {destination_->parent(), destination_->name().c_str()};
  if (staging_.has_value()) {
    // Not known before a try; a fork that cannot be built is an answer as well.
    const absl::Status marked =
        WriteMark(sys_, *staging_, IdentityOf(facts_), destination_->path());
    if (!marked.ok()) return marked;
    const absl::Status built = BuildFork(sys_, request_, source_, facts_,
                                         destination_->path(), *staging_);
    if (!built.ok()) return built;
  }
  const int result =
      replaces_ ? sys_.RenameAt(from.dir, from.name, to.dir, to.name, 0)
                : RenameNoReplace(sys_, from, to, facts_.kind());
  if (result == -EXDEV) return Cross();
  if (result < 0) {
    return ErrnoStatus(-result, "rename", source_.path, destination_->path());
  }
  report_.how = Moved::kRenamed;
  if (staging_.has_value()) {
    if (absl::Status status = PutForkInPlace(); !status.ok()) return status;
  }
  if (request_.durable) {
    if (absl::Status status = SyncBoth(); !status.ok())
      return WithHint(status, "all is in its place by now");
  }
  const Depth depth = request_.count_bytes ? Depth::kAll : Depth::kRoot;
  const absl::Status measured =
      Measure(sys_, destination_end(), depth, &report_.placed);
  if (!measured.ok()) Warn(std::string(measured.message()));
  return absl::OkStatus();
}

absl::Status Mover::PutForkInPlace() {
  const absl::Status placed = PlaceFork(sys_, source_, *staging_);
  if (placed.ok()) {
    report_.fork = request_.fork;
  } else {
    report_.left = {
        {.path = source_.path, .text = std::string(placed.message())}};
  }
  return absl::OkStatus();
}

absl::Status Mover::SyncBoth() const {
  const absl::Status status = destination_->Sync();
  return status.ok() ? source_place_->Sync() : status;
}

absl::Status Mover::Cross() {
  if (absl::Status status = CheckCrossing(sys_, request_, source_, facts_);
      !status.ok())
    return status;
  const bool is_there = WasBroughtThere();
  // Anew, for it empties it.
  if (staging_.has_value()) {
    if (absl::Status status = staging_->Remove(); !status.ok()) return status;
    staging_.reset();
  }
  if (absl::Status status = TakeStaging(); !status.ok()) return status;
  Stat now;
  if (const int result = sys_.StatAt(source_.dir, source_.name.c_str(),
                                     AT_SYMLINK_NOFOLLOW, &now);
      result < 0) {
    return WithHint(ErrnoStatus(-result, "stat", source_.path),
                    "another run has moved it");
  }
  if (IdentityOf(now) != IdentityOf(facts_)) {
    return absl::AbortedError(
        absl::StrCat("move ", source_.path, ": replaced by somebody else"));
  }
  return MoveAcross(sys_,
                    {.request = request_,
                     .source = source_,
                     .facts = facts_,
                     .destination = *destination_,
                     .staging = staging_.has_value() ? &*staging_ : nullptr,
                     .is_there = is_there},
                    progress_, &report_);
}

// Nothing is written: mounts tell which way it would be.
absl::Status Mover::Rehearse() {
  MountTable mounts(sys_);
  const absl::StatusOr<const Mount*> from =
      NearestMount(sys_, source_place_->parent_path(), mounts);
  if (!from.ok()) return from.status();
  const absl::StatusOr<const Mount*> to =
      NearestMount(sys_, Split(report_.destination).directory, mounts);
  if (!to.ok()) return to.status();
  report_.fork = request_.fork;
  report_.how = *from == *to ? Moved::kRenamed : Moved::kAcross;
  if (report_.how == Moved::kAcross) {
    return RehearseCrossing(sys_, request_, source_, facts_, progress_,
                            &report_);
  }
  const absl::Status forked = RehearseFork(sys_, request_, source_);
  return forked.ok() ? Measure(sys_, source_, Depth::kAll, &report_.placed)
                     : forked;
}

}  // namespace

absl::StatusOr<MoveReport> Move(const MoveRequest& request, Sys& sys,
                                Progress* progress) {
  Uninterrupted uninterrupted(sys, request.cancel);
  return Mover(request, uninterrupted, progress).Move();
}

}  // namespace materialize
