// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/inspect/repair.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "materialize/materialize.h"
#include "materialize/plan/entry_path.h"
#include "materialize/plan/source.h"

namespace materialize {
namespace {

// Files that were hardlinks of the cache's, and everything else: what is placed
// by one request.
enum class Sharing : uint8_t { kShared, kOwn };

const std::vector<Method>& MethodsFor(Sharing sharing) {
  static const std::vector<Method> shared = {Method::kHardlink,
                                             Method::kReflink, Method::kCopy};
  static const std::vector<Method> own = {Method::kReflink, Method::kCopy};
  return sharing == Sharing::kShared ? shared : own;
}

class Repairer {
 public:
  Repairer(Sys& sys, const InspectRequest& request, const Damage& damage,
           InspectReport* report)
      : sys_(sys), request_(request), damage_(damage), report_(*report) {
    for (const Seen& file : damage.originals.files) {
      if (file.facts.kind() != Kind::kFile) continue;
      by_inode_[file.facts.inode].push_back(&file);
      by_size_[file.facts.size].push_back(&file);
    }
  }

  absl::Status Plan(const Compared& compared);
  void NameParents(Sharing sharing);
  absl::Status Place(Sharing sharing);

 private:
  using Entries = std::map<std::string, ManifestEntry>;
  using Files = std::vector<const Seen*>;

  absl::Status PlanFile(const Compared& compared);
  absl::StatusOr<const Seen*> FindOriginal(const MtreeEntry& wanted);
  absl::StatusOr<bool> IsOriginal(const MtreeEntry& wanted, const Seen& file);
  bool WasHardlink(const MtreeEntry& wanted, const Seen& file) const;
  void Add(Sharing sharing, const MtreeEntry& wanted, const Seen* original);
  std::string WhyNot(const Compared& compared) const;

  Sys& sys_;
  const InspectRequest& request_;
  const Damage& damage_;
  InspectReport& report_;
  std::map<uint64_t, Files> by_inode_;
  std::map<int64_t, Files> by_size_;
  std::map<Sharing, Entries> entries_;
  std::map<std::string, std::string> origins_;  // path -> entry of the cache
};

absl::Status Repairer::Plan(const Compared& compared) {
  const MtreeEntry& wanted = *compared.wanted;
  switch (wanted.entry.kind) {
    case Kind::kDirectory:
    case Kind::kSymlink:
      Add(Sharing::kOwn, wanted, nullptr);
      return absl::OkStatus();
    case Kind::kFile:
      return PlanFile(compared);
    case Kind::kSpecial:
    case Kind::kUnknown:
      report_.failures.push_back(
          {.path = wanted.entry.path,
           .text = "the receipt does not say that it is a file, a directory or "
                   "a link"});
      return absl::OkStatus();
  }
  return absl::OkStatus();
}

absl::Status Repairer::PlanFile(const Compared& compared) {
  const MtreeEntry& wanted = *compared.wanted;
  if (wanted.size.has_value() && *wanted.size == 0) {
    Add(Sharing::kOwn, wanted, nullptr);
    return absl::OkStatus();
  }
  const absl::StatusOr<const Seen*> original = FindOriginal(wanted);
  if (!original.ok()) return original.status();
  if (*original == nullptr) {
    report_.failures.push_back(
        {.path = wanted.entry.path, .text = WhyNot(compared)});
    return absl::OkStatus();
  }
  Add(WasHardlink(wanted, **original) ? Sharing::kShared : Sharing::kOwn,
      wanted, *original);
  return absl::OkStatus();
}

bool Repairer::WasHardlink(const MtreeEntry& wanted, const Seen& file) const {
  return wanted.claims.inode == file.facts.inode;
}

// The file it was a hardlink of comes first, then the one at the same path,
// then any with the right bytes.
absl::StatusOr<const Seen*> Repairer::FindOriginal(const MtreeEntry& wanted) {
  if (!wanted.size.has_value()) return nullptr;
  Files candidates;
  if (wanted.claims.inode.has_value())
    candidates = by_inode_[*wanted.claims.inode];
  if (const Seen* namesake =
          FindSeen(damage_.originals.files, wanted.entry.path);
      namesake != nullptr) {
    candidates.push_back(namesake);
  }
  const Files& as_large = by_size_[*wanted.size];
  if (StrongestDigest(wanted) != nullptr)
    candidates.insert(candidates.end(), as_large.begin(), as_large.end());
  for (const Seen* file : candidates) {
    const absl::StatusOr<bool> is_original = IsOriginal(wanted, *file);
    if (!is_original.ok()) return is_original.status();
    if (*is_original) return file;
  }
  return nullptr;
}

// Without a digest only files that are known by inode or path get here.
absl::StatusOr<bool> Repairer::IsOriginal(const MtreeEntry& wanted,
                                          const Seen& file) {
  const bool right_kind =
      file.facts.kind() == Kind::kFile && wanted.size == file.facts.size;
  // Its mode is the one that a hardlink would bring.
  const bool right_mode = !WasHardlink(wanted, file) ||
                          !wanted.entry.wanted.mode.has_value() ||
                          *wanted.entry.wanted.mode == file.facts.permissions();
  if (!right_kind || !right_mode) return false;
  const DigestClaim* claim = StrongestDigest(wanted);
  if (claim == nullptr) return wanted.entry.wanted.mtime == file.facts.mtime;
  const absl::StatusOr<std::string> digest =
      damage_.originals.contents->DigestOf(file.path, claim->algorithm);
  if (!digest.ok()) return digest.status();
  return Accepts(*claim, *digest);
}

std::string Repairer::WhyNot(const Compared& compared) const {
  const std::string shared = compared.seen == nullptr
                                 ? ""
                                 : NameInCache(damage_.names, *compared.seen);
  if (!shared.empty()) {
    return absl::StrCat(
        "cannot be repaired: ", JoinPath(report_.cache, shared),
        " is the same inode and was changed with it (",
        absl::StrJoin(compared.what, ", "),
        "), and nothing else in the cache is what the receipt says");
  }
  return absl::StrCat("cannot be repaired: nothing in ", report_.cache,
                      " is what the receipt says");
}

void Repairer::Add(Sharing sharing, const MtreeEntry& wanted,
                   const Seen* original) {
  ManifestEntry entry = {.path = wanted.entry.path,
                         .kind = wanted.entry.kind,
                         .target = wanted.entry.target,
                         .wanted = wanted.entry.wanted,
                         .origin = wanted.entry.origin};
  if (original != nullptr) {
    entry.content = JoinPath(report_.cache, original->path);
    origins_[entry.path] = original->path;
  }
  // What a hardlink looks like is the cache's matter.
  if (sharing == Sharing::kShared) entry.wanted = {};
  entries_[sharing][entry.path] = std::move(entry);
}

// Placing changes the times of the directories above. Those the receipt knows
// are to look again as it says.
void Repairer::NameParents(Sharing sharing) {
  Entries& entries = entries_[sharing];
  std::set<std::string> above;
  for (const auto& [path, entry] : entries) {
    for (absl::string_view at = path; !at.empty();) {
      at = DirectoryOf(at);
      above.emplace(at);
    }
  }
  for (const Compared& compared : damage_.compared) {
    const ManifestEntry& entry = compared.wanted->entry;
    if (entry.kind != Kind::kDirectory || above.count(entry.path) == 0)
      continue;
    entries.try_emplace(entry.path, ManifestEntry{.path = entry.path,
                                                  .kind = Kind::kDirectory,
                                                  .wanted = entry.wanted,
                                                  .origin = entry.origin});
  }
}

absl::Status Repairer::Place(Sharing sharing) {
  Entries& entries = entries_[sharing];
  if (entries.empty()) return absl::OkStatus();
  std::vector<std::string> paths;
  for (const auto& [path, entry] : entries) paths.push_back(path);
  NameParents(sharing);
  Request request;
  request.destination = report_.destination;
  request.into = Into::kMerge;
  request.compare = Compare::kContent;  // times may have been set back
  request.methods = MethodsFor(sharing);
  request.cancel = request_.cancel;
  for (auto& [path, entry] : entries)
    request.entries.push_back(std::move(entry));
  const absl::StatusOr<Report> placed = Materialize(request, sys_);
  if (!placed.ok()) return placed.status();
  std::set<std::string> failed;
  for (const Failure& failure : placed->failures) {
    failed.insert(failure.path);
    report_.failures.push_back(failure);
  }
  for (const std::string& path : paths) {
    if (failed.count(path) == 0)
      report_.repaired.push_back({.path = path, .entry = origins_[path]});
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status Repair(Sys& sys, const InspectRequest& request,
                    const Damage& damage, InspectReport* report) {
  Repairer repairer(sys, request, damage, report);
  for (const Compared& compared : damage.compared) {
    if (!compared.differs()) continue;
    if (absl::Status status = repairer.Plan(compared); !status.ok())
      return status;
  }
  // Directories first: they are among the entries with inodes of their own.
  for (const Sharing sharing : {Sharing::kOwn, Sharing::kShared}) {
    if (absl::Status status = repairer.Place(sharing); !status.ok())
      return status;
  }
  const auto by_path = [](const auto& a, const auto& b) {
    return EntryPathLess(a.path, b.path);
  };
  std::sort(report->repaired.begin(), report->repaired.end(), by_path);
  std::stable_sort(report->failures.begin(), report->failures.end(), by_path);
  return absl::OkStatus();
}

}  // namespace materialize
