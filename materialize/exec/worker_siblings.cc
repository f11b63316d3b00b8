// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Files that share with each other in the destination: names of one inode
// (Preserve::hardlinks), and equal contents (Request::dedupe).

#include <cerrno>
#include <utility>

#include "absl/types/span.h"
#include "materialize/exec/twins.h"
#include "materialize/exec/worker.h"
#include "materialize/os/path.h"
#include "materialize/os/status.h"
#include "materialize/plan/same_content.h"

namespace materialize {
namespace {

constexpr size_t kAtOnce =
    128;  // links, before a look at whether somebody waits or stops us

}  // namespace

absl::StatusOr<size_t> Worker::LinkStraight(const Opened& opened,
                                            const Batch& batch, size_t at) {
  if (opened.frame->merges || has_siblings()) return 0;
  return placer_.LinkStraight(
      *opened.listing, opened.target,
      absl::MakeConstSpan(batch.entries).subspan(at, kAtOnce));
}

absl::Status Worker::PlaceFile(Opened& opened, const Target& target,
                               const Entry& entry) {
  const bool may_share =
      has_siblings() && entry.source != nullptr &&
      (entry.kind == Kind::kFile || entry.kind == Kind::kUnknown);
  return may_share ? PlaceSibling(opened, target, entry)
                   : placer_.Place(*opened.listing, target, entry);
}

std::optional<SiblingKey> Worker::InodeKey(const Stat& facts) const {
  const bool has_names = facts.links > 1 && facts.inode != 0 &&
                         facts.device != 0 && facts.kind() == Kind::kFile;
  if (!run_.options.preserve.hardlinks || !has_names) return std::nullopt;
  return SiblingKey{.first = facts.device, .second = facts.inode};
}

std::optional<Twins::Numbers> Worker::TwinsOf(const Opened& opened,
                                              const Entry& entry,
                                              const Stat& facts) const {
  if (run_.options.twins == nullptr || facts.kind() != Kind::kFile)
    return std::nullopt;
  return run_.options.twins->NumbersOf(
      JoinPath(opened.listing->path(), entry.name), facts);
}

absl::Status Worker::PlaceSibling(Opened& opened, const Target& target,
                                  const Entry& entry) {
  Stat facts;
  const int result =
      run_.sys.StatAt(opened.listing->from(), entry.source,
                      entry.follow ? 0 : AT_SYMLINK_NOFOLLOW, &facts);
  if (result < 0)  // the placer has the words for it
    return placer_.Place(*opened.listing, target, entry);
  const std::optional<SiblingKey> key = InodeKey(facts);
  if (!key.has_value() || entry.is_private)
    return PlaceTwin(opened, target, entry, facts);
  const std::optional<Leader> leader = opened.frame->siblings->Join(*key);
  if (leader.has_value()) {
    const absl::StatusOr<bool> shared = placer_.Share(
        *opened.listing, target, entry, facts, *leader, Sharing::kInode);
    if (!shared.ok()) return shared.status();
    return *shared ? absl::OkStatus()
                   : placer_.Place(*opened.listing, target, entry);
  }
  absl::Status status = PlaceTwin(opened, target, entry, facts);
  Settle(opened, target, entry, *key, status);
  return status;
}

void Worker::Settle(Opened& opened, const Target& target, const Entry& entry,
                    const SiblingKey& key, const absl::Status& status) {
  if (status.ok() && !target.landing.lasts) {
    unsettled_.push_back(key);
    return;
  }
  opened.frame->siblings->Settle(
      key, status.ok() ? LeaderAt(opened, target, entry) : std::nullopt);
}

// The entry has its name now, or could not be given it.
void Worker::SettleRest(Opened& opened, const Entry& entry,
                        const absl::Status& status) {
  for (const SiblingKey& key : std::exchange(unsettled_, {}))
    Settle(opened, opened.target, entry, key, status);
}

// From the leader of its content; where that cannot be, since a hardlink has
// one mtime and one mode, from the leader of those that have its own.
absl::Status Worker::PlaceTwin(Opened& opened, const Target& target,
                               const Entry& entry, const Stat& facts) {
  const std::optional<Twins::Numbers> twins = TwinsOf(opened, entry, facts);
  if (!twins.has_value()) return placer_.Place(*opened.listing, target, entry);
  const SiblingKey content = {.first = SiblingKey::kContent,
                              .second = twins->group};
  const SiblingKey alike = {.first = SiblingKey::kAlike,
                            .second = twins->alike};
  std::optional<SiblingKey> led;
  bool placed = false;
  for (const SiblingKey& key : {content, alike}) {
    std::optional<Leader> leader = opened.frame->siblings->Join(key);
    if (!leader.has_value()) led = key;
    if (led == content && opened.frame == &run_.frame)
      leader = ExistingLeader(twins->group);
    if (!leader.has_value()) break;
    const absl::StatusOr<bool> shared = placer_.Share(
        *opened.listing, target, entry, facts, *leader, Sharing::kContent);
    if (!shared.ok()) {
      if (led.has_value()) opened.frame->siblings->Settle(*led, std::nullopt);
      return shared.status();
    }
    placed = *shared;
    // Of use to more than a private one.
    if (!placed && leader->is_private && !entry.is_private) led = key;
    if (placed || led.has_value()) break;
  }
  const absl::Status status =
      placed ? absl::OkStatus() : placer_.Place(*opened.listing, target, entry);
  if (led.has_value()) Settle(opened, target, entry, *led, status);
  return status;
}

// A file of the destination that the input does not list.
std::optional<Leader> Worker::ExistingLeader(uint32_t group) const {
  const TwinGroup& twins = run_.options.twins->group(group);
  if (twins.existing.empty()) return std::nullopt;
  return Leader{.dir = run_.root.fd,
                .path = twins.existing,
                .facts = twins.existing_facts};
}

// What was just placed, as it shows where it is.
std::optional<Leader> Worker::LeaderAt(const Opened& opened,
                                       const Target& target,
                                       const Entry& entry) const {
  const bool is_aside = target.landing.stays;
  Leader leader = {
      .dir = is_aside ? target.landing.dir : opened.frame->lasting_fd,
      .path = is_aside ? target.landing.name
                       : JoinPath(JoinPath(opened.frame->lasting_path,
                                           opened.frame->Relative(
                                               opened.listing->path())),
                                  entry.name),
      .is_private = entry.is_private};
  const int result =
      run_.sys.StatAt(is_aside ? target.landing.dir : target.fd,
                      is_aside ? target.landing.name : entry.name,
                      AT_SYMLINK_NOFOLLOW, &leader.facts);
  if (result < 0 || leader.facts.kind() != Kind::kFile) return std::nullopt;
  return leader;
}

bool Worker::HasEqualBytes(const Opened& opened, const Entry& entry) const {
  const int follows = entry.follow ? 0 : O_NOFOLLOW;
  const Fd source(run_.sys,
                  OpenPatiently(run_.sys, opened.listing->from(), entry.source,
                                O_RDONLY | O_NONBLOCK | follows, 0));
  const Fd there(run_.sys,
                 OpenPatiently(run_.sys, opened.to.get(), entry.name,
                               O_RDONLY | O_NONBLOCK | O_NOFOLLOW, 0));
  const absl::StatusOr<bool> equal = EqualBytes(
      run_.sys, {.fd = source.get()}, {.fd = there.get()}, run_.options.cancel);
  return equal.ok() && *equal;
}

// An unchanged file leads as well, or is no good because it is not the inode
// that its siblings have: false.
absl::StatusOr<bool> Worker::KeepSibling(Opened& opened, const Entry& entry,
                                         const Comparison& compared) {
  if (!has_siblings() || !compared.looked || entry.source == nullptr ||
      compared.there.kind() != Kind::kFile)
    return true;
  const std::string path = JoinPath(opened.listing->path(), entry.name);
  const Leader self = {.dir = run_.root.fd,
                       .path = path,
                       .facts = compared.there,
                       .is_private = entry.is_private};
  if (const auto key = InodeKey(compared.source);
      key.has_value() && !entry.is_private) {
    const std::optional<Leader> leader = opened.frame->siblings->Join(*key);
    if (leader.has_value())
      return IdentityOf(leader->facts) == IdentityOf(compared.there);
    opened.frame->siblings->Settle(*key, self);
  }
  if (const auto twins = TwinsOf(opened, entry, compared.source)) {
    const SiblingKey key = {.first = SiblingKey::kContent,
                            .second = twins->group};
    if (opened.frame->siblings->Join(key).has_value()) return true;
    // Size and time may lie; what others get must be what the input has.
    const bool is_proven =
        merge()->options().compare == Compare::kContent ||
        IdentityOf(compared.there) == IdentityOf(compared.source) ||
        HasEqualBytes(opened, entry);
    opened.frame->siblings->Settle(
        key, is_proven ? std::optional<Leader>(self) : std::nullopt);
  }
  return true;
}

}  // namespace materialize
