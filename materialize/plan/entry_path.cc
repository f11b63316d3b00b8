// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/plan/entry_path.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"

namespace materialize {
namespace {

constexpr size_t kLongestName = 255;  // NAME_MAX

absl::string_view ComponentProblem(absl::string_view component) {
  if (component.empty()) return "empty component";
  if (component == "..") return "..";
  if (component == ".") return ". inside a path";
  if (component.find('\0') != absl::string_view::npos) return "NUL";
  if (component.size() > kLongestName) return "component over 255 bytes";
  return "";
}

// '/' before every other byte.
unsigned Rank(char c) {
  return c == '/' ? 0 : static_cast<unsigned char>(c) + 1u;
}

}  // namespace

absl::string_view EntryPathProblem(absl::string_view path) {
  if (absl::StartsWith(path, "/")) return "absolute";
  for (absl::string_view component : absl::StrSplit(path, '/')) {
    const absl::string_view problem = ComponentProblem(component);
    if (!problem.empty()) return problem;
  }
  return "";
}

absl::string_view DirectoryOf(absl::string_view path) {
  const size_t slash = path.rfind('/');
  return slash == absl::string_view::npos ? "" : path.substr(0, slash);
}

absl::string_view NameOf(absl::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

bool EntryPathLess(absl::string_view a, absl::string_view b) {
  return std::lexicographical_compare(
      a.begin(), a.end(), b.begin(), b.end(),
      [](char x, char y) { return Rank(x) < Rank(y); });
}

bool IsBelow(absl::string_view path, absl::string_view directory) {
  if (directory.empty()) return !path.empty();
  return path.size() > directory.size() && path[directory.size()] == '/' &&
         absl::StartsWith(path, directory);
}

}  // namespace materialize
