// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Lab places, on a lab.txt of our own.

#include "tests/testing/lab.h"

#include <sys/stat.h>

#include <cstdlib>
#include <fstream>

#include "gtest/gtest-spi.h"
#include "gtest/gtest.h"
#include "tests/testing/temp_dir.h"

namespace materialize {
namespace {

class LabTest : public ::testing::Test {
 protected:
  LabTest() {
    setenv("MATERIALIZE_LAB", dir_.path().c_str(), 1);
    unsetenv("MATERIALIZE_REQUIRE_LAB");
    for (const char* name : {"xfs", "xfs/work", "gone", "squashfs"})
      mkdir((dir_ / name).c_str(), 0755);
    std::ofstream(dir_ / "lab.txt")
        << "xfs " << dir_ / "xfs"
        << " xfs reflink\n"
        << "gone " << dir_ / "gone"
        << " ext4 hardlink\n"
        << "squashfs " << dir_ / "squashfs"
        << " squashfs read-only\n"
        << "vfat - - missing:the-kernel-has-no-vfat\n";
  }

  TempDir dir_;
};

TEST_F(LabTest, APlaceIsWhereLabTxtSays) {
  EXPECT_EQ(LabPlace("xfs"), dir_ / "xfs");
  EXPECT_EQ(LabPlace("squashfs"), dir_ / "squashfs");
  EXPECT_EQ(Lab("xfs"), dir_ / "xfs");
}

TEST_F(LabTest, APlaceWithoutItsMountOrLineIsNone) {
  EXPECT_EQ(LabPlace("gone"), std::nullopt);
  EXPECT_EQ(LabPlace("vfat"), std::nullopt);
  EXPECT_EQ(LabPlace("zfs"), std::nullopt);
}

TEST_F(LabTest, AGapIsASkipUnlessTheLabIsRequired) {
  EXPECT_EQ(FindLabGap("xfs").reason, "");
  EXPECT_FALSE(FindLabGap("gone").is_failure);
  EXPECT_NE(FindLabGap("gone").reason, "");
  setenv("MATERIALIZE_REQUIRE_LAB", "1", 1);
  EXPECT_TRUE(FindLabGap("gone").is_failure);
  EXPECT_TRUE(FindLabGap("zfs").is_failure);
  EXPECT_FALSE(FindLabGap("xfs").is_failure);
}

TEST_F(LabTest, WhatTheKernelCannotHaveIsNeverAFailure) {
  setenv("MATERIALIZE_REQUIRE_LAB", "1", 1);
  EXPECT_FALSE(FindLabGap("vfat").is_failure);
  EXPECT_EQ(FindLabGap("vfat").reason, "vfat: missing:the-kernel-has-no-vfat");
}

TEST_F(LabTest, RequireLabStopsTheTest) {
  static bool ran_on;
  ran_on = false;
  setenv("MATERIALIZE_REQUIRE_LAB", "1", 1);
  EXPECT_FATAL_FAILURE(
      {
        REQUIRE_LAB("gone");
        ran_on = true;
      },
      "no gone in");
  EXPECT_FALSE(ran_on);
  REQUIRE_LAB("xfs");
  ran_on = true;
  EXPECT_TRUE(ran_on);
}

TEST_F(LabTest, RequireLabSkips) {
  ::testing::TestPartResultArray results;
  {
    const ::testing::ScopedFakeTestPartResultReporter reporter(
        ::testing::ScopedFakeTestPartResultReporter::
            INTERCEPT_ONLY_CURRENT_THREAD,
        &results);
    [] {
      REQUIRE_LAB("vfat");
      FAIL() << "not skipped";
    }();
  }
  ASSERT_EQ(results.size(), 1);
  EXPECT_TRUE(results.GetTestPartResult(0).skipped());
}

}  // namespace
}  // namespace materialize
