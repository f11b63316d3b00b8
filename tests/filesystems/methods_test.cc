// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Which method, how often it is tried, and what is learnt from a refusal: rows
// C1 to C5 and C7. What each pair of filesystems can do is in matrix_test.cc.

#include <linux/magic.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/rows/files.h"
#include "tests/testing/fake_mounts.h"
#include "tests/testing/faulty_sys.h"
#include "tests/testing/lab.h"
#include "tests/testing/scoped_mount.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"
#include "tests/testing/tree_text.h"

namespace materialize {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
namespace fs = std::filesystem;
using enum Method;

constexpr int kFiles = 60;

class MethodsTest : public testing::Test {
 protected:
  void SetUp() override {
    REQUIRE_LAB("ext4");
    Use("ext4");
  }
  void Use(const std::string& place) {
    dir_.emplace(TempDir::In(Lab(place)));
    from_ = dir() + "/from";
    to_ = dir() + "/to";
    std::string tree;
    for (int i = 0; i < kFiles; ++i)
      absl::StrAppend(&tree, "d", i % 6, "/f", i, " size=100\n");
    ASSERT_OK(ArrangeTree(from_, tree));
  }
  const std::string& dir() const { return *dir_; }
  Request Place(std::vector<Method> methods = {}, int jobs = 4) const {
    Request request = FromTo(from_, to_, std::move(methods));
    request.jobs = jobs;
    return request;
  }

  std::optional<TempDir> dir_;
  std::string from_, to_;
};

// Row C1.
TEST_F(MethodsTest, TellsTheMethodOfEveryFileAndTheTotals) {
  REQUIRE_LAB("xfs");
  struct Row {
    const char* place;
    std::vector<Method> methods;
    const char* told;
    const char* json;
  };
  for (const Row& row : std::vector<Row>{
           {"xfs", {}, "reflink", "\"reflink\""},
           {"ext4", {}, "hardlink", "\"hardlink\""},
           {"ext4", {kSymlink}, "symlink", "\"symlink\""},
           {"ext4", {kCopy}, "copy", "\"copy\""},
       }) {
    SCOPED_TRACE(row.told);
    const TempDir dir = TempDir::In(Lab(row.place));
    ASSERT_OK(ArrangeTree(dir / "from", "a size=8K\nd/b size=9K"));
    Recorder recorder;
    ASSERT_OK_AND_ASSIGN(
        const Report report,
        Materialize(FromTo(dir / "from", dir / "to", row.methods), RealSys(),
                    &recorder));
    const std::string told = row.told;
    EXPECT_THAT(recorder.Lines(), ElementsAre("directory .", told + " a",
                                              "directory d", told + " d/b"));
    EXPECT_EQ(report.files(), 2);
    EXPECT_THAT(ReportJson(report), HasSubstr(row.json));
    EXPECT_THAT(
        SummaryText(report),
        HasSubstr("2 " + std::string(MethodDone(*MethodFromName(told)))));
  }
  Recorder recorder;
  ASSERT_OK_AND_ASSIGN(const Report report,
                       Materialize(FromTo(from_ + "/d0/f0", from_ + "/d0/f0"),
                                   RealSys(), &recorder));
  EXPECT_EQ(report.unchanged.files, 1);
}

// Row C2: a list is exact, and fails before anything is half done.
TEST_F(MethodsTest, AListWithoutCopyNeverCopies) {
  REQUIRE_LAB("tmpfs");
  const TempDir other = TempDir::In(Lab("tmpfs"));
  for (const auto& methods : {std::vector<Method>{kReflink},
                              {kHardlink},
                              {kReflink, kHardlink},
                              {kHardlink, kReflink}}) {
    FaultySys sys(RealSys());
    const absl::Status status =
        Materialize(FromTo(from_, other / "to", methods), sys).status();
    EXPECT_THAT(std::string(status.message()),
                AllOf(HasSubstr(from_ + "/d"),
                      HasSubstr(" -> " + other.path() + "/to/d"),
                      HasSubstr("--methods"), HasSubstr("copy")));
    EXPECT_EQ(sys.Calls("CopyRange") + sys.Calls("Write"), 0);
    EXPECT_FALSE(Exists(other / "to"));
    EXPECT_THAT(Leftovers(other), IsEmpty());
  }
}

// Row C3: statfs has ruled it out.
TEST_F(MethodsTest, NobodyAsksExt4ForAReflink) {
  for (const int jobs : {1, 4}) {
    FaultySys sys(RealSys());
    ASSERT_OK_AND_ASSIGN(const Report report,
                         Materialize(Place({}, jobs), sys));
    EXPECT_EQ(report.of(kHardlink).files, kFiles);
    EXPECT_EQ(sys.Calls("CloneFile"), 0);
    EXPECT_EQ(sys.Calls("StatFilesystem"), 1);
    fs::remove_all(to_);
  }
}

// Row C3.
TEST_F(MethodsTest, EveryMountIsLookedAtOnce) {
  REQUIRE_LAB("tmpfs");
  const TempDir other = TempDir::In(Lab("tmpfs"));
  FaultySys sys(RealSys());
  ASSERT_OK(Materialize(FromTo(from_, other / "to"), sys).status());
  EXPECT_EQ(sys.Calls("StatFilesystem"), 2);
  EXPECT_EQ(sys.Calls("CloneFile"), 0);
  EXPECT_EQ(sys.Calls("LinkAt"), 0);
}

// Row C3, where only a try can tell.
TEST_F(MethodsTest, AMountThatRefusesIsAskedOnce) {
  for (const int jobs : {1, 4}) {
    for (const uint64_t magic :
         {uint64_t{BTRFS_SUPER_MAGIC}, uint64_t{XFS_SUPER_MAGIC},
          uint64_t{0xABCDEF}}) {
      FakeMounts mounts(RealSys(), {{.prefix = "/", .magic = magic}});
      FaultySys sys(mounts);
      ASSERT_OK_AND_ASSIGN(const Report report,
                           Materialize(Place({}, jobs), sys));
      EXPECT_EQ(sys.Calls("CloneFile"), 1) << jobs;
      EXPECT_EQ(sys.Calls("StatFilesystem"), 1);
      EXPECT_EQ(report.of(kHardlink).files, kFiles);
      ASSERT_THAT(report.downgrades, SizeIs(1));
      EXPECT_EQ(report.downgrades[0].error, EOPNOTSUPP);
      EXPECT_EQ(report.downgrades[0].files, kFiles);
      fs::remove_all(to_);
    }
  }
}

// Row C4, on a kernel before 5.8, which tells no mount ids: one link fails.
TEST_F(MethodsTest, ABindMountThatStatDoesNotShowIsAskedOnce) {
  REQUIRE_LAB("bind-ext4");
  const TempDir other = TempDir::In(Lab("bind-ext4"));
  for (const int jobs : {1, 4}) {
    FakeMounts blind(RealSys(), {{.prefix = "/", .mount_id = 0}});
    FaultySys sys(blind);
    Request request = Place({}, jobs);
    request.destination = other / "to";
    ASSERT_OK_AND_ASSIGN(const Report report, Materialize(request, sys));
    EXPECT_EQ(sys.Calls("LinkAt"), 1);
    EXPECT_EQ(report.of(kCopy).files, kFiles);
    EXPECT_EQ(TreeText(other / "to"), TreeText(from_));
    fs::remove_all(other / "to");
  }
}

// Row C4: what one pair cannot do says nothing of another.
TEST_F(MethodsTest, OtherPairsKeepLinking) {
  REQUIRE_LAB("bind-ext4");
  const TempDir other = TempDir::In(Lab("bind-ext4"));
  ASSERT_EQ(StatOf(other).device, StatOf(from_).device);
  ASSERT_OK(ArrangeTree(other / "from", "a \"a\"\nb \"b\""));
  Request request;
  request.jobs = 1;
  request.destination = to_;
  request.entries = {
      {.path = "bound", .kind = Kind::kDirectory, .content = other / "from"},
      {.path = "own", .kind = Kind::kDirectory, .content = from_},
      {.path = "one", .kind = Kind::kFile, .content = other / "from/a"}};
  FaultySys sys(RealSys());
  ASSERT_OK_AND_ASSIGN(const Report report, Materialize(request, sys));
  EXPECT_EQ(report.of(kCopy).files, 3);
  EXPECT_EQ(report.of(kHardlink).files, kFiles);
  EXPECT_EQ(sys.Calls("LinkAt"), kFiles);
  EXPECT_TRUE(IsOneInode(to_ + "/own/d0/f0", from_ + "/d0/f0"));
  EXPECT_FALSE(IsOneInode(to_ + "/bound/a", other / "from/a"));
}

// Row C4: a subvolume inside a tree is another pair than the tree's own.
TEST_F(MethodsTest, SubvolumesInOneTreeAreReflinked) {
  REQUIRE_LAB("btrfs/sub1");
  const TempDir sub = TempDir::In(Lab("btrfs/sub1"));
  const TempDir top = TempDir::In(Lab("btrfs"));
  ASSERT_OK(ArrangeTree(sub / "a", "x size=8K"));
  ASSERT_OK(ArrangeTree(top / "b", "y size=8K"));
  Request request;
  request.destination = top / "to";
  request.entries = {
      {.path = "a", .kind = Kind::kDirectory, .content = sub / "a"},
      {.path = "b", .kind = Kind::kDirectory, .content = top / "b"}};
  ASSERT_OK_AND_ASSIGN(Report report, Materialize(request));
  EXPECT_EQ(report.of(kReflink).files, 2);
  EXPECT_THAT(report.downgrades, IsEmpty());
  // And links work in one of the two.
  request.methods = {kHardlink, kCopy};
  request.destination = top / "links";
  ASSERT_OK_AND_ASSIGN(report, Materialize(request));
  EXPECT_EQ(report.of(kHardlink).files, 1);
  EXPECT_EQ(report.of(kCopy).files, 1);
}

// Row C5: these are of one file; every other one is linked.
TEST_F(MethodsTest, WhatIsOfOneFileDemotesNothing) {
  for (const int error : {EMLINK, EACCES}) {
    SCOPED_TRACE(strerror(error));
    constexpr int kRefused = 30;
    FaultySys sys(RealSys());
    sys.Fail("LinkAt", error, {.count = kRefused});
    ASSERT_OK_AND_ASSIGN(const Report report, Materialize(Place(), sys));
    EXPECT_EQ(sys.Calls("LinkAt"), kFiles);
    EXPECT_EQ(report.of(kCopy).files, kRefused);
    EXPECT_EQ(report.of(kHardlink).files, kFiles - kRefused);
    EXPECT_EQ(TreeText(to_), TreeText(from_));
    fs::remove_all(to_);
  }
}

// Row C5: these are real, and hidden by no other method.
TEST_F(MethodsTest, WhatIsRealIsAnErrorAndNoReasonForAnotherMethod) {
  struct Row {
    const char* call;
    Method method;
    std::vector<const char*> others;
  };
  for (const Row& row :
       {Row{"LinkAt", kHardlink, {"CopyRange", "Write", "CloneFile"}},
        Row{"CloneFile", kReflink, {"CopyRange", "Write", "LinkAt"}}}) {
    for (const int error :
         {ENOENT, EIO, ENOSPC, EDQUOT, EROFS, ENOMEM, ENAMETOOLONG}) {
      SCOPED_TRACE(absl::StrCat(row.call, " ", strerror(error)));
      FakeMounts mounts(RealSys(),
                        {{.prefix = "/", .magic = BTRFS_SUPER_MAGIC}});
      FaultySys sys(mounts);
      sys.Fail(row.call, error);
      const std::vector<Method> methods = {row.method, kHardlink, kCopy};
      const absl::Status status =
          Materialize(Place(row.method == kHardlink
                                ? std::vector<Method>{kHardlink, kCopy}
                                : methods,
                            1),
                      sys)
              .status();
      EXPECT_THAT(
          std::string(status.message()),
          AllOf(HasSubstr(" " + from_ + "/d"), HasSubstr(" -> " + to_ + "/d"),
                HasSubstr(strerror(error))));
      EXPECT_EQ(sys.Calls(row.call), 1);
      for (const char* other : row.others) EXPECT_EQ(sys.Calls(other), 0);
      EXPECT_FALSE(Exists(to_));
      EXPECT_THAT(Leftovers(dir()), IsEmpty());
    }
  }
}

class OverlayTest : public testing::Test {
 protected:
  void SetUp() override {
    REQUIRE_LAB("ext4");
    if (!CanMount()) GTEST_SKIP() << "an overlay needs root";
    dir_.emplace(TempDir::In(Lab("ext4")));
    ASSERT_OK(
        ArrangeTree(*dir_ / "lower/from", "low size=8K\nsub/low size=8K"));
    overlay_.emplace(ScopedMount::Overlay(*dir_));
    from_ = overlay_->path() + "/from";
    to_ = overlay_->path() + "/to";
    ASSERT_OK(ArrangeTree(overlay_->path() + "/new", "up size=8K"));
    fs::rename(overlay_->path() + "/new/up", from_ + "/up");
  }
  bool IsCopiedUp() const { return Exists(*dir_ / "upper/from/low"); }

  std::optional<TempDir> dir_;
  std::optional<ScopedMount> overlay_;
  std::string from_, to_;
};

// Row C7: layer by layer, in one directory.
TEST_F(OverlayTest, AutoLinksUpperFilesAndCopiesLowerOnes) {
  ASSERT_OK_AND_ASSIGN(const Report report, Materialize(FromTo(from_, to_)));
  EXPECT_EQ(report.of(kCopy).files, 2);
  EXPECT_EQ(report.of(kHardlink).files, 1);
  EXPECT_FALSE(IsCopiedUp());
  EXPECT_TRUE(IsOneInode(from_ + "/up", to_ + "/up"));
  EXPECT_FALSE(IsOneInode(from_ + "/low", to_ + "/low"));
}

// Row C7, on a kernel that does not tell layers (before 6.6).
TEST_F(OverlayTest, WhereLayersCannotBeToldNothingIsLinked) {
  for (const int error : {EOPNOTSUPP, EINVAL, ENOSYS, EPERM}) {
    FaultySys sys(RealSys());
    sys.Fail("FileHandle", error);
    ASSERT_OK_AND_ASSIGN(const Report report,
                         Materialize(FromTo(from_, to_), sys));
    EXPECT_EQ(report.of(kCopy).files, 3);
    EXPECT_EQ(sys.Calls("LinkAt"), 0);
    fs::remove_all(to_);
  }
  EXPECT_FALSE(IsCopiedUp());
}

// Row C7: a link that was copied up shares nothing with the lower layer.
TEST_F(OverlayTest, AnExplicitLinkOfALowerFileIsToldAsACopy) {
  Recorder recorder;
  ASSERT_OK_AND_ASSIGN(
      const Report report,
      Materialize(FromTo(from_, to_, {kHardlink}), RealSys(), &recorder));
  EXPECT_EQ(report.of(kCopy).files, 2);
  EXPECT_EQ(report.of(kHardlink).files, 1);
  EXPECT_THAT(recorder.Lines(),
              ElementsAre("directory .", "copy low", "directory sub",
                          "copy sub/low", "hardlink up"));
  EXPECT_TRUE(IsCopiedUp());
}

// Row C7: two copies at once in one directory would each set its mtime to what
// the other has made it (fs/overlayfs/copy_up.c reads it before the lock).
TEST_F(OverlayTest, CopyingUpKeepsTheTimesOfTheSource) {
  constexpr int kDirectories = 200;
  std::string tree = "./ 0755\n";
  for (int number = 0; number < kDirectories; ++number)
    absl::StrAppend(&tree, number, "/low size=8K\n", number, "/ 0755\n");
  const TempDir dir = TempDir::In(Lab("ext4"));
  ASSERT_OK(ArrangeTree(dir / "lower/many", tree));
  const ScopedMount overlay = ScopedMount::Overlay(dir);
  const std::string many = overlay.path() + "/many";
  const std::string before = TreeText(many);
  Request request = FromTo(many, overlay.path() + "/to", {kHardlink});
  request.jobs = 4;
  ASSERT_OK(Materialize(request));
  EXPECT_EQ(TreeText(many), before);
  EXPECT_TRUE(Exists(dir / "upper/many/0/low"));
}

// Row C7, where nobody asks for entries: below `sub` a worker comes from files
// of the upper layer.
TEST_F(OverlayTest, EachFileIsCountedByItsOwnLayer) {
  Request request = FromTo(from_, to_, {kHardlink});
  request.jobs = 1;
  ASSERT_OK_AND_ASSIGN(const Report report, Materialize(request));
  EXPECT_EQ(report.of(kCopy).files, 2);
  EXPECT_EQ(report.of(kHardlink).files, 1);
}

}  // namespace
}  // namespace materialize
