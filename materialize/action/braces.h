// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// `{a,b}` in a glob, written out: "x{a,b}" is "xa" and "xb".

#ifndef MATERIALIZE_ACTION_BRACES_H_
#define MATERIALIZE_ACTION_BRACES_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace materialize {

// Braces may be nested; a backslash makes the next byte an ordinary one, as do
// brackets for braces in them. InvalidArgument when one is not closed.
absl::StatusOr<std::vector<std::string>> ExpandBraces(
    absl::string_view pattern);

}  // namespace materialize

#endif  // MATERIALIZE_ACTION_BRACES_H_
