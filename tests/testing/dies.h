// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// What a run leaves that was killed at a certain call.

#ifndef MATERIALIZE_TESTS_TESTING_DIES_H_
#define MATERIALIZE_TESTS_TESTING_DIES_H_

#include <string_view>

#include "absl/functional/function_ref.h"
#include "tests/testing/faulty_sys.h"

namespace materialize {

// Does `work` in a child process that ends, as by SIGKILL, before a call of its
// Sys. False: it never came that far.
bool DiesBefore(std::string_view call, const When& when,
                absl::FunctionRef<void(Sys& sys)> work);

}  // namespace materialize

#endif  // MATERIALIZE_TESTS_TESTING_DIES_H_
