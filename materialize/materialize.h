// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Lays out a tree. This is the library's front door: the command and the Bazel
// action call nothing else.

#ifndef MATERIALIZE_MATERIALIZE_H_
#define MATERIALIZE_MATERIALIZE_H_

#include "absl/status/statusor.h"
#include "materialize/os/sys.h"
#include "materialize/progress.h"
#include "materialize/report.h"
#include "materialize/request.h"

namespace materialize {

// Does what `request` says. The destination is there whole, or is as it was
// (Into::kFill: emptied again). No source is ever changed. May be called from
// several threads at once, also for one destination.
//
// Errors: InvalidArgument (the request is wrong; nothing was written), NotFound
// (no such source), AlreadyExists (something is in the way), Cancelled
// (Request::cancel), Unavailable (Busy::kFail and another run holds the
// destination), otherwise what the kernel said, with the call and every path in
// its text. `progress` may be null.
absl::StatusOr<Report> Materialize(const Request& request, Sys& sys = RealSys(),
                                   Progress* progress = nullptr);

}  // namespace materialize

#endif  // MATERIALIZE_MATERIALIZE_H_
