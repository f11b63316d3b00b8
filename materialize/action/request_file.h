// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// What rules/private/materialize_tree.bzl writes down for the action:
// attributes, then sources, one fact a line. A line is a word and fields,
// separated by tabs; in fields \t, \n and \\ stand for tab, newline and
// backslash.

#ifndef MATERIALIZE_ACTION_REQUEST_FILE_H_
#define MATERIALIZE_ACTION_REQUEST_FILE_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "materialize/action/action_request.h"

namespace materialize {

// InvalidArgument names the line ("line 12: ...").
absl::StatusOr<ActionRequest> ParseActionRequest(absl::string_view text);

}  // namespace materialize

#endif  // MATERIALIZE_ACTION_REQUEST_FILE_H_
