// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Directories stay open for those in them, which are found by name; but so few
// of them that descriptors do not run out, whatever the tree.

#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "materialize/materialize.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/sys_wrapper.h"
#include "tests/testing/temp_dir.h"
#include "tests/testing/tree_text.h"

namespace materialize {
namespace {

constexpr int kMostHeld = 16;  // as in execution.h
constexpr int kLevels = 60;

// Counts how directories are opened, and the most that are open at once.
class OpenCounter final : public SysWrapper {
 public:
  using SysWrapper::SysWrapper;

  int OpenAt(int dir, const char* path, int flags, mode_t mode) override {
    const int fd = SysWrapper::OpenAt(dir, path, flags, mode);
    // Directories of the test's tree, by names like "level1".
    if (std::strchr("ls", path[0]) == nullptr || dir == AT_FDCWD) return fd;
    if ((flags & O_DIRECTORY) == 0) return fd;
    by_name.fetch_add(1);
    if (fd >= 0) IsOpen(fd, 1);
    return fd;
  }
  int OpenBeneath(int dir, const char* path, int flags) override {
    by_way.fetch_add(1);
    const int fd = SysWrapper::OpenBeneath(dir, path, flags);
    if (fd >= 0) IsOpen(fd, 1);
    return fd;
  }
  int Close(int fd) override {
    IsOpen(fd, 0);
    return SysWrapper::Close(fd);
  }

  std::atomic<int> by_name{0}, by_way{0};
  std::atomic<int> most{0};

 private:
  void IsOpen(int fd, int now) {
    const int before = is_open_[fd].exchange(now);
    const int open = open_.fetch_add(now - before) + now - before;
    for (int seen = most.load(); open > seen;)
      if (most.compare_exchange_weak(seen, open)) break;
  }

  std::atomic<int> is_open_[1024] = {};
  std::atomic<int> open_{0};
};

// Each level of a chain has `siblings` directories beside the next level, which
// is here before them and there behind, as it is listed by hash.
std::string Comb(int siblings) {
  std::string lines;
  std::string level;
  for (int i = 0; i < kLevels; ++i) {
    absl::StrAppend(&level, level.empty() ? "" : "/", "level", i);
    absl::StrAppend(&lines, level, "/file\n");
    for (int k = 0; k < siblings; ++k)
      absl::StrAppend(&lines, level, "/side", k, "/file\n");
  }
  return lines;
}

class HeldTest : public testing::Test {
 protected:
  absl::StatusOr<Report> Place(Into into, int jobs, Sys& sys) {
    Request request;
    request.source = dir_ / "from";
    request.destination = dir_ / "to";
    request.into = into;
    request.methods = {Method::kHardlink};  // depth first everywhere
    request.jobs = jobs;
    return Materialize(request, sys);
  }

  const TempDir dir_;
};

TEST_F(HeldTest, NoWayIsWalkedTwice) {
  ASSERT_OK(ArrangeTree(dir_ / "from", Comb(/*siblings=*/0)));
  for (const Into into : {Into::kNew, Into::kMerge}) {
    OpenCounter sys(RealSys());
    EXPECT_OK(Place(into, /*jobs=*/2, sys));
    EXPECT_EQ(sys.by_way.load(), 0);
    EXPECT_GE(sys.by_name.load(), 2 * kLevels);
  }
}

TEST_F(HeldTest, WhereTooManyWouldStayOpenTheWayIsWalked) {
  ASSERT_OK(ArrangeTree(dir_ / "from", Comb(/*siblings=*/8)));
  // Done by one: of two, the other would take what waits longest.
  for (const Into into : {Into::kNew, Into::kMerge}) {
    OpenCounter sys(RealSys());
    EXPECT_OK(Place(into, /*jobs=*/1, sys));
    EXPECT_GT(sys.by_way.load(), 0);
    EXPECT_GT(sys.by_name.load(), kLevels);
    EXPECT_LE(sys.most.load(), 2 * (kMostHeld + 2));
    EXPECT_EQ(TreeText(dir_ / "to"), TreeText(dir_ / "from"));
  }
}

// A quarter of what this process may have open, though it has few.
TEST_F(HeldTest, OfFewDescriptorsFewAreTaken) {
  ASSERT_OK(ArrangeTree(dir_ / "from", Comb(/*siblings=*/8)));
  rlimit usual;
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &usual), 0);
  rlimit few = usual;
  few.rlim_cur = 32;
  for (const Into into : {Into::kNew, Into::kMerge}) {
    OpenCounter sys(RealSys());
    ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &few), 0);
    const absl::StatusOr<Report> report = Place(into, /*jobs=*/2, sys);
    ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &usual), 0);
    EXPECT_OK(report);
    EXPECT_LE(sys.most.load(), 32 / 4);
    EXPECT_EQ(TreeText(dir_ / "to"), TreeText(dir_ / "from"));
  }
}

}  // namespace
}  // namespace materialize
