// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// The status assertions pass and fail as they should.

#include "tests/testing/status_matchers.h"

#include <memory>
#include <utility>

#include "gtest/gtest-spi.h"
#include "gtest/gtest.h"

namespace materialize {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

absl::StatusOr<std::unique_ptr<int>> Seven() {
  return std::make_unique<int>(7);
}
absl::StatusOr<int> Nothing() { return absl::NotFoundError("open a: nothing"); }

TEST(StatusMatchersTest, OkPassesForStatusAndStatusOr) {
  ASSERT_OK(absl::OkStatus());
  EXPECT_OK(Seven());
  EXPECT_THAT(Nothing(), Not(IsOk()));
}

TEST(StatusMatchersTest, AFailureShowsTheStatus) {
  EXPECT_NONFATAL_FAILURE(EXPECT_OK(absl::NotFoundError("open a: nothing")),
                          "NOT_FOUND: open a: nothing");
  EXPECT_NONFATAL_FAILURE(EXPECT_OK(Nothing()), "NOT_FOUND: open a: nothing");
  EXPECT_FATAL_FAILURE(ASSERT_OK(Nothing()), "NOT_FOUND: open a: nothing");
}

TEST(StatusMatchersTest, AssignsMoveOnlyValuesAndTwiceInOneFunction) {
  ASSERT_OK_AND_ASSIGN(const std::unique_ptr<int> first, Seven());
  ASSERT_OK_AND_ASSIGN(std::unique_ptr<int> second, Seven());
  EXPECT_EQ(*first + *second, 14);
}

TEST(StatusMatchersTest, AssignStopsOnAnError) {
  static int value;
  value = 1;
  EXPECT_FATAL_FAILURE({ ASSERT_OK_AND_ASSIGN(value, Nothing()); },
                       "NOT_FOUND");
  EXPECT_EQ(value, 1);
}

TEST(StatusMatchersTest, StatusIsComparesCodeAndText) {
  EXPECT_THAT(Nothing(), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(Nothing(),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("open a")));
  EXPECT_THAT(Nothing(),
              StatusIs(absl::StatusCode::kNotFound, "open a: nothing"));
  EXPECT_THAT(Nothing(), Not(StatusIs(absl::StatusCode::kInternal)));
  EXPECT_THAT(Nothing(),
              Not(StatusIs(absl::StatusCode::kNotFound, HasSubstr("open b"))));
}

}  // namespace
}  // namespace materialize
