// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//

#include "materialize/exec/placer.h"

#include <cerrno>
#include <mutex>

#include "absl/strings/str_cat.h"
#include "materialize/exec/attributes.h"
#include "materialize/exec/link_text.h"
#include "materialize/exec/methods.h"
#include "materialize/exec/overlay.h"
#include "materialize/exec/placer_file.h"
#include "materialize/exec/rules.h"
#include "materialize/os/path.h"
#include "materialize/os/status.h"

namespace materialize {
namespace {

Method MethodOf(How how) {
  switch (how) {
    case How::kReflink:
      return Method::kReflink;
    case How::kHardlink:
      return Method::kHardlink;
    case How::kSymlink:
      return Method::kSymlink;
    default:
      return Method::kCopy;
  }
}

bool IsNoSpace(const Attempt& attempt) {
  return attempt.end == Attempt::End::kFailed &&
         (attempt.error == ENOSPC || attempt.error == EDQUOT);
}

}  // namespace

absl::Status Placer::Place(const Directory& listing, const Target& target,
                           const Entry& entry) {
  switch (entry.kind) {
    case Kind::kFile:
      return PlaceFile(listing, target, entry);
    case Kind::kSymlink:
      return PlaceSymlink(listing, target, entry);
    case Kind::kSpecial:
      return PlaceSpecial(listing, entry);
    case Kind::kUnknown:
      return PlaceUnknown(listing, target, entry);
    case Kind::kDirectory:
      break;
  }
  return absl::InternalError("a directory came to the placer");
}

bool Placer::asks_for_owners() const {
  return shared_.options.choice == Choice::kAuto && shared_.options.user == 0;
}

// What a file came to with no look at it but for its owner, the next of its
// pair comes to: one call makes it, and nothing else needs to be asked.
void Placer::Learn(const File& file, How how) {
  const bool is_told = shared_.progress != nullptr ||
                       shared_.options.look == Look::kEverywhere ||
                       shared_.options.protect;
  const bool took_more =
      file.at.source_fd() >= 0 || (file.at.looked() && !asks_for_owners());
  if (how != How::kHardlink || is_told || took_more || !file.entry().is_plain())
    return;
  const bool on_overlay =
      file.pair->from().filesystem->traits.layers == Layers::kOverlay;
  if (!on_overlay) straight_ = {.pair = file.pair, .passed = file.passed};
}

absl::StatusOr<size_t> Placer::LinkStraight(const Directory& listing,
                                            const Target& target,
                                            absl::Span<const Entry> entries) {
  const bool links = straight_.pair != nullptr &&
                     straight_.pair == target.pair && target.landing.dir < 0;
  if (!links) return 0;
  const int from = listing.from();
  const bool looks = asks_for_owners();
  size_t linked = 0;
  int result = 0;
  Stat facts;
  for (const Entry& entry : entries) {
    if (entry.kind != Kind::kFile || !entry.is_plain()) break;
    if (looks && (shared_.sys.StatAt(from, entry.source, AT_SYMLINK_NOFOLLOW,
                                     &facts) < 0 ||
                  facts.uid != 0)) {
      straight_.pair = nullptr;  // PlaceFile() knows what to do and to say
      break;
    }
    result = shared_.sys.LinkAt(from, entry.source, target.fd, entry.name, 0);
    if (result < 0) break;
    ++linked;
    if (looks) tally_.Count(How::kHardlink, &facts);
  }
  if (linked > 0) {
    for (const Passed& passed : straight_.passed) {
      tally_.CountPassed(*target.pair, passed, Method::kHardlink, *target.path,
                         entries.front().name, static_cast<int64_t>(linked));
    }
    if (!looks) tally_.CountLinks(static_cast<int64_t>(linked));
  }
  if (result == 0) return linked;
  straight_.pair = nullptr;  // until a file comes to a link again
  absl::Status status = PlaceFile(listing, target, entries[linked], result);
  if (!status.ok()) return status;
  return linked + 1;
}

absl::Status Placer::PlaceFile(const Directory& listing, const Target& target,
                               const Entry& entry, int linked) {
  File file = {.listing = listing,
               .at = Placement(shared_.sys, shared_.options, target,
                               listing.from(), entry, linked)};
  if (entry.source == nullptr) return Conclude(file, CreateEmpty(file.at));
  // Where a followed link leads may be on any mount.
  if (target.pair == nullptr || entry.follow || entry.wanted != nullptr) {
    const bool opens = entry.follow && opens_links_;
    const int result = opens ? file.at.OpenSource() : file.at.Look();
    if (result == -ENOENT && shared_.options.allow_dangling) {
      return PlaceDangling(file);
    }
    if (result < 0) return Fail(file, Attempt::Failed(result, file.at.call()));
  }
  const absl::StatusOr<Pair*> pair = PairFor(file);
  if (!pair.ok()) return pair.status();
  file.pair = *pair;
  file.races = shared_.options.choice == Choice::kAuto;
  for (const Method method : shared_.options.methods) {
    Passed passed = {.method = method};
    const absl::StatusOr<Gate> gate = Admit(method, file, &passed);
    if (!gate.ok()) return gate.status();
    if (*gate == Gate::kPassed) file.passed.push_back(passed);
    if (*gate != Gate::kOpen) continue;
    Attempt attempt = Run(method, file);
    if (file.copies && IsNoSpace(attempt)) {  // a clone needs none
      file.at.Discard();
      file.passed.clear();
      attempt = Run(Method::kReflink, file);
    }
    if (entry.follow) opens_links_ = file.at.source_fd() >= 0;
    if (attempt.end != Attempt::End::kNext) return Conclude(file, attempt);
    file.passed.push_back({.method = method, .error = attempt.error});
  }
  file.at.Discard();
  return Exhausted(file);
}

// A link may point at what is not there; nothing else can be made of it.
absl::Status Placer::PlaceDangling(File& file) {
  const Mount& mount = *file.at.target().mount;
  file.pair = &shared_.mounts.Between(mount, mount);
  Attempt attempt = Run(Method::kSymlink, file);
  if (attempt.end == Attempt::End::kNext) attempt.end = Attempt::End::kFailed;
  return Conclude(file, attempt);
}

absl::StatusOr<Pair*> Placer::PairFor(const File& file) const {
  const Target& target = file.at.target();
  if (target.pair != nullptr && !file.entry().follow) return target.pair;
  const Mount* from = shared_.mounts.Known(KeyOf(file.at.facts()));
  if (from == nullptr) {
    const Fd source(shared_.sys, OpenPatiently(shared_.sys, file.at.from(),
                                               file.entry().source, O_PATH, 0));
    int error = source.ok() ? 0 : source.get();
    if (source.ok())
      from = shared_.mounts.Find(source.get(), file.at.facts(), &error);
    if (from == nullptr)
      return ErrnoStatus(-error, "statfs", file.SourceText());
  }
  return &shared_.mounts.Between(*from, *target.mount);
}

absl::StatusOr<Placer::Gate> Placer::Admit(Method method, File& file,
                                           Passed* passed) {
  if (SharesInode(method) && file.entry().is_private) return Gate::kRuledOut;
  if (SharesInode(method) && file.entry().wanted != nullptr &&
      file.at.WantsOther())
    return Gate::kRuledOut;
  if (!Allows(*file.pair, method)) {
    passed->error = file.pair->Error(OperationOf(method));
    return Gate::kPassed;
  }
  switch (method) {
    case Method::kReflink:
      return AdmitReflink(file, passed);
    case Method::kHardlink:
      return file.copies ? Gate::kRuledOut : AdmitHardlink(file, passed);
    default:
      return Gate::kOpen;
  }
}

// A copy is of the same use, as a hardlink is not.
absl::StatusOr<Placer::Gate> Placer::AdmitReflink(File& file, Passed* passed) {
  if (!file.races) return Gate::kOpen;
  if (const int result = file.at.OpenSource(); result < 0)
    return Fail(file, Attempt::Failed(result, file.at.call()));
  const Race::Lane lane = file.pair->race().LaneOf(file.at.facts().size);
  if (lane == Race::Lane::kClones) return Gate::kOpen;
  file.copies = true;
  passed->reason =
      lane == Race::Lane::kTrial ? Reason::kTried : Reason::kSlower;
  return Gate::kPassed;
}

// What nobody asked for by name is not linked where a link could do harm.
absl::StatusOr<Placer::Gate> Placer::AdmitHardlink(File& file, Passed* passed) {
  const bool on_overlay =
      file.pair->from().filesystem->traits.layers == Layers::kOverlay;
  if (on_overlay && IsLower(file)) {
    file.copied_up = true;
    passed->reason = Reason::kOverlayLower;
    return shared_.options.choice == Choice::kAuto ? Gate::kPassed
                                                   : Gate::kOpen;
  }
  if (!asks_for_owners()) return Gate::kOpen;
  if (const int result = file.at.Look(); result < 0)
    return Fail(file, Attempt::Failed(result, "stat"));
  if (file.at.facts().uid == 0) return Gate::kOpen;
  passed->reason = Reason::kForeignOwner;
  return Gate::kPassed;
}

bool Placer::IsLower(const File& file) const {
  const char* const source = file.entry().source;
  if (file.entry().follow) {
    // A handle is of the link itself: what it points at is opened first.
    const Fd meant(shared_.sys, OpenPatiently(shared_.sys, file.at.from(),
                                              source, O_PATH, 0));
    return IsOverlayLower(shared_.sys, meant.get(), "");
  }
  std::atomic<Layer>* const known = shared_.options.choice == Choice::kAuto
                                        ? file.at.target().layer
                                        : nullptr;
  const Layer layer = known == nullptr ? Layer::kUnknown : known->load();
  if (layer != Layer::kUnknown) return layer == Layer::kLower;
  const bool is_lower = IsOverlayLower(shared_.sys, file.at.from(), source);
  if (known != nullptr) known->store(is_lower ? Layer::kLower : Layer::kUpper);
  return is_lower;
}

Attempt Placer::Run(Method method, File& file) {
  switch (method) {
    case Method::kReflink:
      return Reflink(file.at, *file.pair);
    case Method::kHardlink: {
      std::unique_lock<std::mutex> lock(shared_.copy_up, std::defer_lock);
      if (file.copied_up) lock.lock();
      return Hardlink(file.at, *file.pair, shared_.replicas, shared_.root);
    }
    case Method::kSymlink: {
      const absl::StatusOr<std::string> text =
          LinkTextOf(shared_.sys, shared_.options, file.listing,
                     file.at.target(), file.entry());
      if (!text.ok())
        return Attempt::Failed(-ErrnoOf(text.status()).value_or(EIO), "open");
      return Symlink(file.at, *file.pair, text->c_str());
    }
    case Method::kCopy:
      break;
  }
  return Copy(file.at, *file.pair, copier_);
}

absl::Status Placer::Conclude(File& file, const Attempt& attempt) {
  if (attempt.end != Attempt::End::kPlaced) {
    file.at.Discard();
    return Fail(file, attempt);
  }
  const bool stays = file.at.target().landing.stays;
  if (const int result = file.at.Land(); result < 0)
    return Fail(file, Attempt::Failed(result, file.at.call()));
  How how = attempt.how;
  if (shared_.options.protect && SharesInode(MethodOf(how))) {
    if (const int result = file.at.Protect(); result < 0)
      return Fail(file, Attempt::Failed(result, file.at.call()));
  }
  if (how == How::kHardlink && file.copied_up) {
    how = How::kCopy;  // it cost a copy and shares nothing with the lower layer
    file.passed.push_back(
        {.method = Method::kHardlink, .reason = Reason::kOverlayLower});
  }
  // A method that opens the file has looked already.
  if (shared_.options.look == Look::kEverywhere) {
    if (const int result = file.at.Look(); result < 0)
      return Fail(file, Attempt::Failed(result, "stat"));
  }
  const Target& target = file.at.target();
  for (const Passed& passed : file.passed) {
    // There was nothing to share: no downgrade.
    const bool is_empty = file.at.looked() && file.at.facts().size == 0;
    if (how == How::kEmpty || (how == How::kCopy && is_empty)) break;
    if (passed.error == EMLINK && how != How::kHardlink && !stays) {
      shared_.replicas.Set(IdentityOf(file.at.facts()),
                           JoinPath(*target.path, file.entry().name));
    }
    tally_.CountPassed(*file.pair, passed, MethodOf(how), *target.path,
                       file.entry().name);
  }
  Learn(file, how);
  tally_.Count(how, file.at.looked() ? &file.at.facts() : nullptr);
  tally_.CountNotKept(file.at.not_kept());
  if (shared_.progress == nullptr) return absl::OkStatus();
  if (how == How::kSymlink) return TellSymlink(file);
  const Stat shown =
      attempt.how == How::kHardlink ? file.at.facts() : file.at.FinalFacts();
  Tell(target, file.entry(), how, file.at.looked() ? &shown : nullptr, "");
  return absl::OkStatus();
}

// What stands there now is a link, whatever the source is.
absl::Status Placer::TellSymlink(const File& file) {
  const Target& target = file.at.target();
  Stat facts;
  const int result = shared_.sys.StatAt(file.at.dir(), file.at.name(),
                                        AT_SYMLINK_NOFOLLOW, &facts);
  if (result < 0) return Fail(file, Attempt::Failed(result, "stat"));
  const absl::StatusOr<std::string> text = LinkTextOf(
      shared_.sys, shared_.options, file.listing, target, file.entry());
  if (!text.ok()) return text.status();
  Entry entry = file.entry();
  entry.kind = Kind::kSymlink;
  Tell(target, entry, How::kSymlink, &facts, *text);
  return absl::OkStatus();
}

absl::Status Placer::Fail(const File& file, const Attempt& attempt) const {
  const std::string from = file.SourceText();
  const std::string to = file.TargetText(shared_.options);
  if (attempt.end == Attempt::End::kCancelled)
    return absl::CancelledError("interrupted");
  if (attempt.end == Attempt::End::kChanged) {
    return absl::AbortedError(absl::StrCat(
        "copy ", from, " -> ", to, ": the source changed while it was read"));
  }
  if (attempt.error == ESTALE) {
    return absl::AbortedError(
        absl::StrCat("open ", from, " -> ", to, ": no longer a regular file"));
  }
  const absl::Status status =
      ErrnoStatus(attempt.error, attempt.call, from, to);
  if (attempt.error == ENOSPC && absl::string_view(attempt.call) == "link") {
    return WithHint(status,
                    "the disk or, on ext4, the directory's index is full");
  }
  return status;
}

absl::Status Placer::Exhausted(const File& file) const {
  const std::string from = file.SourceText();
  const std::string to = file.TargetText(shared_.options);
  return NoMethodLeft(file.passed.empty() ? nullptr : &file.passed.back(), from,
                      to);
}

absl::Status Placer::PlaceSpecial(const Directory& listing,
                                  const Entry& entry) {
  if (shared_.options.special == Special::kSkip) {
    ++tally_.counts.special_skipped;
    return absl::OkStatus();
  }
  return SpecialRefused(listing.SourcePath(entry.source));
}

absl::Status Placer::PlaceUnknown(const Directory& listing,
                                  const Target& target, const Entry& entry) {
  Stat facts;
  if (const int result = shared_.sys.StatAt(listing.from(), entry.source,
                                            AT_SYMLINK_NOFOLLOW, &facts);
      result < 0) {
    return ErrnoStatus(-result, "stat", listing.SourcePath(entry.source));
  }
  Entry known = entry;
  known.kind = facts.kind();
  return Place(listing, target, known);
}

void Placer::Tell(const Target& target, const Entry& entry, How how,
                  const Stat* facts, absl::string_view link) const {
  if (shared_.progress == nullptr || is_silent_) return;
  shared_.progress->Placed(worker_, {.directory = *target.path,
                                     .name = entry.name,
                                     .how = how,
                                     .kind = entry.kind,
                                     .target = link,
                                     .facts = facts});
}

}  // namespace materialize
