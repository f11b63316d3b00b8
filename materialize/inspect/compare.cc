// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/inspect/compare.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "materialize/plan/entry_path.h"

namespace materialize {
namespace {

// Many programs write whole seconds.
bool IsSameTime(const Time& a, const Time& b) {
  const bool whole = a.nanoseconds == 0 || b.nanoseconds == 0;
  return a == b || (whole && a.seconds == b.seconds);
}

struct Difference {
  absl::string_view word;
  bool (*holds)(const MtreeEntry& wanted, const Seen& seen);
};

bool IsFile(const Seen& seen) { return seen.facts.kind() == Kind::kFile; }

// An entry of the right type differs in each that holds. Times of directories
// are no edits: every name that comes or goes changes them. Modes of symlinks
// are nobody's.
constexpr Difference kDifferences[] = {
    {"mode",
     [](const MtreeEntry& wanted, const Seen& seen) {
       return wanted.entry.wanted.mode.has_value() &&
              seen.facts.kind() != Kind::kSymlink &&
              *wanted.entry.wanted.mode != seen.facts.permissions();
     }},
    {"size",
     [](const MtreeEntry& wanted, const Seen& seen) {
       return IsFile(seen) && wanted.size.has_value() &&
              *wanted.size != seen.facts.size;
     }},
    {"time",
     [](const MtreeEntry& wanted, const Seen& seen) {
       return IsFile(seen) && wanted.entry.wanted.mtime.has_value() &&
              !IsSameTime(*wanted.entry.wanted.mtime, seen.facts.mtime);
     }},
    {"link",
     [](const MtreeEntry& wanted, const Seen& seen) {
       return seen.facts.kind() == Kind::kSymlink &&
              !wanted.entry.target.empty() &&
              wanted.entry.target != seen.target;
     }},
    {"inode",
     [](const MtreeEntry& wanted, const Seen& seen) {
       return IsFile(seen) && wanted.claims.inode.has_value() &&
              *wanted.claims.inode != seen.facts.inode;
     }},
    {"ctime",
     [](const MtreeEntry& wanted, const Seen& seen) {
       return IsFile(seen) && seen.facts.links == 1 &&
              wanted.claims.ctime.has_value() &&
              *wanted.claims.ctime != seen.facts.ctime;
     }},
};

// What equal content makes irrelevant.
constexpr std::array<absl::string_view, 3> kGuesses = {"time", "inode",
                                                       "ctime"};

std::vector<std::string> WhatDiffers(const MtreeEntry& wanted,
                                     const Seen& seen) {
  if (wanted.claims.nochange) return {};
  const Kind kind = wanted.entry.kind;
  if (kind != Kind::kUnknown && kind != seen.facts.kind()) return {"type"};
  std::vector<std::string> what;
  for (const Difference& difference : kDifferences) {
    if (difference.holds(wanted, seen)) what.emplace_back(difference.word);
  }
  return what;
}

// Whether a walk would have come to `path`.
bool Reaches(const Selection& selection, const std::string& path) {
  for (size_t at = 0; at < path.size();) {
    const size_t end = std::min(path.find('/', at), path.size());
    const absl::string_view whole = path;
    const bool last = end == path.size();
    const absl::string_view directory = whole.substr(0, at == 0 ? 0 : at - 1);
    const std::string name(whole.substr(at, end - at));
    if (!selection.Takes(directory, name,
                         last ? Kind::kUnknown : Kind::kDirectory)) {
      return false;
    }
    at = end + 1;
  }
  return true;
}

bool Has(const std::vector<std::string>& what, absl::string_view word) {
  return std::find(what.begin(), what.end(), word) != what.end();
}

// The keyword of mtree(5) for the digest.
std::string WordOf(DigestAlgorithm algorithm) {
  return absl::StrCat(DigestName(algorithm), "digest");
}

// The file of the cache that is as the receipt says, without being the same
// file; null where there is none.
const Seen* FindTwin(const Originals& cache, const Compared& compared) {
  const MtreeEntry& wanted = *compared.wanted;
  const Seen* twin = FindSeen(cache.files, wanted.entry.path);
  if (twin == nullptr || !IsFile(*twin)) return nullptr;
  const bool is_itself =
      IdentityOf(twin->facts) == IdentityOf(compared.seen->facts);
  const bool is_original = wanted.entry.wanted.mtime == twin->facts.mtime &&
                           wanted.size.has_value() &&
                           *wanted.size == twin->facts.size;
  return is_original && !is_itself ? twin : nullptr;
}

void Conclude(bool equal, const std::string& word, Compared* compared) {
  std::vector<std::string>& what = compared->what;
  if (!equal) {
    what.push_back(word);
    return;
  }
  compared->proof = Proof::kContent;
  const auto is_guess = [](const std::string& one) {
    return std::find(kGuesses.begin(), kGuesses.end(), one) != kGuesses.end();
  };
  what.erase(std::remove_if(what.begin(), what.end(), is_guess), what.end());
}

}  // namespace

const DigestClaim* StrongestDigest(const MtreeEntry& wanted) {
  const std::vector<DigestClaim>& digests = wanted.claims.digests;
  const auto at =
      std::max_element(digests.begin(), digests.end(),
                       [](const DigestClaim& a, const DigestClaim& b) {
                         return a.algorithm < b.algorithm;
                       });
  return at == digests.end() ? nullptr : &*at;
}

bool Accepts(const DigestClaim& claim, const std::string& digest) {
  return std::find(claim.accepted.begin(), claim.accepted.end(), digest) !=
         claim.accepted.end();
}

std::vector<Compared> CompareFacts(const std::vector<MtreeEntry>& receipt,
                                   const std::vector<Seen>& seen,
                                   const Selection& selection) {
  std::vector<Compared> all;
  for (const MtreeEntry& wanted : receipt) {
    const std::string& path = wanted.entry.path;
    if (!Reaches(selection, path)) continue;
    Compared compared = {.wanted = &wanted, .seen = FindSeen(seen, path)};
    if (compared.seen == nullptr && wanted.claims.optional) continue;
    if (compared.seen != nullptr)
      compared.what = WhatDiffers(wanted, *compared.seen);
    all.push_back(std::move(compared));
  }
  std::sort(all.begin(), all.end(), [](const Compared& a, const Compared& b) {
    return EntryPathLess(a.wanted->entry.path, b.wanted->entry.path);
  });
  return all;
}

absl::Status Prove(Contents* contents, const Originals& cache,
                   Compared* compared) {
  const MtreeEntry& wanted = *compared->wanted;
  const bool is_file = compared->seen != nullptr && IsFile(*compared->seen) &&
                       !Has(compared->what, "type");
  if (!is_file || wanted.claims.nochange || Has(compared->what, "size"))
    return absl::OkStatus();
  if (wanted.size == 0) {  // there is nothing to read
    Conclude(/*equal=*/true, "", compared);
    return absl::OkStatus();
  }
  const DigestClaim* claim = StrongestDigest(wanted);
  const Seen* twin = claim == nullptr ? FindTwin(cache, *compared) : nullptr;
  if (claim == nullptr && twin == nullptr) return absl::OkStatus();
  const DigestAlgorithm algorithm =
      claim == nullptr ? DigestAlgorithm::kSha256 : claim->algorithm;
  absl::StatusOr<std::string> actual =
      contents->DigestOf(compared->seen->path, algorithm);
  if (!actual.ok()) return actual.status();
  if (claim != nullptr) {
    Conclude(Accepts(*claim, *actual), WordOf(algorithm), compared);
    return absl::OkStatus();
  }
  const absl::StatusOr<std::string> original =
      cache.contents->DigestOf(twin->path, algorithm);
  if (!original.ok()) return original.status();
  Conclude(*actual == *original, WordOf(algorithm), compared);
  return absl::OkStatus();
}

}  // namespace materialize
