// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Counting, and what is remembered of full inodes.

#include "materialize/exec/tally.h"

#include <cerrno>

#include "gtest/gtest.h"
#include "materialize/exec/replicas.h"

namespace materialize {
namespace {

const Mount kFrom = {.key = {.mount_id = 1, .device = 2},
                     .filesystem = &FilesystemOf(0xEF53)};
const Mount kTo = {.key = {.mount_id = 3, .device = 4},
                   .filesystem = &FilesystemOf(0x58465342)};

// Row S19.
TEST(TallyTest, CountsByKindAndAddsUpWorkers) {
  const Stat facts = {.size = 100, .blocks = 8};
  WorkerTally one;
  WorkerTally two;
  one.Count(How::kReflink, &facts);
  one.Count(How::kEmpty, &facts);
  one.Count(How::kDirectory, nullptr);
  one.Count(How::kKept, nullptr);
  one.Count(How::kSkipped, nullptr);
  two.Count(How::kReflink, &facts);
  two.Count(How::kCopy, &facts);
  Report report;
  report.bytes_exact = true;
  one.AddTo(&report);
  two.AddTo(&report);
  EXPECT_EQ(report.of(Method::kReflink).files, 2);
  EXPECT_EQ(report.of(Method::kReflink).bytes, 200);
  EXPECT_EQ(report.of(Method::kCopy).files, 1);
  EXPECT_EQ(report.created_empty.files, 1);
  EXPECT_EQ(report.directories, 1);
  EXPECT_EQ(report.symlinks, 1);
  EXPECT_EQ(report.apparent_bytes, 400);
  EXPECT_EQ(report.allocated_bytes, 4 * 8 * 512);
  EXPECT_TRUE(report.bytes_exact);
  EXPECT_EQ(report.files(), 4);
}

TEST(TallyTest, BytesAreNotExactWhereNobodyLooked) {
  WorkerTally tally;
  tally.Count(How::kHardlink, nullptr);
  Report report;
  report.bytes_exact = true;
  tally.AddTo(&report);
  EXPECT_FALSE(report.bytes_exact);
  EXPECT_EQ(report.of(Method::kHardlink).files, 1);
}

TEST(TallyTest, DowngradesAreOneRowForEachReason) {
  const Pair pair(kFrom, kTo);
  const Passed link = {.method = Method::kHardlink, .error = EXDEV};
  const Passed foreign = {.method = Method::kHardlink,
                          .reason = Reason::kForeignOwner};
  WorkerTally one;
  WorkerTally two;
  one.CountPassed(pair, link, Method::kCopy, "dir", "b");
  one.CountPassed(pair, link, Method::kCopy, "dir", "c");
  one.CountPassed(pair, foreign, Method::kCopy, "", "d");
  two.CountPassed(pair, link, Method::kCopy, "dir", "a");
  Report report;
  one.AddTo(&report);
  two.AddTo(&report);
  ASSERT_EQ(report.downgrades.size(), 2U);
  const Downgrade& first = report.downgrades[0];
  EXPECT_EQ(first.from, "ext4:1");
  EXPECT_EQ(first.to, "xfs:3");
  EXPECT_EQ(first.files, 3);
  EXPECT_EQ(first.error, EXDEV);
  EXPECT_EQ(first.example, "dir/a");
  EXPECT_EQ(report.downgrades[1].error, 0);
  EXPECT_EQ(report.downgrades[1].files, 1);
}

TEST(ReplicasTest, TheNewestStandsForAnInode) {
  Replicas replicas;
  const Identity inode = {.device = 1, .inode = 2};
  EXPECT_FALSE(replicas.Find(inode).has_value());
  replicas.Set(inode, "a");
  replicas.Set(inode, "b");
  EXPECT_EQ(replicas.Find(inode), "b");
  EXPECT_FALSE(replicas.Find({.device = 2, .inode = 2}).has_value());
}

}  // namespace
}  // namespace materialize
