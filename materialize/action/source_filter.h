// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Which sources are wanted and under which path, by the attributes of
// materialize_tree alone: no file is looked at.

#ifndef MATERIALIZE_ACTION_SOURCE_FILTER_H_
#define MATERIALIZE_ACTION_SOURCE_FILTER_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "materialize/action/patterns.h"
#include "materialize/action/request_file.h"

namespace materialize {

// Immutable, hence thread-safe.
class SourceFilter {
 public:
  // InvalidArgument names the attribute and the pattern that is wrong.
  static absl::StatusOr<SourceFilter> Create(const ActionRequest& request);

  // By repository and package.
  bool Wants(const ActionSource& source) const;

  // Where the file goes whose path in its workspace is `path`; nothing when a
  // pattern leaves it out.
  std::optional<std::string> PlaceOfFile(absl::string_view path) const;

  // Where the directory `path` goes as a whole ("" is the root), whatever is in
  // it; nothing when that depends on what is in it.
  std::optional<std::string> PlaceOfDirectory(absl::string_view path) const;

 private:
  std::string BelowRoot(absl::string_view path,
                        absl::string_view directory) const;

  std::string repository_;
  Patterns repositories_;
  Patterns packages_;
  Patterns packages_out_;
  Patterns roots_;
  Patterns paths_;
  Patterns paths_out_;
};

}  // namespace materialize

#endif  // MATERIALIZE_ACTION_SOURCE_FILTER_H_
