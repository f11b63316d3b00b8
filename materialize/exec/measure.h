// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Counts what is in a place that no worker has filled.

#ifndef MATERIALIZE_EXEC_MEASURE_H_
#define MATERIALIZE_EXEC_MEASURE_H_

#include "absl/status/status.h"
#include "materialize/exec/take_away.h"
#include "materialize/os/sys.h"
#include "materialize/report.h"

namespace materialize {

enum class Depth : uint8_t { kRoot, kAll };

// Adds what is at `end` to files (as unchanged), directories, symlinks and
// sizes of `report`; with kRoot nothing below a directory, and bytes_exact then
// says so. Special files count as special_skipped.
absl::Status Measure(Sys& sys, const MoveEnd& end, Depth depth, Report* report);

}  // namespace materialize

#endif  // MATERIALIZE_EXEC_MEASURE_H_
