// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Reads mtree(5) text, line by line. What the entries mean together (two for
// one path, one below a file) is not its matter: see manifest_check.h.

#ifndef MATERIALIZE_PLAN_MTREE_H_
#define MATERIALIZE_PLAN_MTREE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "materialize/manifest.h"
#include "materialize/plan/mtree_keywords.h"

namespace materialize {

// One entry as its line says it, /set values included.
struct MtreeEntry {
  ManifestEntry entry;  // origin is "FILE:LINE"
  std::optional<int64_t> size;
  MtreeClaims claims;  // MtreeUse::kCompare only
};

// Both styles: `./a/b` anywhere, and names without '/' below the directory
// lines before them, with `..` to leave. /set, /unset, comments, lines
// continued by a `\`, names in vis(3). Keywords that are not known are ignored,
// as mtree(8) does.
//
// InvalidArgument, naming `file`:LINE, for names that are absolute, hold `..`,
// NUL, an empty component or one over 255 bytes, for lines without type=, for
// FIFOs, sockets and devices, for a link without link=, and for values that
// cannot be read. To compare, lines without type=, links without link=, FIFOs,
// sockets and devices are welcome: nothing is said of them then.
absl::StatusOr<std::vector<MtreeEntry>> ParseMtree(
    absl::string_view text, absl::string_view file,
    MtreeUse use = MtreeUse::kPlace);

// The same, for laying out: every file has a content= or is empty (size=0).
absl::StatusOr<std::vector<ManifestEntry>> ParseManifest(
    absl::string_view text, absl::string_view file);

}  // namespace materialize

#endif  // MATERIALIZE_PLAN_MTREE_H_
