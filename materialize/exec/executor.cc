// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//

#include "materialize/exec/executor.h"

#include <algorithm>
#include <cerrno>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "materialize/exec/deletion.h"
#include "materialize/exec/execution.h"
#include "materialize/exec/worker.h"
#include "materialize/os/path.h"
#include "materialize/os/status.h"
#include "materialize/os/threads.h"
#include "materialize/strategy/strategy.h"

namespace materialize {
namespace {

// In threads of their own, which have a umask of their own; by the caller
// alone, with the caller's umask, where the kernel gives none.
void LoopAll(const std::vector<std::unique_ptr<Worker>>& workers, int jobs) {
  const auto loop = [&workers](int number) {
    Worker& worker = *workers[static_cast<size_t>(number)];
    worker.ClearUmask();
    worker.Loop();
  };
  if (Threads threads; threads.Start(0, jobs, loop) > 0) return;
  workers.front()->Loop();
}

absl::Status RunWorkers(Execution& run, Source& source, Report* report) {
  std::vector<Work> first(1);
  first.front() = {.directory = source.Root(),
                   .frame = &run.frame,
                   .hygiene = run.root.hygiene,
                   .is_fresh = run.root.merge == nullptr};
  run.list.Push(&first);
  std::vector<std::unique_ptr<Worker>> workers;
  workers.reserve(static_cast<size_t>(run.options.jobs));
  for (int number = 0; number < run.options.jobs; ++number) {
    workers.push_back(std::make_unique<Worker>(run, number));
  }
  LoopAll(workers, run.options.jobs);
  report->bytes_exact = true;
  for (const auto& worker : workers) worker->AddTo(report);
  // Whichever worker met them.
  std::sort(report->failures.begin(), report->failures.end(),
            [](const Failure& a, const Failure& b) { return a.path < b.path; });
  return run.status;
}

// A directory that gets a new name keeps its mtime.
absl::Status GiveOneName(Execution& run, int aside, const Update& update) {
  const std::string path = JoinPath(run.options.final_path, update.directory);
  const Fd fd(run.sys,
              OpenDirectoryBeneath(run.sys, run.root.fd, update.directory));
  if (!fd.ok()) return ErrnoStatus(-fd.get(), "open", path);
  Stat before;
  int result = run.sys.StatAt(fd.get(), "", 0, &before);
  if (result < 0) return ErrnoStatus(-result, "stat", path);
  absl::Status status = GiveName(
      run.sys,
      {.aside = aside,
       .from = update.aside.c_str(),
       .directory = fd.get(),
       .to = update.name.c_str(),
       .exchange = update.over_directory ? Exchange::kYes : Exchange::kNo},
      path);
  if (!status.ok()) return status;
  result = run.sys.SetTimesAt(fd.get(), nullptr, before.mtime, 0);
  return result == 0 || result == -EPERM  // somebody else's directory
             ? absl::OkStatus()
             : ErrnoStatus(-result, "utimensat", path);
}

// What was made aside gets its name, now that everything is there. Whatever
// hinders one of them: the more of the others have theirs, the better.
absl::Status GiveNames(Execution& run, Merge& merge, Report* report) {
  if (merge.updates().empty()) return absl::OkStatus();
  const absl::StatusOr<int> aside = merge.Aside();
  if (!aside.ok()) return aside.status();
  absl::Status whole;
  for (const Update& update : merge.updates()) {
    const absl::Status status = GiveOneName(run, *aside, update);
    if (status.ok()) continue;
    const int error = ErrnoOf(status).value_or(EBUSY);
    if (whole.ok() && error != EXDEV && ConcernsTheRun(error)) whole = status;
    const std::string path = JoinPath(update.directory, update.name);
    if (update.is_tree) run.frame.deferred_modes.Forget(path);
    report->failures.push_back(
        {.path = path, .text = std::string(status.message())});
  }
  return whole;
}

void AddFailures(const Doomed& doomed, Report* report) {
  report->failures.insert(report->failures.end(), doomed.failures.begin(),
                          doomed.failures.end());
}

void TellGone(const Surplus& gone, const Telling& telling) {
  ++telling.report->deleted;
  if (telling.progress == nullptr || !telling.progress->wants_entries()) return;
  telling.progress->Placed(0, {.directory = gone.directory,
                               .name = gone.name,
                               .how = How::kDeleted,
                               .kind = gone.kind});
}

Failure TooMany(const Execution& run, int64_t count, int64_t limit) {
  const std::string& path = run.options.final_path;
  return {.path = path,
          .text = absl::StrCat(
              "delete ", path, ": ", count, " entries are not in the input, ",
              "more than --max_delete=", limit, " allows; none was deleted")};
}

absl::Status DeleteSurplus(Execution& run, Merge& merge,
                           const Telling& telling) {
  const Deletion& deletion = merge.options().deletion;
  const std::optional<int64_t> known = merge.doomed();
  if (known.has_value() && *known > deletion.limit.value_or(*known)) {
    telling.report->failures.push_back(TooMany(run, *known, *deletion.limit));
    return absl::OkStatus();
  }
  if (merge.surplus().empty()) return absl::OkStatus();
  if (merge.listed_in_root == 0 && !deletion.force) {
    return absl::FailedPreconditionError(
        absl::StrCat("delete ", run.options.final_path,
                     ": the input is empty, so everything would go; --force "
                     "allows it"));
  }
  DeferredModes& modes = run.frame.deferred_modes;
  absl::StatusOr<Doomed> doomed =
      FindDoomed(run.sys, run.root.fd, merge, std::move(merge.surplus()),
                 merge.options().rehearses ? nullptr : &modes);
  if (!doomed.ok()) return doomed.status();
  if (deletion.limit.has_value() && doomed->count > *deletion.limit) {
    telling.report->failures.push_back(
        TooMany(run, doomed->count, *deletion.limit));
    return absl::OkStatus();
  }
  if (doomed->count > 0 && merge.options().rehearses) {
    for (const DoomedEntry& entry : doomed->entries) {
      if (!entry.stays) TellGone(entry.what, telling);
    }
  } else if (doomed->count > 0) {
    const absl::StatusOr<int> aside = merge.Aside();
    if (!aside.ok()) return aside.status();
    Remove(run.sys, run.root.fd, &*doomed,
           [&](const Surplus& gone) { TellGone(gone, telling); });
  }
  AddFailures(*doomed, telling.report);
  return absl::OkStatus();
}

// In a merge what is refused is an entry's, and what is gone needs none.
absl::Status SetDeferredModes(Execution& run, Report* report) {
  for (DeferredModes::Refused& refused : run.frame.deferred_modes.Apply(
           run.sys, run.root.fd, run.options.final_path)) {
    const int error = ErrnoOf(refused.status).value_or(0);
    if (run.root.merge == nullptr || ConcernsTheRun(error))
      return refused.status;
    if (error == ENOENT || error == ENOTDIR) continue;
    report->failures.push_back({.path = std::move(refused.path),
                                .text = std::string(refused.status.message())});
  }
  return absl::OkStatus();
}

absl::Status RunAll(Execution& run, Source& source, const Telling& telling) {
  absl::Status status = RunWorkers(run, source, telling.report);
  if (run.root.merge == nullptr) return status;
  if (status.ok()) status = GiveNames(run, *run.root.merge, telling.report);
  if (status.ok()) status = DeleteSurplus(run, *run.root.merge, telling);
  return status;
}

}  // namespace

absl::StatusOr<Stat> Execute(Sys& sys, const ExecOptions& options,
                             Source& source, const Root& root,
                             MountTable& mounts, const Telling& telling) {
  Execution run(sys, options, root, mounts, telling.progress);
  absl::Status status = RunAll(run, source, telling);
  // What a merge has opened up is closed again, however it ends.
  if (status.ok() || root.merge != nullptr) {
    const absl::Status modes = SetDeferredModes(run, telling.report);
    if (status.ok()) status = modes;
  }
  if (!status.ok()) return status;
  return run.root_facts;
}

}  // namespace materialize
