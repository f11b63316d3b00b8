// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// A manifest of any kind as one tree of what is expected.

#ifndef MATERIALIZE_VERIFY_EXPECTATION_H_
#define MATERIALIZE_VERIFY_EXPECTATION_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "materialize/plan/mtree.h"

namespace materialize {

// What the manifest does not name: an mtree lists all there is, the others only
// files that they know.
enum class Extras { kDiffer, kAllowed };

struct Expected {
  MtreeEntry said;
  bool implied = false;  // a directory that nobody named, above one that is
};

struct Expectation {
  std::string format;  // "mtree", "digests", "yarn.lock"
  Extras extras = Extras::kDiffer;
  // One for each path, in the order of EntryPathLess(), nothing below an
  // `ignore`. The root ("") may be missing.
  std::vector<Expected> entries;
  size_t named = 0;  // of them, not implied
};

// The kind of manifest is known by its content. What two lines of a list say of
// one file is both expected; two lines of an mtree must say the same.
// InvalidArgument, naming `file`:LINE, for what cannot be read, for names that
// would leave the destination, and for what lists nothing.
absl::StatusOr<Expectation> ReadExpectation(absl::string_view text,
                                            absl::string_view file);

}  // namespace materialize

#endif  // MATERIALIZE_VERIFY_EXPECTATION_H_
