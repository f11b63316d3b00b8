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
#include <vector>

#include "absl/strings/string_view.h"
#include "materialize/manifest.h"
#include "materialize/os/sys.h"
#include "materialize/plan/digest_claim.h"

namespace materialize {

// Laying out ignores what only a comparison asks for.
enum class MtreeUse { kPlace, kCompare };

// What only a comparison asks for.
struct MtreeClaims {
  mode_t special = 0;  // of Kind::kSpecial: S_IFIFO, S_IFSOCK, S_IFCHR or
                       // S_IFBLK; 0: any
  std::optional<uint64_t> links = {};
  // From the tags of a receipt (mtree(8) has no keywords for them).
  std::optional<uint64_t> inode = {};
  std::optional<Time> ctime = {};
  std::vector<DigestClaim> digests = {};
  bool optional = false;  // may be missing
  bool ignore = false;    // whatever is below it is nobody's matter
  bool nochange = false;  // it is there; nothing else counts
  friend bool operator==(const MtreeClaims&, const MtreeClaims&) = default;
};

// What the keywords of one line, or of /set, have said so far.
struct MtreeFacts {
  Kind kind = Kind::kUnknown;
  Wanted wanted;
  std::optional<std::string> content;
  std::optional<std::string> target;
  std::optional<int64_t> size;
  bool unit = false;
  MtreeClaims claims;
};

// Reads one word, `keyword=value` or `keyword`, into `facts`. Answers what is
// wrong with its value, "" when nothing is. A keyword without a row, or with
// one that is not for `use`, is ignored.
absl::string_view ReadMtreeKeyword(absl::string_view word, MtreeUse use,
                                   MtreeFacts* facts);

// Takes back what the keyword `name` (without a value) had set; "all" takes
// back all.
void ForgetMtreeKeyword(absl::string_view name, MtreeFacts* facts);

}  // namespace materialize

#endif  // MATERIALIZE_PLAN_MTREE_KEYWORDS_H_
