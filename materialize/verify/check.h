// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Looks at a destination with several workers. Passes through no symlink, opens
// nothing but directories and files that have a digest to be read for.

#ifndef MATERIALIZE_VERIFY_CHECK_H_
#define MATERIALIZE_VERIFY_CHECK_H_

#include <atomic>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "materialize/os/sys.h"
#include "materialize/progress.h"
#include "materialize/verify/expectation.h"
#include "materialize/verify_report.h"

namespace materialize {

struct CheckOptions {
  int jobs = 1;
  const std::atomic<bool>* cancel = nullptr;  // may be null
  Progress* progress = nullptr;               // may be null
};

// Compares what is below the open directory `root`, which people call
// `root_path`, and adds to `report`: differences and failures sorted. What
// cannot be looked at is a failure and does not stop the rest; the only error
// is Cancelled.
absl::Status Check(Sys& sys, const Expectation& expectation, int root,
                   absl::string_view root_path, const CheckOptions& options,
                   VerifyReport* report);

}  // namespace materialize

#endif  // MATERIALIZE_VERIFY_CHECK_H_
