// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Modes, times and owners of what was placed, whatever the surroundings would
// make of them: rows C6, C12, C13 and C14.

#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>

#include "absl/strings/str_cat.h"
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

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
namespace fs = std::filesystem;
using enum Method;

constexpr uid_t kSomebody = 12345;

constexpr char kTree[] = R"(
  ./ 0755 @1500000000.25
  d/closed/deep/f 0600 @1500000001 size=8K
  d/closed/deep/ 0700 @1500000002
  d/closed/ 0555 @1500000003
  d/ 0775 @1500000004
  everybody 0666 @1500000005 "x"
  nobody 0000 @1500000006.000000001 "x"
  plain 0644 @1500000007 size=8K
  tool 0755 @1500000008.5 size=8K
)";

// Rows C6, C14: what the surroundings do to whatever is created in them.
enum class Parent { kPlain, kAcl, kSetgid, kAclAndSetgid };

struct Case {
  const char* name;
  const char* place;
  Method method;
  Parent parent;
  mode_t mask;
};

void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

constexpr Case kCases[] = {
    {"CopyUmask", "ext4", kCopy, Parent::kPlain, 077},
    {"CopyOpenUmask", "ext4", kCopy, Parent::kPlain, 0},
    {"CopyFullUmask", "ext4", kCopy, Parent::kPlain, 0777},
    {"CopyAcl", "ext4", kCopy, Parent::kAcl, 0},
    {"CopyAclUmask", "ext4", kCopy, Parent::kAcl, 077},
    {"CopySetgid", "ext4", kCopy, Parent::kSetgid, 022},
    {"CopyAll", "ext4", kCopy, Parent::kAclAndSetgid, 077},
    {"CopyAllOnTmpfs", "tmpfs", kCopy, Parent::kAclAndSetgid, 077},
    {"LinkAll", "ext4", kHardlink, Parent::kAclAndSetgid, 077},
    {"ReflinkUmask", "xfs", kReflink, Parent::kPlain, 077},
    {"ReflinkAcl", "xfs", kReflink, Parent::kAcl, 0},
    {"ReflinkSetgid", "xfs", kReflink, Parent::kSetgid, 022},
    {"ReflinkAll", "xfs", kReflink, Parent::kAclAndSetgid, 077},
    {"ReflinkAllOnBtrfs", "btrfs", kReflink, Parent::kAclAndSetgid, 077},
};

class ModesTest : public testing::TestWithParam<Case> {
 protected:
  void SetUp() override {
    REQUIRE_LAB(GetParam().place);
    dir_.emplace(TempDir::In(Lab(GetParam().place)));
    from_ = *dir_ / "from";
    parent_ = *dir_ / "parent";
    to_ = parent_ + "/to";
    ASSERT_OK(ArrangeTree(from_, kTree));
    fs::create_directory(parent_);
    const Parent parent = GetParam().parent;
    const bool sets = parent != Parent::kPlain && parent != Parent::kAcl;
    const bool acl = parent == Parent::kAcl || parent == Parent::kAclAndSetgid;
    if (sets) {
      ASSERT_EQ(chown(parent_.c_str(), 0, kSomebody), 0);
      fs::permissions(parent_, fs::perms(02755));
    }
    if (acl) SetDefaultAcl(parent_, kSomebody);
  }
  void Prepare(Into into) {
    fs::remove_all(to_);
    if (into != Into::kNew) fs::create_directory(to_);
    if (into == Into::kSwap) fs::create_directory(to_ + "/old");
  }

  std::optional<TempDir> dir_;
  std::string from_, parent_, to_;
};

TEST_P(ModesTest, AreTheSourcesWhateverTheSurroundings) {
  const std::string expected = TreeText(from_);
  for (const Into into : {Into::kNew, Into::kSwap, Into::kFill}) {
    for (const bool thread_umask : {true, false}) {
      SCOPED_TRACE(absl::StrCat(static_cast<int>(into), thread_umask));
      Prepare(into);
      FaultySys sys(RealSys());
      // What a container's filter may answer to unshare(2).
      if (!thread_umask) sys.Fail("ClearThreadUmask", EPERM);
      Request request = FromTo(from_, to_, {GetParam().method});
      request.into = into;
      const Umask mask(GetParam().mask);
      ASSERT_OK(Materialize(request, sys).status());
      EXPECT_EQ(TreeText(to_), expected);
      EXPECT_THAT(NamesWithAnAcl(to_), IsEmpty());
      EXPECT_THAT(Leftovers(parent_), IsEmpty());
      EXPECT_EQ(umask(GetParam().mask), GetParam().mask);  // still the caller's
    }
  }
}

TEST_P(ModesTest, OfASingleFileTheyAreToo) {
  for (const char* name : {"/tool", "/nobody", "/everybody"}) {
    fs::remove_all(to_);
    const Umask mask(GetParam().mask);
    ASSERT_OK(Materialize(FromTo(from_ + name, to_, {GetParam().method})));
    EXPECT_EQ(TreeText(to_), TreeText(from_ + name));
    EXPECT_LT(lgetxattr(to_.c_str(), "system.posix_acl_access", nullptr, 0), 0);
  }
}

TEST_P(ModesTest, OfAManifestTheyAreAsItSays) {
  Request request;
  request.methods = {GetParam().method, kCopy};  // a link has one mode
  request.destination = to_;
  request.entries = {{.path = ".", .kind = Kind::kDirectory},
                     {.path = "d",
                      .kind = Kind::kDirectory,
                      .wanted = {.mode = 0711, .mtime = Time{7, 8}}},
                     {.path = "d/tool",
                      .kind = Kind::kFile,
                      .content = from_ + "/tool",
                      .wanted = {.mode = 0611, .mtime = Time{9, 10}}},
                     {.path = "d/made", .kind = Kind::kFile}};
  const Umask mask(GetParam().mask);
  ASSERT_OK(Materialize(request).status());
  EXPECT_EQ(StatOf(to_).permissions(), 0755u);
  EXPECT_EQ(StatOf(to_ + "/d").permissions(), 0711u);
  EXPECT_EQ(StatOf(to_ + "/d").mtime, (Time{7, 8}));
  EXPECT_EQ(StatOf(to_ + "/d/tool").permissions(), 0611u);
  EXPECT_EQ(StatOf(to_ + "/d/tool").mtime, (Time{9, 10}));
  EXPECT_EQ(StatOf(to_ + "/d/made").permissions(), 0644u);
}

INSTANTIATE_TEST_SUITE_P(, ModesTest, testing::ValuesIn(kCases),
                         [](const testing::TestParamInfo<Case>& info) {
                           return std::string(info.param.name);
                         });

class OwnersTest : public testing::Test {
 protected:
  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "needs root";
  }
  // A file and a directory of somebody else, with bits that are theirs alone.
  void Arrange(const std::string& place) {
    dir_.emplace(TempDir::In(Lab(place)));
    from_ = *dir_ / "from";
    to_ = *dir_ / "to";
    ASSERT_OK(ArrangeTree(from_, "su size=8K\nsg size=8K\nroots size=8K\nd/"));
    for (const char* name : {"/su", "/sg", "/d"})
      ASSERT_EQ(chown((from_ + name).c_str(), kSomebody, kSomebody), 0);
    ASSERT_EQ(chmod((from_ + "/su").c_str(), 04755), 0);
    ASSERT_EQ(chmod((from_ + "/sg").c_str(), 02755), 0);
    ASSERT_EQ(chmod((from_ + "/d").c_str(), 03777), 0);
  }

  std::optional<TempDir> dir_;
  std::string from_, to_;
};

struct Way {
  const char* place;
  Method method;
};
constexpr Way kWays[] = {
    {"xfs", kReflink}, {"btrfs", kReflink}, {"xfs", kCopy}, {"ext4", kCopy}};

// Row C12: root's own copy of somebody's set-id program is none.
TEST_F(OwnersTest, SetIdBitsNeverPassToAnotherOwner) {
  for (const Way& way : kWays) {
    if (!LabPlace(way.place)) continue;
    SCOPED_TRACE(way.place);
    Arrange(way.place);
    for (const Into into : {Into::kNew, Into::kFill}) {
      fs::remove_all(to_);
      if (into == Into::kFill) fs::create_directory(to_);
      Request request = FromTo(from_, to_, {way.method});
      request.into = into;
      ASSERT_OK(Materialize(request).status());
      EXPECT_EQ(StatOf(to_ + "/su").permissions(), 0755u);
      EXPECT_EQ(StatOf(to_ + "/sg").permissions(), 0755u);
      EXPECT_EQ(StatOf(to_ + "/d").permissions(), 0777u);
      EXPECT_EQ(StatOf(to_ + "/su").uid, 0u);
    }
    EXPECT_EQ(StatOf(from_ + "/su").permissions(), 04755u);
  }
}

// Row C12: with its owner they are still the owner's.
TEST_F(OwnersTest, SetIdBitsStayWithTheirOwner) {
  for (const Way& way : kWays) {
    if (!LabPlace(way.place)) continue;
    SCOPED_TRACE(way.place);
    Arrange(way.place);
    Request request = FromTo(from_, to_, {way.method});
    request.preserve.owner = true;
    ASSERT_OK(Materialize(request).status());
    for (const auto& [name, mode] :
         {std::pair("/su", 04755u), std::pair("/sg", 02755u),
          std::pair("/d", 03777u)}) {
      EXPECT_EQ(StatOf(to_ + name).permissions(), mode);
      EXPECT_EQ(StatOf(to_ + name).uid, kSomebody);
      EXPECT_EQ(StatOf(to_ + name).gid, kSomebody);
    }
    // Where the owner cannot be kept, neither can his set-id bits.
    FaultySys sys(RealSys());
    sys.Fail("ChangeOwnerAt", EPERM);
    request.into = Into::kSwap;
    ASSERT_OK_AND_ASSIGN(const Report report, Materialize(request, sys));
    ASSERT_THAT(report.warnings, SizeIs(1));
    EXPECT_THAT(report.warnings[0].text, HasSubstr("owner of "));
    EXPECT_GE(report.not_kept.owners, 3);
    EXPECT_EQ(StatOf(to_ + "/su").permissions(), 0755u);
    EXPECT_EQ(StatOf(to_ + "/sg").permissions(), 0755u);
    EXPECT_EQ(StatOf(to_ + "/d").permissions(), 0777u);
    EXPECT_EQ(StatOf(to_ + "/su").uid, 0u);
    // Any other answer is one.
    FaultySys broken(RealSys());
    broken.Fail("ChangeOwnerAt", EIO);
    request.jobs = 1;  // another could have the directory's first
    EXPECT_THAT(std::string(Materialize(request, broken).status().message()),
                HasSubstr("chown " + from_));
  }
}

// Row C12: a link is the owner's own file.
TEST_F(OwnersTest, ALinkHasTheBitsOfItsInode) {
  REQUIRE_LAB("ext4");
  Arrange("ext4");
  ASSERT_OK(Materialize(FromTo(from_, to_, {kHardlink})).status());
  EXPECT_EQ(StatOf(to_ + "/su").permissions(), 04755u);
  EXPECT_EQ(StatOf(to_ + "/su").uid, kSomebody);
}

// Row C13: its owner could rewrite what root installs.
TEST_F(OwnersTest, AutoNeverLinksAFileOfSomebodyElseForRoot) {
  for (const char* place : {"ext4", "tmpfs", "xfs-noreflink"}) {
    if (!LabPlace(place)) continue;
    Arrange(place);
    ASSERT_OK_AND_ASSIGN(Report report, Materialize(FromTo(from_, to_)));
    EXPECT_EQ(report.of(kCopy).files, 2);
    EXPECT_EQ(report.of(kHardlink).files, 1);
    EXPECT_TRUE(IsOneInode(from_ + "/roots", to_ + "/roots"));
    EXPECT_FALSE(IsOneInode(from_ + "/su", to_ + "/su"));
    std::vector<std::string> reasons;
    for (const Downgrade& downgrade : report.downgrades)
      if (downgrade.method == kHardlink) reasons.push_back(downgrade.reason);
    ASSERT_THAT(reasons, SizeIs(1));
    EXPECT_THAT(reasons[0], HasSubstr("another user"));
    // Who asks for links by name gets them.
    fs::remove_all(to_);
    ASSERT_OK_AND_ASSIGN(report,
                         Materialize(FromTo(from_, to_, {kHardlink, kCopy})));
    EXPECT_EQ(report.of(kHardlink).files, 3);
    EXPECT_TRUE(IsOneInode(from_ + "/su", to_ + "/su"));
  }
}

// Row C13, among many: who links in a row looks at each.
TEST_F(OwnersTest, AutoNeverLinksItInTheMiddleOfOthers) {
  REQUIRE_LAB("ext4");
  dir_.emplace(TempDir::In(Lab("ext4")));
  from_ = *dir_ / "from";
  to_ = *dir_ / "to";
  std::string tree;
  for (int i = 10; i < 40; ++i)
    absl::StrAppend(&tree, "d", i % 2, "/f", i, " size=100\n");
  ASSERT_OK(ArrangeTree(from_, tree));
  for (const int i : {12, 15, 16, 17, 39}) {
    const std::string name = absl::StrCat(from_, "/d", i % 2, "/f", i);
    ASSERT_EQ(chown(name.c_str(), kSomebody, kSomebody), 0);
  }
  ASSERT_OK_AND_ASSIGN(const Report report, Materialize(FromTo(from_, to_)));
  EXPECT_EQ(report.of(kCopy).files, 5);
  EXPECT_EQ(report.of(kHardlink).files, 25);
  EXPECT_EQ(report.of(kHardlink).bytes, 2500);
  for (int i = 10; i < 40; ++i) {
    const std::string name = absl::StrCat("/d", i % 2, "/f", i);
    EXPECT_EQ(IsOneInode(from_ + name, to_ + name),
              StatOf(from_ + name).uid == 0)
        << name;
  }
}

// One file that cannot be cloned says nothing of the next.
TEST_F(OwnersTest, AutoClonesAfterALink) {
  REQUIRE_LAB("xfs");
  dir_.emplace(TempDir::In(Lab("xfs")));
  std::string tree;
  for (int i = 0; i < 9; ++i) absl::StrAppend(&tree, "f", i, " size=8K\n");
  ASSERT_OK(ArrangeTree(*dir_ / "from", tree));
  FaultySys sys(RealSys());
  sys.Fail("CloneFile", EINVAL, {.count = 1});
  Request request = FromTo(*dir_ / "from", *dir_ / "to");
  request.jobs = 1;
  ASSERT_OK_AND_ASSIGN(const Report report, Materialize(request, sys));
  EXPECT_EQ(report.of(kHardlink).files, 1);
  EXPECT_EQ(report.of(kReflink).files, 8);
}

// Row C13, where a reflink stands before the link: it was refused for another
// reason, and the link is still not safe.
TEST_F(OwnersTest, AutoNeverLinksItAfterAReflinkFailedEither) {
  REQUIRE_LAB("xfs");
  Arrange("xfs");
  FaultySys sys(RealSys());
  sys.Fail("CloneFile", EINVAL);
  ASSERT_OK_AND_ASSIGN(const Report report,
                       Materialize(FromTo(from_, to_), sys));
  EXPECT_EQ(report.of(kCopy).files, 2);
  EXPECT_EQ(report.of(kHardlink).files, 1);
  EXPECT_EQ(StatOf(from_ + "/su").links, 1u);
}

}  // namespace
}  // namespace materialize
