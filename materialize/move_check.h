// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// What is refused of a move by its names and its source alone, before anything
// is made.

#ifndef MATERIALIZE_MOVE_CHECK_H_
#define MATERIALIZE_MOVE_CHECK_H_

#include <string>

#include "absl/status/status.h"
#include "materialize/move.h"
#include "materialize/os/sys.h"

namespace materialize {

// Names that nothing can be moved from or to.
absl::Status CheckNames(const MoveRequest& request);

// A fork that such a source, which people call `path`, cannot leave.
absl::Status CheckForkOf(const MoveRequest& request, const std::string& path,
                         Kind kind);

// A destination inside the source, whose facts are `facts`.
absl::Status RefuseInside(Sys& sys, const MoveRequest& request,
                          const std::string& path, const Stat& facts);

}  // namespace materialize

#endif  // MATERIALIZE_MOVE_CHECK_H_
