// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// What is remembered of mounts, and how often the kernel is asked.

#include "materialize/strategy/mounts.h"

#include <atomic>
#include <cerrno>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "materialize/os/fd.h"
#include "tests/testing/fake_mounts.h"
#include "tests/testing/faulty_sys.h"
#include "tests/testing/temp_dir.h"

namespace materialize {
namespace {

constexpr uint64_t kBtrfs = 0x9123683E;
constexpr uint64_t kXfs = 0x58465342;
constexpr uint64_t kExt4 = 0xEF53;
constexpr uint64_t kVfat = 0x4D44;

Mount MountOf(uint64_t magic, uint64_t mount_id, uint64_t device) {
  return {.key = {.mount_id = mount_id, .device = device},
          .filesystem = &FilesystemOf(magic)};
}

// Row C4. FACTS: the table of pairs, as far as it is known beforehand.
TEST(PairTest, RulesOutWhatCannotWork) {
  const struct {
    Mount from;
    Mount to;
    int clone;  // the errno, 0 where it is to be tried
    int link;
  } kRows[] = {
      {MountOf(kBtrfs, 1, 1), MountOf(kBtrfs, 1, 1), 0, 0},
      // Two subvolumes; a bind mount; both.
      {MountOf(kBtrfs, 1, 1), MountOf(kBtrfs, 1, 2), 0, EXDEV},
      {MountOf(kXfs, 1, 1), MountOf(kXfs, 2, 1), 0, EXDEV},
      {MountOf(kBtrfs, 1, 1), MountOf(kBtrfs, 2, 2), 0, EXDEV},
      {MountOf(kExt4, 1, 1), MountOf(kExt4, 1, 1), EOPNOTSUPP, 0},
      {MountOf(kBtrfs, 1, 1), MountOf(kXfs, 2, 2), EXDEV, EXDEV},
      {MountOf(kVfat, 1, 1), MountOf(kVfat, 1, 1), EOPNOTSUPP, EPERM},
  };
  for (const auto& row : kRows) {
    SCOPED_TRACE(row.from.Text() + " " + row.to.Text());
    const Pair pair(row.from, row.to);
    EXPECT_EQ(pair.Error(Operation::kClone), row.clone);
    EXPECT_EQ(pair.Allows(Operation::kClone), row.clone == 0);
    EXPECT_EQ(pair.Error(Operation::kLink), row.link);
    EXPECT_EQ(pair.Allows(Operation::kLink), row.link == 0);
  }
}

class TryTest : public testing::Test {
 protected:
  int Try(int result, Operation operation = Operation::kLink) {
    return pair_.Try(operation, [&] {
      ++tries_;
      return result;
    });
  }
  Pair pair_{MountOf(kXfs, 1, 1), MountOf(kXfs, 1, 1)};
  int tries_ = 0;
};

// Row C3.
TEST_F(TryTest, AskedOnceAfterANo) {
  EXPECT_EQ(Try(-EXDEV), -EXDEV);
  EXPECT_EQ(Try(0), -EXDEV);
  EXPECT_EQ(tries_, 1);
  EXPECT_TRUE(pair_.Allows(Operation::kClone));
  EXPECT_EQ(Try(0, Operation::kClone), 0);
}

// Row C5.
TEST_F(TryTest, RealErrorsTeachNothing) {
  for (const int error :
       {ENOSPC, EDQUOT, EIO, EROFS, ENOENT, ENOMEM, EMLINK, EACCES}) {
    for (int time = 0; time < 20; ++time) EXPECT_EQ(Try(-error), -error);
    EXPECT_TRUE(pair_.Allows(Operation::kLink)) << error;
  }
  EXPECT_EQ(Try(0), 0);
}

TEST_F(TryTest, SeveralRefusalsInARowAreANoUnlessItEverWorked) {
  for (int time = 0; time < 20; ++time) (void)Try(-EPERM);
  EXPECT_FALSE(pair_.Allows(Operation::kLink));
  EXPECT_LT(tries_, 20);
  EXPECT_EQ(Try(0, Operation::kClone), 0);
  for (int time = 0; time < 20; ++time) (void)Try(-EINVAL, Operation::kClone);
  EXPECT_TRUE(pair_.Allows(Operation::kClone));
}

// Row C3: many threads meet a mount that cannot; one of them asks.
TEST(PairThreadsTest, OneThreadAsksForAll) {
  for (int round = 0; round < 50; ++round) {
    Pair pair(MountOf(kXfs, 1, 1), MountOf(kXfs, 1, 1));
    std::atomic<int> tries{0};
    std::atomic<int> ready{0};
    std::vector<std::thread> threads;
    for (int number = 0; number < 8; ++number) {
      threads.emplace_back([&] {
        ready.fetch_add(1);
        while (ready.load() < 8) std::this_thread::yield();
        for (int file = 0; file < 20; ++file) {
          EXPECT_EQ(pair.Try(Operation::kClone,
                             [&] {
                               tries.fetch_add(1);
                               std::this_thread::yield();
                               return -EOPNOTSUPP;
                             }),
                    -EOPNOTSUPP);
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    ASSERT_EQ(tries.load(), 1);
  }
}

// What is known to work is not done one after another.
TEST(PairThreadsTest, WhatWorksIsDoneTogether) {
  Pair pair(MountOf(kXfs, 1, 1), MountOf(kXfs, 1, 1));
  EXPECT_EQ(pair.Try(Operation::kClone, [] { return 0; }), 0);
  std::atomic<int> inside{0};
  std::vector<std::thread> threads;
  for (int number = 0; number < 2; ++number) {
    threads.emplace_back([&] {
      pair.Try(Operation::kClone, [&] {
        inside.fetch_add(1);
        while (inside.load() < 2) std::this_thread::yield();
        return 0;
      });
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(inside.load(), 2);
}

class MountTableTest : public testing::Test {
 protected:
  const Mount* Find(Sys& sys, MountTable& table, const std::string& path,
                    int* error) {
    const Fd fd(sys, sys.OpenAt(AT_FDCWD, path.c_str(), O_RDONLY, 0));
    Stat facts;
    EXPECT_EQ(sys.StatAt(fd.get(), "", 0, &facts), 0);
    return table.Find(fd.get(), facts, error);
  }
  TempDir dir_;
};

// Row C3.
TEST_F(MountTableTest, AsksTheKernelOncePerMount) {
  FaultySys sys(RealSys());
  MountTable table(sys);
  int error = 0;
  const Mount* first = Find(sys, table, dir_, &error);
  ASSERT_NE(first, nullptr);
  EXPECT_EQ(Find(sys, table, dir_, &error), first);
  EXPECT_EQ(sys.Calls("StatFilesystem"), 1);
  EXPECT_NE(Find(sys, table, "/proc", &error), first);
  EXPECT_EQ(sys.Calls("StatFilesystem"), 2);
  EXPECT_EQ(&table.Between(*first, *first), &table.Between(*first, *first));
}

TEST_F(MountTableTest, AnErrorIsToldAndNotRemembered) {
  FaultySys sys(RealSys());
  sys.Fail("StatFilesystem", EIO, {.count = 1});
  MountTable table(sys);
  int error = 0;
  EXPECT_EQ(Find(sys, table, dir_, &error), nullptr);
  EXPECT_EQ(error, -EIO);
  EXPECT_NE(Find(sys, table, dir_, &error), nullptr);
}

// Row C4.
TEST_F(MountTableTest, NeitherDeviceNorMountIdAloneIsTheKey) {
  FakeMounts sys(RealSys(), {{.prefix = dir_, .mount_id = 1, .device = 10},
                             {.prefix = "/proc", .mount_id = 1, .device = 11},
                             {.prefix = "/", .mount_id = 2, .device = 10}});
  MountTable table(sys);
  int error = 0;
  const Mount* one = Find(sys, table, dir_, &error);
  const Mount* subvolume = Find(sys, table, "/proc", &error);
  const Mount* bind = Find(sys, table, "/", &error);
  EXPECT_NE(one, subvolume);
  EXPECT_NE(one, bind);
  EXPECT_NE(&table.Between(*one, *bind), &table.Between(*bind, *one));
}

}  // namespace
}  // namespace materialize
