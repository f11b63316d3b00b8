// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// The words and the JSON of a report.

#include "materialize/uninstall_report.h"

#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace materialize {
namespace {

UninstallReport Some() {
  UninstallReport report;
  report.receipt = "r";
  report.destination = "d\xff";
  report.entries = 1300;
  report.files = 1204;
  report.bytes = 12'000'000;
  report.symlinks = 1;
  report.directories = 80;
  report.seconds = 0.12;
  return report;
}

TEST(UninstallReportTest, TellsWhatWentAndOnlyThenWhatDidNot) {
  UninstallReport report = Some();
  EXPECT_EQ(UninstallText(report),
            "1,204 files (12 MB), 1 link and 80 directories removed; 0.1 s");
  report.gone = 1;
  report.kept_directories = 2;
  report.unreached = 3;
  report.changed = {{.path = "a", .text = "left d/a: why"}};
  report.failures = {{.path = "b", .text = "unlink d/b: no"}};
  EXPECT_EQ(UninstallText(report),
            "1,204 files (12 MB), 1 link and 80 directories removed; 1 was "
            "gone; 2 directories are not empty; 1 changed since and left; 1 "
            "failed; 3 not looked at; 0.1 s");
  EXPECT_EQ(UninstallText({}),
            "0 files, 0 links and 0 directories removed; 0.0 s");
}

TEST(UninstallReportTest, IsPartialWhenSomethingStaysThatWasToGo) {
  UninstallReport report = Some();
  report.gone = report.kept_directories = 1;
  EXPECT_FALSE(report.partial());
  report.changed.push_back({.path = "a", .text = ""});
  EXPECT_TRUE(report.partial());
  report.changed.clear();
  report.failures.push_back({.path = "a", .text = ""});
  EXPECT_TRUE(report.partial());
}

TEST(UninstallReportTest, TheJsonHasEveryNumber) {
  UninstallReport report = Some();
  report.gone = 2;
  report.kept_directories = 3;
  report.unreached = 4;
  report.changed = {{.path = "a\xff", .text = "left a\xff: why"}};
  report.warnings = {{.text = "w"}};
  const auto json = nlohmann::json::parse(UninstallJson(report));
  EXPECT_EQ(json["destination"], "d\\377");
  EXPECT_EQ(json["entries"], 1300);
  EXPECT_EQ(json["files"], 1204);
  EXPECT_EQ(json["symlinks"], 1);
  EXPECT_EQ(json["directories"], 80);
  EXPECT_EQ(json["bytes"], 12'000'000);
  EXPECT_EQ(json["gone"], 2);
  EXPECT_EQ(json["kept_directories"], 3);
  EXPECT_EQ(json["unreached"], 4);
  EXPECT_EQ(json["changed"][0]["path"], "a\\377");
  EXPECT_EQ(json["failures"].size(), 0u);
  EXPECT_EQ(json["warnings"][0], "w");
  EXPECT_EQ(json["dry_run"], false);
}

}  // namespace
}  // namespace materialize
