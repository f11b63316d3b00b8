// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Owners, modes and inodes of what a merge puts in place: rows C12 to C15.

#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <optional>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/rows/files.h"
#include "tests/testing/faulty_sys.h"
#include "tests/testing/lab.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/surroundings.h"
#include "tests/testing/temp_dir.h"
#include "tests/testing/tree_text.h"

namespace materialize {
namespace {

using ::testing::IsEmpty;
namespace fs = std::filesystem;
using enum Method;

constexpr uid_t kSomebody = 12345;

class MergeOwnersTest : public testing::Test {
 protected:
  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "needs root";
  }
  // Of somebody else, with bits that are theirs alone; and what stands there.
  void Arrange(const std::string& place) {
    dir_.emplace(TempDir::In(Lab(place)));
    from_ = *dir_ / "from";
    to_ = *dir_ / "to";
    ASSERT_OK(ArrangeTree(from_, "su size=8K\nsg size=8K\nroots size=8K\nd/"));
    ASSERT_OK(ArrangeTree(to_, "su size=9K\nroots size=9K\nd/\nmine \"\""));
    for (const char* name : {"/su", "/sg", "/d"})
      ASSERT_EQ(chown((from_ + name).c_str(), kSomebody, kSomebody), 0);
    ASSERT_EQ(chmod((from_ + "/su").c_str(), 04755), 0);
    ASSERT_EQ(chmod((from_ + "/sg").c_str(), 02755), 0);
    ASSERT_EQ(chmod((from_ + "/d").c_str(), 03777), 0);
  }
  void ExpectModes(mode_t su, mode_t sg, mode_t d, uid_t owner) {
    EXPECT_EQ(StatOf(to_ + "/su").permissions(), su);
    EXPECT_EQ(StatOf(to_ + "/sg").permissions(), sg);
    EXPECT_EQ(StatOf(to_ + "/d").permissions(), d);
    for (const char* name : {"/su", "/sg", "/d"})
      EXPECT_EQ(StatOf(to_ + name).uid, owner);
  }

  std::optional<TempDir> dir_;
  std::string from_, to_;
};

struct Way {
  const char* place;
  Method method;
};
constexpr Way kWays[] = {
    {"xfs", kReflink}, {"btrfs", kReflink}, {"ext4", kCopy}};

// Row C12: neither on what is replaced nor on what is new, nor by a second run;
// and bits that somebody put there meanwhile go.
TEST_F(MergeOwnersTest, SetIdBitsNeverPassToAnotherOwner) {
  for (const Way& way : kWays) {
    if (!LabPlace(way.place)) continue;
    SCOPED_TRACE(way.place);
    Arrange(way.place);
    const Request request = Merging(from_, to_, {way.method});
    ASSERT_OK_AND_ASSIGN(Report report, Materialize(request));
    EXPECT_EQ(report.files(), 3);
    ExpectModes(0755, 0755, 0777, 0);
    ASSERT_OK_AND_ASSIGN(report, Materialize(request));
    EXPECT_EQ(report.unchanged.files, 3);
    ASSERT_EQ(chmod((to_ + "/su").c_str(), 04755), 0);
    ASSERT_OK_AND_ASSIGN(report, Materialize(request));
    EXPECT_EQ(report.unchanged.files, 2);
    ExpectModes(0755, 0755, 0777, 0);
    EXPECT_EQ(StatOf(from_ + "/su").permissions(), 04755u);
  }
}

// Row C12: with their owner, or not at all.
TEST_F(MergeOwnersTest, SetIdBitsComeOnlyWithTheirOwner) {
  for (const Way& way : kWays) {
    if (!LabPlace(way.place)) continue;
    SCOPED_TRACE(way.place);
    Arrange(way.place);
    Request request = Merging(from_, to_, {way.method});
    request.preserve.owner = true;
    FaultySys sys(RealSys());
    sys.Fail("ChangeOwnerAt", EPERM);
    ASSERT_OK_AND_ASSIGN(Report report, Materialize(request, sys));
    EXPECT_GE(report.not_kept.owners, 3);
    ExpectModes(0755, 0755, 0777, 0);
    ASSERT_OK(Materialize(request).status());
    ExpectModes(04755, 02755, 03777, kSomebody);
    ASSERT_OK_AND_ASSIGN(report, Materialize(request));
    EXPECT_EQ(report.unchanged.files, 3);
    ExpectModes(04755, 02755, 03777, kSomebody);
  }
}

// Row C13: its owner could rewrite what root installs.
TEST_F(MergeOwnersTest, AutoNeverLinksAFileOfSomebodyElseForRoot) {
  for (const char* place : {"ext4", "tmpfs", "xfs-noreflink"}) {
    if (!LabPlace(place)) continue;
    SCOPED_TRACE(place);
    Arrange(place);
    ASSERT_OK_AND_ASSIGN(Report report, Materialize(Merging(from_, to_)));
    EXPECT_EQ(report.of(kCopy).files, 2);
    EXPECT_EQ(report.of(kHardlink).files, 1);
    EXPECT_TRUE(IsOneInode(from_ + "/roots", to_ + "/roots"));
    EXPECT_FALSE(IsOneInode(from_ + "/su", to_ + "/su"));
    EXPECT_EQ(StatOf(from_ + "/su").links, 1u);
    // Who asks for links by name gets them, of what is to be replaced.
    ASSERT_EQ(utimensat(AT_FDCWD, (to_ + "/su").c_str(), nullptr, 0), 0);
    ASSERT_OK_AND_ASSIGN(report,
                         Materialize(Merging(from_, to_, {kHardlink, kCopy})));
    EXPECT_TRUE(IsOneInode(from_ + "/su", to_ + "/su"));
  }
}

// Row C14.
struct Case {
  const char* name;
  const char* place;
  Method method;
  bool acl;
  bool setgid;
};
void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

constexpr Case kCases[] = {
    {"Umask", "ext4", kCopy, false, false},
    {"Acl", "ext4", kCopy, true, false},
    {"Setgid", "ext4", kCopy, false, true},
    {"All", "ext4", kCopy, true, true},
    {"AllOnTmpfs", "tmpfs", kCopy, true, true},
    {"AllLinked", "ext4", kHardlink, true, true},
    {"AllReflinked", "xfs", kReflink, true, true},
    {"AllReflinkedOnBtrfs", "btrfs", kReflink, true, true},
};

constexpr char kTree[] = R"(
  ./ 0755 @1500000000.25
  d/closed/f 0600 @1500000001 size=8K
  d/closed/ 0555 @1500000003
  d/ 0775 @1500000004
  new/deep/f 0664 @1500000005 size=8K
  new/ 0750 @1500000006
  everybody 0666 @1500000007 "x"
  tool 0755 @1500000008.5 size=8K
)";

class MergeModesTest : public testing::TestWithParam<Case> {
 protected:
  void SetUp() override {
    REQUIRE_LAB(GetParam().place);
    dir_.emplace(TempDir::In(Lab(GetParam().place)));
    from_ = *dir_ / "from";
    ASSERT_OK(ArrangeTree(from_, kTree));
    ASSERT_OK(ArrangeTree(*dir_ / "p/to", R"(
      d/closed/f "old"
      everybody "old"
      tool/
    )"));
    // What holds the destination, and directories of it that stay.
    for (const char* name : {"/p", "/p/to", "/p/to/d", "/p/to/d/closed"}) {
      const std::string path = dir_->path() + name;
      if (GetParam().setgid) {
        ASSERT_EQ(chown(path.c_str(), 0, kSomebody), 0);
        fs::permissions(path, fs::perms(02755));
      }
      if (GetParam().acl) SetDefaultAcl(path, kSomebody);
    }
  }

  std::optional<TempDir> dir_;
  std::string from_;
};

TEST_P(MergeModesTest, AreTheSourcesWhateverTheSurroundings) {
  const std::string to = *dir_ / "p/to";
  for (const bool thread_umask : {true, false}) {
    SCOPED_TRACE(thread_umask);
    FaultySys sys(RealSys());
    if (!thread_umask) sys.Fail("ClearThreadUmask", EPERM);
    const Umask mask(077);
    for (int run = 0; run < 2; ++run) {
      ASSERT_OK(Materialize(Merging(from_, to, {GetParam().method}), sys));
      for (const char* name : {"/d/closed/f", "/new", "/everybody", "/tool"}) {
        EXPECT_EQ(TreeText(to + name), TreeText(from_ + name));
        EXPECT_LT(lgetxattr((to + name).c_str(), "system.posix_acl_access",
                            nullptr, 0),
                  0)
            << name;
      }
      EXPECT_THAT(NamesWithAnAcl(to + "/new"), IsEmpty());
      for (const char* name : {"", "/d", "/d/closed"}) {
        // What was there and has an ACL keeps it: only the plain bits are ours.
        EXPECT_EQ(StatOf(to + name).mtime, StatOf(from_ + name).mtime) << name;
        EXPECT_EQ(StatOf(to + name).permissions() & 0777,
                  StatOf(from_ + name).permissions())
            << name;
      }
    }
    fs::remove_all(to + "/new");
    fs::remove(to + "/everybody");
  }
  EXPECT_THAT(Leftovers(*dir_ / "p"), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(, MergeModesTest, testing::ValuesIn(kCases),
                         [](const testing::TestParamInfo<Case>& info) {
                           return std::string(info.param.name);
                         });

// Row C15.
TEST(MergePrivateTest, AnEntryThatSharesItsInodeIsReplaced) {
  for (const char* place : {"ext4", "xfs", "btrfs", "tmpfs"}) {
    if (!LabPlace(place)) continue;
    SCOPED_TRACE(place);
    const TempDir dir = TempDir::In(Lab(place));
    ASSERT_OK(ArrangeTree(dir / "from", "mine/f \"12345\"\nshared \"12345\""));
    Request request = Merging(dir / "from", dir / "to", {kHardlink, kCopy});
    ASSERT_OK(Materialize(request).status());
    ASSERT_TRUE(IsOneInode(dir / "from/mine/f", dir / "to/mine/f"));
    request.private_entries = {"mine/**"};
    ASSERT_OK_AND_ASSIGN(Report report, Materialize(request));
    EXPECT_EQ(report.of(kCopy).files, 1);
    EXPECT_EQ(report.unchanged.files, 1);
    EXPECT_FALSE(IsOneInode(dir / "from/mine/f", dir / "to/mine/f"));
    EXPECT_TRUE(IsOneInode(dir / "from/shared", dir / "to/shared"));
    EXPECT_EQ(TreeText(dir / "to"), TreeText(dir / "from"));
    const uint64_t inode = StatOf(dir / "to/mine/f").inode;
    ASSERT_OK_AND_ASSIGN(report, Materialize(request));
    EXPECT_EQ(StatOf(dir / "to/mine/f").inode, inode);
    EXPECT_EQ(report.unchanged.files, 2);
    // Shared with whoever it is.
    fs::create_hard_link(dir / "to/mine/f", dir / "backup");
    ASSERT_OK_AND_ASSIGN(report, Materialize(request));
    EXPECT_FALSE(IsOneInode(dir / "backup", dir / "to/mine/f"));
    EXPECT_EQ(StatOf(dir / "backup").inode, inode);
    WriteFile(dir / "to/mine/f", "54321");
    EXPECT_EQ(ReadFile(dir / "from/mine/f"), "12345");
    EXPECT_EQ(ReadFile(dir / "backup"), "12345");
  }
}

// Row C15: a link to the source is as little its own.
TEST(MergePrivateTest, AnEntryThatLinksToTheSourceIsReplaced) {
  const TempDir dir;
  ASSERT_OK(ArrangeTree(dir / "from", "f \"12345\""));
  Request request = Merging(dir / "from", dir / "to", {kSymlink, kCopy});
  ASSERT_OK(Materialize(request).status());
  ASSERT_EQ(StatOf(dir / "to/f").kind(), Kind::kSymlink);
  request.private_entries = {"**"};
  ASSERT_OK(Materialize(request).status());
  EXPECT_EQ(StatOf(dir / "to/f").kind(), Kind::kFile);
  EXPECT_EQ(TreeText(dir / "to"), TreeText(dir / "from"));
}

}  // namespace
}  // namespace materialize
