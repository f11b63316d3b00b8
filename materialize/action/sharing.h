// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Which methods an action may use, and which files may share an inode with
// their source. Bazel takes the write bits from every output: a hardlink to a
// file that somebody edits would take them from that.

#ifndef MATERIALIZE_ACTION_SHARING_H_
#define MATERIALIZE_ACTION_SHARING_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "materialize/action/action_request.h"
#include "materialize/method.h"
#include "materialize/os/sys.h"

namespace materialize {

// What `methods`, `strict` and `hardlink` come to; never empty, and ends in
// copy unless strict. InvalidArgument names the attribute.
absl::StatusOr<std::vector<Method>> MethodsOf(const ActionRequest& request);

// Whether hardlinks to files of `source` are wanted at all.
bool MayBeHardlinked(const ActionRequest& request, const ActionSource& source);

// Whether `path`, absolute or from the working directory, is the file (or
// directory) that the build knows under it, perhaps as a sandbox shows it, and
// not a link to something else: an action can make a link to a source file its
// output.
bool IsItself(Sys& sys, const std::string& path);

}  // namespace materialize

#endif  // MATERIALIZE_ACTION_SHARING_H_
