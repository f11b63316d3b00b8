// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// All names of one open directory at once, for those who change it meanwhile.

#ifndef MATERIALIZE_EXEC_LIST_NAMES_H_
#define MATERIALIZE_EXEC_LIST_NAMES_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "materialize/os/sys.h"

namespace materialize {

// Without "." and "..", in the kernel's order. `path` is what people call it.
absl::StatusOr<std::vector<std::string>> ListNames(Sys& sys, int dir,
                                                   const std::string& path);

}  // namespace materialize

#endif  // MATERIALIZE_EXEC_LIST_NAMES_H_
