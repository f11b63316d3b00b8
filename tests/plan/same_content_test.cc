// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Bytes decide, wherever they differ.

#include "materialize/plan/same_content.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <string>

#include "tests/testing/temp_dir.h"

namespace materialize {
namespace {

void Write(const std::string& path, const std::string& content) {
  std::ofstream(path) << content;
}

bool Same(const std::string& a, const std::string& b) {
  const absl::StatusOr<bool> same = SameContent(RealSys(), a, b);
  EXPECT_TRUE(same.ok()) << same.status();
  return same.ok() && *same;
}

TEST(SameContentTest, ComparesBeyondTheFirstBlock) {
  const TempDir dir;
  std::string content(300000, 'x');
  Write(dir / "a", content);
  Write(dir / "b", content);
  content[299999] = 'y';
  Write(dir / "c", content);
  EXPECT_TRUE(Same(dir / "a", dir / "b"));
  EXPECT_FALSE(Same(dir / "a", dir / "c"));
}

TEST(SameContentTest, SizesDecideBeforeBytes) {
  const TempDir dir;
  Write(dir / "a", "12");
  Write(dir / "b", "1");
  EXPECT_FALSE(Same(dir / "a", dir / "b"));
}

TEST(SameContentTest, EmptyFilesAreEqualAndLinksAreFollowed) {
  const TempDir dir;
  Write(dir / "a", "");
  Write(dir / "b", "");
  ASSERT_EQ(symlink("b", (dir / "c").c_str()), 0);
  EXPECT_TRUE(Same(dir / "a", dir / "c"));
}

TEST(SameContentTest, AnErrorNamesThePath) {
  const TempDir dir;
  Write(dir / "a", "");
  const auto same = SameContent(RealSys(), dir / "a", dir / "none");
  EXPECT_EQ(same.status().message(),
            "open " + dir / "none" + ": No such file or directory");
}

}  // namespace
}  // namespace materialize
