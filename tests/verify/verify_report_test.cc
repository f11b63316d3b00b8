// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// The report's forms.

#include "materialize/verify_report.h"

#include <string>

#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace materialize {
namespace {

TEST(VerifyReportTest, OneLinePerDifference) {
  EXPECT_EQ(DifferenceText({.path = "a\nb", .aspect = Aspect::kExtra}),
            "extra: ./a\\012b");
  EXPECT_EQ(DifferenceText({.path = "a", .aspect = Aspect::kMissing}),
            "missing: ./a");
  EXPECT_EQ(DifferenceText({.path = "",
                            .aspect = Aspect::kMode,
                            .wanted = "0755",
                            .found = "0700"}),
            ".: permissions (0755, 0700)");
  EXPECT_EQ(DifferenceText({.path = "l",
                            .aspect = Aspect::kTarget,
                            .wanted = "a b",
                            .found = "\033"}),
            "./l: link ref (a\\040b, \\033)");
}

TEST(VerifyReportTest, EveryAlgorithmHasItsAspect) {
  for (size_t i = 0; i < kDigestAlgorithmCount; ++i) {
    const auto algorithm = static_cast<DigestAlgorithm>(i);
    EXPECT_EQ(AspectName(AspectOf(algorithm)), DigestName(algorithm));
  }
}

TEST(VerifyReportTest, SummaryCounts) {
  VerifyReport report;
  report.entries = 1249;
  report.seconds = 0.44;
  EXPECT_EQ(VerifySummary(report), "1,249 entries: equal; 0.4 s");
  report.files_read = 1;
  report.bytes_read = 812;
  report.differences.resize(2);
  EXPECT_EQ(VerifySummary(report),
            "1,249 entries, 1 file read (812 B): 2 differences; 0.4 s");
  report.failures.resize(1);
  EXPECT_EQ(VerifySummary(report),
            "1,249 entries, 1 file read (812 B): 2 differences: 1 entry not "
            "looked at; 0.4 s");
}

TEST(VerifyReportTest, JsonHoldsItAll) {
  VerifyReport report;
  report.manifest = "m\xff";
  report.destination = "d";
  report.format = "mtree";
  report.entries = 3;
  report.differences = {
      {.path = "a b", .aspect = Aspect::kMissing, .wanted = "file"},
      {.path = "c", .aspect = Aspect::kExtra, .found = "dir"},
      {.path = "", .aspect = Aspect::kSize, .wanted = "1", .found = "2"}};
  report.failures = {{.path = "x", .text = "open d/x: Permission denied"}};
  const auto json = nlohmann::json::parse(VerifyJson(report));
  EXPECT_EQ(json["manifest"], "m\\377");
  EXPECT_EQ(json["equal"], false);
  EXPECT_EQ(json["entries"], 3);
  EXPECT_EQ(
      json["differences"],
      (nlohmann::json{
          {{"path", "a\\040b"}, {"what", "missing"}, {"wanted", "file"}},
          {{"path", "c"}, {"what", "extra"}, {"found", "dir"}},
          {{"path", ""}, {"what", "size"}, {"wanted", "1"}, {"found", "2"}}}));
  EXPECT_EQ(json["failures"][0]["text"], "open d/x: Permission denied");
}

}  // namespace
}  // namespace materialize
