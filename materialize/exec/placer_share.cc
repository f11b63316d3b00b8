// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Files that are in the destination already: kept, or made from one another.

#include <algorithm>

#include "materialize/exec/comparer.h"
#include "materialize/exec/methods.h"
#include "materialize/exec/placer.h"
#include "materialize/exec/placer_file.h"
#include "materialize/exec/rules.h"

namespace materialize {

void Placer::Keep(const Target& target, const Entry& entry,
                  const Comparison& compared) {
  const Stat* const facts = compared.looked ? &compared.there : nullptr;
  if (entry.kind == Kind::kSymlink) {
    tally_.Count(How::kKept, nullptr);
    const bool checks = shared_.options.check != Check::kNo;
    Tell(target, entry, checks ? How::kNoop : How::kKept, facts,
         compared.target);
    return;
  }
  tally_.Count(How::kNoop, compared.looked ? &compared.source : nullptr);
  Entry shown = entry;
  if (facts != nullptr) shown.kind = facts->kind();
  Tell(target, shown, How::kNoop, facts, compared.target);
}

absl::StatusOr<bool> Placer::Share(const Directory& listing,
                                   const Target& target, const Entry& own,
                                   const Stat& facts, const Leader& leader,
                                   Sharing sharing) {
  const mode_t bits = shared_.options.preserve.owner ? 07777 : 0777;
  Wanted wanted = own.wanted == nullptr ? Wanted() : *own.wanted;
  wanted.mode = wanted.ModeOf(facts.permissions() & bits);
  wanted.mtime = wanted.mtime.value_or(facts.mtime);
  if (shared_.options.preserve.owner) {
    wanted.uid = wanted.uid.value_or(facts.uid);
    wanted.gid = wanted.gid.value_or(facts.gid);
  }
  Entry entry = own;
  entry.source = leader.path.c_str();
  entry.follow = false;
  entry.wanted = &wanted;
  File file = {
      .listing = listing,
      .at = Placement(shared_.sys, shared_.options, target, leader.dir, entry)};
  // Still what it was?
  if (file.at.Look() < 0) return false;
  if (IdentityOf(file.at.facts()) != IdentityOf(leader.facts) ||
      file.at.facts().size != facts.size ||
      file.at.facts().mtime != leader.facts.mtime)
    return false;
  const Mount* const mount = shared_.mounts.Known(KeyOf(file.at.facts()));
  if (mount == nullptr) return false;
  file.pair = &shared_.mounts.Between(*mount, *target.mount);
  if (sharing == Sharing::kInode) {
    if (own.is_private) return false;
    const int result = file.at.Link(leader.dir, leader.path.c_str(), 0);
    if (result < 0) return false;
    const absl::Status status = Conclude(file, Attempt::Placed(How::kHardlink));
    if (!status.ok()) return status;
    return true;
  }
  for (const Method method : shared_.options.methods) {
    if (method != Method::kReflink && method != Method::kHardlink) continue;
    if (method == Method::kHardlink && leader.is_private) continue;
    Passed passed = {.method = method};
    const absl::StatusOr<Gate> gate = Admit(method, file, &passed);
    if (!gate.ok() || *gate != Gate::kOpen) continue;
    const Attempt attempt = Run(method, file);
    if (attempt.end == Attempt::End::kNext) continue;
    if (attempt.end != Attempt::End::kPlaced) break;
    file.passed.clear();
    const absl::Status status = Conclude(file, attempt);
    if (!status.ok()) return status;
    ++tally_.counts.duplicates.files;
    tally_.counts.duplicates.bytes += facts.size;
    return true;
  }
  file.at.Discard();
  return false;  // from its own source then
}

}  // namespace materialize
