// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/action/source_filter.h"

#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "materialize/plan/entry_path.h"

namespace materialize {
namespace {

using Package = std::optional<std::string>;

// A root_paths "." is the target's package, whatever bytes its name has.
std::vector<std::string> WithPackage(std::vector<std::string> patterns,
                                     const Package& package) {
  if (!package.has_value()) return patterns;
  for (std::string& pattern : patterns) {
    if (pattern == ".") pattern = LiteralPattern(*package);
  }
  return patterns;
}

// Of patterns for packages it is every first ".": "./lib" is "app/lib".
std::vector<std::string> BelowPackage(std::vector<std::string> patterns,
                                      const Package& package) {
  if (!package.has_value()) return patterns;
  for (std::string& pattern : patterns) {
    if (pattern.empty() || pattern.front() != '.') continue;
    const bool at_top =
        package->empty() && pattern.size() > 1 && pattern[1] == '/';
    pattern = absl::StrCat(LiteralPattern(*package),
                           absl::string_view(pattern).substr(at_top ? 2 : 1));
  }
  return patterns;
}

}  // namespace

absl::StatusOr<SourceFilter> SourceFilter::Create(
    const ActionRequest& request) {
  SourceFilter filter;
  filter.repository_ = request.repository;
  const struct {
    absl::string_view attribute;
    std::vector<std::string> patterns;
    Patterns* into;
  } rows[] = {
      {"include_external_repositories", request.include_external_repositories,
       &filter.repositories_},
      {"include_srcs_packages",
       BelowPackage(request.include_srcs_packages, request.package),
       &filter.packages_},
      {"exclude_srcs_packages",
       BelowPackage(request.exclude_srcs_packages, request.package),
       &filter.packages_out_},
      {"root_paths", WithPackage(request.root_paths, request.package),
       &filter.roots_},
      {"include_srcs_patterns", request.include_srcs_patterns, &filter.paths_},
      {"exclude_srcs_patterns", request.exclude_srcs_patterns,
       &filter.paths_out_},
      {"private", request.private_patterns, &filter.privates_},
  };
  for (const auto& row : rows) {
    absl::StatusOr<Patterns> patterns =
        Patterns::Parse(row.attribute, row.patterns);
    if (!patterns.ok()) return patterns.status();
    *row.into = *std::move(patterns);
  }
  absl::StatusOr<Prefixes> prefixes = Prefixes::Parse(request.replace_prefixes);
  if (!prefixes.ok()) return prefixes.status();
  filter.prefixes_ = *std::move(prefixes);
  return filter;
}

bool SourceFilter::Wants(const ActionSource& source) const {
  const bool foreign =
      !source.repository.empty() && source.repository != repository_;
  if (foreign && !repositories_.Match(source.repository)) return false;
  return packages_.Match(source.package) &&
         !packages_out_.Match(source.package);
}

// A root is a parent of the file, never the file itself.
std::string SourceFilter::BelowRoot(absl::string_view path,
                                    absl::string_view directory) const {
  const size_t root = roots_.LongestParent(directory);
  absl::string_view below = path.substr(root);
  if (root > 0 && !below.empty()) below.remove_prefix(1);
  return std::string(below);
}

std::optional<std::string> SourceFilter::PlaceOfTree(
    absl::string_view path) const {
  if (!prefixes_.empty() || roots_.MayMatchBelow(path)) return std::nullopt;
  return BelowRoot(path, path);
}

std::optional<std::string> SourceFilter::PlaceOfFile(
    absl::string_view path) const {
  const std::string place = BelowRoot(path, DirectoryOf(path));
  if (!TakesPlace(place)) return std::nullopt;
  return prefixes_.empty() ? place : prefixes_.Replace(place);
}

}  // namespace materialize
