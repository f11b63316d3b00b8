// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/plan/selection.h"

#include <algorithm>
#include <utility>

#include "materialize/plan/entry_path.h"

namespace materialize {
namespace {

absl::StatusOr<std::vector<Glob>> ParseAll(
    const std::vector<std::string>& patterns) {
  std::vector<Glob> globs;
  globs.reserve(patterns.size());
  for (const std::string& pattern : patterns) {
    absl::StatusOr<Glob> glob = Glob::Parse(pattern);
    if (!glob.ok()) return glob.status();
    globs.push_back(*std::move(glob));
  }
  return globs;
}

bool AnyMatches(const std::vector<Glob>& globs, absl::string_view directory,
                absl::string_view name, bool is_directory) {
  for (const Glob& glob : globs) {
    if (glob.Matches(directory, name, is_directory)) return true;
  }
  return false;
}

bool AnyForDirectories(const std::vector<Glob>& globs) {
  return std::any_of(globs.begin(), globs.end(),
                     [](const Glob& g) { return g.directories_only(); });
}

}  // namespace

absl::StatusOr<Selection> Selection::Parse(
    const std::vector<std::string>& include,
    const std::vector<std::string>& exclude) {
  absl::StatusOr<std::vector<Glob>> includes = ParseAll(include);
  if (!includes.ok()) return includes.status();
  absl::StatusOr<std::vector<Glob>> excludes = ParseAll(exclude);
  if (!excludes.ok()) return excludes.status();
  Selection selection;
  selection.include_ = *std::move(includes);
  selection.exclude_ = *std::move(excludes);
  selection.needs_kind_ = AnyForDirectories(selection.include_) ||
                          AnyForDirectories(selection.exclude_);
  return selection;
}

bool Selection::TakesSlowly(absl::string_view directory, absl::string_view name,
                            Kind kind) const {
  const bool is_directory = kind == Kind::kDirectory;
  return !AnyMatches(exclude_, directory, name, is_directory) ||
         AnyMatches(include_, directory, name, is_directory);
}

absl::StatusOr<GlobList> GlobList::Parse(
    const std::vector<std::string>& patterns) {
  absl::StatusOr<std::vector<Glob>> globs = ParseAll(patterns);
  if (!globs.ok()) return globs.status();
  GlobList list;
  list.globs_ = *std::move(globs);
  list.matches_all_ =
      std::any_of(list.globs_.begin(), list.globs_.end(),
                  [](const Glob& g) { return g.matches_all(); });
  return list;
}

bool GlobList::Matches(absl::string_view path) const {
  return Matches(DirectoryOf(path), NameOf(path), Kind::kUnknown);
}

bool GlobList::MatchesSlowly(absl::string_view directory,
                             absl::string_view name, Kind kind) const {
  if (AnyMatches(globs_, directory, name, kind == Kind::kDirectory)) {
    return true;
  }
  while (!directory.empty()) {
    const absl::string_view above = DirectoryOf(directory);
    if (AnyMatches(globs_, above, NameOf(directory), /*is_directory=*/true))
      return true;
    directory = above;
  }
  return false;
}

}  // namespace materialize
