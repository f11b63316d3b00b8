// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// The config that bazel-lib's copy_to_directory writes for its tool, a JSON
// object, so that our binary can be that tool.

#ifndef MATERIALIZE_ACTION_CONFIG_FILE_H_
#define MATERIALIZE_ACTION_CONFIG_FILE_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "materialize/action/action_request.h"

namespace materialize {

// Whether `text` is to be read as a config rather than as a request_file.h.
bool LooksLikeConfig(absl::string_view text);

// `workspace` is the target's repository, "" the main one. What is absent has
// Go's zero value, as for its own tool, except that "dst" must be there and
// "files" have a path; keys that nobody here knows are left to the rule's
// future. InvalidArgument names the key ("files[3].path: not a string").
absl::StatusOr<ActionRequest> ParseConfig(absl::string_view text,
                                          absl::string_view workspace);

}  // namespace materialize

#endif  // MATERIALIZE_ACTION_CONFIG_FILE_H_
