// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// One pattern for names and paths. What lists of patterns mean is in
// selection.h.

#ifndef MATERIALIZE_PLAN_GLOB_H_
#define MATERIALIZE_PLAN_GLOB_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace materialize {

// Whether `name`, one component, matches `pattern`, as fnmatch(3) without
// flags in the C locale: `*`, `?`, `[a-z]`, `[!a-z]`, `[[:alpha:]]`, `\x`.
// Bytes, whatever the locale; a leading dot is nothing special.
bool MatchesComponent(absl::string_view pattern, absl::string_view name);

// A pattern without '/' matches a base name in any directory. A '/' anywhere
// but at the end anchors it at the root of the tree; a leading '/' does just
// that. A '/' at the end: directories only. `**` as a whole component stands
// for any number of directories, none included; at the end of an anchored
// pattern for everything below. Immutable, hence thread-safe.
class Glob {
 public:
  // InvalidArgument names the pattern and what is wrong with it.
  static absl::StatusOr<Glob> Parse(absl::string_view pattern);

  // The entry `name` of `directory`, a path relative to the root, "" for the
  // root itself. Allocates nothing.
  bool Matches(absl::string_view directory, absl::string_view name,
               bool is_directory) const;

  bool directories_only() const { return directories_only_; }
  // Matches every name there is.
  bool matches_all() const { return matches_all_; }

 private:
  bool MatchesAnchored(absl::string_view directory,
                       absl::string_view name) const;

  std::vector<std::string> components_;
  bool anchored_ = false;
  bool directories_only_ = false;
  bool matches_all_ = false;
};

}  // namespace materialize

#endif  // MATERIALIZE_PLAN_GLOB_H_
