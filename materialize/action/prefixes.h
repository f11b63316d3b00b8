// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// replace_prefixes: the beginning of a path gives way to another text.

#ifndef MATERIALIZE_ACTION_PREFIXES_H_
#define MATERIALIZE_ACTION_PREFIXES_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "materialize/action/action_request.h"
#include "materialize/action/patterns.h"

namespace materialize {

// Immutable, hence thread-safe.
class Prefixes {
 public:
  // InvalidArgument names the pattern that is wrong.
  static absl::StatusOr<Prefixes> Parse(
      const std::vector<PrefixReplacement>& replacements);

  // `path` with the longest beginning that a prefix matches replaced; of
  // equally long ones the first prefix counts. A beginning may end within a
  // component. What comes out is a clean path: "a//./b/../c" is "a/c"; it
  // begins with ".." when it leaves the root.
  std::string Replace(absl::string_view path) const;

  bool empty() const { return rows_.empty(); }

 private:
  struct Row {
    Patterns pattern;
    bool ends_in_slash = false;  // which `pattern` then lacks
    std::string replacement;
  };
  static size_t LongestMatch(const Row& row, absl::string_view path);

  std::vector<Row> rows_;
};

}  // namespace materialize

#endif  // MATERIALIZE_ACTION_PREFIXES_H_
