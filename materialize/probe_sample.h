// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// The file that a probe reflinks, links and copies: one without a name where
// the directory lets us make it, else one that is there already. Leaves no
// trace of either kind.

#ifndef MATERIALIZE_PROBE_SAMPLE_H_
#define MATERIALIZE_PROBE_SAMPLE_H_

#include <cstdint>
#include <string>

#include "materialize/os/fd.h"
#include "materialize/os/sys.h"

namespace materialize {

constexpr int64_t kSampleBytes = 64 * 1024;

struct Sample {
  Fd fd;  // open for reading; not ok() where there is nothing to try with
  std::string path;       // relative to the directory; empty: it has no name
  int64_t bytes = 0;      // not more than kSampleBytes of it
  int unnamed_error = 0;  // why there is no unnamed file, a positive errno

  bool unnamed() const { return unnamed_error == 0; }
};

// `directory`: open for reading. Written data is on the disk, for a dirty file
// clones slowly or not at all.
Sample FindSample(Sys& sys, int directory);

}  // namespace materialize

#endif  // MATERIALIZE_PROBE_SAMPLE_H_
