// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Directories of a tree that is there: what they hold before, and how they are
// left.

#include <cerrno>
#include <string>
#include <vector>

#include "materialize/exec/attributes.h"
#include "materialize/exec/deletion.h"
#include "materialize/exec/remove.h"
#include "materialize/exec/rules.h"
#include "materialize/exec/worker.h"
#include "materialize/os/status.h"

namespace materialize {

absl::Status Worker::OpenThere(Opened& opened) {
  const auto fail = [&](int result, const char* call) {
    return ErrnoStatus(-result, call, TargetText(opened, ""));
  };
  if (const int result = run_.sys.StatAt(opened.to.get(), "", 0, &opened.there);
      result < 0)
    return fail(result, "stat");
  if (!opened.listing->path().empty() && merge()->IsInput(opened.there))
    return InputInTheWay(TargetText(opened, ""));
  const MountKey key = KeyOf(opened.there);
  if (key != run_.root.mount->key) {
    int error = 0;
    opened.target.mount =
        run_.mounts.Find(opened.to.get(), opened.there, &error);
    if (opened.target.mount == nullptr) return fail(error, "statfs");
    opened.makes_here = true;
  }
  return absl::OkStatus();
}

// What is in it, where that tells more than names looked up one by one would
// cost: what is surplus or a dead run's, and which files are hardlinks already.
// Of a plain list of names only the first: a few entries do not make us read a
// large directory.
absl::Status Worker::ListThere(Opened& opened) {
  const MergeOptions& options = merge()->options();
  const bool is_walked = opened.listing->from() != AT_FDCWD;
  opened.trusts_inodes =
      is_walked &&
      comparer_->TrustsInodes(opened.target, opened.from, KeyOf(opened.there));
  const bool expects_links =
      opened.trusts_inodes &&
      FirstAllowed(run_.options.methods, *opened.target.pair) ==
          Method::kHardlink;
  const bool has_surplus =
      options.finds_leftovers || opened.makes_here || only_looks_;
  opened.has_names =
      options.deletion.enabled || (is_walked && (expects_links || has_surplus));
  if (!opened.has_names) return absl::OkStatus();
  const bool needs_all = options.deletion.enabled || has_surplus;
  int result = opened.names.Begin(run_.sys, opened.to.get());
  if (result == 0 && needs_all && opened.names.is_small())
    result = opened.names.ReadRest(run_.sys, opened.to.get());
  return result < 0 ? ErrnoStatus(-result, "list", TargetText(opened, ""))
                    : absl::OkStatus();
}

// Asked when the first entry is to be made in it: mostly none is.
void Worker::FindHygiene(Opened& opened) const {
  if (opened.is_fresh) return;
  std::call_once(opened.has_hygiene, [&] {
    if ((opened.there.mode & S_ISGID) != 0 ||
        run_.sys.GetXattr(opened.to.get(), "system.posix_acl_default", nullptr,
                          0) > 0)
      opened.target.hygiene = Hygiene::kInherits;
  });
}

absl::Status Worker::AddSurplus(Opened& opened) {
  if (!opened.has_names || opened.has_failed.load() ||
      !opened.listing->is_whole())
    return absl::OkStatus();
  const std::string& directory = opened.listing->path();
  std::vector<std::string> leftovers;
  const bool is_mounted =
      opened.there.mount_id != run_.root.mount->key.mount_id;
  bool spares = false;
  opened.names.ForEachLeft([&](const char* name, NameThere there) {
    if (merge()->IsLeftover(name)) {
      leftovers.emplace_back(name);
      return;
    }
    const bool deletes = merge()->options().deletion.enabled;
    if (!(deletes || only_looks_) ||
        merge()->IsKept(directory, name, there.kind))
      return;
    if (only_looks_) {
      differs_ = true;
    } else if (is_mounted) {
      spares = true;
    } else {
      merge()->AddSurplus(
          {.directory = directory, .name = name, .kind = there.kind});
    }
  });
  if (spares) placer_.tally().counts.failures.push_back(NotDeleted(directory));
  for (const std::string& name : leftovers) {
    if (rehearses()) break;
    const absl::StatusOr<int> aside = Aside(opened);
    if (!aside.ok()) return differs_ ? absl::OkStatus() : aside.status();
    absl::Status status = RemoveTree(run_.sys, opened.to.get(), name.c_str(),
                                     TargetText(opened, ""));
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

// Mode, owner and time of a directory that was there, where they are not as
// they should be.
absl::Status Worker::SetChanged(Opened& opened) {
  const Wanted* const only = opened.listing->wanted_only();
  const bool wants_time = only == nullptr ? !merge()->options().keep_times
                                          : only->mtime.has_value();
  const bool is_root = opened.listing->path().empty();
  if (only != nullptr) WantLittle(opened);
  if (is_root) NoteRoot(opened, wants_time);
  const bool has_mode = HasMode(opened);
  const absl::StatusOr<bool> has_time =
      wants_time ? HasTime(opened) : absl::StatusOr<bool>(true);
  if (!has_time.ok()) return has_time.status();
  opened.is_right = has_mode;
  if (has_mode && *has_time) return absl::OkStatus();
  if (rehearses() && !only_looks_) return absl::OkStatus();
  const absl::StatusOr<int> permission = Permission();
  if (!permission.ok())
    return differs_ ? absl::OkStatus() : permission.status();
  if (!has_mode) {
    if (absl::Status status = SetMode(opened); !status.ok()) return status;
  }
  if (*has_time || is_root) return absl::OkStatus();
  const int result =
      run_.sys.SetTimesAt(opened.to.get(), nullptr, opened.facts.mtime, 0);
  return result < 0 ? ErrnoStatus(-result, "utimensat", TargetText(opened, ""))
                    : absl::OkStatus();
}

// What nobody asks for stays as it is.
void Worker::WantLittle(Opened& opened) const {
  const Wanted& only = *opened.listing->wanted_only();
  const Stat& there = opened.there;
  opened.facts.mode =
      (there.mode & S_IFMT) | only.mode.value_or(there.permissions());
  opened.facts.uid = only.uid.value_or(there.uid);
  opened.facts.gid = only.gid.value_or(there.gid);
  opened.facts.mtime = only.mtime.value_or(there.mtime);
}

// The root's mode and time are the caller's to set.
void Worker::NoteRoot(const Opened& opened, bool wants_time) {
  const Wanted* const only = opened.listing->wanted_only();
  const std::lock_guard<std::mutex> lock(run_.mutex);
  run_.root_facts = opened.facts;
  if (!wants_time) run_.root_facts.mtime = opened.there.mtime;
  if (only != nullptr && !only->mode.has_value() && !wants_time)
    run_.root_facts.mode = 0;
}

// And owner, attributes and ACLs, as far as they are asked for.
bool Worker::HasMode(const Opened& opened) const {
  if (run_.options.check == Check::kContent) return true;
  const Preserve& preserve = run_.options.preserve;
  const Stat& wanted = opened.facts;
  const Stat& there = opened.there;
  const bool is_whole = opened.listing->wanted_only() == nullptr;
  const bool owner =
      (preserve.owner && is_whole) || opened.listing->wants_owner();
  const mode_t bits = owner ? 07777 : 0777;
  if ((wanted.permissions() & bits) != (there.permissions() & bits))
    return false;
  if (owner && run_.options.user == 0 &&
      (wanted.uid != there.uid || wanted.gid != there.gid))
    return false;
  return !is_whole || SameAttributes(run_.sys, opened.listing->from(),
                                     opened.to.get(), preserve);
}

absl::StatusOr<bool> Worker::HasTime(const Opened& opened) {
  if (opened.is_touched.load()) return false;
  return comparer_->IsSameTime(opened.facts.mtime, opened.there.mtime);
}

}  // namespace materialize
