// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/action/yarn_mirror.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "materialize/action/complaint.h"
#include "materialize/action/layout.h"
#include "materialize/action/tree_files.h"
#include "materialize/digest.h"
#include "materialize/os/fd.h"
#include "materialize/os/io.h"
#include "materialize/os/status.h"
#include "materialize/plan/digest_claim.h"
#include "materialize/plan/entry_path.h"
#include "materialize/plan/source.h"
#include "materialize/verify/yarn_lock.h"
#include "materialize/verify/yarn_prebuilt.h"

namespace materialize {
namespace {

// What the lock file says of one file of the mirror.
struct Locked {
  std::string origin;  // "yarn.lock:12"
  std::vector<DigestClaim> digests;
  bool optional = false;
};
// By the path in the mirror.
using LockedFiles = std::map<std::string, Locked>;

// Abseil's HexStringToBytes() of one release is deprecated in another.
std::string BytesOf(const std::string& hex) {
  std::string bytes;
  for (size_t i = 0; i + 1 < hex.size(); i += 2)
    bytes.push_back(
        static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16)));
  return bytes;
}

// "sha512-BASE64", as lock files write it.
std::string Integrity(DigestAlgorithm algorithm, const std::string& hex) {
  return absl::StrCat(DigestName(algorithm), "-",
                      absl::Base64Escape(BytesOf(hex)));
}

// Whether no content can have both.
bool Contradict(const DigestClaim& a, const DigestClaim& b) {
  return a.algorithm == b.algorithm &&
         std::none_of(a.accepted.begin(), a.accepted.end(),
                      [&](const std::string& digest) {
                        return std::find(b.accepted.begin(), b.accepted.end(),
                                         digest) != b.accepted.end();
                      });
}

absl::Status AddLocked(const std::string& path, Locked locked,
                       LockedFiles& files) {
  const auto [at, is_new] = files.try_emplace(path, locked);
  if (is_new) return absl::OkStatus();
  Locked& first = at->second;
  for (DigestClaim& claim : locked.digests) {
    for (const DigestClaim& there : first.digests) {
      if (!Contradict(there, claim)) continue;
      return absl::AlreadyExistsError(
          absl::StrCat(first.origin, " and ", locked.origin,
                       ": two packages have one name in the mirror: ", path));
    }
    first.digests.push_back(std::move(claim));
  }
  return absl::OkStatus();
}

absl::StatusOr<LockedFiles> ReadLock(const std::string& lock, Sys& sys) {
  const absl::StatusOr<std::string> text = ReadFile(sys, lock);
  if (!text.ok()) return text.status();
  absl::StatusOr<std::vector<MtreeEntry>> entries = ParseYarnLock(*text, lock);
  if (!entries.ok()) return entries.status();
  LockedFiles files;
  for (MtreeEntry& entry : *entries) {
    const absl::Status added =
        AddLocked(entry.entry.path,
                  {.origin = entry.entry.origin,
                   .digests = std::move(entry.claims.digests)},
                  files);
    if (!added.ok()) return added;
  }
  for (const YarnPrebuilt& variant : ReadYarnPrebuilt(*text)) {
    const absl::Status added =
        AddLocked(absl::StrCat("prebuilt/", variant.name, ".tgz"),
                  {.origin = absl::StrCat(lock, ":", variant.line),
                   .digests = {{.algorithm = DigestAlgorithm::kSha1,
                                .accepted = {variant.sha1}}},
                   .optional = true},
                  files);
    if (!added.ok()) return added;
  }
  return files;
}

// Keeps of the sources what the lock file names, each as a file whose path in
// its workspace is the one in the mirror.
class Picker {
 public:
  Picker(Sys& sys, const LockedFiles& files) : sys_(sys) {
    for (const auto& [path, locked] : files) paths_.emplace(NameOf(path), path);
  }

  absl::Status Add(const ActionSource& source) {
    Stat facts;
    const int result = sys_.StatAt(AT_FDCWD, source.path.c_str(), 0, &facts);
    if (result < 0) {
      return WithHint(ErrnoStatus(-result, "stat", source.path), From(source));
    }
    if (facts.kind() != Kind::kDirectory) {
      AddFile(source, source.path);
      return absl::OkStatus();
    }
    const absl::StatusOr<TreeListing> listing = ListTree(sys_, source.path);
    if (!listing.ok()) return WithHint(listing.status(), From(source));
    for (const TreeFile& file : listing->files)
      AddFile(source, JoinPath(source.path, file.path));
    return absl::OkStatus();
  }

  bool Has(const std::string& path) const { return found_.count(path) > 0; }
  std::vector<ActionSource> TakeSources() { return std::move(sources_); }

 private:
  void AddFile(const ActionSource& source, const std::string& path) {
    const auto named = paths_.find(NameOf(path));
    if (named == paths_.end()) return;
    found_.insert(named->second);
    ActionSource file = source;
    file.path = path;
    file.short_path = named->second;
    sources_.push_back(std::move(file));
  }

  Sys& sys_;
  std::map<std::string, std::string, std::less<>> paths_;  // by base name
  std::set<std::string> found_;
  std::vector<ActionSource> sources_;
};

// Says how many more there are of what `first` says.
std::string AndMore(std::string first, size_t count) {
  if (count > 1) absl::StrAppend(&first, " (and ", count - 1, " more)");
  return first;
}

absl::StatusOr<std::vector<ActionSource>> Pick(const ActionRequest& request,
                                               const LockedFiles& files,
                                               Sys& sys) {
  Picker picker(sys, files);
  for (const ActionSource& source : request.sources) {
    if (absl::Status added = picker.Add(source); !added.ok()) return added;
  }
  std::string first;
  size_t missing = 0;
  for (const auto& [path, locked] : files) {
    if (locked.optional || picker.Has(path)) continue;
    if (missing++ > 0) continue;
    first = absl::StrCat(locked.origin, ": ", path,
                         ": no file of this name in srcs");
  }
  if (missing > 0) return absl::NotFoundError(AndMore(first, missing));
  return picker.TakeSources();
}

// What is wrong with the content, "" when nothing is.
absl::StatusOr<std::string> Mismatch(const ManifestEntry& entry,
                                     const Locked& locked, Sys& sys) {
  const Fd file(sys, sys.OpenAt(AT_FDCWD, entry.content.c_str(), O_RDONLY, 0));
  if (!file.ok()) return ErrnoStatus(-file.get(), "open", entry.content);
  const absl::StatusOr<std::vector<UnmetClaim>> unmet =
      UnmetClaims(sys, file.get(), locked.digests, entry.content);
  if (!unmet.ok()) return unmet.status();
  if (unmet->empty()) return "";
  const auto& [claim, found] = unmet->front();
  return absl::StrCat(entry.path, ": its integrity is ",
                      Integrity(claim->algorithm, found), ", ", locked.origin,
                      " says ",
                      Integrity(claim->algorithm, claim->accepted.front()),
                      " (from ", entry.origin, ")");
}

absl::Status CheckContents(const std::vector<ManifestEntry>& entries,
                           const LockedFiles& files, Sys& sys) {
  std::string first;
  size_t wrong = 0;
  for (const ManifestEntry& entry : entries) {
    const auto locked = files.find(entry.path);
    if (locked == files.end() || locked->second.digests.empty()) continue;
    absl::StatusOr<std::string> mismatch = Mismatch(entry, locked->second, sys);
    if (!mismatch.ok()) return mismatch.status();
    if (mismatch->empty()) continue;
    if (wrong++ == 0) first = *std::move(mismatch);
  }
  if (wrong > 0) return absl::DataLossError(AndMore(first, wrong));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<ManifestEntry>> LayOutYarnMirror(
    const ActionRequest& request, Sys& sys) {
  const absl::StatusOr<LockedFiles> files = ReadLock(request.yarn_lock, sys);
  if (!files.ok()) return files.status();
  absl::StatusOr<std::vector<ActionSource>> sources =
      Pick(request, *files, sys);
  if (!sources.ok()) return sources.status();
  ActionRequest picked = request;
  picked.sources = *std::move(sources);
  picked.root_paths.clear();
  absl::StatusOr<std::vector<ManifestEntry>> entries = LayOut(picked, sys);
  if (!entries.ok()) return entries.status();
  absl::Status checked = CheckContents(*entries, *files, sys);
  if (!checked.ok()) return checked;
  return entries;
}

}  // namespace materialize
