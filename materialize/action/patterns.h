// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// A list of doublestar globs, as the rules' attributes hold them: always for
// the whole path, never for a base name alone; `{a,b}` are alternatives. One
// glob's matching is plan/glob.h's.

#ifndef MATERIALIZE_ACTION_PATTERNS_H_
#define MATERIALIZE_ACTION_PATTERNS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "materialize/plan/glob.h"

namespace materialize {

// The pattern that matches just `text`.
std::string LiteralPattern(absl::string_view text);

// Immutable, hence thread-safe.
class Patterns {
 public:
  // InvalidArgument names `attribute` and the pattern.
  static absl::StatusOr<Patterns> Parse(
      absl::string_view attribute, const std::vector<std::string>& patterns);

  // Whether any matches `path`, relative, "" for the root itself.
  bool Match(absl::string_view path) const;
  // False: no path below `directory` matches. True where that is not known.
  bool MayMatchBelow(absl::string_view directory) const;
  // Length of the longest of `directory` and its parents that matches; 0 when
  // none does.
  size_t LongestParent(absl::string_view directory) const;

 private:
  absl::Status Add(const std::string& pattern);

  std::vector<Glob> globs_;
  std::vector<std::string> literals_;  // paths: patterns without a wildcard
  bool matches_all_ = false;
  bool matches_empty_ = false;  // `*` is no characters, too
};

}  // namespace materialize

#endif  // MATERIALIZE_ACTION_PATTERNS_H_
