// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//

#include "materialize/exec/executor.h"

#include <algorithm>
#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "materialize/exec/deferred_modes.h"
#include "materialize/exec/kept_directory.h"
#include "materialize/exec/placer.h"
#include "materialize/exec/replicas.h"
#include "materialize/exec/work_list.h"
#include "materialize/os/fd.h"
#include "materialize/os/path.h"
#include "materialize/os/status.h"

namespace materialize {
namespace {

constexpr size_t kBreadthLimit =
    4096;  // directories waiting; some hundred bytes each
constexpr size_t kWorthSharing =
    256;  // entries of one listing, before another worker is given them
constexpr int kNestingLimit =
    8;  // surplus directories done in the middle of another one

// A directory that is open on both sides, and by how many it is still needed.
struct Opened {
  std::unique_ptr<Directory> listing;
  Fd to;
  Target target;
  Stat facts;
  std::atomic<int> users{1};
};

// Either a directory that nobody has opened yet, or entries of one that is
// open.
struct Work {
  std::unique_ptr<Directory> directory = nullptr;
  Hygiene hygiene = Hygiene::kExact;  // of the directory that holds it
  std::shared_ptr<Opened> opened = nullptr;
  Batch batch = {};
};

class Run {
 public:
  Run(Sys& sys, const ExecOptions& options, const Root& root,
      MountTable& mounts, Progress* progress)
      : sys_(sys),
        options_(options),
        root_(root),
        mounts_(mounts),
        progress_(progress),
        list_(kBreadthLimit) {}

  absl::StatusOr<Stat> All(Source& source, Report* report);

 private:
  class Worker;
  friend class Worker;

  void Fail(absl::Status status);

  Sys& sys_;
  const ExecOptions& options_;
  const Root root_;
  MountTable& mounts_;
  Progress* progress_;
  Replicas replicas_;
  WorkList<Work> list_;
  std::atomic<bool> stopped_{false};
  std::mutex mutex_;  // guards what follows
  absl::Status status_;
  Stat root_facts_;
  DeferredModes deferred_modes_;
};

class Run::Worker {
 public:
  Worker(Run& run, int number)
      : run_(run),
        number_(number),
        placer_({.sys = run.sys_,
                 .options = run.options_,
                 .mounts = run.mounts_,
                 .replicas = run.replicas_,
                 .root = run.root_.fd,
                 .progress = tells_entries() ? run.progress_ : nullptr},
                number) {}

  void Loop();
  WorkerTally& tally() { return placer_.tally(); }

 private:
  bool tells_entries() const {
    return run_.progress_ != nullptr && run_.progress_->wants_entries();
  }
  absl::Status Do(Work work);
  absl::Status DoDirectory(std::unique_ptr<Directory> directory, Hygiene above);
  absl::Status DoSurplus();
  absl::StatusOr<std::shared_ptr<Opened>> Open(
      std::unique_ptr<Directory> directory, Hygiene above);
  absl::Status FindPair(Opened& opened);
  Hygiene Clean(int fd, Hygiene above);
  absl::Status Place(Opened& opened, Batch& batch);
  absl::Status MakeDirectory(const Opened& opened, const Entry& entry);
  void PushChildren(const Opened& opened, Batch& batch);
  absl::Status Release(Opened& opened);
  absl::Status Finish(Opened& opened);
  absl::Status SetMode(Opened& opened);
  void TellDirectory(const Opened& opened);
  void TellAdvance();
  std::string TargetText(const Opened& opened, const char* name) const {
    return JoinPath(JoinPath(run_.options_.final_path, opened.listing->path()),
                    name);
  }

  Run& run_;
  const int number_;
  Placer placer_;
  Hygiene own_hygiene_ = Hygiene::kExact;
  int nesting_ = 0;
  int64_t told_files_ = 0;
  int64_t told_bytes_ = 0;
};

void Run::Worker::Loop() {
  if (run_.sys_.ClearThreadUmask() < 0) own_hygiene_ = Hygiene::kUmask;
  while (std::optional<Work> work = run_.list_.Wait()) {
    if (absl::Status status = Do(*std::move(work)); !status.ok())
      run_.Fail(std::move(status));
    run_.list_.Done();
  }
  TellAdvance();
}

absl::Status Run::Worker::Do(Work work) {
  if (work.directory != nullptr)
    return DoDirectory(std::move(work.directory), work.hygiene);
  const absl::Status placed = Place(*work.opened, work.batch);
  work.batch = Batch();  // before the listing that it refers to
  return placed.ok() ? Release(*work.opened) : placed;
}

absl::Status Run::Worker::DoDirectory(std::unique_ptr<Directory> directory,
                                      Hygiene above) {
  absl::StatusOr<std::shared_ptr<Opened>> opened =
      Open(std::move(directory), above);
  if (!opened.ok()) return opened.status();
  Directory& listing = *(*opened)->listing;
  Batch batch;
  while (true) {
    const absl::StatusOr<bool> more = listing.Next(run_.sys_, &batch);
    if (!more.ok()) return more.status();
    if (!*more) break;
    if (batch.entries.size() >= kWorthSharing && run_.list_.hungry()) {
      (*opened)->users.fetch_add(1);
      run_.list_.PushFirst({.opened = *opened, .batch = std::move(batch)});
      batch = Batch();
      continue;
    }
    if (absl::Status status = Place(**opened, batch); !status.ok())
      return status;
    if (absl::Status status = DoSurplus(); !status.ok()) return status;
  }
  placer_.tally().counts.excluded += listing.counts().excluded;
  return Release(**opened);
}

// A directory of very many directories: do some of them before listing on.
absl::Status Run::Worker::DoSurplus() {
  if (nesting_ >= kNestingLimit) return absl::OkStatus();
  ++nesting_;
  absl::Status status;
  while (status.ok() && run_.list_.has_surplus()) {
    std::optional<Work> work = run_.list_.TakeSurplus();
    if (!work.has_value()) break;
    status = Do(*std::move(work));
    run_.list_.Done();
  }
  --nesting_;
  return status;
}

absl::StatusOr<std::shared_ptr<Opened>> Run::Worker::Open(
    std::unique_ptr<Directory> directory, Hygiene above) {
  auto opened = std::make_shared<Opened>();
  opened->listing = std::move(directory);
  if (absl::Status status = opened->listing->Open(run_.sys_, &opened->facts);
      !status.ok())
    return status;
  const std::string& path = opened->listing->path();
  opened->to =
      Fd(run_.sys_, OpenDirectoryBeneath(run_.sys_, run_.root_.fd, path));
  if (!opened->to.ok())
    return ErrnoStatus(-opened->to.get(), "open", TargetText(*opened, ""));
  opened->target = {.fd = opened->to.get(),
                    .path = &opened->listing->path(),
                    .mount = run_.root_.mount};
  opened->target.hygiene =
      path.empty() ? above : Clean(opened->to.get(), above);
  if (opened->target.hygiene == Hygiene::kExact)
    opened->target.hygiene = own_hygiene_;
  if (absl::Status status = FindPair(*opened); !status.ok()) return status;
  if (path.empty()) {
    const std::lock_guard<std::mutex> lock(run_.mutex_);
    run_.root_facts_ = opened->facts;
  }
  return opened;
}

absl::Status Run::Worker::FindPair(Opened& opened) {
  if (opened.listing->from() == AT_FDCWD) return absl::OkStatus();
  int error = 0;
  const Mount* from =
      run_.mounts_.Find(opened.listing->from(), opened.facts, &error);
  if (from == nullptr)
    return ErrnoStatus(-error, "statfs", opened.listing->SourcePath(""));
  opened.target.pair = &run_.mounts_.Between(*from, *run_.root_.mount);
  return absl::OkStatus();
}

// What we made below a directory that hands things down must not hand them on.
Hygiene Run::Worker::Clean(int fd, Hygiene above) {
  if (above != Hygiene::kInherits) return Hygiene::kExact;
  (void)run_.sys_.RemoveXattr(
      fd, "system.posix_acl_default");  // ENODATA: it was the set-group-id bit
                                        // alone
  (void)run_.sys_.RemoveXattr(fd, "system.posix_acl_access");
  const bool is_plain = run_.sys_.ChangeMode(fd, run_.options_.made_mode) == 0;
  return is_plain ? Hygiene::kExact : Hygiene::kInherits;
}

absl::Status Run::Worker::Place(Opened& opened, Batch& batch) {
  absl::Status status;
  for (const Entry& entry : batch.entries) {
    if (run_.stopped_.load(std::memory_order_relaxed)) return absl::OkStatus();
    if (run_.options_.cancelled()) return absl::CancelledError("interrupted");
    status = entry.kind == Kind::kDirectory
                 ? MakeDirectory(opened, entry)
                 : placer_.Place(*opened.listing, opened.target, entry);
    if (!status.ok()) return status;
  }
  PushChildren(opened, batch);
  TellAdvance();
  return status;
}

absl::Status Run::Worker::MakeDirectory(const Opened& opened,
                                        const Entry& entry) {
  const int result = run_.sys_.MakeDirectoryAt(opened.target.fd, entry.name,
                                               run_.options_.made_mode);
  if (result == 0) return absl::OkStatus();
  return ErrnoStatus(-result, "mkdir", TargetText(opened, entry.name));
}

void Run::Worker::PushChildren(const Opened& opened, Batch& batch) {
  if (batch.children.empty()) return;
  const Hygiene above = opened.target.hygiene;
  std::vector<Work> works;
  works.reserve(batch.children.size());
  for (std::unique_ptr<Directory>& child : batch.children) {
    works.push_back({.directory = std::move(child), .hygiene = above});
  }
  batch.children.clear();
  run_.list_.Push(&works);
}

absl::Status Run::Worker::Release(Opened& opened) {
  if (opened.users.fetch_sub(1) != 1) return absl::OkStatus();
  if (run_.stopped_.load(std::memory_order_relaxed)) return absl::OkStatus();
  return Finish(opened);
}

// Every name of the directory is in it, its subdirectories included: nothing
// touches its mtime any more.
absl::Status Run::Worker::Finish(Opened& opened) {
  const Stat& facts = opened.facts;
  if (absl::Status status = SetMode(opened); !status.ok()) return status;
  int result = 0;
  if (!opened.listing->path().empty())  // the root's is the caller's
    result = run_.sys_.SetTimesAt(opened.to.get(), nullptr, facts.mtime, 0);
  if (result < 0)
    return ErrnoStatus(-result, "utimensat", TargetText(opened, ""));
  placer_.tally().Count(How::kDirectory, nullptr);
  TellDirectory(opened);
  return absl::OkStatus();
}

absl::Status Run::Worker::SetMode(Opened& opened) {
  const KeptDirectory kept =
      KeepDirectory(run_.sys_, run_.options_.preserve, *opened.listing,
                    opened.facts, opened.to.get());
  if (kept.result < 0)
    return ErrnoStatus(-kept.result, kept.call, TargetText(opened, ""));
  placer_.tally().CountNotKept(kept.lost);
  const mode_t bits = kept.owner ? 07777 : 0777;
  opened.facts.mode =
      (opened.facts.mode & S_IFMT) | (opened.facts.permissions() & bits);
  if (opened.listing->path().empty())
    return absl::OkStatus();  // the caller's, when the tree is in its place
  const mode_t mode = opened.facts.permissions();
  if (mode == run_.options_.made_mode && !kept.needs_mode &&
      opened.target.hygiene == Hygiene::kExact) {
    return absl::OkStatus();
  }
  if ((mode & S_IRWXU) != S_IRWXU && run_.options_.user != 0) {
    // Its subdirectories could not be opened any more.
    const std::lock_guard<std::mutex> lock(run_.mutex_);
    run_.deferred_modes_.Add(opened.listing->path(), mode);
    return absl::OkStatus();
  }
  const int result = run_.sys_.ChangeMode(opened.to.get(), mode);
  return result < 0 ? ErrnoStatus(-result, "chmod", TargetText(opened, ""))
                    : absl::OkStatus();
}

void Run::Worker::TellDirectory(const Opened& opened) {
  if (!tells_entries()) return;
  const SplitPath split = Split(opened.listing->path());
  const bool is_root = opened.listing->path().empty();
  const bool is_top = split.directory == ".";
  run_.progress_->Placed(
      number_,
      {.directory = is_root || is_top ? absl::string_view() : split.directory,
       .name = split.name,
       .how = How::kDirectory,
       .kind = Kind::kDirectory,
       .facts = &opened.facts});
}

void Run::Worker::TellAdvance() {
  if (run_.progress_ == nullptr) return;
  const WorkerTally& tally = placer_.tally();
  run_.progress_->Advanced(number_, tally.files() - told_files_,
                           tally.bytes() - told_bytes_);
  told_files_ = tally.files();
  told_bytes_ = tally.bytes();
}

void Run::Fail(absl::Status status) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (status_.ok()) status_ = std::move(status);
  }
  stopped_.store(true);
  list_.Stop();
}

absl::StatusOr<Stat> Run::All(Source& source, Report* report) {
  std::vector<Work> first(1);
  first.front().directory = source.Root();
  first.front().hygiene = root_.hygiene;
  list_.Push(&first);
  std::vector<std::unique_ptr<Worker>> workers;
  std::vector<std::thread> threads;
  for (int number = 0; number < options_.jobs; ++number) {
    workers.push_back(std::make_unique<Worker>(*this, number));
    threads.emplace_back(&Worker::Loop, workers.back().get());
  }
  for (std::thread& thread : threads) thread.join();
  report->bytes_exact = true;
  for (const auto& worker : workers) worker->tally().AddTo(report);
  if (!status_.ok()) return status_;
  absl::Status status =
      deferred_modes_.Apply(sys_, root_.fd, options_.final_path);
  if (!status.ok()) return status;
  return root_facts_;
}

}  // namespace

absl::StatusOr<Stat> Execute(Sys& sys, const ExecOptions& options,
                             Source& source, const Root& root,
                             MountTable& mounts, const Telling& telling) {
  return Run(sys, options, root, mounts, telling.progress)
      .All(source, telling.report);
}

}  // namespace materialize
