// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// A large file that several threads copy: each byte once, and the same errors
// as one thread would tell.

#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <fstream>
#include <mutex>
#include <set>
#include <sstream>
#include <thread>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "materialize/exec/copy_data.h"
#include "materialize/os/fd.h"
#include "tests/testing/faulty_sys.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"
#include "tests/testing/tree_text.h"

namespace materialize {
namespace {

using ::testing::SizeIs;

constexpr uint64_t kExt4 = 0xEF53;  // linux/magic.h
constexpr uint64_t kXfs = 0x58465342;
constexpr uint64_t kVfat = 0x4D44;
constexpr auto kPatience = std::chrono::seconds(10);

// Who moves bytes. Where two are `expected`, neither goes on without the other.
class Movers : public SysWrapper {
 public:
  explicit Movers(size_t expected) : Movers(expected, RealSys()) {}
  Movers(size_t expected, Sys& real) : SysWrapper(real), expected_(expected) {}

  const std::set<std::thread::id>& threads() const { return threads_; }

 protected:
  int64_t Around(const Call& call, const RealCall& real) override {
    const std::string name = call.name;
    std::unique_lock<std::mutex> lock(mutex_);
    if (name == "Seek" || name == "CopyRange" || name == "Read") {
      threads_.insert(std::this_thread::get_id());
      came_.notify_all();
    }
    // With each chunk; the first CopyRange of a pair is one thread's alone.
    if (name == "Seek") {
      came_.wait_for(lock, kPatience,
                     [&] { return threads_.size() >= expected_; });
    }
    lock.unlock();
    return real();
  }

 private:
  const size_t expected_;
  std::mutex mutex_;
  std::condition_variable came_;
  std::set<std::thread::id> threads_;
};

class CopyPartsTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_OK(ArrangeTree(dir_, "from size=40M")); }

  CopyResult Copy(Sys& sys, int idle, uint64_t from_magic = kExt4,
                  uint64_t to_magic = kExt4) {
    const Fd from(sys, sys.OpenAt(AT_FDCWD, from_.c_str(), O_RDONLY, 0));
    (void)RealSys().UnlinkAt(AT_FDCWD, to_.c_str(), 0);
    const Fd to(sys, sys.OpenAt(AT_FDCWD, to_.c_str(),
                                O_WRONLY | O_CREAT | O_EXCL, 0600));
    Stat facts;
    EXPECT_EQ(sys.StatAt(from.get(), "", 0, &facts), 0);
    Pair pair({.key = {.mount_id = 1}, .filesystem = &FilesystemOf(from_magic)},
              {.key = {.mount_id = 2}, .filesystem = &FilesystemOf(to_magic)});
    return DataCopier(sys, &cancel_, [idle] { return idle; })
        .Copy(pair, from.get(), to.get(), facts);
  }
  bool IsCopied() const { return Content(to_) == Content(from_); }
  static std::string Content(const std::string& path) {
    std::stringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
  }

  const TempDir dir_;
  const std::string from_ = dir_ / "from";
  const std::string to_ = dir_ / "to";
  std::atomic<bool> cancel_{false};
};

TEST_F(CopyPartsTest, WhoIsIdleTakesPart) {
  for (const bool by_range : {true, false}) {
    FaultySys faulty(RealSys());
    if (!by_range) faulty.Fail("CopyRange", EXDEV);
    Movers sys(/*expected=*/2, faulty);
    EXPECT_EQ(Copy(sys, /*idle=*/1).end, CopyEnd::kDone);
    EXPECT_TRUE(IsCopied());
    EXPECT_THAT(sys.threads(), SizeIs(2));
  }
}

TEST_F(CopyPartsTest, OneCopiesWhereMoreWouldNotHelp) {
  struct Row {
    int idle;
    uint64_t from, to;
  };
  for (const Row& row : {Row{0, kExt4, kExt4},   // nobody is there
                         Row{1, kExt4, kVfat},   // zeros would be written first
                         Row{1, kXfs, kXfs}}) {  // copy_file_range clones
    Movers sys(/*expected=*/1);
    EXPECT_EQ(Copy(sys, row.idle, row.from, row.to).end, CopyEnd::kDone);
    EXPECT_TRUE(IsCopied());
    EXPECT_THAT(sys.threads(), SizeIs(1));
  }
}

TEST_F(CopyPartsTest, WithoutDescriptorsOfTheirOwnHelpersLeaveItToOne) {
  FaultySys faulty(RealSys());
  faulty.Fail("OpenAt", EACCES, {.path = "/proc/self/fd"});
  Movers sys(/*expected=*/1, faulty);
  EXPECT_EQ(Copy(sys, /*idle=*/3).end, CopyEnd::kDone);
  EXPECT_TRUE(IsCopied());
  EXPECT_THAT(sys.threads(), SizeIs(1));
}

TEST_F(CopyPartsTest, AnErrorOfAnyOfThemIsTheError) {
  for (const int nth : {1, 2, 3}) {
    FaultySys faulty(RealSys());
    faulty.Fail("CopyRange", ENOSPC, {.nth = nth, .count = 1});
    Movers sys(/*expected=*/2, faulty);
    const CopyResult result = Copy(sys, /*idle=*/1);
    EXPECT_EQ(result.end, CopyEnd::kFailed);
    EXPECT_EQ(result.error, ENOSPC);
    EXPECT_STREQ(result.call, "copy_file_range");
  }
}

TEST_F(CopyPartsTest, ASourceThatGrowsOrShrinksIsSeen) {
  {
    FaultySys faulty(RealSys());
    faulty.Before("CopyRange",
                  [&] { std::ofstream(from_, std::ios::app) << "more"; });
    Movers sys(/*expected=*/2, faulty);
    EXPECT_EQ(Copy(sys, /*idle=*/1).end, CopyEnd::kChanged);
  }
  FaultySys faulty(RealSys());
  faulty.Before("CopyRange", [&] {
    const Fd fd(RealSys(), open(from_.c_str(), O_WRONLY));
    EXPECT_EQ(RealSys().Truncate(fd.get(), 1000), 0);
  });
  Movers sys(/*expected=*/2, faulty);
  EXPECT_EQ(Copy(sys, /*idle=*/1).end, CopyEnd::kChanged);
}

TEST_F(CopyPartsTest, AllStopWhenCancelled) {
  FaultySys faulty(RealSys());
  faulty.Before("CopyRange", [&] { cancel_ = true; });
  Movers sys(/*expected=*/2, faulty);
  EXPECT_EQ(Copy(sys, /*idle=*/1).end, CopyEnd::kCancelled);
  EXPECT_LE(faulty.Calls("CopyRange"), 2);
}

}  // namespace
}  // namespace materialize
