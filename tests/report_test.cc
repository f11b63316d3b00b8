// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// The report's forms: one sentence, one line per downgrade, JSON.

#include "materialize/report.h"

#include <cerrno>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "materialize/quantity.h"
#include "nlohmann/json.hpp"

namespace materialize {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Report LargeReport() {
  Report report;
  report.destination = "out dir";
  report.of(Method::kReflink) = {139'697, 952'000'000};
  report.created_empty.files = 218;
  report.directories = 9'168;
  report.bytes_exact = true;
  report.phases = {.prepare = 0.1, .place = 1.2, .commit = 0.1};
  return report;
}

Downgrade RefusedReflink() {
  return {.from = "xfs:31",
          .to = "ext4:40",
          .method = Method::kReflink,
          .used = Method::kCopy,
          .error = EXDEV,
          .reason = "",
          .example = "e",
          .files = 1'234};
}

TEST(QuantityTest, ReadsAsPeopleWrite) {
  EXPECT_EQ(CountText(0), "0");
  EXPECT_EQ(CountText(999), "999");
  EXPECT_EQ(CountText(1'000), "1,000");
  EXPECT_EQ(CountText(139'915), "139,915");
  EXPECT_EQ(CountText(-123'456), "-123,456");
  EXPECT_EQ(CountText(1, "file"), "1 file");
  EXPECT_EQ(CountText(2, "directory", "directories"), "2 directories");
  EXPECT_EQ(BytesText(0), "0 B");
  EXPECT_EQ(BytesText(999), "999 B");
  EXPECT_EQ(BytesText(1'000), "1.0 kB");
  EXPECT_EQ(BytesText(9'949), "9.9 kB");
  EXPECT_EQ(BytesText(9'951), "10 kB");
  EXPECT_EQ(BytesText(999'499), "999 kB");
  EXPECT_EQ(BytesText(999'500), "1.0 MB");
  EXPECT_EQ(BytesText(952'000'000), "952 MB");
  EXPECT_EQ(BytesText(INT64_MAX), "9.2 EB");
}

TEST(SummaryTextTest, IsOneSentence) {
  EXPECT_EQ(SummaryText(LargeReport()),
            "139,915 files in 9,168 directories: 139,697 reflinked, 218 "
            "created empty, 0 copied; 952 MB reflinked; "
            "1.4 s");
}

TEST(SummaryTextTest, SaysNothingOfBytesThatNobodyLookedAt) {
  Report report;
  report.of(Method::kHardlink) = {3, 100};
  report.symlinks = 1;
  report.directories = 1;
  EXPECT_EQ(
      SummaryText(report),
      "3 files and 1 symlink in 1 directory: 3 hardlinked, 0 copied; 0.0 s");
}

TEST(SummaryTextTest, CountsASingleFile) {
  Report report;
  report.of(Method::kCopy) = {1, 1'500};
  report.bytes_exact = true;
  EXPECT_EQ(SummaryText(report), "1 file: 1 copied; 1.5 kB copied; 0.0 s");
}

TEST(SummaryTextTest, TellsWhatWasLeftOut) {
  Report report;
  report.unchanged.files = 2;
  report.excluded = 4;
  report.symlinks_skipped = 5;
  report.special_skipped = 6;
  report.failures = {{.path = "a", .text = "b"}};
  EXPECT_EQ(SummaryText(report),
            "2 files: 2 unchanged, 0 copied; 4 excluded, 5 symlinks skipped, 6 "
            "special files skipped, 1 failed; 0.0 s");
}

TEST(SummaryTextTest, CountsOneOfAKind) {
  Report report;
  report.present_skipped = 1;
  report.symlinks_skipped = 1;
  report.special_skipped = 1;
  EXPECT_EQ(SummaryText(report),
            "0 files: 0 copied; 1 left as it was; 1 symlink skipped, 1 special "
            "file skipped; 0.0 s");
}

TEST(DowngradeTextTest, NamesTheReasonAndTheFlagThatDecides) {
  Report report;
  report.downgrades = {RefusedReflink()};
  report.downgrades[0].example = "a b";
  EXPECT_THAT(DowngradeText(report),
              ElementsAre("1,234 files copied, not reflinked (xfs:31 -> "
                          "ext4:40, first a\\040b): Invalid cross-device "
                          "link; --methods=copy does not try, "
                          "--methods=reflink fails instead"));
}

TEST(DowngradeTextTest, ARuleGivesItsReason) {
  Report report;
  report.downgrades = {RefusedReflink()};
  report.downgrades[0].used = Method::kHardlink;
  report.downgrades[0].error = 0;
  report.downgrades[0].reason = "wanted so";
  report.downgrades[0].files = 1;
  EXPECT_THAT(DowngradeText(report),
              ElementsAre("1 file hardlinked, not reflinked (xfs:31 -> "
                          "ext4:40, first e): wanted so; "
                          "--methods=hardlink,copy does not try, "
                          "--methods=reflink does it all the same"));
}

TEST(DowngradeLineTest, NamesEveryMethodThatWasPassedAndCountsAFileOnce) {
  Report report;
  EXPECT_EQ(DowngradeLine(report), "");
  report.downgrades = {RefusedReflink(), RefusedReflink(), RefusedReflink()};
  report.downgrades[0].error = EOPNOTSUPP;
  report.downgrades[1].method = Method::kHardlink;
  report.downgrades[2].error = EOPNOTSUPP;
  report.downgrades[2].files = 6;
  EXPECT_EQ(DowngradeLine(report),
            "1,240 files copied, not reflinked (Operation not supported), not "
            "hardlinked (Invalid cross-device link), the first is e");
}

TEST(DowngradeTextTest, DoesNotSayTheKernelsWordsTwice) {
  Report report;
  report.downgrades = {RefusedReflink()};
  report.downgrades[0].reason = "Invalid cross-device link";
  EXPECT_THAT(DowngradeText(report).front(),
              HasSubstr("): Invalid cross-device link; --methods"));
}

// Row C1.
TEST(ReportJsonTest, HasEveryNumberOfTheReport) {
  Report report = LargeReport();
  report.symlinks = 96;
  report.excluded = 7;
  report.apparent_bytes = 952'000'000;
  report.allocated_bytes = 1'000'000'000;
  report.downgrades = {RefusedReflink()};
  report.warnings = {{.text = "careful"}};
  const auto json = nlohmann::json::parse(ReportJson(report));
  EXPECT_EQ(json["destination"], "out\\040dir");
  EXPECT_EQ(json["files"], 139'915);
  EXPECT_EQ(json["directories"], 9'168);
  EXPECT_EQ(json["symlinks"], 96);
  EXPECT_EQ(json["methods"]["reflink"]["files"], 139'697);
  EXPECT_EQ(json["methods"]["reflink"]["bytes"], 952'000'000);
  EXPECT_EQ(json["methods"]["copy"]["files"], 0);
  EXPECT_EQ(json["created_empty"]["files"], 218);
  EXPECT_EQ(json["excluded"], 7);
  EXPECT_EQ(json["bytes_exact"], true);
  EXPECT_EQ(json["apparent_bytes"], 952'000'000);
  EXPECT_EQ(json["allocated_bytes"], 1'000'000'000);
  EXPECT_EQ(json["downgrades"][0]["errno"], "EXDEV");
  EXPECT_EQ(json["downgrades"][0]["files"], 1'234);
  EXPECT_EQ(json["downgrades"][0]["used"], "copy");
  EXPECT_EQ(json["warnings"][0], "careful");
  EXPECT_NEAR(json["seconds"]["total"], 1.4, 1e-9);
}

// Row Z4.
TEST(ReportJsonTest, KeepsItsOrder) {
  const std::string text = ReportJson(LargeReport());
  EXPECT_EQ(text, ReportJson(LargeReport()));
  EXPECT_LT(text.find("\"destination\""), text.find("\"files\""));
  EXPECT_LT(text.find("\"reflink\""), text.find("\"copy\""));
  EXPECT_LT(text.find("\"failures\""), text.find("\"seconds\""));
}

// Row S21.
TEST(ReportJsonTest, TakesNamesOfAnyBytes) {
  Report report;
  report.destination = "\xff\n\"";
  report.failures = {{.path = "a\x80", .text = "open a\x80: no"}};
  const auto json = nlohmann::json::parse(ReportJson(report));
  EXPECT_EQ(json["destination"], "\\377\\012\"");
  EXPECT_EQ(json["failures"][0]["path"], "a\\200");
}

TEST(ReportJsonTest, ARuleHasNoErrno) {
  Report report;
  report.downgrades = {RefusedReflink()};
  report.downgrades[0].error = 0;
  report.downgrades[0].reason = "private";
  const auto json = nlohmann::json::parse(ReportJson(report));
  EXPECT_TRUE(json["downgrades"][0]["errno"].is_null());
  EXPECT_EQ(json["downgrades"][0]["reason"], "private");
}

}  // namespace
}  // namespace materialize
