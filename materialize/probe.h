// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Finds out what a pair of directories can do by doing it.

#ifndef MATERIALIZE_PROBE_H_
#define MATERIALIZE_PROBE_H_

#include <atomic>
#include <string>

#include "absl/status/statusor.h"
#include "materialize/os/sys.h"
#include "materialize/probe_report.h"

namespace materialize {

struct ProbeRequest {
  std::string source;       // a directory; empty: the same as `destination`
  std::string destination;  // a directory; where it is absent, the nearest one
                            // above it that is there
  const std::atomic<bool>* cancel =
      nullptr;  // as in Request; not owned, may be null
};

// Tries every method some tens of times, from a file that has no name in the
// source (where that cannot be made, from one of its files, which is only read)
// to a directory of its own in the destination, removed again. Nothing is left
// in either, and no file of the source changes, not even its ctime.
//
// Errors: Cancelled, otherwise what the kernel said of opening the directories
// or of writing into the destination. That a method does not work is an answer,
// not an error.
absl::StatusOr<ProbeReport> Probe(const ProbeRequest& request,
                                  Sys& sys = RealSys());

}  // namespace materialize

#endif  // MATERIALIZE_PROBE_H_
