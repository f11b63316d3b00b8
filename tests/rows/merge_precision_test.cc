// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// A merge onto a filesystem that keeps less than it is given: what it cannot
// keep is said once and not compared.

#include <fstream>
#include <optional>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/rows/files.h"
#include "tests/testing/lab.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"
#include "tests/testing/tree_text.h"

namespace materialize {
namespace {

using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// The source's time, set on what was just made there.
void SetTime(const std::string& path, const Time& time) {
  ASSERT_EQ(RealSys().SetTimesAt(AT_FDCWD, path.c_str(), time, 0), 0);
}

void Make(const std::string& path, const std::string& text) {
  std::ofstream(path) << text;
}

class PrecisionTest : public testing::Test {
 protected:
  void SetUp() override {
    REQUIRE_LAB("coarse");
    to_dir_.emplace(TempDir::In(Lab("coarse")));
    to_ = *to_dir_ / "to";
    Make(from_ / "file", "text");
    SetTime(from_ / "file", {.seconds = 1600000000, .nanoseconds = 123456789});
    SetTime(from_.path(), {.seconds = 1600000000, .nanoseconds = 500});
    request_ = FromTo(from_, to_, {Method::kCopy});
    request_.into = Into::kMerge;
    ASSERT_OK(Materialize(request_));
    ASSERT_EQ(StatOf(to_ + "/file").mtime.nanoseconds, 0);
  }

  TempDir from_;
  std::optional<TempDir> to_dir_;
  std::string to_;
  Request request_;
};

TEST_F(PrecisionTest, WhatTheFilesystemRoundsDownIsUnchanged) {
  const uint64_t inode = StatOf(to_ + "/file").inode;
  const auto again = Materialize(request_);
  ASSERT_OK(again);
  EXPECT_EQ(again->unchanged.files, 1);
  EXPECT_EQ(StatOf(to_ + "/file").inode, inode);
  EXPECT_THAT(
      again->warnings,
      ElementsAre(Field(&Warning::text, HasSubstr("times are kept to 1 s"))));
  EXPECT_THAT(Leftovers(*to_dir_), IsEmpty());
}

TEST_F(PrecisionTest, AnotherSecondIsAnotherTime) {
  SetTime(from_ / "file", {.seconds = 1600000001, .nanoseconds = 1});
  const auto again = Materialize(request_);
  ASSERT_OK(again);
  EXPECT_EQ(again->unchanged.files, 0);
  EXPECT_EQ(StatOf(to_ + "/file").mtime.seconds, 1600000001);
}

// Where nanoseconds are kept, a file of a whole second is another one.
TEST(PrecisionHereTest, AWholeSecondIsNoRoundingWhereDigitsAreKept) {
  TempDir dir;
  Make(dir / "from", "text");
  SetTime(dir / "from", {.seconds = 1600000000, .nanoseconds = 123456789});
  Make(dir / "to", "TEXT");
  ASSERT_EQ(chmod((dir / "to").c_str(), StatOf(dir / "from").permissions()), 0);
  SetTime(dir / "to", {.seconds = 1600000000, .nanoseconds = 0});
  Request request = FromTo(dir / "from", dir / "to", {Method::kCopy});
  request.into = Into::kMerge;
  ASSERT_OK(Materialize(request));
  EXPECT_EQ(ReadFile(dir / "to"), "text");
}

}  // namespace
}  // namespace materialize
