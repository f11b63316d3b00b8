// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Settles a Request before anything is looked at: refuses what contradicts
// itself, and turns the "how" into what the workers need.

#ifndef MATERIALIZE_SETTLE_H_
#define MATERIALIZE_SETTLE_H_

#include "absl/status/status.h"
#include "materialize/exec/options.h"
#include "materialize/os/sys.h"
#include "materialize/progress.h"
#include "materialize/request.h"

namespace materialize {

// InvalidArgument, naming the flags, for what cannot be meant together.
absl::Status CheckRequest(const Request& request);

// `progress` may be null; one that wants entries makes the workers look at
// every file.
ExecOptions OptionsOf(const Request& request, Sys& sys,
                      const Progress* progress);

}  // namespace materialize

#endif  // MATERIALIZE_SETTLE_H_
