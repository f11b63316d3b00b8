// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Entries of a tree that is there: left alone, or replaced one by one. What a
// reader finds under a name is the old file or the new one.

#include <cerrno>
#include <utility>

#include "materialize/exec/deletion.h"
#include "materialize/exec/rules.h"
#include "materialize/exec/worker.h"
#include "materialize/os/path.h"
#include "materialize/os/status.h"
#include "materialize/strategy/strategy.h"

namespace materialize {

absl::StatusOr<bool> Worker::Find(Opened& opened, const char* name,
                                  Found* found) {
  if (opened.is_fresh) return false;
  if (opened.has_names) {
    const std::optional<NameThere> there = opened.names.Take(name);
    if (there.has_value()) {
      found->there = *there;
      if (there->kind != Kind::kUnknown) return true;
    } else if (opened.names.IsWhole(run_.sys, opened.to.get())) {
      return false;
    }
  }
  const int result = run_.sys.StatAt(opened.to.get(), name, AT_SYMLINK_NOFOLLOW,
                                     &found->facts.emplace());
  if (result == -ENOENT) return false;
  if (result < 0) return ErrnoStatus(-result, "stat", TargetText(opened, name));
  found->there = {.kind = found->facts->kind(), .inode = found->facts->inode};
  return true;
}

// Nothing is changed before this was asked.
absl::StatusOr<int> Worker::Permission() {
  if (only_looks_) {
    differs_ = true;
    return absl::CancelledError("only looking");
  }
  absl::StatusOr<int> aside = merge()->Aside();
  if (!aside.ok()) run_.Fail(aside.status());
  return aside;
}

// Where what is to be in this directory is made. Names in it will change.
absl::StatusOr<int> Worker::Aside(Opened& opened) {
  const absl::StatusOr<int> aside = Permission();
  if (!aside.ok()) return aside;
  opened.is_touched.store(true);
  if (absl::Status status = OpenUp(opened); !status.ok()) return status;
  FindHygiene(opened);
  if (merge()->options().delay_updates && !opened.is_fresh)
    TryToRename(opened, *aside);
  return opened.makes_here ? opened.to.get() : *aside;
}

// Until the end of the run, unless it is to have another mode by then.
absl::Status Worker::OpenUp(Opened& opened) {
  const mode_t own = opened.there.permissions();
  if (opened.is_fresh || !run_.options.IsClosed(own)) return absl::OkStatus();
  const std::string& path = opened.listing->path();
  const std::lock_guard<std::mutex> lock(run_.mutex);
  if (opened.frame->deferred_modes.Has(path)) return absl::OkStatus();
  const int result = run_.sys.ChangeMode(opened.to.get(), own | S_IRWXU);
  if (result == -EPERM) return absl::OkStatus();  // not ours: its mode decides
  if (result < 0) return ErrnoStatus(-result, "chmod", TargetText(opened, ""));
  opened.frame->deferred_modes.Add(path, own);
  return absl::OkStatus();
}

absl::StatusOr<bool> Worker::MayUpdate(const Opened& opened,
                                       const Entry& entry) {
  switch (merge()->options().present) {
    case Present::kUpdate:
      return true;
    case Present::kSkip:
      ++placer_.tally().counts.present_skipped;
      return false;
    case Present::kFail:
      break;
  }
  return ErrnoStatus(EEXIST, "place", TargetText(opened, entry.name));
}

// What most of a merge comes to: a file that is as it should be, as both
// listings say or two stats. Whatever else is found, the way round by the
// comparer tells what it means; what was looked at here is not looked at again.
bool Worker::IsPlainlySame(const Opened& opened, const Entry& entry,
                           Found* found) {
  if (!glances_ || !entry.is_plain() || found->there.kind != Kind::kFile)
    return false;
  if (opened.trusts_inodes && IsListedInode(entry, *found)) {
    placer_.tally().Count(How::kNoop, nullptr);
    return true;
  }
  if (!found->facts.has_value() &&
      run_.sys.StatAt(opened.to.get(), entry.name, AT_SYMLINK_NOFOLLOW,
                      &found->facts.emplace()) < 0) {
    found->facts.reset();
    return false;
  }
  if (run_.sys.StatAt(opened.listing->from(), entry.source, AT_SYMLINK_NOFOLLOW,
                      &found->source.emplace()) < 0) {
    found->source.reset();
    return false;
  }
  constexpr mode_t kPlainFile = S_IFREG | 0777;
  const Stat& there = *found->facts;
  const Stat& source = *found->source;
  const bool is_same = source.mode == there.mode &&
                       (source.mode & ~kPlainFile) == 0 &&
                       source.size == there.size && source.mtime == there.mtime;
  if (is_same) placer_.tally().Count(How::kNoop, &source);
  return is_same;
}

absl::Status Worker::MergeEntry(Opened& opened, const Entry& given) {
  Found there;
  const absl::StatusOr<bool> is_there = Find(opened, given.name, &there);
  if (!is_there.ok()) return is_there.status();
  if (*is_there && given.kind == Kind::kFile &&
      IsPlainlySame(opened, given, &there))
    return absl::OkStatus();
  Entry entry = given;
  if (entry.kind == Kind::kUnknown) {
    Stat facts;
    const int result =
        run_.sys.StatAt(opened.listing->from(), entry.source,
                        entry.follow ? 0 : AT_SYMLINK_NOFOLLOW, &facts);
    if (result < 0)
      return ErrnoStatus(-result, "stat",
                         opened.listing->SourcePath(entry.source));
    entry.kind = facts.kind();
  }
  const bool is_left_out = entry.kind == Kind::kSpecial ||
                           (entry.kind == Kind::kSymlink &&
                            run_.options.symlinks == Symlinks::kSkip);
  if (is_left_out) return placer_.Place(*opened.listing, opened.target, entry);
  return MergeFile(opened, entry, *is_there ? &there : nullptr);
}

absl::Status Worker::MergeFile(Opened& opened, const Entry& entry,
                               const Found* found) {
  if (found == nullptr) return Replace(opened, entry, found);
  const absl::StatusOr<bool> may = MayUpdate(opened, entry);
  if (!may.ok() || !*may) return may.status();
  if (found->there.kind == Kind::kDirectory) {
    if (only_looks_) return Replace(opened, entry, found);
    const absl::StatusOr<Doomed> in_the_way = FindInTheWay(opened, entry);
    if (!in_the_way.ok()) return in_the_way.status();
    absl::Status status = Replace(opened, entry, found);
    if (status.ok()) TellGone(*in_the_way);
    return status;
  }
  const absl::StatusOr<Comparison> compared = comparer_->Compare(
      *opened.listing, opened.target, entry, *found, opened.trusts_inodes);
  if (!compared.ok()) return compared.status();
  if (compared->sameness == Sameness::kTimeDiffers &&
      (merge()->options().keep_times || run_.options.check != Check::kNo)) {
    placer_.Keep(opened.target, entry, *compared);
    return absl::OkStatus();
  }
  if (compared->sameness == Sameness::kTimeDiffers &&
      compared->there.links == 1 && !InodeKey(compared->source).has_value())
    return SetTime(opened, entry, *compared);
  if (compared->sameness == Sameness::kSame) {
    const absl::StatusOr<bool> keeps = KeepSibling(opened, entry, *compared);
    if (!keeps.ok()) return keeps.status();
    if (*keeps) {
      placer_.Keep(opened.target, entry, *compared);
      return absl::OkStatus();
    }
  }
  return Replace(opened, entry, found);
}

absl::Status Worker::SetTime(Opened& opened, const Entry& entry,
                             const Comparison& compared) {
  if (rehearses()) {
    placer_.Keep(opened.target, entry, compared);
    return absl::OkStatus();
  }
  const absl::StatusOr<int> permission = Permission();
  if (!permission.ok())
    return differs_ ? absl::OkStatus() : permission.status();
  const Time mtime = entry.wanted == nullptr
                         ? compared.source.mtime
                         : entry.wanted->mtime.value_or(compared.source.mtime);
  const int result = run_.sys.SetTimesAt(opened.to.get(), entry.name, mtime,
                                         AT_SYMLINK_NOFOLLOW);
  const bool is_others_link = compared.there.kind() == Kind::kSymlink &&
                              compared.there.uid != run_.options.user;
  if (result == -EPERM && is_others_link) {  // it says what it should
    placer_.Keep(opened.target, entry, compared);
    return absl::OkStatus();
  }
  if (result < 0)
    return ErrnoStatus(-result, "utimensat", TargetText(opened, entry.name));
  Comparison shown = compared;
  shown.there.mtime = mtime;
  placer_.Keep(opened.target, entry, shown);
  return absl::OkStatus();
}

// A directory gives way to a file when nothing of it is lost that anybody wants
// to keep.
absl::StatusOr<Doomed> Worker::FindInTheWay(const Opened& opened,
                                            const Entry& entry) {
  const std::string path = JoinPath(opened.listing->path(), entry.name);
  DeferredModes opened_up;
  absl::StatusOr<Doomed> doomed =
      FindDoomed(run_.sys, run_.root.fd, *merge(),
                 {{.directory = opened.listing->path(),
                   .name = entry.name,
                   .kind = Kind::kDirectory}},
                 rehearses() ? nullptr : &opened_up);
  {
    const std::lock_guard<std::mutex> lock(run_.mutex);
    run_.frame.deferred_modes.Add(std::move(opened_up));
  }
  if (!doomed.ok()) return doomed;
  // Alone, and nothing of what may be in it was kept or could not be read.
  const bool is_empty = doomed->entries.size() == 1 && doomed->count == 1 &&
                        doomed->entries[0].is_listed;
  const bool goes =
      merge()->options().deletion.enabled &&
      doomed->count == static_cast<int64_t>(doomed->entries.size());
  if (is_empty) return doomed;
  if (goes) {
    const absl::StatusOr<bool> too_much = merge()->IsTooMuch();
    if (!too_much.ok()) return too_much.status();
    if (!*too_much) return doomed;
  }
  return WithHint(ErrnoStatus(EISDIR, "place", TargetText(opened, entry.name)),
                  WhyInTheWay(*doomed, merge()->options().deletion));
}

// What was in the directory; its own name is not gone.
void Worker::TellGone(const Doomed& in_the_way) {
  for (const DoomedEntry& entry : in_the_way.entries) {
    if (&entry == &in_the_way.entries.front()) continue;
    ++placer_.tally().counts.deleted;
    if (!tells_entries()) continue;
    run_.progress->Placed(number_, {.directory = entry.what.directory,
                                    .name = entry.what.name,
                                    .how = How::kDeleted,
                                    .kind = entry.what.kind});
  }
}

// What is read by this very run must not change under it.
absl::Status Worker::CheckNotInput(const Opened& opened, const char* name,
                                   const Found* found) const {
  if (found == nullptr || merge()->options().inputs.empty())
    return absl::OkStatus();
  Stat facts;
  if (run_.sys.StatAt(opened.to.get(), name, AT_SYMLINK_NOFOLLOW, &facts) < 0 ||
      !merge()->IsInput(facts))
    return absl::OkStatus();
  return InputInTheWay(TargetText(opened, name));
}

absl::Status Worker::Replace(Opened& opened, const Entry& entry,
                             const Found* found) {
  if (absl::Status status = CheckNotInput(opened, entry.name, found);
      !status.ok())
    return status;
  if (rehearses() && !only_looks_)
    return rehearsal_->Tell(*opened.listing, opened.facts, entry);
  const absl::StatusOr<int> aside = Aside(opened);
  if (!aside.ok()) return differs_ ? absl::OkStatus() : aside.status();
  const bool is_update = found != nullptr;
  const bool over_directory =
      is_update && found->there.kind == Kind::kDirectory;
  const bool is_delayed =
      is_update && merge()->options().delay_updates && !opened.makes_here;
  std::string name = opened.makes_here ? here_name_ : aside_name_;
  // What cannot be removed after an exchange must be in nobody's way.
  if (is_delayed || over_directory) name = TakeName(opened);
  Target target = opened.target;
  target.landing = {.dir = *aside,
                    .name = name.c_str(),
                    .taken = is_update,
                    .stays = is_delayed || over_directory,
                    .lasts = is_delayed || !over_directory};
  std::optional<WorkerTally> before;
  if (over_directory) before = placer_.tally();
  absl::Status status = PlaceFile(opened, target, entry);
  if (ErrnoOf(status) == EXDEV && !opened.makes_here && !is_delayed) {
    // Another project id (xfs): nothing is renamed into it.
    opened.makes_here = true;
    return Replace(opened, entry, found);
  }
  if (!status.ok() || !target.landing.stays) return status;
  if (is_delayed) {
    merge()->AddUpdate({.aside = std::move(name),
                        .directory = opened.listing->path(),
                        .name = entry.name,
                        .over_directory = over_directory});
    return absl::OkStatus();
  }
  status = PutInPlace(opened, entry, *aside, name, Exchange::kYes);
  SettleRest(opened, entry, status);
  if (!status.ok()) placer_.tally() = *std::move(before);
  return status;
}

absl::Status Worker::MergeDirectory(Opened& opened, const Entry& entry,
                                    Work* child) {
  Found there;
  const absl::StatusOr<bool> is_there = Find(opened, entry.name, &there);
  if (!is_there.ok()) return is_there.status();
  child->is_fresh = false;
  if (*is_there && there.there.kind == Kind::kDirectory)
    return absl::OkStatus();
  const Found* const found = *is_there ? &there : nullptr;
  if (found != nullptr) {
    const absl::StatusOr<bool> may = MayUpdate(opened, entry);
    if (!may.ok()) return may.status();
    if (!*may) {
      child->directory = nullptr;
      return absl::OkStatus();
    }
    if (merge()->options().delay_updates && !rehearses())
      return PutUnit(opened, entry, std::move(child->directory), found);
  }
  return PutDirectory(opened, entry, found, child);
}

absl::Status Worker::PutDirectory(Opened& opened, const Entry& entry,
                                  const Found* found, Work* child) {
  child->is_fresh = true;
  if (rehearses() && !only_looks_) return absl::OkStatus();
  const absl::StatusOr<int> aside = Aside(opened);
  if (!aside.ok()) return differs_ ? absl::OkStatus() : aside.status();
  child->hygiene = opened.target.hygiene;
  if (found == nullptr) return MakeDirectory(opened, entry);
  const std::string name = TakeName(opened);
  const int made =
      run_.sys.MakeDirectoryAt(*aside, name.c_str(), run_.options.made_mode);
  if (made < 0)
    return ErrnoStatus(-made, "mkdir", TargetText(opened, entry.name));
  return PutInPlace(opened, entry, *aside, name, Exchange::kYes);
}

absl::Status Worker::PutInPlace(const Opened& opened, const Entry& entry,
                                int aside, const std::string& name,
                                Exchange exchange) {
  return GiveName(run_.sys,
                  {.aside = aside,
                   .from = name.c_str(),
                   .directory = opened.to.get(),
                   .to = entry.name,
                   .exchange = exchange},
                  TargetText(opened, ""));
}

// What is put off must be possible then. Into a directory of another project id
// (xfs, ext4) nothing can be renamed.
void Worker::TryToRename(Opened& opened, int aside) {
  const std::lock_guard<std::mutex> lock(run_.mutex);
  if (opened.makes_here || std::exchange(opened.is_tried, true)) return;
  const std::string name = merge()->NewName();
  const std::string here = merge()->options().aside + "." + name;
  if (run_.sys.MakeDirectoryAt(aside, name.c_str(), S_IRWXU) < 0) return;
  const int result =
      run_.sys.RenameAt(aside, name.c_str(), opened.to.get(), here.c_str(), 0);
  if (result == 0) {
    (void)run_.sys.UnlinkAt(opened.to.get(), here.c_str(), AT_REMOVEDIR);
  } else {
    (void)run_.sys.UnlinkAt(aside, name.c_str(), AT_REMOVEDIR);
  }
  if (result == -EXDEV) opened.makes_here = true;
}

bool Worker::Survives(const std::string& path, const absl::Status& failure) {
  if (absl::IsCancelled(failure) || absl::IsInternal(failure) ||
      run_.stopped.load() || merge()->options().is_one_file)
    return false;
  const std::optional<int> error = ErrnoOf(failure);
  if (error.has_value() && ConcernsTheRun(*error)) return false;
  placer_.tally().counts.failures.push_back(
      {.path = path, .text = std::string(failure.message())});
  return true;
}

}  // namespace materialize
