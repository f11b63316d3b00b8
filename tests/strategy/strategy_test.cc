// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// What an errno means, whole: every errno that is named here must be judged so,
// and every other one is real.

#include "materialize/strategy/strategy.h"

#include <cerrno>
#include <cstring>
#include <map>

#include "gtest/gtest.h"
#include "materialize/strategy/filesystem.h"

namespace materialize {
namespace {

using enum Verdict;
using Table = std::map<int, Verdict>;

const std::map<Operation, Table> kVerdicts = {
    {Operation::kClone,
     {{EXDEV, kNeverOnThisPair},
      {EOPNOTSUPP, kNeverOnThisPair},
      {ENOTTY, kNeverOnThisPair},
      {ENOSYS, kNeverOnThisPair},
      {EINVAL, kTryNext},
      {ETXTBSY, kTryNext},
      {EPERM, kTryNext},
      {EAGAIN, kRetry},
      {EINTR, kRetry}}},
    {Operation::kLink,
     {{EXDEV, kNeverOnThisPair},
      {EOPNOTSUPP, kNeverOnThisPair},
      {ENOTTY, kNeverOnThisPair},
      {ENOSYS, kNeverOnThisPair},
      {EMLINK, kReplica},
      {EPERM, kTryNext},
      {EACCES, kTryNext},
      {EINTR, kRetry}}},
    {Operation::kSymlink,
     {{EPERM, kNeverOnThisPair},
      {EOPNOTSUPP, kNeverOnThisPair},
      {ENOSYS, kNeverOnThisPair}}},
    {Operation::kCopyRange,
     {{EXDEV, kNeverOnThisPair},
      {EOPNOTSUPP, kNeverOnThisPair},
      {ENOTTY, kNeverOnThisPair},
      {ENOSYS, kNeverOnThisPair},
      {EINVAL, kTryNext},
      {ETXTBSY, kTryNext},
      {EPERM, kTryNext},
      {EAGAIN, kRetry},
      {EINTR, kRetry}}},
};

// Row C5.
TEST(StrategyTest, JudgesEveryErrno) {
  constexpr int kLastErrno = 133;
  for (const auto& [operation, table] : kVerdicts) {
    for (int error = 1; error <= kLastErrno; ++error) {
      const auto named = table.find(error);
      EXPECT_EQ(Judge(operation, error),
                named == table.end() ? kFail : named->second)
          << static_cast<int>(operation) << " " << strerror(error);
    }
  }
}

// Row H4.
TEST(StrategyTest, NotNowTwiceIsTheNextMethodForACloneAndAnErrorForACopy) {
  EXPECT_EQ(JudgeAgain(Operation::kClone, EAGAIN), kTryNext);
  EXPECT_EQ(JudgeAgain(Operation::kCopyRange, EAGAIN), kFail);
  EXPECT_EQ(JudgeAgain(Operation::kCopyRange, EINTR), kRetry);
}

TEST(FilesystemTest, KnowsWhatCannotWorkAndTriesTheRest) {
  const struct {
    uint64_t magic;
    const char* name;
    Support reflink;
    Support hardlink;
  } kRows[] = {
      {0x9123683E, "btrfs", Support::kYes, Support::kYes},
      {0x58465342, "xfs", Support::kMaybe, Support::kYes},
      {0xEF53, "ext4", Support::kNo, Support::kYes},
      {0x01021994, "tmpfs", Support::kNo, Support::kYes},
      {0x794C7630, "overlay", Support::kMaybe, Support::kYes},
      {0x4D44, "vfat", Support::kNo, Support::kNo},
      {0x65735546, "fuse", Support::kNo, Support::kMaybe},
      {0xDEAD, "unknown", Support::kMaybe, Support::kMaybe},
  };
  for (const auto& row : kRows) {
    const Filesystem& filesystem = FilesystemOf(row.magic);
    EXPECT_STREQ(filesystem.name, row.name);
    EXPECT_EQ(filesystem.reflink, row.reflink) << row.name;
    EXPECT_EQ(filesystem.hardlink, row.hardlink) << row.name;
  }
  EXPECT_EQ(FilesystemOf(0x9FA0).traits.sizes, Sizes::kPretended);
  EXPECT_EQ(FilesystemOf(0x794C7630).traits.layers, Layers::kOverlay);
}

}  // namespace
}  // namespace materialize
