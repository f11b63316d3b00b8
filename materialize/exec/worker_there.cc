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
  if (opened.is_fresh) return absl::OkStatus();
  if ((opened.there.mode & S_ISGID) != 0 ||
      run_.sys.GetXattr(opened.to.get(), "system.posix_acl_default", nullptr,
                        0) > 0)
    opened.target.hygiene = Hygiene::kInherits;
  // A plain list of names is looked up one by one, so that a few entries do not
  // make us read a large directory.
  opened.has_names =
      opened.listing->from() != AT_FDCWD || merge()->options().deletion.enabled;
  if (!opened.has_names) return absl::OkStatus();
  const int result = opened.names.Read(run_.sys, opened.to.get());
  return result < 0 ? fail(result, "list") : absl::OkStatus();
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
  const Stat& there = opened.there;
  const bool is_root = opened.listing->path().empty();
  if (only != nullptr) {  // nobody asks for the rest
    opened.facts.mode =
        (there.mode & S_IFMT) | only->mode.value_or(there.permissions());
    opened.facts.uid = only->uid.value_or(there.uid);
    opened.facts.gid = only->gid.value_or(there.gid);
    opened.facts.mtime = only->mtime.value_or(there.mtime);
  }
  const bool wants_time = only == nullptr || only->mtime.has_value();
  const bool owner = (run_.options.preserve.owner && only == nullptr) ||
                     opened.listing->wants_owner();
  const mode_t bits = owner ? 07777 : 0777;
  const bool keeps_more =
      only == nullptr && KeepsAttributes(run_.options.preserve);
  const bool same_mode =
      (opened.facts.permissions() & bits) == (there.permissions() & bits);
  const bool same_owner =
      !owner || run_.options.user != 0 ||
      (opened.facts.uid == there.uid && opened.facts.gid == there.gid);
  const bool same_more =
      !keeps_more || SameAttributes(run_.sys, opened.listing->from(),
                                    opened.to.get(), run_.options.preserve);
  const bool touched = opened.is_touched.load();
  bool same_time = !wants_time;
  if (wants_time && !touched) {
    const absl::StatusOr<bool> same =
        comparer_->IsSameTime(opened.facts.mtime, there.mtime);
    if (!same.ok()) return same.status();
    same_time = *same;
  }
  if (is_root) {  // the caller's
    const std::lock_guard<std::mutex> lock(run_.mutex);
    run_.root_facts = opened.facts;
    if (only != nullptr && !only->mode.has_value() && !wants_time)
      run_.root_facts.mode = 0;
  }
  const bool was_opened_up =
      touched && run_.options.user != 0 && (there.mode & S_IRWXU) != S_IRWXU;
  if (same_mode && same_owner && same_more && same_time && !was_opened_up)
    return absl::OkStatus();
  if (rehearses() && !only_looks_) return absl::OkStatus();
  const absl::StatusOr<int> aside = Aside(opened);
  if (!aside.ok()) return differs_ ? absl::OkStatus() : aside.status();
  if (!same_mode || !same_owner || !same_more || was_opened_up) {
    if (absl::Status status = SetMode(opened); !status.ok()) return status;
  }
  if (is_root && was_opened_up && run_.root_facts.mode == 0) {
    // Nobody asks the caller to put it right.
    (void)run_.sys.ChangeMode(opened.to.get(), there.permissions());
  }
  if (!wants_time || is_root) return absl::OkStatus();
  const int result =
      run_.sys.SetTimesAt(opened.to.get(), nullptr, opened.facts.mtime, 0);
  return result < 0 ? ErrnoStatus(-result, "utimensat", TargetText(opened, ""))
                    : absl::OkStatus();
}

}  // namespace materialize
