// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// The first group is replaced by each of its alternatives; what comes out is
// expanded again.

#include "materialize/action/braces.h"

#include <cstddef>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace materialize {
namespace {

constexpr size_t kNone = absl::string_view::npos;
// `{a,b}` twenty times over would be a million patterns.
constexpr size_t kMostPatterns = 1000;

// Steps over one byte, an escaped byte or a bracket expression.
size_t After(absl::string_view pattern, size_t at) {
  if (pattern[at] == '\\') return at + 2;
  if (pattern[at] != '[') return at + 1;
  const size_t end = pattern.find(']', at + 2);
  return end == kNone ? at + 1 : end + 1;
}

// The commas of the group that opens at `open`, then its closing brace; empty
// when there is none.
std::vector<size_t> Separators(absl::string_view pattern, size_t open) {
  std::vector<size_t> separators;
  int depth = 1;
  for (size_t at = open + 1; at < pattern.size(); at = After(pattern, at)) {
    if (pattern[at] == '{') ++depth;
    if (pattern[at] == ',' && depth == 1) separators.push_back(at);
    if (pattern[at] == '}' && --depth == 0) {
      separators.push_back(at);
      return separators;
    }
  }
  return {};
}

size_t FirstOpen(absl::string_view pattern) {
  for (size_t at = 0; at < pattern.size(); at = After(pattern, at)) {
    if (pattern[at] == '{') return at;
  }
  return kNone;
}

}  // namespace

absl::StatusOr<std::vector<std::string>> ExpandBraces(
    absl::string_view pattern) {
  std::vector<std::string> expanded;
  std::vector<std::string> queue = {std::string(pattern)};
  while (!queue.empty()) {
    const std::string next = queue.back();
    queue.pop_back();
    const size_t open = FirstOpen(next);
    if (open == kNone) {
      expanded.push_back(next);
      continue;
    }
    const std::vector<size_t> separators = Separators(next, open);
    if (separators.empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat("pattern \"", pattern, "\": { without its }"));
    }
    if (queue.size() + expanded.size() + separators.size() > kMostPatterns) {
      return absl::InvalidArgumentError(
          absl::StrCat("pattern \"", pattern, "\": too many alternatives"));
    }
    const absl::string_view text = next;
    for (size_t i = separators.size(); i-- > 0;) {
      const size_t begin = i == 0 ? open + 1 : separators[i - 1] + 1;
      queue.push_back(absl::StrCat(text.substr(0, open),
                                   text.substr(begin, separators[i] - begin),
                                   text.substr(separators.back() + 1)));
    }
  }
  return expanded;
}

}  // namespace materialize
