// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// The keywords of mtree(5) that mean something here: one table. Another
// keyword is another row.

#ifndef MATERIALIZE_PLAN_MTREE_KEYWORDS_H_
#define MATERIALIZE_PLAN_MTREE_KEYWORDS_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "materialize/manifest.h"

namespace materialize {

// What the keywords of one line, or of /set, have said so far.
struct MtreeFacts {
  Kind kind = Kind::kUnknown;
  Wanted wanted;
  std::optional<std::string> content;
  std::optional<std::string> target;
  std::optional<int64_t> size;
  bool unit = false;
};

// Reads one word, `keyword=value` or `keyword`, into `facts`. Answers what is
// wrong with its value, "" when nothing is. A keyword without a row is ignored.
absl::string_view ReadMtreeKeyword(absl::string_view word, MtreeFacts* facts);

// Takes back what the keyword `name` (without a value) had set; "all" takes
// back all.
void ForgetMtreeKeyword(absl::string_view name, MtreeFacts* facts);

}  // namespace materialize

#endif  // MATERIALIZE_PLAN_MTREE_KEYWORDS_H_
