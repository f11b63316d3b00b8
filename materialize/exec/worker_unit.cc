// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Units: directories that come into a tree that is there all or nothing. Built
// aside by one worker, then renamed or exchanged as a whole.

#include <cerrno>
#include <utility>

#include "materialize/exec/destination.h"
#include "materialize/exec/remove.h"
#include "materialize/exec/sync.h"
#include "materialize/exec/worker.h"
#include "materialize/os/path.h"
#include "materialize/os/status.h"

namespace materialize {

absl::Status Worker::MergeUnit(Opened& opened, const Entry& entry,
                               Work* child) {
  Found there;
  const absl::StatusOr<bool> is_there = Find(opened, entry.name, &there);
  if (!is_there.ok()) return is_there.status();
  std::unique_ptr<Directory> directory = std::move(child->directory);
  if (*is_there) {
    const absl::StatusOr<bool> may = MayUpdate(opened, entry);
    if (!may.ok() || !*may) return may.status();
    if (there.there.kind == Kind::kDirectory) {
      const absl::StatusOr<bool> differs = FindChange(&directory);
      if (!differs.ok() || !*differs) return differs.status();
      if (absl::Status status = RefuseMountsBelow(
              run_.sys, JoinPath(run_.options.final_path, directory->path()));
          !status.ok())
        return status;
    }
  }
  if (rehearses()) {
    ++placer_.tally().counts.units;
    child->directory = std::move(directory);
    child->is_fresh = true;
    return absl::OkStatus();
  }
  absl::Status status = PutUnit(opened, entry, std::move(directory),
                                *is_there ? &there : nullptr);
  if (status.ok()) ++placer_.tally().counts.units;
  return status;
}

// Looks, and puts another listing of the same in the place of `directory`.
absl::StatusOr<bool> Worker::FindChange(std::unique_ptr<Directory>* directory) {
  std::unique_ptr<Directory> again = (*directory)->Again();
  const absl::StatusOr<bool> unchanged = IsUnchanged(std::move(*directory));
  if (!unchanged.ok()) return unchanged.status();
  if (*unchanged) ++placer_.tally().counts.units_unchanged;
  *directory = std::move(again);
  return !*unchanged;
}

// The whole of `first` and what comes of it, by this worker.
absl::Status Worker::DoAlone(Work first) {
  std::vector<Work> works;
  works.push_back(std::move(first));
  alone_ = &works;
  absl::Status status;
  while (status.ok() && !works.empty() && !differs_ && !run_.stopped.load()) {
    Work work = std::move(works.back());
    works.pop_back();
    status = Do(std::move(work));
  }
  alone_ = nullptr;
  return status;
}

absl::StatusOr<bool> Worker::IsUnchanged(std::unique_ptr<Directory> directory) {
  std::unique_ptr<Directory> again = directory->Again();
  const WorkerTally before = placer_.tally();
  only_looks_ = true;
  differs_ = false;
  placer_.set_silent(true);
  absl::Status status = Look(std::move(directory));
  only_looks_ = false;
  placer_.set_silent(false);
  const bool differs = std::exchange(differs_, false);
  const bool failed =
      placer_.tally().counts.failures.size() != before.counts.failures.size();
  if (!status.ok()) return status;
  if (differs || failed) {
    placer_.tally() = before;
    return false;
  }
  if (!tells_entries()) return true;
  // Once more, for those who want to be told of each entry.
  placer_.tally() = before;
  status = Look(std::move(again));
  if (!status.ok()) return status;
  return true;
}

// A unit shares with nobody, so that it comes and goes alone.
absl::Status Worker::Look(std::unique_ptr<Directory> directory) {
  Frame frame;
  frame.fd = run_.root.fd;
  frame.mount = run_.root.mount;
  frame.merges = true;
  frame.lasting_fd = run_.root.fd;
  return DoAlone(
      {.directory = std::move(directory), .frame = &frame, .is_fresh = false});
}

absl::Status Worker::PutUnit(Opened& opened, const Entry& entry,
                             std::unique_ptr<Directory> directory,
                             const Found* found) {
  if (absl::Status status = CheckNotInput(opened, entry.name, found);
      !status.ok())
    return status;
  const absl::StatusOr<int> aside = Aside(opened);
  if (!aside.ok()) return differs_ ? absl::OkStatus() : aside.status();
  std::string name = TakeName(opened);
  const WorkerTally before = placer_.tally();
  const bool is_delayed = found != nullptr &&
                          merge()->options().delay_updates &&
                          !opened.makes_here;
  Frame frame;
  frame.path = directory->path();
  frame.mount = opened.target.mount;
  if (is_delayed && !entry.unit) {  // it stays aside until all is placed
    frame.siblings = opened.frame->siblings;
    frame.lasting_fd = *aside;
    frame.lasting_path = name;
  }
  absl::Status status = StageUnit(*aside, name, std::move(directory), frame);
  if (status.ok() && is_delayed) {
    merge()->AddUpdate({.aside = std::move(name),
                        .directory = opened.listing->path(),
                        .name = entry.name,
                        .over_directory = true,
                        .is_tree = true});
    return absl::OkStatus();
  }
  if (status.ok()) {
    status = PutInPlace(opened, entry, *aside, name,
                        found != nullptr ? Exchange::kYes : Exchange::kNo);
  }
  if (!status.ok()) {
    placer_.tally() = before;
    {
      const std::lock_guard<std::mutex> lock(run_.mutex);
      run_.frame.deferred_modes.Forget(frame.path);
    }
    (void)RemoveTree(run_.sys, *aside, name.c_str(), "");  // else the next run
  }
  return status;
}

absl::Status Worker::StageUnit(int aside, const std::string& name,
                               std::unique_ptr<Directory> directory,
                               Frame& frame) {
  const std::string& path = frame.path;
  const auto fail = [&](int result, const char* call) {
    return ErrnoStatus(-result, call, JoinPath(run_.options.final_path, path));
  };
  int made = run_.sys.MakeDirectoryAt(aside, name.c_str(), S_IRWXU);
  if (made == -EEXIST) {  // of a run that was killed
    (void)RemoveTree(run_.sys, aside, name.c_str(), "");
    made = run_.sys.MakeDirectoryAt(aside, name.c_str(), S_IRWXU);
  }
  if (made < 0) return fail(made, "mkdir");
  const Fd fd(run_.sys, OpenPatiently(run_.sys, aside, name.c_str(),
                                      O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0));
  if (!fd.ok()) return fail(fd.get(), "open");
  frame.fd = fd.get();
  if (frame.lasting_fd < 0) frame.lasting_fd = fd.get();
  absl::Status status =
      DoAlone({.directory = std::move(directory), .frame = &frame});
  if (!status.ok()) return status;
  if (run_.stopped.load()) return absl::CancelledError("stopped");
  {
    const std::lock_guard<std::mutex> lock(run_.mutex);
    run_.frame.deferred_modes.Add(std::move(frame.deferred_modes));
  }
  if (!run_.options.durable) return absl::OkStatus();
  return SyncTree(run_.sys, fd.get(), /*files=*/0,
                  JoinPath(run_.options.final_path, path));
}

}  // namespace materialize
