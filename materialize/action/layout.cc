// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/action/layout.h"

#include <cerrno>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "materialize/action/source_filter.h"
#include "materialize/action/tree_files.h"
#include "materialize/os/status.h"
#include "materialize/plan/same_content.h"
#include "materialize/plan/source.h"

namespace materialize {
namespace {

// What goes to one place; the place is the key it is kept under.
struct Placed {
  std::string content;
  const ActionSource* source = nullptr;
};
using Places = std::map<std::string, Placed>;

// Whether a key of `places` is a path below `directory`.
template <typename Map>
bool HasBelow(const Map& places, const std::string& directory) {
  if (directory.empty()) return places.upper_bound("") != places.end();
  const std::string prefix = absl::StrCat(directory, "/");
  const auto first = places.lower_bound(prefix);
  return first != places.end() && absl::StartsWith(first->first, prefix);
}

ManifestEntry EntryOf(const std::string& place, Kind kind,
                      const Placed& placed) {
  ManifestEntry entry;
  entry.path = place;
  entry.kind = kind;
  entry.content = placed.content;
  if (placed.source != nullptr) entry.origin = placed.source->Label();
  return entry;
}

class Layout {
 public:
  Layout(Sys& sys, SourceFilter filter)
      : sys_(sys), filter_(std::move(filter)) {}

  absl::Status Add(const ActionSource& source);
  absl::StatusOr<std::vector<ManifestEntry>> Finish();

 private:
  absl::Status AddFile(const std::string& content,
                       const std::string& workspace_path,
                       const ActionSource& source);
  absl::Status AddFilesOf(const ActionSource& directory);
  absl::Status ListDirectoriesThatMeet();
  bool MeetsAnother(const std::string& place) const;
  absl::Status CheckParents() const;

  Sys& sys_;
  SourceFilter filter_;
  Places files_;
  std::multimap<std::string, const ActionSource*>
      directories_;  // that go as a whole
};

absl::Status Layout::Add(const ActionSource& source) {
  if (!filter_.Wants(source)) return absl::OkStatus();
  Stat facts;
  if (const int result = sys_.StatAt(AT_FDCWD, source.path.c_str(), 0, &facts);
      result < 0) {
    return WithHint(ErrnoStatus(-result, "stat", source.path),
                    absl::StrCat("from ", source.Label()));
  }
  switch (facts.kind()) {
    case Kind::kFile:
      return AddFile(source.path, source.WorkspacePath(), source);
    case Kind::kDirectory:
      break;
    default:
      return absl::InvalidArgumentError(
          absl::StrCat(source.path, ": neither a file nor a directory (from ",
                       source.Label(), ")"));
  }
  const std::optional<std::string> place =
      filter_.PlaceOfDirectory(source.WorkspacePath());
  if (!place.has_value()) return AddFilesOf(source);
  directories_.emplace(*place, &source);
  return absl::OkStatus();
}

absl::Status Layout::AddFile(const std::string& content,
                             const std::string& workspace_path,
                             const ActionSource& source) {
  const std::optional<std::string> place = filter_.PlaceOfFile(workspace_path);
  if (!place.has_value()) return absl::OkStatus();
  const auto [at, is_new] =
      files_.try_emplace(*place, Placed{.content = content, .source = &source});
  if (is_new) return absl::OkStatus();
  const absl::StatusOr<bool> same =
      SameContent(sys_, at->second.content, content);
  if (!same.ok()) return same.status();
  if (*same) return absl::OkStatus();
  return absl::AlreadyExistsError(absl::StrCat(
      *place, ": two files with different contents: ", at->second.content,
      " (from ", at->second.source->Label(), ") and ", content, " (from ",
      source.Label(), ")"));
}

absl::Status Layout::AddFilesOf(const ActionSource& directory) {
  const absl::StatusOr<std::vector<std::string>> files =
      ListTreeFiles(sys_, directory.path);
  if (!files.ok())
    return WithHint(files.status(), absl::StrCat("from ", directory.Label()));
  for (const std::string& file : *files) {
    const absl::Status added =
        AddFile(JoinPath(directory.path, file),
                JoinPath(directory.WorkspacePath(), file), directory);
    if (!added.ok()) return added;
  }
  return absl::OkStatus();
}

// Whether anything but one directory goes to `place` or below, or a directory
// to one of its parents.
bool Layout::MeetsAnother(const std::string& place) const {
  if (directories_.count(place) > 1 || files_.count(place) > 0) return true;
  if (HasBelow(directories_, place) || HasBelow(files_, place)) return true;
  if (place.empty()) return false;
  for (size_t slash = place.find('/'); slash != std::string::npos;
       slash = place.find('/', slash + 1)) {
    if (directories_.count(place.substr(0, slash)) > 0) return true;
  }
  return directories_.count("") > 0;
}

// A directory that shares its place with others is laid out file by file, so
// that each file is looked at.
absl::Status Layout::ListDirectoriesThatMeet() {
  std::vector<const ActionSource*> meeting;
  std::multimap<std::string, const ActionSource*> alone;
  for (const auto& [place, source] : directories_) {
    if (MeetsAnother(place)) {
      meeting.push_back(source);
    } else {
      alone.emplace(place, source);
    }
  }
  for (const ActionSource* source : meeting) {
    if (absl::Status added = AddFilesOf(*source); !added.ok()) return added;
  }
  directories_ = std::move(alone);
  return absl::OkStatus();
}

// No file may stand where another source needs a directory.
absl::Status Layout::CheckParents() const {
  const auto check = [&](const std::string& place,
                         const ActionSource& source) -> absl::Status {
    for (size_t slash = place.find('/'); slash != std::string::npos;
         slash = place.find('/', slash + 1)) {
      const auto parent = files_.find(place.substr(0, slash));
      if (parent == files_.end()) continue;
      return absl::AlreadyExistsError(absl::StrCat(
          parent->first, ": a file (from ", parent->second.source->Label(),
          ") and the directory of ", place, " (from ", source.Label(), ")"));
    }
    return absl::OkStatus();
  };
  for (const auto& [place, placed] : files_) {
    if (absl::Status checked = check(place, *placed.source); !checked.ok())
      return checked;
  }
  for (const auto& [place, source] : directories_) {
    if (absl::Status checked = check(place, *source); !checked.ok())
      return checked;
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<ManifestEntry>> Layout::Finish() {
  if (absl::Status listed = ListDirectoriesThatMeet(); !listed.ok())
    return listed;
  if (absl::Status checked = CheckParents(); !checked.ok()) return checked;
  std::map<std::string, ManifestEntry> entries;
  entries.emplace("", EntryOf("", Kind::kDirectory, {}));
  for (const auto& [place, source] : directories_) {
    entries[place] = EntryOf(place, Kind::kDirectory, {source->path, source});
  }
  for (const auto& [place, placed] : files_) {
    entries[place] = EntryOf(place, Kind::kFile, placed);
  }
  std::vector<ManifestEntry> sorted;
  sorted.reserve(entries.size());
  for (auto& [place, entry] : entries) sorted.push_back(std::move(entry));
  return sorted;
}

}  // namespace

absl::StatusOr<std::vector<ManifestEntry>> LayOut(const ActionRequest& request,
                                                  Sys& sys) {
  absl::StatusOr<SourceFilter> filter = SourceFilter::Create(request);
  if (!filter.ok()) return filter.status();
  Layout layout(sys, *filter);
  for (const ActionSource& source : request.sources) {
    if (absl::Status added = layout.Add(source); !added.ok()) return added;
  }
  return layout.Finish();
}

}  // namespace materialize
