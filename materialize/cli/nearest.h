// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// The name that somebody may have meant.

#ifndef MATERIALIZE_CLI_NEAREST_H_
#define MATERIALIZE_CLI_NEAREST_H_

#include <vector>

#include "absl/strings/string_view.h"

namespace materialize::cli {

// The one of `known` with the fewest edits (a letter added, dropped, changed,
// or two swapped) from `typed`; the first of equals; empty when more than a
// third of the letters would have to change.
absl::string_view Nearest(absl::string_view typed,
                          const std::vector<absl::string_view>& known);

}  // namespace materialize::cli

#endif  // MATERIALIZE_CLI_NEAREST_H_
