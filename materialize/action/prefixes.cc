// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/action/prefixes.h"

#include <cstddef>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace materialize {
namespace {

constexpr absl::string_view kAttribute = "replace_prefixes";

std::string Clean(absl::string_view path) {
  std::vector<absl::string_view> clean;
  for (const absl::string_view part : absl::StrSplit(path, '/')) {
    if (part.empty() || part == ".") continue;
    if (part == ".." && !clean.empty() && clean.back() != "..") {
      clean.pop_back();
    } else {
      clean.push_back(part);
    }
  }
  return absl::StrJoin(clean, "/");
}

}  // namespace

absl::StatusOr<Prefixes> Prefixes::Parse(
    const std::vector<PrefixReplacement>& replacements) {
  Prefixes prefixes;
  for (const PrefixReplacement& wanted : replacements) {
    absl::string_view prefix = wanted.prefix;
    // It would take every path as a whole.
    if (absl::EndsWith(prefix, "**")) {
      return absl::InvalidArgumentError(
          absl::StrCat(kAttribute, ": pattern \"", prefix,
                       "\": a prefix must not end with **"));
    }
    const bool ends_in_slash = prefix.size() > 1 && prefix.back() == '/';
    if (ends_in_slash) prefix.remove_suffix(1);
    absl::StatusOr<Patterns> pattern =
        Patterns::Parse(kAttribute, {std::string(prefix)});
    if (!pattern.ok()) return pattern.status();
    prefixes.rows_.push_back({.pattern = *std::move(pattern),
                              .ends_in_slash = ends_in_slash,
                              .replacement = wanted.replacement});
  }
  return prefixes;
}

// 0 when nothing matches: the empty beginning is none.
size_t Prefixes::LongestMatch(const Row& row, absl::string_view path) {
  for (size_t length = path.size(); length > 0; --length) {
    absl::string_view beginning = path.substr(0, length);
    if (row.ends_in_slash && !absl::ConsumeSuffix(&beginning, "/")) continue;
    if (row.pattern.Match(beginning)) return length;
  }
  return 0;
}

std::string Prefixes::Replace(absl::string_view path) const {
  const Row* best = nullptr;
  size_t longest = 0;
  for (const Row& row : rows_) {
    const size_t length = LongestMatch(row, path);
    if (length <= longest) continue;
    best = &row;
    longest = length;
  }
  if (best == nullptr) return std::string(path);
  return Clean(absl::StrCat(best->replacement, path.substr(longest)));
}

}  // namespace materialize
