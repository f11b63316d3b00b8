// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Whether source and destination are one and the same.

#ifndef MATERIALIZE_SAME_H_
#define MATERIALIZE_SAME_H_

#include <vector>

#include "absl/status/statusor.h"
#include "materialize/exec/destination.h"
#include "materialize/input.h"
#include "materialize/method.h"
#include "materialize/os/sys.h"
#include "materialize/request.h"

namespace materialize {

// One and the same file or directory, by whatever names: there is nothing to
// do, and nothing that may be replaced. Only a second name of a file gives way
// to one with an inode of its own, where `request` or `methods` ask for that.
absl::StatusOr<bool> IsSourceItself(Sys& sys, const Request& request,
                                    const std::vector<Method>& methods,
                                    const Input& input,
                                    const Destination& destination);

}  // namespace materialize

#endif  // MATERIALIZE_SAME_H_
