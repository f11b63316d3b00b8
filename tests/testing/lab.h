// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// The filesystems that tests/lab/up mounted: where they are, and what a test
// does that needs one and has none. Tests that use a place run outside Bazel's
// sandbox (tags = ["local"]): it would be read-only there.

#ifndef MATERIALIZE_TESTS_TESTING_LAB_H_
#define MATERIALIZE_TESTS_TESTING_LAB_H_

#include <optional>
#include <string>
#include <string_view>

#include "gtest/gtest.h"

namespace materialize {

// The directory of a place ("xfs", "btrfs/sub1"), below $MATERIALIZE_LAB or
// /tmp/materialize-lab, whether or not it is there. Its subdirectory work/ is
// for tests.
std::string Lab(std::string_view name);

// The same, or nothing when the place is not mounted.
std::optional<std::string> LabPlace(std::string_view name);

struct LabGap {
  std::string reason;  // empty: the place is there
  bool is_failure;  // MATERIALIZE_REQUIRE_LAB=1, and not the kernel is to blame
};
LabGap FindLabGap(std::string_view name);

}  // namespace materialize

// Skips the test when the place is not there. With MATERIALIZE_REQUIRE_LAB=1
// the test fails instead, unless lab.txt says that this kernel cannot have the
// place.
#define REQUIRE_LAB(name)                                                  \
  do {                                                                     \
    const ::materialize::LabGap lab_gap = ::materialize::FindLabGap(name); \
    if (lab_gap.is_failure) GTEST_FAIL() << lab_gap.reason;                \
    if (!lab_gap.reason.empty()) GTEST_SKIP() << lab_gap.reason;           \
  } while (false)

#endif  // MATERIALIZE_TESTS_TESTING_LAB_H_
