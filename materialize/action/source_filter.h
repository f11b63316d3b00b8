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
#include "materialize/action/action_request.h"
#include "materialize/action/patterns.h"
#include "materialize/action/prefixes.h"

namespace materialize {

// Immutable, hence thread-safe.
class SourceFilter {
 public:
  // InvalidArgument names the attribute and the pattern that is wrong.
  static absl::StatusOr<SourceFilter> Create(const ActionRequest& request);

  // By repository and package.
  bool Wants(const ActionSource& source) const;

  // Where the file goes whose path in its workspace is `path`; nothing when a
  // pattern leaves it out. Begins with ".." or is empty when replace_prefixes
  // leaves it no place below the output directory.
  std::optional<std::string> PlaceOfFile(absl::string_view path) const;

  // Where the directory goes whose path in its workspace is `path`, when that
  // says where everything goes that is below it (and TakesPlace() whether);
  // nothing when each file has to be asked for.
  std::optional<std::string> PlaceOfTree(absl::string_view path) const;

  // Whether the patterns let a file have this place.
  bool TakesPlace(absl::string_view place) const {
    return paths_.Match(place) && !paths_out_.Match(place);
  }

  // Whether what goes to `place` may not share its inode.
  bool IsPrivate(absl::string_view place) const {
    return privates_.Match(place);
  }

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
  Patterns privates_;
  Prefixes prefixes_;
};

}  // namespace materialize

#endif  // MATERIALIZE_ACTION_SOURCE_FILTER_H_
