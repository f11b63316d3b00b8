// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Bytes from file to file: by which calls, with which holes.

#include "materialize/exec/copy_data.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <sstream>

#include "gtest/gtest.h"
#include "materialize/os/fd.h"
#include "tests/testing/faulty_sys.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"
#include "tests/testing/tree_text.h"

namespace materialize {
namespace {

constexpr uint64_t kExt4 = 0xEF53;
constexpr uint64_t kProc = 0x9FA0;

class CopyDataTest : public testing::Test {
 protected:
  CopyResult Copy(const std::string& path, uint64_t magic = kExt4) {
    const Fd from(sys_, sys_.OpenAt(AT_FDCWD, path.c_str(), O_RDONLY, 0));
    const Fd to(sys_, sys_.OpenAt(AT_FDCWD, to_.c_str(),
                                  O_WRONLY | O_CREAT | O_TRUNC, 0600));
    Stat facts;
    EXPECT_EQ(sys_.StatAt(from.get(), "", 0, &facts), 0);
    const Mount mount = {.key = {}, .filesystem = &FilesystemOf(magic)};
    Pair pair(mount, mount);
    return DataCopier(sys_, &cancel_).Copy(pair, from.get(), to.get(), facts);
  }
  std::string Arrange(const char* text) {
    EXPECT_OK(ArrangeTree(dir_, text));
    return dir_ / "from";
  }
  std::string Content(const std::string& path) {
    std::stringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
  }

  TempDir dir_;
  const std::string to_ = dir_ / "to";
  std::atomic<bool> cancel_{false};
  FaultySys sys_{RealSys()};
};

TEST_F(CopyDataTest, TwoCallsForASmallFileAreNotNeeded) {
  const std::string from = Arrange("from size=3000");
  EXPECT_EQ(Copy(from).end, CopyEnd::kDone);
  EXPECT_EQ(Content(to_), Content(from));
  EXPECT_EQ(sys_.Calls("CopyRange"), 1);
  EXPECT_EQ(sys_.Calls("Read") + sys_.Calls("Write") + sys_.Calls("Seek"), 0);
}

TEST_F(CopyDataTest, GrowthIsSeenAtASizeThatFillsTheLastStep) {
  const std::string from = Arrange("from size=262144");  // as one read takes
  sys_.Fail("CopyRange", ENOSYS);
  EXPECT_EQ(Copy(from).end, CopyEnd::kDone);
  EXPECT_EQ(Content(to_), Content(from));
  sys_.Before("Write", [&] { std::ofstream(from, std::ios::app) << "more"; },
              {.nth = 1, .count = 1});
  EXPECT_EQ(Copy(from).end, CopyEnd::kChanged);
}

// Row H11.
TEST_F(CopyDataTest, AHoleStaysAHole) {
  const std::string from = Arrange("from \"head\" hole=64M");
  for (const bool by_range : {true, false}) {
    if (!by_range) sys_.Fail("CopyRange", ENOSYS);
    EXPECT_EQ(Copy(from).end, CopyEnd::kDone);
    struct stat facts = {};
    ASSERT_EQ(stat(to_.c_str(), &facts), 0);
    EXPECT_GE(facts.st_size, 64 << 20);
    EXPECT_LT(facts.st_blocks, 1000);
    EXPECT_EQ(Content(to_) == Content(from), true);
  }
}

TEST_F(CopyDataTest, HolesInTheMiddleAndAtTheStart) {
  const std::string path = dir_ / "from";
  {
    const Fd fd(RealSys(), open(path.c_str(), O_WRONLY | O_CREAT, 0600));
    ASSERT_EQ(pwrite(fd.get(), "one", 3, 1 << 20), 3);
    ASSERT_EQ(pwrite(fd.get(), "two", 3, 3 << 20), 3);
  }
  EXPECT_EQ(Copy(path).end, CopyEnd::kDone);
  EXPECT_TRUE(Content(to_) == Content(path));
  struct stat facts = {};
  ASSERT_EQ(stat(to_.c_str(), &facts), 0);
  EXPECT_LT(facts.st_blocks, 100);
}

TEST_F(CopyDataTest, AFilesystemThatTellsNoHolesIsCopiedWhole) {
  const std::string from = Arrange("from \"head\" hole=1M");
  sys_.Fail("Seek", EINVAL);
  EXPECT_EQ(Copy(from).end, CopyEnd::kDone);
  EXPECT_TRUE(Content(to_) == Content(from));
}

// Row H5.
TEST_F(CopyDataTest, ProcfsIsReadToItsEnd) {
  EXPECT_EQ(Copy("/proc/version", kProc).end, CopyEnd::kDone);
  EXPECT_EQ(Content(to_), Content("/proc/version"));
  EXPECT_EQ(sys_.Calls("CopyRange"), 0);
}

TEST_F(CopyDataTest, StopsBetweenChunks) {
  const std::string from = Arrange("from size=8K");
  sys_.Shorten("CopyRange", 4096);
  sys_.Before("CopyRange", [&] { cancel_ = true; });
  EXPECT_EQ(Copy(from).end, CopyEnd::kCancelled);
  EXPECT_EQ(sys_.Calls("CopyRange"), 1);
}

TEST_F(CopyDataTest, AWriteOfNothingIsAnErrorAndNoSpin) {
  const std::string from = Arrange("from size=8K");
  sys_.Fail("CopyRange", ENOSYS);
  sys_.Return("Write", 0);
  const CopyResult result = Copy(from);
  EXPECT_EQ(result.end, CopyEnd::kFailed);
  EXPECT_EQ(result.error, EIO);
  EXPECT_STREQ(result.call, "write");
}

}  // namespace
}  // namespace materialize
