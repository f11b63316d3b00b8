// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Each doublestar glob becomes one or more anchored globs of plan/glob.h.

#include "materialize/action/patterns.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "materialize/action/braces.h"
#include "materialize/plan/entry_path.h"

namespace materialize {
namespace {

constexpr absl::string_view kWildcards = "*?[]{}\\";

bool IsWildcard(char c) {
  return kWildcards.find(c) != absl::string_view::npos;
}

// The path that is all that `pattern` matches; false when it may match more
// than one.
bool AsLiteral(absl::string_view pattern, std::string* path) {
  for (size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == '\\' && i + 1 < pattern.size()) {
      ++i;
    } else if (IsWildcard(pattern[i])) {
      return false;
    }
    path->push_back(pattern[i]);
  }
  return true;
}

}  // namespace

std::string LiteralPattern(absl::string_view text) {
  std::string pattern;
  for (const char c : text) {
    if (IsWildcard(c)) pattern.push_back('\\');
    pattern.push_back(c);
  }
  return pattern;
}

absl::StatusOr<Patterns> Patterns::Parse(
    absl::string_view attribute, const std::vector<std::string>& patterns) {
  Patterns parsed;
  for (const std::string& pattern : patterns) {
    const absl::StatusOr<std::vector<std::string>> expanded =
        ExpandBraces(pattern);
    if (!expanded.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat(attribute, ": ", expanded.status().message()));
    }
    for (const std::string& one : *expanded) {
      const absl::Status added = parsed.Add(one);
      if (!added.ok())
        return absl::InvalidArgumentError(
            absl::StrCat(attribute, ": ", added.message()));
    }
  }
  return parsed;
}

absl::Status Patterns::Add(const std::string& pattern) {
  // "a/**" is "a" as well, as doublestar has it.
  absl::string_view above = pattern;
  if (absl::ConsumeSuffix(&above, "/**") && !absl::EndsWith(above, "**")) {
    absl::Status added = Add(std::string(above));
    if (!added.ok()) return added;
  }
  std::string literal;
  if (AsLiteral(pattern, &literal)) {
    literals_.push_back(std::move(literal));
    return absl::OkStatus();
  }
  // The slash keeps `*.tgz` from matching in every directory.
  absl::StatusOr<Glob> glob = Glob::Parse(absl::StrCat("/", pattern));
  if (!glob.ok()) return glob.status();
  globs_.push_back(*std::move(glob));
  if (pattern == "**") matches_all_ = true;
  if (pattern == "*") matches_empty_ = true;
  return absl::OkStatus();
}

bool Patterns::Match(absl::string_view path) const {
  if (matches_all_ || (matches_empty_ && path.empty())) return true;
  if (std::find(literals_.begin(), literals_.end(), path) != literals_.end())
    return true;
  const absl::string_view directory = DirectoryOf(path);
  const absl::string_view name = NameOf(path);
  return std::any_of(globs_.begin(), globs_.end(), [&](const Glob& glob) {
    return !name.empty() && glob.Matches(directory, name, false);
  });
}

bool Patterns::MayMatchBelow(absl::string_view directory) const {
  if (!globs_.empty()) return true;
  return std::any_of(literals_.begin(), literals_.end(),
                     [&](absl::string_view literal) {
                       return directory.empty() || IsBelow(literal, directory);
                     });
}

size_t Patterns::LongestParent(absl::string_view directory) const {
  while (!directory.empty() && !Match(directory))
    directory = DirectoryOf(directory);
  return directory.size();
}

}  // namespace materialize
