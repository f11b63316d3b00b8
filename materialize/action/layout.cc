// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/action/layout.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "materialize/action/claims.h"
#include "materialize/action/complaint.h"
#include "materialize/action/sharing.h"
#include "materialize/action/source_filter.h"
#include "materialize/action/tree_files.h"
#include "materialize/action/whole_tree.h"
#include "materialize/os/status.h"
#include "materialize/plan/entry_path.h"
#include "materialize/plan/same_content.h"
#include "materialize/plan/source.h"

namespace materialize {
namespace {

// A file that may have a place.
struct Candidate {
  std::string content;
  std::string workspace_path;
  const ActionSource* source = nullptr;
  bool may_share = false;  // its inode
};

// What goes to one place; the place is the key it is kept under.
struct Placed {
  std::string content;
  const ActionSource* source = nullptr;
  bool is_private = false;
};
using Places = std::map<std::string, Placed>;

// A directory whose files all keep their paths below `place`: known only when
// each was placed, as where replace_prefixes move it (Claims cannot tell).
struct WholeDirectory {
  std::string place;
  const ActionSource* source = nullptr;
  size_t files = 0;
  bool is_private = false;
};

ManifestEntry EntryOf(const std::string& place, Kind kind,
                      const Placed& placed) {
  ManifestEntry entry;
  entry.path = place;
  entry.kind = kind;
  entry.content = placed.content;
  entry.is_private = placed.is_private;
  if (placed.source != nullptr) entry.origin = placed.source->Label();
  return entry;
}

// Takes one more file of `source` into `whole`; false when it went elsewhere
// than the files before it, or in another way.
bool Continues(absl::string_view path, const Places::value_type& added,
               const ActionSource& source,
               std::optional<WholeDirectory>& whole) {
  absl::string_view above = added.first;
  if (!absl::ConsumeSuffix(&above, path)) return false;
  if (!above.empty() && !absl::ConsumeSuffix(&above, "/")) return false;
  const bool is_private = added.second.is_private;
  if (!whole.has_value()) {
    whole = {.place = std::string(above),
             .source = &source,
             .is_private = is_private};
  }
  ++whole->files;
  return whole->place == above && whole->is_private == is_private;
}

class Layout {
 public:
  Layout(Sys& sys, const ActionRequest& request, SourceFilter filter)
      : sys_(sys), request_(request), filter_(std::move(filter)) {}

  // All that the request has.
  absl::Status AddSources();
  absl::StatusOr<std::vector<ManifestEntry>> Finish();

 private:
  absl::StatusOr<Kind> LookAt(const ActionSource& source) const;
  void Claim(const ActionSource& source, Kind kind);
  absl::Status AddFileOf(const ActionSource& source);
  absl::Status AddDirectory(const ActionSource& source);
  // Where the file went; null when it is left out.
  absl::StatusOr<const Places::value_type*> AddFile(Candidate file);
  absl::StatusOr<bool> MayReplace(const std::string& place, const Placed& there,
                                  const Candidate& file) const;
  absl::Status AddFilesOf(const ActionSource& directory);
  absl::Status CheckParents() const;
  bool IsAlone(const WholeDirectory& directory) const;
  void Fold(const WholeDirectory& directory);

  Sys& sys_;
  const ActionRequest& request_;
  SourceFilter filter_;
  Claims claims_;
  Places files_;
  std::vector<WholeDirectory> directories_;
  std::map<std::string, ManifestEntry> folded_;
};

// The first of `places` below `directory`.
Places::const_iterator FirstBelow(const Places& places,
                                  const std::string& directory) {
  return directory.empty() ? places.begin()
                           : places.lower_bound(absl::StrCat(directory, "/"));
}

absl::StatusOr<Kind> Layout::LookAt(const ActionSource& source) const {
  Stat facts;
  if (const int result = sys_.StatAt(AT_FDCWD, source.path.c_str(), 0, &facts);
      result < 0) {
    return WithHint(ErrnoStatus(-result, "stat", source.path), From(source));
  }
  const Kind kind = facts.kind();
  if (kind == Kind::kFile || kind == Kind::kDirectory) return kind;
  return Wrong(source.path, "neither a file nor a directory", source);
}

void Layout::Claim(const ActionSource& source, Kind kind) {
  const std::string path = source.WorkspacePath();
  const bool is_file = kind == Kind::kFile;
  const std::optional<std::string> place =
      is_file ? filter_.PlaceOfFile(path) : filter_.PlaceOfTree(path);
  if (place.has_value())
    claims_.Add(*place);
  else if (!is_file)
    claims_.AddAnywhere();
}

absl::Status Layout::AddSources() {
  struct Wanted {
    const ActionSource* source;
    Kind kind;
  };
  std::vector<Wanted> wanted;
  bool has_directory = false;
  for (const ActionSource& source : request_.sources) {
    if (!filter_.Wants(source)) continue;
    const absl::StatusOr<Kind> kind = LookAt(source);
    if (!kind.ok()) return kind.status();
    wanted.push_back({.source = &source, .kind = *kind});
    has_directory = has_directory || *kind == Kind::kDirectory;
  }
  if (has_directory) {
    for (const Wanted& one : wanted) Claim(*one.source, one.kind);
  }
  for (const Wanted& one : wanted) {
    const absl::Status added = one.kind == Kind::kFile
                                   ? AddFileOf(*one.source)
                                   : AddDirectory(*one.source);
    if (!added.ok()) return added;
  }
  return absl::OkStatus();
}

absl::Status Layout::AddFileOf(const ActionSource& source) {
  return AddFile({.content = source.path,
                  .workspace_path = source.WorkspacePath(),
                  .source = &source,
                  .may_share = MayBeHardlinked(request_, source) &&
                               IsItself(sys_, source.path)})
      .status();
}

absl::Status Layout::AddDirectory(const ActionSource& source) {
  const std::optional<std::string> place =
      filter_.PlaceOfTree(source.WorkspacePath());
  if (!place.has_value() || !claims_.IsAlone(*place)) return AddFilesOf(source);
  auto whole = WholeTree(sys_, request_, filter_, source, *place);
  if (!whole.ok()) return whole.status();
  if (!whole->has_value()) return AddFilesOf(source);
  for (ManifestEntry& entry : **whole) folded_[*place] = std::move(entry);
  return absl::OkStatus();
}

absl::StatusOr<const Places::value_type*> Layout::AddFile(Candidate file) {
  const std::optional<std::string> place =
      filter_.PlaceOfFile(file.workspace_path);
  if (!place.has_value()) return nullptr;
  if (absl::Status status = CheckName(*place, *file.source); !status.ok())
    return status;
  if (place->empty() || IsBelow(*place, "..") || *place == "..") {
    return Wrong(file.content,
                 "replace_prefixes leaves it no place in the output directory",
                 *file.source);
  }
  const bool is_private = !file.may_share || filter_.IsPrivate(*place);
  const auto [at, is_new] = files_.try_emplace(*place);
  if (!is_new) {
    const absl::StatusOr<bool> replace = MayReplace(*place, at->second, file);
    if (!replace.ok()) return replace.status();
    if (!*replace) return &*at;
  }
  at->second = {.content = std::move(file.content),
                .source = file.source,
                .is_private = is_private};
  return &*at;
}

// False: what is there stays.
absl::StatusOr<bool> Layout::MayReplace(const std::string& place,
                                        const Placed& there,
                                        const Candidate& file) const {
  if (request_.allow_overwrites) return true;
  if (there.content == file.content) return false;
  const absl::StatusOr<bool> same =
      SameContent(sys_, there.content, file.content);
  if (!same.ok()) return WithHint(same.status(), From(*file.source));
  if (*same) return false;
  return absl::AlreadyExistsError(absl::StrCat(
      place, ": two files with different contents: ", there.content, " (",
      From(*there.source), ") and ", file.content, " (", From(*file.source),
      ")"));
}

absl::Status Layout::AddFilesOf(const ActionSource& directory) {
  const absl::StatusOr<TreeListing> listing = ListTree(sys_, directory.path);
  if (!listing.ok()) return WithHint(listing.status(), From(directory));
  const bool may_share =
      MayBeHardlinked(request_, directory) && IsItself(sys_, directory.path);
  const std::string workspace_path = directory.WorkspacePath();
  std::optional<WholeDirectory> whole;
  bool is_whole = !listing->has_empty_directories;
  for (const TreeFile& file : listing->files) {
    const std::string content = JoinPath(directory.path, file.path);
    const absl::StatusOr<const Places::value_type*> added = AddFile(
        {.content = content,
         .workspace_path = JoinPath(workspace_path, file.path),
         .source = &directory,
         .may_share = may_share && (!file.is_link || IsItself(sys_, content))});
    if (!added.ok()) return added.status();
    is_whole = is_whole && *added != nullptr &&
               Continues(file.path, **added, directory, whole);
  }
  if (is_whole && whole.has_value()) directories_.push_back(*whole);
  return absl::OkStatus();
}

// No file may stand where another source needs a directory.
absl::Status Layout::CheckParents() const {
  for (const auto& [place, placed] : files_) {
    for (size_t slash = place.find('/'); slash != std::string::npos;
         slash = place.find('/', slash + 1)) {
      const auto parent = files_.find(place.substr(0, slash));
      if (parent == files_.end()) continue;
      return absl::AlreadyExistsError(absl::StrCat(
          parent->first, ": a file (", From(*parent->second.source),
          ") and the directory of ", place, " (", From(*placed.source), ")"));
    }
  }
  return absl::OkStatus();
}

// Whether all its files are there, and nobody else's among them.
bool Layout::IsAlone(const WholeDirectory& directory) const {
  size_t files = 0;
  for (auto at = FirstBelow(files_, directory.place);
       at != files_.end() && IsBelow(at->first, directory.place); ++at) {
    if (at->second.source != directory.source) return false;
    ++files;
  }
  return files == directory.files;
}

// One entry instead of one per file: the engine lists the directory by itself.
void Layout::Fold(const WholeDirectory& directory) {
  auto end = FirstBelow(files_, directory.place);
  while (end != files_.end() && IsBelow(end->first, directory.place)) ++end;
  files_.erase(FirstBelow(files_, directory.place), end);
  folded_[directory.place] = EntryOf(directory.place, Kind::kDirectory,
                                     {.content = directory.source->path,
                                      .source = directory.source,
                                      .is_private = directory.is_private});
}

absl::StatusOr<std::vector<ManifestEntry>> Layout::Finish() {
  if (absl::Status checked = CheckParents(); !checked.ok()) return checked;
  std::vector<const WholeDirectory*> alone;
  for (const WholeDirectory& directory : directories_) {
    if (IsAlone(directory)) alone.push_back(&directory);
  }
  for (const WholeDirectory* directory : alone) Fold(*directory);
  std::map<std::string, ManifestEntry> entries = std::move(folded_);
  entries.try_emplace("", EntryOf("", Kind::kDirectory, {}));
  for (const auto& [place, placed] : files_) {
    entries.emplace(place, EntryOf(place, Kind::kFile, placed));
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
  Layout layout(sys, request, *std::move(filter));
  if (absl::Status added = layout.AddSources(); !added.ok()) return added;
  return layout.Finish();
}

absl::Status CheckPrivate(const std::vector<ManifestEntry>& entries,
                          const std::vector<Method>& methods) {
  const bool only_hardlinks =
      std::all_of(methods.begin(), methods.end(),
                  [](Method method) { return method == Method::kHardlink; });
  if (!only_hardlinks) return absl::OkStatus();
  for (const ManifestEntry& entry : entries) {
    if (!entry.is_private || entry.content.empty()) continue;
    return absl::InvalidArgumentError(
        absl::StrCat(entry.path,
                     ": methods: hardlink alone cannot place a file that may "
                     "not share its inode (from ",
                     entry.origin, ")"));
  }
  return absl::OkStatus();
}

absl::Status WithLabel(const absl::Status& status,
                       const std::vector<ManifestEntry>& entries) {
  const ManifestEntry* best = nullptr;
  for (const ManifestEntry& entry : entries) {
    if (entry.origin.empty() || entry.content.empty()) continue;
    if (best != nullptr && best->content.size() >= entry.content.size())
      continue;
    if (absl::StrContains(status.message(), entry.content)) best = &entry;
  }
  if (best == nullptr || absl::StrContains(status.message(), best->origin))
    return status;
  return WithHint(status, absl::StrCat("from ", best->origin));
}

}  // namespace materialize
