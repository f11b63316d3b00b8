// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/exec/worker.h"

#include <utility>

#include "materialize/exec/kept_directory.h"
#include "materialize/exec/overlay.h"
#include "materialize/exec/rules.h"
#include "materialize/os/path.h"
#include "materialize/os/status.h"
#include "materialize/plan/entry_path.h"

namespace materialize {
namespace {

constexpr mode_t kPlainDirectory = 0755;

}  // namespace

Worker::Worker(Execution& run, int number)
    : run_(run),
      number_(number),
      placer_({.sys = run.sys,
               .options = run.options,
               .mounts = run.mounts,
               .replicas = run.replicas,
               .copy_up = run.copy_up,
               .root = run.root.fd,
               .progress = tells_entries() ? run.progress : nullptr,
               .idle = [&run] { return run.list.waiting(); }},
              number) {
  if (merge() == nullptr) return;
  comparer_.emplace(run.sys, run.options, *merge());
  if (merge()->options().rehearses) {
    rehearsal_.emplace(run.sys, run.options, *run.root.mount, run.mounts,
                       run.progress, number);
  }
  glances_ = !tells_entries() && !has_siblings() && comparer_->is_plain();
  aside_name_ = merge()->NewName();
  here_name_ = merge()->options().aside + "." + aside_name_;
}

void Worker::Loop() {
  while (std::optional<Work> work = run_.list.Wait(number_)) {
    if (absl::Status status = Do(*std::move(work)); !status.ok())
      run_.Fail(std::move(status));
    run_.list.Done();
  }
  TellAdvance();
}

absl::Status Worker::Do(Work&& work) {
  if (work.directory != nullptr) return DoDirectory(std::move(work));
  if (work.batch == nullptr) {
    // What goes wrong is told to whoever needs the names.
    (void)work.opened->names.ReadRest(run_.sys, work.opened->to.get());
    return absl::OkStatus();
  }
  const absl::Status placed = Place(work.opened, *work.batch);
  work.batch = nullptr;  // before the listing that it refers to
  if (!placed.ok()) return placed;
  return GoOn(*work.opened->frame, work.opened->listing->path(),
              Release(*work.opened));
}

absl::Status Worker::DoDirectory(Work&& work) {
  const auto opened = std::make_shared<Opened>(run_.holds);
  absl::Status status = Open(*opened, std::move(work));
  if (status.ok()) status = List(opened);
  if (!status.ok()) opened->has_failed.store(true);
  return GoOn(*opened->frame, opened->listing->path(), std::move(status));
}

// The rest of a tree that is there goes on without a directory that failed,
// unless that is the root.
absl::Status Worker::GoOn(const Frame& frame, const std::string& path,
                          absl::Status status) {
  if (status.ok() || !frame.merges || path.empty()) return status;
  return Survives(path, status) ? absl::OkStatus() : status;
}

absl::Status Worker::Open(Opened& opened, Work&& work) {
  opened.listing = std::move(work.directory);
  opened.frame = work.frame;
  opened.is_fresh = work.is_fresh;
  const std::shared_ptr<Opened> above = std::move(work.above);  // until here
  Directory& listing = *opened.listing;
  absl::Status listed =
      above == nullptr
          ? listing.Open(run_.sys, &opened.facts)
          : listing.OpenBelow(run_.sys, above->listing->from(), &opened.facts);
  if (!listed.ok()) return listed;
  if (run_.options.plain_directories)
    opened.facts.mode = S_IFDIR | kPlainDirectory;
  opened.from = KeyOf(opened.facts);
  const std::string& path = opened.listing->path();
  if (rehearses() && opened.is_fresh) {  // it is not there
    opened.target = {.path = &path, .mount = work.frame->mount};
    return absl::OkStatus();
  }
  opened.to = Fd(
      run_.sys, above == nullptr
                    ? OpenDirectoryBeneath(run_.sys, work.frame->fd,
                                           work.frame->Relative(path))
                    : OpenDirectoryIn(run_.sys, above->to.get(), NameOf(path)));
  if (!opened.to.ok())
    return ErrnoStatus(-opened.to.get(), "open", TargetText(opened, ""));
  opened.target = {.fd = opened.to.get(),
                   .path = &opened.listing->path(),
                   .mount = work.frame->mount};
  if (work.frame->merges) {
    if (absl::Status status = OpenThere(opened); !status.ok()) return status;
  }
  Hygiene& hygiene = opened.target.hygiene;
  if (path.empty()) {
    if (!work.frame->merges) hygiene = work.hygiene;
  } else if (opened.is_fresh) {
    hygiene = Clean(opened.to.get(), work.hygiene);
  }
  if (hygiene == Hygiene::kExact) hygiene = own_hygiene_;
  if (absl::Status status = FindPair(opened); !status.ok()) return status;
  if (work.frame->merges && !opened.is_fresh) {
    if (absl::Status status = ListThere(opened); !status.ok()) return status;
  }
  if (path.empty()) {
    const std::lock_guard<std::mutex> lock(run_.mutex);
    run_.root_facts = opened.facts;
  }
  return absl::OkStatus();
}

absl::Status Worker::FindPair(Opened& opened) {
  if (opened.listing->from() == AT_FDCWD) return absl::OkStatus();
  const bool is_last = last_pair_ != nullptr &&
                       last_pair_->from().key == opened.from &&
                       last_pair_->to().key == opened.target.mount->key;
  if (!is_last) {
    int error = 0;
    const Mount* from =
        run_.mounts.Find(opened.listing->from(), opened.facts, &error);
    if (from == nullptr)
      return ErrnoStatus(-error, "statfs", opened.listing->SourcePath(""));
    last_pair_ = &run_.mounts.Between(*from, *opened.target.mount);
  }
  opened.target.pair = last_pair_;
  const bool on_overlay =
      last_pair_->from().filesystem->traits.layers == Layers::kOverlay;
  if (on_overlay && HasOneLayer(opened.facts))
    opened.target.layer = &opened.layer;
  return absl::OkStatus();
}

// What we made below a directory that hands things down must not hand them on.
Hygiene Worker::Clean(int fd, Hygiene above) {
  if (above != Hygiene::kInherits) return Hygiene::kExact;
  (void)run_.sys.RemoveXattr(
      fd, "system.posix_acl_default");  // ENODATA: it was the set-group-id bit
                                        // alone
  (void)run_.sys.RemoveXattr(fd, "system.posix_acl_access");
  const bool is_plain = run_.sys.ChangeMode(fd, run_.options.made_mode) == 0;
  return is_plain ? Hygiene::kExact : Hygiene::kInherits;
}

absl::Status Worker::Place(const std::shared_ptr<Opened>& place, Batch& batch) {
  Opened& opened = *place;
  if (opened.frame->merges && opened.listing->path().empty())
    merge()->listed_in_root.fetch_add(batch.entries.size());
  std::vector<Work> works;
  works.reserve(batch.children.size());
  size_t next = 0;  // children are in the order of their entries
  Work child;
  for (size_t at = 0; at < batch.entries.size(); ++at) {
    if (run_.stopped.load(std::memory_order_relaxed) || differs_)
      return absl::OkStatus();
    if (run_.options.cancelled()) return absl::CancelledError("interrupted");
    if (!works.empty() && has_takers()) run_.list.Push(&works, number_);
    const absl::StatusOr<size_t> linked = LinkStraight(opened, batch, at);
    if (!linked.ok()) return linked.status();
    if (*linked > 0) {
      at += *linked - 1;
      continue;
    }
    const Entry& entry = batch.entries[at];
    if (entry.child != nullptr) {
      child = {.directory = std::move(batch.children[next++]),
               .frame = opened.frame,
               .above = opened.is_held ? place : nullptr};
    }
    absl::Status status = PlaceOne(opened, entry, &child);
    const bool failed = !status.ok();
    if (failed &&
        !(opened.frame->merges &&
          Survives(JoinPath(opened.listing->path(), entry.name), status)))
      return status;
    if (child.directory == nullptr) continue;
    Work made = std::exchange(child, Work());
    if (!failed) works.push_back(std::move(made));
  }
  batch.children.clear();
  if (alone_ != nullptr) {
    for (Work& work : works) alone_->push_back(std::move(work));
  } else {
    run_.list.Push(&works, number_);
  }
  TellAdvance();
  return absl::OkStatus();
}

absl::Status Worker::PlaceOne(Opened& opened, const Entry& entry, Work* child) {
  const bool is_directory = entry.kind == Kind::kDirectory;
  if (!opened.frame->merges) {
    if (!is_directory) return PlaceFile(opened, opened.target, entry);
    child->hygiene = opened.target.hygiene;
    return MakeDirectory(opened, entry);
  }
  if (!is_directory) return MergeEntry(opened, entry);
  return entry.unit ? MergeUnit(opened, entry, child)
                    : MergeDirectory(opened, entry, child);
}

absl::Status Worker::MakeDirectory(const Opened& opened, const Entry& entry) {
  const int result = run_.sys.MakeDirectoryAt(opened.target.fd, entry.name,
                                              run_.options.made_mode);
  if (result == 0) return absl::OkStatus();
  return ErrnoStatus(-result, "mkdir", TargetText(opened, entry.name));
}

absl::Status Worker::Release(Opened& opened) {
  if (opened.users.fetch_sub(1) != 1) return absl::OkStatus();
  if (run_.stopped.load(std::memory_order_relaxed)) return absl::OkStatus();
  return Finish(opened);
}

// Every name of the directory is in it, its subdirectories included: nothing
// touches its mtime any more, but for what is put off to the end.
absl::Status Worker::Finish(Opened& opened) {
  absl::Status status;
  if (opened.frame->merges) status = AddSurplus(opened);
  if (status.ok() && !opened.is_fresh) {
    status = SetChanged(opened);
  } else if (status.ok() && !rehearses()) {
    status = SetMode(opened);
    if (status.ok() && !opened.listing->path().empty() &&
        !run_.options.plain_directories) {
      // The root's is the caller's.
      const int result =
          run_.sys.SetTimesAt(opened.to.get(), nullptr, opened.facts.mtime, 0);
      if (result < 0)
        status = ErrnoStatus(-result, "utimensat", TargetText(opened, ""));
    }
  }
  if (!status.ok() || differs_) return status;
  placer_.tally().Count(How::kDirectory, nullptr);
  TellDirectory(opened);
  return absl::OkStatus();
}

absl::Status Worker::SetMode(Opened& opened) {
  // What was there may have attributes of its own.
  const bool is_ours = opened.is_fresh && !opened.listing->path().empty();
  const KeptDirectory kept = KeepDirectory(
      run_.sys, run_.options.preserve, *opened.listing, opened.facts,
      opened.to.get(), is_ours ? Former::kNone : Former::kReplaced);
  if (kept.result < 0)
    return ErrnoStatus(-kept.result, kept.call, TargetText(opened, ""));
  placer_.tally().CountNotKept(kept.lost);
  const mode_t bits = kept.owner ? 07777 : 0777;
  opened.facts.mode =
      (opened.facts.mode & S_IFMT) | (opened.facts.permissions() & bits);
  if (opened.listing->path().empty())
    return absl::OkStatus();  // the caller's, when the tree is in its place
  const mode_t mode = opened.facts.permissions();
  if (mode == run_.options.made_mode && !kept.needs_mode && opened.is_fresh &&
      opened.target.hygiene == Hygiene::kExact) {
    return absl::OkStatus();
  }
  const bool was_closed =
      !opened.is_fresh && run_.options.IsClosed(opened.there.permissions());
  if (run_.options.IsClosed(mode) || was_closed) {
    const std::lock_guard<std::mutex> lock(run_.mutex);
    opened.frame->deferred_modes.Add(opened.listing->path(), mode);
    return absl::OkStatus();
  }
  const int result = run_.sys.ChangeMode(opened.to.get(), mode);
  return result < 0 ? ErrnoStatus(-result, "chmod", TargetText(opened, ""))
                    : absl::OkStatus();
}

void Worker::TellDirectory(const Opened& opened) {
  if (!tells_entries() || only_looks_) return;
  const std::string& path = opened.listing->path();
  const bool is_noop =
      rehearses() && opened.is_right && run_.options.check != Check::kNo;
  run_.progress->Placed(number_, {.directory = DirectoryOf(path),
                                  .name = NameOf(path),
                                  .how = is_noop ? How::kNoop : How::kDirectory,
                                  .kind = Kind::kDirectory,
                                  .facts = &opened.facts});
}

void Worker::TellAdvance() {
  if (run_.progress == nullptr) return;
  const WorkerTally& tally = placer_.tally();
  run_.progress->Advanced(number_, tally.files() - told_files_,
                          tally.bytes() - told_bytes_);
  told_files_ = tally.files();
  told_bytes_ = tally.bytes();
}

}  // namespace materialize
