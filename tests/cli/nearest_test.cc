// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Which name is offered for a mistyped one.

#include "materialize/cli/nearest.h"

#include "gtest/gtest.h"

namespace materialize::cli {
namespace {

TEST(NearestTest, OffersTheFewestEdits) {
  const std::vector<absl::string_view> known = {"place", "probe", "methods",
                                                "no_wait"};
  struct {
    const char* typed;
    const char* offered;
  } const kCases[] = {
      {"place", "place"},
      {"plcae", "place"},
      {"probes", "probe"},
      {"prob", "probe"},
      {"method", "methods"},
      {"mehtods", "methods"},
      {"nowait", "no_wait"},
      {"x", ""},
      {"", ""},
      {"restore", ""},
  };
  for (const auto& c : kCases)
    EXPECT_EQ(Nearest(c.typed, known), c.offered) << c.typed;
}

}  // namespace
}  // namespace materialize::cli
