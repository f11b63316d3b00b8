// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// One entry against one stat, and times on coarse filesystems.

#include "materialize/verify/compare.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace materialize {
namespace {

constexpr int64_t kFine = 1;

TEST(SameTimeTest, CountsNanosecondsWhereBothSidesHaveThem) {
  EXPECT_TRUE(SameTime({5, 7}, {5, 7}, kFine));
  EXPECT_FALSE(SameTime({5, 7}, {5, 8}, kFine));
  EXPECT_TRUE(SameTime({5, 0}, {5, 8}, kFine));
  EXPECT_TRUE(SameTime({5, 8}, {5, 0}, kFine));
  EXPECT_FALSE(SameTime({5, 0}, {6, 0}, kFine));
  EXPECT_FALSE(SameTime({6, 0}, {5, 0}, kFine));
  EXPECT_TRUE(SameTime({-5, 3}, {-5, 3}, kFine));
}

TEST(SameTimeTest, AllowsWhatTheFilesystemCutsOff) {
  const int64_t vfat = TimeGrain(0x4d44);
  EXPECT_TRUE(SameTime({7, 9}, {6, 0}, vfat));
  EXPECT_TRUE(SameTime({6, 9}, {6, 0}, vfat));
  EXPECT_FALSE(SameTime({8, 0}, {6, 0}, vfat));
  EXPECT_FALSE(SameTime({5, 0}, {6, 0}, vfat));
  const int64_t ntfs = TimeGrain(0x7366746e);
  EXPECT_TRUE(SameTime({5, 123456789}, {5, 123456700}, ntfs));
  EXPECT_FALSE(SameTime({5, 123456789}, {5, 123456800}, ntfs));
  const int64_t ext4 = TimeGrain(0xef53);
  EXPECT_EQ(ext4, kFine);
}

MtreeEntry Said(Kind kind) {
  MtreeEntry said;
  said.entry.kind = kind;
  return said;
}

std::string Compared(const MtreeEntry& said, const Stat& found) {
  std::vector<Difference> differences;
  std::string text = CompareFacts(said, found, kFine, &differences) ? "+" : "-";
  for (const Difference& one : differences) text += DifferenceText(one) + ";";
  return text;
}

TEST(CompareTest, NamesEveryType) {
  struct Case {
    Kind kind;
    mode_t special;
    mode_t found;
    std::string text;
  };
  const Case cases[] = {
      {Kind::kFile, 0, S_IFREG, "+"},
      {Kind::kFile, 0, S_IFIFO, "-.: type (file, fifo);"},
      {Kind::kDirectory, 0, S_IFLNK, "-.: type (dir, link);"},
      {Kind::kSymlink, 0, S_IFDIR, "-.: type (link, dir);"},
      {Kind::kSpecial, S_IFSOCK, S_IFBLK, "-.: type (socket, block);"},
      {Kind::kSpecial, S_IFCHR, S_IFCHR, "+"},
      {Kind::kSpecial, 0, S_IFCHR, "+"},
      {Kind::kSpecial, 0, S_IFREG, "-.: type (device, file);"},
      {Kind::kUnknown, 0, S_IFSOCK, "+"},
  };
  for (const Case& c : cases) {
    MtreeEntry said = Said(c.kind);
    said.claims.special = c.special;
    EXPECT_EQ(Compared(said, {.mode = c.found}), c.text);
  }
}

TEST(CompareTest, ADigestMeansAFile) {
  MtreeEntry said = Said(Kind::kUnknown);
  said.claims.digests = {{DigestAlgorithm::kMd5, {std::string(32, '0')}}};
  EXPECT_EQ(Compared(said, {.mode = S_IFDIR}), "-.: type (file, dir);");
  EXPECT_EQ(Compared(said, {.mode = S_IFREG}), "+");
}

MtreeEntry SayingAll(Kind kind) {
  MtreeEntry said = Said(kind);
  said.entry.wanted = {.mode = 0755, .mtime = Time{1, 1}, .uid = 1, .gid = 1};
  said.size = 1;
  said.claims.links = 1;
  return said;
}

TEST(CompareTest, ComparesWhatAKindHas) {
  const auto found = [](mode_t type) {
    return Stat{.mode = static_cast<mode_t>(type | 0600),
                .uid = 2,
                .gid = 3,
                .links = 4,
                .size = 5,
                .mtime = {6, 7}};
  };
  const std::string owner = "+.: user (1, 2);.: gid (1, 3);";
  const std::string mode = ".: permissions (0755, 0600);";
  const std::string links = ".: link count (1, 4);";
  const std::string time = ".: modification time (1.000000001, 6.000000007);";
  EXPECT_EQ(Compared(SayingAll(Kind::kFile), found(S_IFREG)),
            owner + mode + links + ".: size (1, 5);" + time);
  EXPECT_EQ(Compared(SayingAll(Kind::kDirectory), found(S_IFDIR)),
            owner + mode + time);
  EXPECT_EQ(Compared(SayingAll(Kind::kSymlink), found(S_IFLNK)),
            owner + links + time);
  EXPECT_EQ(Compared(Said(Kind::kFile), found(S_IFREG)), "+");
}

TEST(CompareTest, OfNochangeOnlyTheTypeCounts) {
  MtreeEntry said = SayingAll(Kind::kFile);
  said.claims.nochange = true;
  EXPECT_EQ(Compared(said, {.mode = S_IFREG}), "-");
  EXPECT_EQ(Compared(said, {.mode = S_IFDIR}), "-.: type (file, dir);");
}

}  // namespace
}  // namespace materialize
