// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// What absl lacks on older releases: assertions and a matcher for absl::Status
// and absl::StatusOr.
//   ASSERT_OK(DoIt());  ASSERT_OK_AND_ASSIGN(const Report report,
//   Materialize(...)); EXPECT_THAT(DoIt(),
//   StatusIs(absl::StatusCode::kNotFound, HasSubstr("open a/b")));

#ifndef MATERIALIZE_TESTS_TESTING_STATUS_MATCHERS_H_
#define MATERIALIZE_TESTS_TESTING_STATUS_MATCHERS_H_

#include <ostream>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace materialize {

inline const absl::Status& StatusOf(const absl::Status& status) {
  return status;
}
template <typename T>
const absl::Status& StatusOf(const absl::StatusOr<T>& result) {
  return result.status();
}

MATCHER(IsOk, negation ? "is not OK" : "is OK") {
  *result_listener << "which is " << StatusOf(arg).ToString();
  return StatusOf(arg).ok();
}

MATCHER_P2(StatusIs, code, message, "is the status described") {
  const absl::Status& status = StatusOf(arg);
  *result_listener << "which is " << status.ToString();
  return status.code() == code &&
         ::testing::SafeMatcherCast<std::string>(message).Matches(
             std::string(status.message()));
}

inline auto StatusIs(absl::StatusCode code) {
  return StatusIs(code, ::testing::_);
}

}  // namespace materialize

#define ASSERT_OK(expression) ASSERT_THAT(expression, ::materialize::IsOk())
#define EXPECT_OK(expression) EXPECT_THAT(expression, ::materialize::IsOk())

#define MATERIALIZE_JOIN_INNER(a, b) a##b
#define MATERIALIZE_JOIN(a, b) MATERIALIZE_JOIN_INNER(a, b)
#define MATERIALIZE_ASSIGN_OR_FAIL(result, left, expression) \
  auto result = (expression);                                \
  ASSERT_OK(result);                                         \
  left = *std::move(result)

#define ASSERT_OK_AND_ASSIGN(left, expression)                          \
  MATERIALIZE_ASSIGN_OR_FAIL(MATERIALIZE_JOIN(result_, __LINE__), left, \
                             expression)

#endif  // MATERIALIZE_TESTS_TESTING_STATUS_MATCHERS_H_
