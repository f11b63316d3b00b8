// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// From the flags of `materialize place` to a Request.

#ifndef MATERIALIZE_CLI_PLACE_REQUEST_H_
#define MATERIALIZE_CLI_PLACE_REQUEST_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "materialize/cli/arguments.h"
#include "materialize/os/sys.h"
#include "materialize/request.h"

namespace materialize::cli {

// Reads the file of --files_from. InvalidArgument when arguments and flags do
// not go together.
absl::StatusOr<Request> PlaceRequest(Sys& sys, const Arguments& arguments);

// Paths ended by NUL bytes if there is one in `text`, else by newlines; empty
// ones do not count.
std::vector<std::string> SplitPaths(absl::string_view text);

}  // namespace materialize::cli

#endif  // MATERIALIZE_CLI_PLACE_REQUEST_H_
