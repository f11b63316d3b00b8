// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Mounts come, show what they should, and go.

#include "tests/testing/scoped_mount.h"

#include <fcntl.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <system_error>

#include "gtest/gtest-spi.h"
#include "gtest/gtest.h"
#include "tests/testing/temp_dir.h"

namespace materialize {
namespace {

namespace fs = std::filesystem;

class ScopedMountTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!CanMount()) GTEST_SKIP() << "mounting needs root";
  }

  static void WriteFile(const std::string& path) {
    std::ofstream(path) << "content";
  }

  TempDir dir_;
};

TEST_F(ScopedMountTest, ABindShowsTheOriginAndGoes) {
  fs::create_directory(dir_ / "origin");
  WriteFile(dir_ / "origin/file");
  {
    const ScopedMount bind = ScopedMount::Bind(dir_ / "origin", dir_ / "at");
    EXPECT_TRUE(fs::exists(dir_ / "at/file"));
  }
  EXPECT_TRUE(fs::is_empty(dir_ / "at"));
}

TEST_F(ScopedMountTest, TmpfsHasTheSizeAskedFor) {
  const ScopedMount tmpfs = ScopedMount::Tmpfs(dir_ / "at", "size=1m");
  EXPECT_EQ(fs::space(dir_ / "at").capacity, 1u << 20);
}

TEST_F(ScopedMountTest, OverlayShowsLowerContentAndWritesToUpper) {
  fs::create_directories(dir_ / "lower/sub");
  WriteFile(dir_ / "lower/sub/file");
  std::optional<ScopedMount> overlay;
  try {
    overlay.emplace(ScopedMount::Overlay(dir_.path()));
  } catch (const std::system_error& error) {
    GTEST_SKIP() << error.what();  // Not on an overlay itself, as containers
                                   // have for /tmp.
  }
  EXPECT_TRUE(fs::exists(overlay->path() + "/sub/file"));
  WriteFile(overlay->path() + "/new");
  EXPECT_TRUE(fs::exists(dir_ / "upper/new"));
  EXPECT_FALSE(fs::exists(dir_ / "lower/new"));
}

TEST_F(ScopedMountTest, AMountInUseGoesAndFailsTheTest) {
  std::optional<ScopedMount> tmpfs(ScopedMount::Tmpfs(dir_ / "at"));
  WriteFile(dir_ / "at/held");
  const int fd = open((dir_ / "at/held").c_str(), O_RDONLY | O_CLOEXEC);
  EXPECT_NONFATAL_FAILURE(tmpfs.reset(), "Device or resource busy");
  EXPECT_TRUE(fs::is_empty(dir_ / "at"));
  close(fd);
}

TEST_F(ScopedMountTest, ARefusalIsThrown) {
  EXPECT_THROW(ScopedMount::Bind(dir_ / "nowhere", dir_ / "at"),
               std::system_error);
}

}  // namespace
}  // namespace materialize
