// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Inputs that lie in the destination of a merge: no source ever changes.

#include <filesystem>
#include <fstream>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/rows/files.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"

namespace materialize {
namespace {

using ::testing::SizeIs;

void Make(const std::string& path, const std::string& text) {
  std::ofstream(path) << text;
}

TEST(MergeInputsTest, ASourceInTheDestinationIsNotReplacedByItsOwnContent) {
  TempDir dir;
  std::filesystem::create_directories(dir / "a/a");
  Make(dir / "a/one", "outer");
  Make(dir / "a/a/one", "inner text");
  Make(dir / "a/two", "two");
  Request request = FromTo(dir / "a", dir.path(), {Method::kCopy});
  request.into = Into::kMerge;
  const auto report = Materialize(request);
  ASSERT_OK(report);
  EXPECT_THAT(report->failures, SizeIs(1));
  EXPECT_EQ(ReadFile(dir / "a/one"), "outer");
  EXPECT_EQ(ReadFile(dir / "two"), "two");
}

TEST(MergeInputsTest, FilesOfTheDestinationAreNotSwappedByAManifest) {
  TempDir dir;
  Make(dir / "x", "A");
  Make(dir / "y", "BB");
  Request request;
  request.destination = dir.path();
  request.into = Into::kMerge;
  request.methods = {Method::kCopy};
  request.jobs = 1;
  request.entries = {{.path = "x", .kind = Kind::kFile, .content = dir / "y"},
                     {.path = "y", .kind = Kind::kFile, .content = dir / "x"}};
  const auto report = Materialize(request);
  ASSERT_OK(report);
  EXPECT_THAT(report->failures, SizeIs(2));
  EXPECT_EQ(ReadFile(dir / "x"), "A");
  EXPECT_EQ(ReadFile(dir / "y"), "BB");
}

}  // namespace
}  // namespace materialize
