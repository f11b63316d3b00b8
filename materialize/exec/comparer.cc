// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/exec/comparer.h"

#include <algorithm>
#include <cerrno>
#include <climits>

#include "materialize/exec/attributes.h"
#include "materialize/exec/link_text.h"
#include "materialize/os/fd.h"
#include "materialize/os/path.h"
#include "materialize/os/status.h"
#include "materialize/plan/same_content.h"
#include "materialize/plan/walk.h"

namespace materialize {
namespace {

constexpr int64_t kSecond = 1'000'000'000;

// A link to it is made anew then, for that takes the write bits away.
bool IsUnprotected(const ExecOptions& options, const Stat& source) {
  constexpr mode_t kWriteBits = 0222;
  return options.protect && (source.mode & kWriteBits) != 0;
}

}  // namespace

absl::Status Comparer::Fail(int64_t result, const char* call,
                            const Target& target, const Entry& entry) const {
  return ErrnoStatus(
      static_cast<int>(-result), call,
      JoinPath(JoinPath(options_.final_path, *target.path), entry.name));
}

bool Comparer::is_plain() const {
  return merge_.options().present == Present::kUpdate &&
         merge_.options().compare == Compare::kTimes &&
         !options_.preserve.owner && !KeepsAttributes(options_.preserve) &&
         !options_.protect;
}

bool Comparer::TrustsInodes(const Target& target, const MountKey& from,
                            const MountKey& to) const {
  return from == to &&
         target.mount->filesystem->traits.listed == Listed::kInodes &&
         options_.look == Look::kWhereNeeded &&
         !options_.preserve.hardlinks &&  // which needs to know its other names
         !options_.protect;
}

absl::StatusOr<Comparison> Comparer::Compare(const Directory& listing,
                                             const Target& target,
                                             const Entry& entry,
                                             const Found& found,
                                             bool trusts_inodes) {
  if (entry.kind == Kind::kSymlink)
    return CompareSymlink(listing, target, entry, found);
  if (trusts_inodes && entry.is_plain() && IsListedInode(entry, found))
    return Comparison{.sameness = Sameness::kSame};
  return CompareFile(listing, target, entry, found);
}

absl::StatusOr<Comparison> Comparer::CompareFile(const Directory& listing,
                                                 const Target& target,
                                                 const Entry& entry,
                                                 const Found& found) {
  Placement at(sys_, options_, target, listing.from(), entry);
  if (found.source.has_value()) at.SetFacts(*found.source);
  if (const int result = at.Look(); result < 0) {
    if (result == -ENOENT && options_.allow_dangling && found.facts.has_value())
      return CompareMadeLink(listing, target, entry, {.there = *found.facts});
    return ErrnoStatus(-result, "stat", listing.SourcePath(entry.source));
  }
  Comparison compared = {.looked = true, .source = at.facts()};
  if (found.facts.has_value()) {
    compared.there = *found.facts;
  } else if (const int result = sys_.StatAt(
                 target.fd, entry.name, AT_SYMLINK_NOFOLLOW, &compared.there);
             result < 0) {
    return Fail(result, "stat", target, entry);
  }
  if (at.facts().kind() != Kind::kFile) return compared;
  if (compared.there.kind() == Kind::kSymlink)
    return CompareMadeLink(listing, target, entry, std::move(compared));
  if (compared.there.kind() != Kind::kFile) return compared;
  // Whoever has the other names could be written to through this one.
  if (entry.is_private && compared.there.links > 1) return compared;
  if (IdentityOf(compared.there) == IdentityOf(at.facts()) &&
      at.facts().inode != 0) {
    const bool may_share = !entry.is_private && !at.WantsOther() &&
                           !IsUnprotected(options_, at.facts());
    compared.sameness = may_share ? Sameness::kSame : Sameness::kDiffers;
    return compared;
  }
  absl::StatusOr<Sameness> sameness = CompareFacts(at, compared);
  if (!sameness.ok()) return sameness.status();
  if (*sameness != Sameness::kDiffers &&
      merge_.options().compare == Compare::kContent &&
      compared.there.size > 0) {
    const absl::StatusOr<Sameness> bytes = CompareBytes(at);
    if (!bytes.ok()) return bytes.status();
    if (*bytes == Sameness::kDiffers) sameness = Sameness::kDiffers;
  }
  if (*sameness == Sameness::kSame && KeepsAttributes(options_.preserve) &&
      entry.source != nullptr) {
    if (const int result = at.OpenSource(); result < 0)
      return ErrnoStatus(-result, "open", listing.SourcePath(entry.source));
    const Fd there(sys_, OpenPatiently(sys_, target.fd, entry.name,
                                       O_RDONLY | O_NOFOLLOW | O_NONBLOCK, 0));
    if (!there.ok() ||
        !SameAttributes(sys_, at.source_fd(), there.get(), options_.preserve))
      sameness = Sameness::kDiffers;
  }
  compared.sameness = *sameness;
  return compared;
}

// A link stands where the method symlink would put one.
absl::StatusOr<Comparison> Comparer::CompareMadeLink(const Directory& listing,
                                                     const Target& target,
                                                     const Entry& entry,
                                                     Comparison compared) {
  if (!Lists(options_.methods, Method::kSymlink) || entry.is_private ||
      entry.source == nullptr)
    return compared;
  char text[PATH_MAX];
  const int64_t length =
      sys_.ReadLinkAt(target.fd, entry.name, text, sizeof(text));
  if (length < 0) return Fail(length, "readlink", target, entry);
  const absl::StatusOr<std::string> wanted =
      LinkTextOf(sys_, options_, listing, target, entry);
  if (!wanted.ok()) return wanted.status();
  compared.target.assign(text, static_cast<size_t>(length));
  if (compared.target == *wanted && !IsUnprotected(options_, compared.source))
    compared.sameness = Sameness::kSame;
  return compared;
}

absl::StatusOr<Sameness> Comparer::CompareFacts(const Placement& at,
                                                Comparison& shown) {
  const Stat& there = shown.there;
  const Stat wanted = at.FinalFacts();
  if (there.size != wanted.size) return Sameness::kDiffers;
  mode_t mode = wanted.permissions();
  const Wanted* const asked = at.entry().wanted;
  if (at.KeepsOwner() && options_.user == 0) {
    const uid_t uid =
        asked == nullptr ? wanted.uid : asked->uid.value_or(wanted.uid);
    const gid_t gid =
        asked == nullptr ? wanted.gid : asked->gid.value_or(wanted.gid);
    if (there.uid != uid || there.gid != gid) return Sameness::kDiffers;
    mode = at.WantedMode();
  }
  const absl::StatusOr<bool> modes =
      IsSameMode(at.target(), mode, there.permissions());
  if (!modes.ok()) return modes.status();
  if (!*modes) return Sameness::kDiffers;
  if (!at.WantsTime()) return Sameness::kSame;
  const absl::StatusOr<bool> times = IsSameTime(wanted.mtime, there.mtime);
  if (!times.ok()) return times.status();
  if (*times) return Sameness::kSame;
  // Equal bytes of another time are found only by who reads them.
  return merge_.options().compare == Compare::kContent ? Sameness::kTimeDiffers
                                                       : Sameness::kDiffers;
}

absl::StatusOr<bool> Comparer::IsSameMode(const Target& target, mode_t wanted,
                                          mode_t there) {
  constexpr mode_t kOwnerExecutes = 0100;
  if (wanted == there) return true;
  if (options_.check == Check::kContent)
    return (wanted & kOwnerExecutes) == (there & kOwnerExecutes);
  if (target.mount->filesystem->traits.modes == Modes::kKept) return false;
  const absl::StatusOr<Precision> precision = merge_.AskPrecision();
  if (!precision.ok()) return precision.status();
  return !precision->modes;
}

absl::StatusOr<bool> Comparer::IsSameTime(const Time& wanted,
                                          const Time& there) {
  if (wanted == there) return true;
  const int64_t apart = (wanted.seconds - there.seconds) * kSecond +
                        wanted.nanoseconds - int64_t{there.nanoseconds};
  // Nothing keeps times coarser than in two seconds, or rounds them up. Where
  // the last digit is there, it is kept.
  if (apart < 0 || apart >= 2 * kSecond || there.nanoseconds % 10 != 0)
    return false;
  const absl::StatusOr<Precision> precision = merge_.AskPrecision();
  if (!precision.ok()) return precision.status();
  return apart < precision->time_step;
}

absl::StatusOr<Sameness> Comparer::CompareBytes(Placement& at) {
  const Entry& entry = at.entry();
  if (const int result = at.OpenSource(); result < 0)
    return Fail(result, "open", at.target(), entry);
  const Fd fd(sys_, OpenPatiently(sys_, at.target().fd, entry.name,
                                  O_RDONLY | O_NOFOLLOW | O_NONBLOCK, 0));
  if (!fd.ok()) return Fail(fd.get(), "open", at.target(), entry);
  const std::string path =
      JoinPath(JoinPath(options_.final_path, *at.target().path), entry.name);
  const absl::StatusOr<bool> equal =
      EqualBytes(sys_, {.fd = at.source_fd(), .path = path},
                 {.fd = fd.get(), .path = path}, options_.cancel);
  if (!equal.ok()) return equal.status();
  return *equal ? Sameness::kSame : Sameness::kDiffers;
}

absl::StatusOr<Comparison> Comparer::CompareSymlink(const Directory& listing,
                                                    const Target& target,
                                                    const Entry& entry,
                                                    const Found& found) {
  Comparison compared = {.looked = true};
  if (found.there.kind != Kind::kSymlink && found.there.kind != Kind::kUnknown)
    return compared;
  if (found.facts.has_value()) {
    compared.there = *found.facts;
  } else if (const int result = sys_.StatAt(
                 target.fd, entry.name, AT_SYMLINK_NOFOLLOW, &compared.there);
             result < 0) {
    return Fail(result, "stat", target, entry);
  }
  if (compared.there.kind() != Kind::kSymlink) return compared;
  char text[PATH_MAX];
  int64_t length = sys_.ReadLinkAt(target.fd, entry.name, text, sizeof(text));
  if (length < 0) return Fail(length, "readlink", target, entry);
  compared.target.assign(text, static_cast<size_t>(length));
  const bool is_given = entry.target != nullptr;
  if (is_given) {
    if (compared.target != entry.target) return compared;
    compared.source = compared.there;
  } else {
    length = sys_.ReadLinkAt(listing.from(), entry.source, text, sizeof(text));
    if (length < 0)
      return ErrnoStatus(static_cast<int>(-length), "readlink",
                         listing.SourcePath(entry.source));
    if (compared.target != absl::string_view(text, static_cast<size_t>(length)))
      return compared;
    if (const int result = sys_.StatAt(listing.from(), entry.source,
                                       AT_SYMLINK_NOFOLLOW, &compared.source);
        result < 0)
      return ErrnoStatus(-result, "stat", listing.SourcePath(entry.source));
  }
  if (options_.preserve.owner && options_.user == 0 &&
      (compared.there.uid != compared.source.uid ||
       compared.there.gid != compared.source.gid))
    return compared;
  Time wanted = compared.source.mtime;
  if (entry.wanted != nullptr) wanted = entry.wanted->mtime.value_or(wanted);
  compared.source.mtime = wanted;
  const absl::StatusOr<bool> times = IsSameTime(wanted, compared.there.mtime);
  if (!times.ok()) return times.status();
  compared.sameness = *times ? Sameness::kSame : Sameness::kTimeDiffers;
  return compared;
}

}  // namespace materialize
