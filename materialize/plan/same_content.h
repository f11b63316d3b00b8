// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Whether two files hold the same bytes.

#ifndef MATERIALIZE_PLAN_SAME_CONTENT_H_
#define MATERIALIZE_PLAN_SAME_CONTENT_H_

#include <atomic>
#include <string>

#include "absl/status/statusor.h"
#include "materialize/os/sys.h"

namespace materialize {

struct OpenFile {
  int fd = -1;            // borrowed
  std::string path = {};  // for errors
};

// Whether what two files read, from where they stand to their ends, is equal.
// Cancelled as soon as `cancel` is set; it may be null.
absl::StatusOr<bool> EqualBytes(Sys& sys, const OpenFile& a, const OpenFile& b,
                                const std::atomic<bool>* cancel = nullptr);

// Links are followed. Two names of one inode are not read.
absl::StatusOr<bool> SameContent(Sys& sys, const std::string& a,
                                 const std::string& b);

}  // namespace materialize

#endif  // MATERIALIZE_PLAN_SAME_CONTENT_H_
