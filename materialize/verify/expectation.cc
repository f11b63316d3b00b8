// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/verify/expectation.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "materialize/plan/entry_path.h"
#include "materialize/verify/digest_list.h"
#include "materialize/verify/yarn_lock.h"

namespace materialize {
namespace {

// An mtree has no other mark: mtree(8) writes no "#mtree".
bool LooksLikeMtree(absl::string_view text) {
  constexpr absl::string_view kMarks[] = {
      "#mtree", "/set ",  " type=", "\ttype=", " size=",
      " mode=", " time=", " link=", " sha256",
  };
  return std::any_of(
      std::begin(kMarks), std::end(kMarks),
      [&](absl::string_view mark) { return absl::StrContains(text, mark); });
}

absl::StatusOr<std::vector<MtreeEntry>> ParseMtreeToCompare(
    absl::string_view text, absl::string_view file) {
  return ParseMtree(text, file, MtreeUse::kCompare);
}

struct Format {
  absl::string_view name;
  bool (*looks_like)(absl::string_view text);
  absl::StatusOr<std::vector<MtreeEntry>> (*parse)(absl::string_view text,
                                                   absl::string_view file);
  Extras extras;
};

// The first that fits.
constexpr Format kFormats[] = {
    {"yarn.lock", LooksLikeYarnLock, ParseYarnLock, Extras::kAllowed},
    {"digests", LooksLikeDigestList, ParseDigestList, Extras::kAllowed},
    {"mtree", LooksLikeMtree, ParseMtreeToCompare, Extras::kDiffer},
};

bool SameFacts(const MtreeEntry& a, const MtreeEntry& b) {
  const Wanted& x = a.entry.wanted;
  const Wanted& y = b.entry.wanted;
  return a.entry.kind == b.entry.kind && a.entry.target == b.entry.target &&
         a.size == b.size && a.claims == b.claims && x.mode == y.mode &&
         x.mtime == y.mtime && x.uid == y.uid && x.gid == y.gid;
}

// Both lines count.
void AddDigests(const MtreeEntry& from, MtreeEntry* to) {
  std::vector<DigestClaim>& digests = to->claims.digests;
  for (const DigestClaim& claim : from.claims.digests) {
    if (std::find(digests.begin(), digests.end(), claim) == digests.end())
      digests.push_back(claim);
  }
}

// Takes sorted entries one by one and keeps the tree whole.
class Builder {
 public:
  explicit Builder(Extras extras) : extras_(extras) {}

  absl::Status Add(MtreeEntry entry) {
    const std::string& path = entry.entry.path;
    if (ignored_.has_value() && IsBelow(path, *ignored_))
      return absl::OkStatus();
    if (!entries_.empty() && entries_.back().said.entry.path == path)
      return Again(entry);
    AddParents(path);
    if (entry.claims.ignore) ignored_ = path;
    entries_.push_back({.said = std::move(entry)});
    ++named_;
    return absl::OkStatus();
  }

  std::vector<Expected> TakeEntries() { return std::move(entries_); }
  size_t named() const { return named_; }

 private:
  absl::Status Again(const MtreeEntry& entry) {
    MtreeEntry& first = entries_.back().said;
    if (extras_ == Extras::kAllowed) {
      AddDigests(entry, &first);
      return absl::OkStatus();
    }
    if (SameFacts(first, entry)) return absl::OkStatus();
    return absl::InvalidArgumentError(
        absl::StrCat(entry.entry.origin, ": ", entry.entry.path,
                     ": differs from ", first.entry.origin));
  }

  // Those that are not there yet: what is below a directory follows it.
  void AddParents(const std::string& path) {
    const std::string last =
        entries_.empty() ? "" : entries_.back().said.entry.path;
    for (size_t slash = path.find('/'); slash != std::string::npos;
         slash = path.find('/', slash + 1)) {
      const absl::string_view parent = absl::string_view(path).substr(0, slash);
      if (last == parent || IsBelow(last, parent)) continue;
      Expected implied;
      implied.implied = true;
      implied.said.entry.path = std::string(parent);
      implied.said.entry.kind = Kind::kDirectory;
      entries_.push_back(std::move(implied));
    }
  }

  Extras extras_;
  std::vector<Expected> entries_;
  std::optional<std::string> ignored_;  // the newest directory of that kind
  size_t named_ = 0;
};

}  // namespace

absl::StatusOr<Expectation> ReadExpectation(absl::string_view text,
                                            absl::string_view file) {
  const Format* format =
      std::find_if(std::begin(kFormats), std::end(kFormats),
                   [&](const Format& one) { return one.looks_like(text); });
  if (format == std::end(kFormats)) {
    return absl::InvalidArgumentError(absl::StrCat(
        file, ": neither an mtree, nor a list of digests, nor a yarn.lock"));
  }
  absl::StatusOr<std::vector<MtreeEntry>> parsed = format->parse(text, file);
  if (!parsed.ok()) return parsed.status();
  if (parsed->empty())
    return absl::InvalidArgumentError(absl::StrCat(file, ": lists nothing"));
  std::stable_sort(parsed->begin(), parsed->end(),
                   [](const MtreeEntry& a, const MtreeEntry& b) {
                     return EntryPathLess(a.entry.path, b.entry.path);
                   });
  Builder builder(format->extras);
  for (MtreeEntry& entry : *parsed) {
    if (absl::Status status = builder.Add(std::move(entry)); !status.ok())
      return status;
  }
  Expectation expectation;
  expectation.format = std::string(format->name);
  expectation.extras = format->extras;
  expectation.entries = builder.TakeEntries();
  expectation.named = builder.named();
  return expectation;
}

}  // namespace materialize
