// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/plan/manifest_check.h"

#include <algorithm>
#include <cstddef>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "materialize/os/status.h"
#include "materialize/plan/entry_path.h"
#include "materialize/plan/same_content.h"

namespace materialize {
namespace {

// "manifest:12: a/b".
std::string Named(const ManifestEntry& entry) {
  absl::string_view path = entry.path;
  if (path.empty()) path = ".";
  if (entry.origin.empty()) return std::string(path);
  return absl::StrCat(entry.origin, ": ", path);
}

absl::Status Bad(const ManifestEntry& entry, absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat(Named(entry), ": ", why));
}

absl::Status Clash(const ManifestEntry& first, absl::string_view how,
                   const ManifestEntry& second) {
  return absl::InvalidArgumentError(
      absl::StrCat(Named(second), ": ", how, " ", Named(first)));
}

absl::Status CheckPath(ManifestEntry* entry) {
  if (entry->path == ".") entry->path.clear();
  if (entry->path.empty()) {
    if (entry->kind == Kind::kDirectory) return absl::OkStatus();
    return Bad(*entry, "the root is a directory");
  }
  const absl::string_view problem = EntryPathProblem(entry->path);
  if (!problem.empty()) return Bad(*entry, problem);
  return absl::OkStatus();
}

absl::Status CheckKind(const ManifestEntry& entry) {
  switch (entry.kind) {
    case Kind::kFile:
    case Kind::kDirectory:
      return absl::OkStatus();
    case Kind::kSymlink:
      if (entry.target.empty()) return Bad(entry, "a link without a target");
      return absl::OkStatus();
    case Kind::kUnknown:
    case Kind::kSpecial:
      break;
  }
  return Bad(entry, "neither file, directory nor link");
}

absl::Status CheckUnit(const ManifestEntry& entry) {
  if (!entry.unit) return absl::OkStatus();
  if (entry.path.empty()) return Bad(entry, "the root cannot be a unit");
  if (entry.kind != Kind::kDirectory || entry.content.empty()) {
    return Bad(entry, "only a directory with content= can be a unit");
  }
  return absl::OkStatus();
}

bool IsSameWish(const Wanted& a, const Wanted& b) {
  return a.mode == b.mode && a.mtime == b.mtime && a.uid == b.uid &&
         a.gid == b.gid;
}

bool IsSameDirectory(const ManifestEntry& a, const ManifestEntry& b) {
  return a.kind == Kind::kDirectory && b.kind == Kind::kDirectory &&
         a.content == b.content && a.left_out == b.left_out &&
         a.unit == b.unit && IsSameWish(a.wanted, b.wanted);
}

bool Before(const ManifestEntry& a, const ManifestEntry& b) {
  return EntryPathLess(a.path, b.path);
}

absl::Status FoldTwins(std::vector<ManifestEntry>* entries) {
  std::stable_sort(entries->begin(), entries->end(), Before);
  for (size_t i = 1; i < entries->size(); ++i) {
    const ManifestEntry& first = (*entries)[i - 1];
    const ManifestEntry& second = (*entries)[i];
    if (first.path == second.path && !IsSameDirectory(first, second)) {
      return Clash(first, "the same path as", second);
    }
  }
  const auto same_path = [](const ManifestEntry& a, const ManifestEntry& b) {
    return a.path == b.path;
  };
  entries->erase(std::unique(entries->begin(), entries->end(), same_path),
                 entries->end());
  return absl::OkStatus();
}

// Whether something may be below `entry`.
absl::Status CheckAbove(const ManifestEntry& above,
                        const ManifestEntry& entry) {
  switch (above.kind) {
    case Kind::kSymlink:
      return Clash(above, "passes through the link", entry);
    case Kind::kFile:
      return Clash(above, "below the file", entry);
    default:
      break;
  }
  if (above.content.empty()) return absl::OkStatus();
  return Clash(above, "inside a directory laid out as a whole by", entry);
}

// Whose content can be read: opening a FIFO would wait for a writer.
bool IsPlainFile(Sys& sys, const ManifestEntry& entry) {
  Stat facts;
  return entry.kind == Kind::kFile && !entry.content.empty() &&
         sys.StatAt(AT_FDCWD, entry.content.c_str(), 0, &facts) == 0 &&
         facts.kind() == Kind::kFile;
}

// The parents nobody named, found by walking the sorted entries with those
// above each at hand.
absl::StatusOr<std::vector<ManifestEntry>> ImpliedParents(
    const std::vector<ManifestEntry>& entries) {
  std::vector<ManifestEntry> implied;
  std::vector<std::string> above;  // directories that exist by now, innermost
                                   // last; the root, "", is not in it
  std::vector<const ManifestEntry*> named;  // entries above, innermost last
  const auto add = [&](absl::string_view path) {
    implied.push_back({.path = std::string(path), .kind = Kind::kDirectory});
  };
  if (entries.empty() || !entries[0].path.empty()) add("");
  for (const ManifestEntry& entry : entries) {
    while (!named.empty() && !IsBelow(entry.path, named.back()->path)) {
      named.pop_back();
    }
    while (!above.empty() && !IsBelow(entry.path, above.back())) {
      above.pop_back();
    }
    if (!named.empty()) {
      absl::Status status = CheckAbove(*named.back(), entry);
      if (!status.ok()) return status;
    }
    size_t from = above.empty() ? 0 : above.back().size() + 1;
    for (size_t slash;
         (slash = entry.path.find('/', from)) != std::string::npos;
         from = slash + 1) {
      above.push_back(entry.path.substr(0, slash));
      add(above.back());
    }
    named.push_back(&entry);
    if (!entry.path.empty()) above.push_back(entry.path);
  }
  return implied;
}

absl::Status CheckContent(Sys& sys, const ManifestEntry& entry) {
  Stat facts;
  const int result = sys.StatAt(AT_FDCWD, entry.content.c_str(), 0, &facts);
  if (result < 0) {
    return ErrnoStatus(-result, absl::StrCat(Named(entry), ": stat"),
                       entry.content);
  }
  if (facts.kind() == entry.kind) return absl::OkStatus();
  return Bad(entry, absl::StrCat("content ", entry.content, " is no ",
                                 entry.kind == Kind::kFile ? "regular file"
                                                           : "directory"));
}

// "a", "a/b" and "a/b/c" of "a/b/c".
std::vector<absl::string_view> PathAndParents(absl::string_view path) {
  std::vector<absl::string_view> parts;
  for (size_t end = 0; end != absl::string_view::npos;) {
    end = path.find('/', end == 0 ? 0 : end + 1);
    parts.push_back(path.substr(0, end));
  }
  return parts;
}

}  // namespace

void FoldEqualFiles(Sys& sys, std::vector<ManifestEntry>* entries) {
  absl::flat_hash_map<absl::string_view, const ManifestEntry*> first;
  std::vector<size_t> twins;
  for (size_t i = 0; i < entries->size(); ++i) {
    const ManifestEntry& entry = (*entries)[i];
    const auto [at, is_new] = first.try_emplace(entry.path, &entry);
    const ManifestEntry& other = *at->second;
    if (is_new || !IsPlainFile(sys, entry) || !IsPlainFile(sys, other) ||
        !IsSameWish(entry.wanted, other.wanted))
      continue;
    const absl::StatusOr<bool> same =
        SameContent(sys, other.content, entry.content);
    if (same.ok() && *same) twins.push_back(i);
  }
  if (twins.empty()) return;
  std::vector<ManifestEntry> kept;
  kept.reserve(entries->size() - twins.size());
  auto twin = twins.begin();
  for (size_t i = 0; i < entries->size(); ++i) {
    if (twin != twins.end() && *twin == i) {
      ++twin;
    } else {
      kept.push_back(std::move((*entries)[i]));
    }
  }
  *entries = std::move(kept);
}

absl::StatusOr<std::vector<ManifestEntry>> CheckManifest(
    std::vector<ManifestEntry> entries) {
  for (ManifestEntry& entry : entries) {
    if (absl::Status status = CheckPath(&entry); !status.ok()) return status;
    if (absl::Status status = CheckKind(entry); !status.ok()) return status;
    if (absl::Status status = CheckUnit(entry); !status.ok()) return status;
  }
  if (absl::Status status = FoldTwins(&entries); !status.ok()) return status;
  absl::StatusOr<std::vector<ManifestEntry>> implied = ImpliedParents(entries);
  if (!implied.ok()) return implied.status();
  const auto middle = static_cast<std::ptrdiff_t>(entries.size());
  std::move(implied->begin(), implied->end(), std::back_inserter(entries));
  std::inplace_merge(entries.begin(), entries.begin() + middle, entries.end(),
                     Before);
  return entries;
}

absl::Status CheckContents(Sys& sys,
                           const std::vector<ManifestEntry>& entries) {
  for (const ManifestEntry& entry : entries) {
    if (entry.content.empty() || entry.kind == Kind::kSymlink) continue;
    absl::Status status = CheckContent(sys, entry);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

std::optional<std::pair<const ManifestEntry*, const ManifestEntry*>>
FindCaseTwin(const std::vector<ManifestEntry>& entries) {
  struct Seen {
    absl::string_view path;
    const ManifestEntry* entry;
  };
  absl::flat_hash_map<std::string, Seen> seen;  // by lower case
  for (const ManifestEntry& entry : entries) {
    for (const absl::string_view part : PathAndParents(entry.path)) {
      const auto [at, inserted] = seen.try_emplace(
          absl::AsciiStrToLower(part), Seen{.path = part, .entry = &entry});
      if (inserted || at->second.path == part) continue;
      return std::make_pair(at->second.entry, &entry);
    }
  }
  return std::nullopt;
}

}  // namespace materialize
