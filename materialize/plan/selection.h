// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Which entries are meant: include and exclude lists, and lists of patterns
// that mark entries (--private). Patterns are described in glob.h.

#ifndef MATERIALIZE_PLAN_SELECTION_H_
#define MATERIALIZE_PLAN_SELECTION_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "materialize/os/sys.h"
#include "materialize/plan/glob.h"

namespace materialize {

// An entry is left out when an exclude matches it and no include does. Nothing
// below a directory that is left out is looked at, so an include cannot reach
// in there. Immutable, hence thread-safe; allocates nothing per entry.
class Selection {
 public:
  Selection() = default;  // takes everything
  // InvalidArgument names the pattern that is wrong.
  static absl::StatusOr<Selection> Parse(
      const std::vector<std::string>& include,
      const std::vector<std::string>& exclude);

  // The entry `name` of `directory` (relative to the root, "" for the root).
  // A walk asks once per entry while it descends. Kind::kUnknown matches no
  // pattern that ends in '/': see needs_kind().
  bool Takes(absl::string_view directory, absl::string_view name,
             Kind kind) const {
    return exclude_.empty() || TakesSlowly(directory, name, kind);
  }

  bool takes_all() const { return exclude_.empty(); }
  // Whether some pattern is for directories only.
  bool needs_kind() const { return needs_kind_; }

 private:
  bool TakesSlowly(absl::string_view directory, absl::string_view name,
                   Kind kind) const;

  std::vector<Glob> include_;
  std::vector<Glob> exclude_;
  bool needs_kind_ = false;
};

// Patterns that mark entries; one that matches a directory marks everything
// below it. "**" marks the whole tree. Immutable, hence thread-safe.
class GlobList {
 public:
  GlobList() = default;  // marks nothing
  static absl::StatusOr<GlobList> Parse(
      const std::vector<std::string>& patterns);

  // The entry `name` of `directory`, or a directory above it.
  bool Matches(absl::string_view directory, absl::string_view name,
               Kind kind) const {
    return matches_all_ ||
           (!globs_.empty() && MatchesSlowly(directory, name, kind));
  }
  // The same for a path whose kind is not known.
  bool Matches(absl::string_view path) const;

  bool empty() const { return globs_.empty(); }
  bool matches_all() const { return matches_all_; }

 private:
  bool MatchesSlowly(absl::string_view directory, absl::string_view name,
                     Kind kind) const;

  std::vector<Glob> globs_;
  bool matches_all_ = false;
};

}  // namespace materialize

#endif  // MATERIALIZE_PLAN_SELECTION_H_
