// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Who of two workers does what: work goes to whoever is idle, unless that would
// only wait for the lock of a directory. And what one does first.

#include <chrono>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "materialize/materialize.h"
#include "tests/testing/fake_mounts.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/sys_wrapper.h"
#include "tests/testing/temp_dir.h"
#include "tests/testing/tree_text.h"

namespace materialize {
namespace {

using ::testing::_;
using ::testing::ElementsAre;
using ::testing::Pair;
using ::testing::SizeIs;

constexpr uint64_t kBtrfs = 0x9123683E;  // linux/magic.h
constexpr uint64_t kExt4 = 0xEF53;
constexpr auto kLongEnough =
    std::chrono::milliseconds(100);  // for the other worker to have nothing

class WorkersTest : public testing::Test {
 protected:
  void Place(Method method, Sys& sys) {
    Request request;
    request.source = dir_ / "from";
    request.destination = dir_ / "to";
    request.methods = {method};
    request.jobs = jobs_;
    request.into = into_;
    ASSERT_OK(Materialize(request, sys));
  }

  const TempDir dir_;
  int jobs_ = 2;
  Into into_ = Into::kNew;
};

// Makes directories slowly until a file is placed.
class SlowDirectories : public SysWrapper {
 public:
  SlowDirectories() : SysWrapper(RealSys()) {}

  int MakeDirectoryAt(int dir, const char* path, mode_t mode) override {
    bool waits = false;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      waits = !placed_;
      if (waits) ++made_before_a_file_;
    }
    if (waits) std::this_thread::sleep_for(kLongEnough);
    return SysWrapper::MakeDirectoryAt(dir, path, mode);
  }
  int LinkAt(int from_dir, const char* from, int to_dir, const char* to,
             int flags) override {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      placed_ = true;
    }
    return SysWrapper::LinkAt(from_dir, from, to_dir, to, flags);
  }
  int made_before_a_file() const { return made_before_a_file_; }

 private:
  std::mutex mutex_;
  bool placed_ = false;
  int made_before_a_file_ = 0;
};

TEST_F(WorkersTest, TheFirstDirectoryIsFilledBeforeTheLastIsMade) {
  constexpr int kDirectories = 20;
  std::string tree;
  for (int number = 0; number < kDirectories; ++number)
    absl::StrAppend(&tree, "from/", number, "/file\n");
  ASSERT_OK(ArrangeTree(dir_, tree));
  SlowDirectories sys;
  Place(Method::kHardlink, sys);
  EXPECT_LT(sys.made_before_a_file(), kDirectories / 2);
}

// Of each directory that is made the first letter of its name: how deep it is.
class Depths : public SysWrapper {
 public:
  Depths() : SysWrapper(RealSys()) {}

  int MakeDirectoryAt(int dir, const char* path, mode_t mode) override {
    if (absl::ascii_isdigit(*path)) made_.push_back(*path);  // not the root
    return SysWrapper::MakeDirectoryAt(dir, path, mode);
  }
  const std::string& made() const { return made_; }

 private:
  std::string made_;
};

class OrderTest : public WorkersTest {
 protected:
  void SetUp() override {
    ASSERT_OK(ArrangeTree(dir_, "from/1-a/2-a/3-a/\nfrom/1-b/2-b/3-b/\n"));
    jobs_ = 1;
  }

  Depths depths_;
  FakeMounts btrfs_{depths_, {{.prefix = dir_.path(), .magic = kBtrfs}}};
};

TEST_F(OrderTest, NewFilesOnBtrfsAreMadeBreadthFirst) {
  Place(Method::kCopy, btrfs_);
  EXPECT_EQ(depths_.made(), "112233");
}

TEST_F(OrderTest, HardlinksThereDepthFirst) {
  Place(Method::kHardlink, btrfs_);
  EXPECT_EQ(depths_.made(), "112323");
}

TEST_F(OrderTest, NewFilesElsewhereDepthFirst) {
  FakeMounts ext4(depths_, {{.prefix = dir_.path(), .magic = kExt4}});
  Place(Method::kCopy, ext4);
  EXPECT_EQ(depths_.made(), "112323");
}

TEST_F(OrderTest, AMergeDepthFirst) {
  ASSERT_OK(ArrangeTree(dir_, "to/"));
  into_ = Into::kMerge;
  Place(Method::kCopy, btrfs_);
  EXPECT_EQ(depths_.made(), "112323");
}

// Counts the calls that place a file, by the thread that makes them. Lists
// slowly, so that whoever does not list has nothing else to do.
class ByThread : public SysWrapper {
 public:
  explicit ByThread(std::string call)
      : SysWrapper(RealSys()), call_(std::move(call)) {}

  const std::map<std::thread::id, int>& placed() const { return placed_; }

 protected:
  int64_t Around(const Call& call, const RealCall& real) override {
    if (call.name == std::string("ReadDirectory"))
      std::this_thread::sleep_for(kLongEnough);
    if (call.name == call_) {
      const std::lock_guard<std::mutex> lock(mutex_);
      ++placed_[std::this_thread::get_id()];
    }
    return real();
  }

 private:
  const std::string call_;
  std::mutex mutex_;
  std::map<std::thread::id, int> placed_;
};

class LargeDirectoryTest : public WorkersTest {
 protected:
  // Of some ten listings.
  static constexpr int kFiles = 3000;

  void SetUp() override {
    const std::string long_name(200, 'n');
    std::string tree;
    for (int number = 0; number < kFiles; ++number)
      absl::StrAppend(&tree, "from/", long_name, number, " \"text\"\n");
    ASSERT_OK(ArrangeTree(dir_, tree));
  }
};

TEST_F(LargeDirectoryTest, TwoCopyItsFiles) {
  ByThread sys("SetTimesAt");
  Place(Method::kCopy, sys);
  EXPECT_THAT(sys.placed(), SizeIs(2 + 1));  // and the root, by the caller
}

TEST_F(LargeDirectoryTest, TwoLinkThem) {
  ByThread sys("LinkAt");
  Place(Method::kHardlink, sys);
  EXPECT_THAT(sys.placed(), SizeIs(2));
}

TEST_F(LargeDirectoryTest, OneLinksThemWhereTwoAreNoFaster) {
  ByThread calls("LinkAt");
  FakeMounts btrfs(calls, {{.prefix = dir_.path(), .magic = kBtrfs}});
  Place(Method::kHardlink, btrfs);
  EXPECT_THAT(calls.placed(), ElementsAre(Pair(_, kFiles)));
}

}  // namespace
}  // namespace materialize
