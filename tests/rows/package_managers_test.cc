// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// What package managers need that link packages out of a store.

#include <filesystem>
#include <optional>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/rows/files.h"
#include "tests/testing/faulty_sys.h"
#include "tests/testing/scoped_mount.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"
#include "tests/testing/tree_text.h"

namespace materialize {
namespace {

using ::testing::IsEmpty;

// Row P2.
TEST(PackageManagersTest, RelativeLinksSurviveTheMoveOfTheWholeTree) {
  const TempDir dir;
  ASSERT_OK(
      ArrangeTree(dir / "home/store", "p/index.js \"js\"\np/bin/x \"x\""));
  std::filesystem::create_directory_symlink("store", dir / "home/link");
  int run = 0;
  for (const char* source : {"home/store", "home/link"}) {
    const std::string to = "home/app/modules" + std::to_string(run++);
    Request request = FromTo(dir / source, dir / to, {Method::kSymlink});
    request.link_target = LinkTarget::kRelative;
    ASSERT_OK_AND_ASSIGN(const Report report, Materialize(request));
    EXPECT_EQ(report.of(Method::kSymlink).files, 2);
    EXPECT_EQ(ReadLink(dir / (to + "/p/bin/x")), "../../../../store/p/bin/x");
    std::filesystem::rename(dir / "home", dir / "elsewhere");
    const std::string moved =
        dir / ("elsewhere/app/modules" + std::to_string(run - 1));
    EXPECT_EQ(ReadFile(moved + "/p/bin/x"), "x");
    EXPECT_EQ(ReadFile(moved + "/p/index.js"), "js");
    std::filesystem::rename(dir / "elsewhere", dir / "home");
  }
}

// Row P2: links hold where the tree ends up, not where it was built or named.
TEST(PackageManagersTest, RelativeLinksOfOneFileAndThroughALinkedDestination) {
  const TempDir dir;
  ASSERT_OK(ArrangeTree(dir, "store/f \"f\"\na/b/c/ 0755\nshort -> a/b/c"));
  Request request =
      FromTo(dir / "store/f", dir / "short/f", {Method::kSymlink});
  request.link_target = LinkTarget::kRelative;
  ASSERT_OK(Materialize(request).status());
  EXPECT_EQ(ReadLink(dir / "a/b/c/f"), "../../../store/f");
  request = FromTo(dir / "store", dir / "short/tree", {Method::kSymlink});
  request.link_target = LinkTarget::kRelative;
  ASSERT_OK(Materialize(request).status());
  EXPECT_EQ(ReadLink(dir / "a/b/c/tree/f"), "../../../../store/f");
}

// Row P3.
TEST(PackageManagersTest, OneFileSystemMakesMountPointsAndStaysOut) {
  if (!CanMount()) GTEST_SKIP() << "not root";
  const TempDir dir;
  ASSERT_OK(ArrangeTree(dir / "from", "a \"a\"\nmnt/ 0755\nbound/ 0755"));
  ASSERT_OK(ArrangeTree(dir / "other", "x \"x\""));
  const ScopedMount tmpfs = ScopedMount::Tmpfs(dir / "from/mnt");
  const ScopedMount bound =
      ScopedMount::Bind(dir / "other", dir / "from/bound");
  ASSERT_OK(ArrangeTree(tmpfs.path() + "/sub", "hidden \"h\""));
  Request request = FromTo(dir / "from", dir / "to");
  request.one_file_system = true;
  FaultySys sys(RealSys());
  ASSERT_OK_AND_ASSIGN(Report report, Materialize(request, sys));
  EXPECT_EQ(report.files(), 1);
  EXPECT_EQ(report.directories, 3);
  EXPECT_TRUE(std::filesystem::is_empty(dir / "to/mnt"));
  EXPECT_TRUE(std::filesystem::is_empty(dir / "to/bound"));
  request.one_file_system = false;
  request.destination = dir / "all";
  ASSERT_OK_AND_ASSIGN(report, Materialize(request));
  EXPECT_EQ(report.files(), 3);
  EXPECT_EQ(ReadFile(dir / "all/mnt/sub/hidden"), "h");
  EXPECT_THAT(Leftovers(dir), IsEmpty());
}

}  // namespace
}  // namespace materialize
