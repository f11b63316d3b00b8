// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// What every command's work looks like to main().

#ifndef MATERIALIZE_CLI_RUN_H_
#define MATERIALIZE_CLI_RUN_H_

#include <atomic>

#include "absl/status/statusor.h"
#include "materialize/cli/arguments.h"
#include "materialize/os/sys.h"

namespace materialize::cli {

enum class Completion {
  kWhole,
  kPartial,  // some entries failed, and that has been told
  kDiffers,
  kFailed,  // likewise, and the answer is worth nothing without them
};

struct Run {
  Sys& sys;
  const Arguments& arguments;
  const std::atomic<bool>& cancel;
};

// materialize place. The flags have their values.
absl::StatusOr<Completion> Place(const Run& run);

// materialize move.
absl::StatusOr<Completion> Move(const Run& run);

// materialize probe.
absl::StatusOr<Completion> Probe(const Run& run);

// materialize verify.
absl::StatusOr<Completion> Verify(const Run& run);

// materialize uninstall.
absl::StatusOr<Completion> Uninstall(const Run& run);

// materialize status.
absl::StatusOr<Completion> Status(const Run& run);

}  // namespace materialize::cli

#endif  // MATERIALIZE_CLI_RUN_H_
