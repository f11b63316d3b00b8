// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/progress.h"

namespace materialize {
namespace {

// Indexed by How.
constexpr absl::string_view kNames[] = {
    "reflink", "hardlink",  "symlink", "copy",    "empty",
    "kept",    "directory", "noop",    "deleted", "skipped",
};

// Indexed by Method.
constexpr How kOfMethod[] = {How::kReflink, How::kHardlink, How::kSymlink,
                             How::kCopy};

}  // namespace

absl::string_view HowName(How how) { return kNames[static_cast<size_t>(how)]; }

How HowOf(Method method) { return kOfMethod[static_cast<size_t>(method)]; }

}  // namespace materialize
