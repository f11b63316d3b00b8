// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// What a link made by the method symlink says.

#ifndef MATERIALIZE_EXEC_LINK_TEXT_H_
#define MATERIALIZE_EXEC_LINK_TEXT_H_

#include <string>

#include "absl/status/statusor.h"
#include "materialize/exec/options.h"
#include "materialize/exec/target.h"
#include "materialize/plan/entry.h"
#include "materialize/plan/source.h"

namespace materialize {

// The source of `entry`, absolute or as seen from where the link will be.
absl::StatusOr<std::string> LinkTextOf(Sys& sys, const ExecOptions& options,
                                       const Directory& listing,
                                       const Target& target,
                                       const Entry& entry);

}  // namespace materialize

#endif  // MATERIALIZE_EXEC_LINK_TEXT_H_
