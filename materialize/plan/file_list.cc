// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/plan/file_list.h"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstddef>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "materialize/os/status.h"
#include "materialize/plan/entry_path.h"
#include "materialize/plan/source.h"

namespace materialize {
namespace {

constexpr char kListed[] = "listed file";

bool IsMissing(int result) { return result == -ENOENT || result == -ENOTDIR; }

// Relative to the source, "" for the source itself.
absl::StatusOr<std::string> Normalized(absl::string_view file) {
  absl::string_view path = file;
  while (absl::ConsumePrefix(&path, "./")) {
  }
  if (path.size() > 1) absl::ConsumeSuffix(&path, "/");
  if (path == "." || (path.empty() && !file.empty())) return std::string();
  const absl::string_view problem = EntryPathProblem(path);
  if (problem.empty()) return std::string(path);
  return absl::InvalidArgumentError(
      absl::StrCat(kListed, " ", file, ": ", problem));
}

absl::StatusOr<std::vector<std::string>> SortedOnce(
    const std::vector<std::string>& files) {
  std::vector<std::string> paths;
  paths.reserve(files.size());
  for (const std::string& file : files) {
    absl::StatusOr<std::string> path = Normalized(file);
    if (!path.ok()) return path.status();
    paths.push_back(*std::move(path));
  }
  std::sort(paths.begin(), paths.end(), EntryPathLess);
  paths.erase(std::unique(paths.begin(), paths.end()), paths.end());
  return paths;
}

class Lister {
 public:
  Lister(Sys& sys, absl::string_view source, const FileListOptions& options)
      : sys_(sys), source_(source), options_(options) {}

  // In the order of EntryPathLess().
  absl::Status Add(const std::string& path);
  ListedFiles TakeResult() { return std::move(result_); }

 private:
  // Looks at `path`, and at what it points at where that is meant. `facts` is
  // its own where it is a symlink that is kept. False: it is not there.
  absl::StatusOr<bool> Look(const std::string& path, Stat* facts) const;
  absl::Status AddParents(absl::string_view path);
  absl::Status AddParent(absl::string_view path);
  absl::Status AddEntry(const std::string& path, const Stat& facts);
  absl::Status AddSymlink(ManifestEntry entry, const Stat& facts);
  Wanted WantedOf(const Stat& facts) const;
  std::string SourceOf(absl::string_view path) const {
    return path.empty() ? source_ : JoinPath(source_, path);
  }

  Sys& sys_;
  std::string source_;
  FileListOptions options_;
  ListedFiles result_;
  std::vector<std::string> parents_;  // of the last one added, outermost first
  std::string whole_;                 // the last directory listed,
  bool any_whole_ = false;            // if there was one
};

Wanted Lister::WantedOf(const Stat& facts) const {
  Wanted wanted = {.mtime = facts.mtime};
  if (facts.kind() != Kind::kSymlink) wanted.mode = facts.permissions();
  if (options_.preserve_owner) {
    wanted.uid = facts.uid;
    wanted.gid = facts.gid;
  }
  return wanted;
}

absl::StatusOr<bool> Lister::Look(const std::string& path, Stat* facts) const {
  const std::string from = SourceOf(path);
  // The source itself may be named by a link.
  const int flags = path.empty() ? 0 : AT_SYMLINK_NOFOLLOW;
  int result = sys_.StatAt(AT_FDCWD, from.c_str(), flags, facts);
  if (IsMissing(result) && !path.empty()) return false;
  if (result < 0) return ErrnoStatus(-result, "stat", from);
  if (facts->kind() != Kind::kSymlink ||
      options_.symlinks != Symlinks::kFollow) {
    return true;
  }
  result = sys_.StatAt(AT_FDCWD, from.c_str(), 0, facts);
  if (result < 0) return ErrnoStatus(-result, "follow", from);
  return true;
}

absl::Status Lister::Add(const std::string& path) {
  if (any_whole_ && IsBelow(path, whole_)) return absl::OkStatus();
  Stat facts;
  const absl::StatusOr<bool> there = Look(path, &facts);
  if (!there.ok()) return there.status();
  if (!*there) {
    result_.missing.push_back(path);
    return absl::OkStatus();
  }
  if (absl::Status status = AddParents(path); !status.ok()) return status;
  return AddEntry(path, facts);
}

absl::Status Lister::AddParents(absl::string_view path) {
  if (path.empty()) return absl::OkStatus();  // It is listed itself.
  while (!parents_.empty() && !IsBelow(path, parents_.back())) {
    parents_.pop_back();
  }
  if (parents_.empty()) {
    if (absl::Status status = AddParent(""); !status.ok()) return status;
  }
  const size_t known = parents_.back().size();
  for (size_t slash = path.find('/', known == 0 ? 0 : known + 1);
       slash != absl::string_view::npos; slash = path.find('/', slash + 1)) {
    absl::Status status = AddParent(path.substr(0, slash));
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status Lister::AddParent(absl::string_view path) {
  Stat facts;
  const absl::StatusOr<bool> there = Look(std::string(path), &facts);
  if (!there.ok()) return there.status();
  if (!*there) return ErrnoStatus(ENOENT, "stat", SourceOf(path));
  if (facts.kind() == Kind::kSymlink) {
    return absl::InvalidArgumentError(
        absl::StrCat("listed files below the link ", SourceOf(path),
                     ": only with --symlinks=follow"));
  }
  result_.entries.push_back({.path = std::string(path),
                             .kind = Kind::kDirectory,
                             .wanted = WantedOf(facts),
                             .origin = kListed});
  parents_.emplace_back(path);
  return absl::OkStatus();
}

absl::Status Lister::AddEntry(const std::string& path, const Stat& facts) {
  ManifestEntry entry = {.path = path,
                         .kind = facts.kind(),
                         .content = SourceOf(path),
                         .origin = kListed};
  switch (facts.kind()) {
    case Kind::kSymlink:
      return AddSymlink(std::move(entry), facts);
    case Kind::kDirectory:
      whole_ = path;
      any_whole_ = true;
      break;
    case Kind::kSpecial:
    case Kind::kUnknown:
      if (options_.special == Special::kError) {
        return absl::InvalidArgumentError(
            absl::StrCat(kListed, " ", entry.content,
                         ": neither file, directory nor link; --special=skip "
                         "leaves it out"));
      }
      ++result_.special_skipped;
      return absl::OkStatus();
    case Kind::kFile:
      break;
  }
  result_.entries.push_back(std::move(entry));
  return absl::OkStatus();
}

absl::Status Lister::AddSymlink(ManifestEntry entry, const Stat& facts) {
  if (options_.symlinks == Symlinks::kSkip) {
    ++result_.symlinks_skipped;
    return absl::OkStatus();
  }
  char target[PATH_MAX];
  const int64_t size =
      sys_.ReadLinkAt(AT_FDCWD, entry.content.c_str(), target, sizeof(target));
  if (size < 0) {
    return ErrnoStatus(static_cast<int>(-size), "readlink", entry.content);
  }
  entry.content.clear();
  entry.target.assign(target, static_cast<size_t>(size));
  entry.wanted = WantedOf(facts);
  result_.entries.push_back(std::move(entry));
  return absl::OkStatus();
}

}  // namespace

std::vector<std::string> ParseFileList(absl::string_view text) {
  const bool nuls = text.find('\0') != absl::string_view::npos;
  return absl::StrSplit(text, nuls ? '\0' : '\n', absl::SkipEmpty());
}

absl::StatusOr<ListedFiles> ListFiles(Sys& sys, absl::string_view source,
                                      const std::vector<std::string>& files,
                                      const FileListOptions& options) {
  absl::StatusOr<std::vector<std::string>> paths = SortedOnce(files);
  if (!paths.ok()) return paths.status();
  Lister lister(sys, source, options);
  for (const std::string& path : *paths) {
    if (absl::Status status = lister.Add(path); !status.ok()) return status;
  }
  return lister.TakeResult();
}

}  // namespace materialize
