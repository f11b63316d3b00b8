// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// A few lines of a test as another user, in a process of their own.

#ifndef MATERIALIZE_TESTS_TESTING_RUN_AS_H_
#define MATERIALIZE_TESTS_TESTING_RUN_AS_H_

#include <sys/types.h>

#include <functional>
#include <string>

namespace materialize {

// What `body` answers, run by `user` with the group of the same number and no
// other. Needs root. A body that dies is a failure of the test.
std::string RunAs(uid_t user, const std::function<std::string()>& body);

}  // namespace materialize

#endif  // MATERIALIZE_TESTS_TESTING_RUN_AS_H_
