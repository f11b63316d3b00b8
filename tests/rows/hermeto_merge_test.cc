// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// What a dependency prefetcher needs that keeps a mirror of tarballs, and CI
// that restores over what is there: rows H12, H16 and A1.

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/rows/files.h"
#include "tests/testing/faulty_sys.h"
#include "tests/testing/lab.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"
#include "tests/testing/tree_text.h"

namespace materialize {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
namespace fs = std::filesystem;
using enum Method;

constexpr TreeTextOptions kTwins = {.twins = true};

// Row H12.
class HermetoPairsTest : public testing::Test {
 protected:
  void SetUp() override {
    REQUIRE_LAB("ext4");
    Use("ext4", "ext4");
  }
  void Use(const std::string& from, const std::string& to) {
    dir_.emplace(TempDir::In(Lab(from)));
    other_.emplace(TempDir::In(Lab(to)));
    from_ = *dir_ / "from";
    to_ = *other_ / "to";
    ASSERT_OK(ArrangeTree(from_, R"(
      a "pair"
      alone "pair"
      d/b = a
      d/c = a
      x size=8K
      y = x
    )"));
  }
  absl::StatusOr<Report> Place(Into into, Method method = kCopy) {
    Request request = FromTo(from_, to_, {method, kCopy});
    request.into = into;
    request.preserve.hardlinks = true;
    return Materialize(request);
  }
  // All of it, and none of it the source's.
  void ExpectSame() {
    EXPECT_EQ(TreeText(to_, kTwins), TreeText(from_, kTwins));
    EXPECT_EQ(StatOf(to_ + "/a").links, StatOf(from_ + "/a").links);
    EXPECT_THAT(Leftovers(*other_), IsEmpty());
  }

  std::optional<TempDir> dir_, other_;
  std::string from_, to_;
};

// Row H12: a new tree, on one filesystem and across two.
TEST_F(HermetoPairsTest, AreKeptInANewTree) {
  struct Way {
    const char* from;
    const char* to;
    Method method;
  };
  for (const Way& way : {Way{"ext4", "ext4", kCopy},
                         {"xfs", "xfs", kReflink},
                         {"btrfs", "btrfs", kReflink},
                         {"ext4", "xfs", kCopy},
                         {"xfs", "tmpfs", kCopy}}) {
    for (const Into into : {Into::kNew, Into::kMerge}) {
      if (!LabPlace(way.from) || !LabPlace(way.to)) continue;
      SCOPED_TRACE(std::string(way.from) + " " + way.to);
      Use(way.from, way.to);
      ASSERT_OK(Place(into, way.method).status());
      ExpectSame();
      EXPECT_EQ(StatOf(to_ + "/a").links, 3u);
      EXPECT_EQ(StatOf(to_ + "/alone").links, 1u);
    }
  }
}

// Row H12: without the request they are files of their own.
TEST_F(HermetoPairsTest, AreNotKeptUnasked) {
  ASSERT_OK(Materialize(Merging(from_, to_, {kCopy})).status());
  EXPECT_EQ(StatOf(to_ + "/a").links, 1u);
  EXPECT_EQ(TreeText(to_), TreeText(from_));
}

// Row H12: the destination has them as files of their own, all unchanged.
TEST_F(HermetoPairsTest, AreMadeAgainWhereTheyWereBroken) {
  for (const char* to : {"ext4", "xfs", "tmpfs"}) {
    if (!LabPlace(to)) continue;
    SCOPED_TRACE(to);
    Use("ext4", to);
    ASSERT_OK(Place(Into::kMerge).status());
    fs::copy_file(to_ + "/d/b", to_ + "/broken");
    fs::rename(to_ + "/broken", to_ + "/d/b");
    ASSERT_EQ(
        RealSys().SetTimesAt(AT_FDCWD, (to_ + "/d/b").c_str(),
                             StatOf(from_ + "/a").mtime, AT_SYMLINK_NOFOLLOW),
        0);
    ASSERT_OK(Place(Into::kMerge).status());
    ExpectSame();
    ASSERT_OK_AND_ASSIGN(const Report report, Place(Into::kMerge));
    EXPECT_EQ(report.unchanged.files, 6);
    ExpectSame();
  }
}

// Row H12: one name, the other, or the whole of a pair has other bytes now.
TEST_F(HermetoPairsTest, FollowTheSourceWhenItChanges) {
  for (const char* change : {"a", "d/b", "d/c"}) {
    for (const bool in_destination : {false, true}) {
      SCOPED_TRACE(change);
      Use("ext4", "xfs");
      ASSERT_OK(Place(Into::kMerge).status());
      const std::string& where = in_destination ? to_ : from_;
      fs::remove(where + "/" + change);
      ASSERT_OK(ArrangeTree(where, std::string(change) + " \"another\""));
      ASSERT_OK(Place(Into::kMerge).status());
      ExpectSame();
      EXPECT_EQ(StatOf(to_ + "/a").links, in_destination               ? 3u
                                          : change == std::string("a") ? 1u
                                                                       : 2u);
    }
  }
  Use("ext4", "xfs");
  ASSERT_OK(Place(Into::kMerge).status());
  WriteFile(from_ + "/a", "other bytes");
  ASSERT_OK(Place(Into::kMerge).status());
  ExpectSame();
  EXPECT_EQ(ReadFile(to_ + "/d/c"), "other bytes");
}

// Row H12: names that became a pair, or came to one. Which of the names that
// were there gives its inode to the others is a matter of readdir's order.
TEST_F(HermetoPairsTest, TakeNewNamesIn) {
  ASSERT_OK(Place(Into::kMerge).status());
  fs::create_hard_link(from_ + "/a", from_ + "/d/new");
  fs::remove(from_ + "/alone");
  fs::create_hard_link(from_ + "/a", from_ + "/alone");
  ASSERT_OK(Place(Into::kMerge).status());
  ExpectSame();
  EXPECT_EQ(StatOf(to_ + "/a").links, 5u);
  EXPECT_EQ(StatOf(to_ + "/d/c").inode, StatOf(to_ + "/a").inode);
}

// Row H16.
class HermetoMirrorTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_OK(ArrangeTree(dir_, R"(
      cache/one/@babel-core-7.0.0.tgz "core"
      cache/two/@babel-core-7.0.0.tgz "core"
      cache/odd/@babel-core-7.0.0.tgz "CORE"
      cache/lodash-4.17.21.tgz "lodash"
      mirror/notes.txt "notes"
      mirror/sub/mine "mine"
      mirror/old-1.0.0.tgz "old"
    )"));
  }
  Request Mirror(const std::vector<std::string>& contents) const {
    Request request = Merging("", dir_ / "mirror");
    for (const std::string& content : contents) {
      request.entries.push_back(
          {.path = fs::path(content).filename(),
           .kind = Kind::kFile,
           .content = dir_ / "cache/" + content,
           .origin = "lock:" + std::to_string(request.entries.size() + 1)});
    }
    return request;
  }

  const TempDir dir_;
};

constexpr TreeTextOptions kNames = {
    .root = false, .modes = false, .times = false};

// Row H16.
TEST_F(HermetoMirrorTest, NamesAreUnchangedAndWhatIsNoTarballIsKept) {
  Request request = Mirror({"one/@babel-core-7.0.0.tgz", "lodash-4.17.21.tgz"});
  ASSERT_OK(Materialize(request).status());
  EXPECT_EQ(TreeText(dir_ / "mirror", kNames), TreeTextOf(R"(
      @babel-core-7.0.0.tgz "core"
      lodash-4.17.21.tgz "lodash"
      notes.txt "notes"
      old-1.0.0.tgz "old"
      sub/mine "mine"
    )",
                                                          kNames));
  // Pruned of tarballs, and of nothing else.
  request.deletion.enabled = true;
  request.exclude = {"*"};
  request.include = {"*.tgz"};
  ASSERT_OK_AND_ASSIGN(const Report report, Materialize(request));
  EXPECT_EQ(report.deleted, 1);
  EXPECT_EQ(TreeText(dir_ / "mirror", kNames), TreeTextOf(R"(
      @babel-core-7.0.0.tgz "core"
      lodash-4.17.21.tgz "lodash"
      notes.txt "notes"
      sub/mine "mine"
    )",
                                                          kNames));
}

// Row H16.
TEST_F(HermetoMirrorTest, OneNameWithEqualContentsIsOneFile) {
  ASSERT_OK_AND_ASSIGN(
      const Report report,
      Materialize(Mirror({"one/@babel-core-7.0.0.tgz", "lodash-4.17.21.tgz",
                          "two/@babel-core-7.0.0.tgz"})));
  EXPECT_EQ(report.files(), 2);
  EXPECT_EQ(ReadFile(dir_ / "mirror/@babel-core-7.0.0.tgz"), "core");
}

// Rows H16, R15.
TEST_F(HermetoMirrorTest, OneNameWithDifferentContentsIsAnError) {
  const std::string before = TreeText(dir_ / "mirror");
  FaultySys sys(RealSys());
  EXPECT_THAT(
      Materialize(Mirror({"one/@babel-core-7.0.0.tgz", "lodash-4.17.21.tgz",
                          "odd/@babel-core-7.0.0.tgz"}),
                  sys),
      StatusIs(absl::StatusCode::kInvalidArgument,
               AllOf(HasSubstr("lock:1: @babel-core-7.0.0.tgz"),
                     HasSubstr("lock:3: @babel-core-7.0.0.tgz"))));
  EXPECT_EQ(sys.Calls("MakeDirectoryAt") + sys.Calls("RenameAt"), 0);
  EXPECT_EQ(TreeText(dir_ / "mirror"), before);
  // Nor is it one file when the two are to be different ones.
  Request request =
      Mirror({"one/@babel-core-7.0.0.tgz", "two/@babel-core-7.0.0.tgz"});
  request.entries[1].wanted.mode = 0600;
  EXPECT_THAT(Materialize(request), StatusIs(absl::StatusCode::kInvalidArgument,
                                             HasSubstr("lock:2")));
}

// Row A1.
TEST(StaleFilesTest, AreKeptOrRemovedByFlag) {
  for (const char* place : {"ext4", "xfs", "btrfs", "tmpfs"}) {
    if (!LabPlace(place)) continue;
    SCOPED_TRACE(place);
    const TempDir dir = TempDir::In(Lab(place));
    ASSERT_OK(ArrangeTree(dir / "saved", "a \"a\"\nd/b \"new b\"\nlink -> a"));
    ASSERT_OK(ArrangeTree(dir / "work", R"(
      a "a"
      d/b "b"
      d/stale "stale"
      gone/deep/er "stale"
      link -> elsewhere
      stale-link -> a
    )"));
    Request request = Merging(dir / "saved", dir / "work");
    ASSERT_OK_AND_ASSIGN(Report report, Materialize(request));
    EXPECT_EQ(report.deleted, 0);
    EXPECT_EQ(ReadFile(dir / "work/d/b"), "new b");
    EXPECT_EQ(ReadFile(dir / "work/d/stale"), "stale");
    EXPECT_EQ(ReadFile(dir / "work/gone/deep/er"), "stale");
    EXPECT_EQ(ReadLink(dir / "work/stale-link"), "a");
    request.deletion.enabled = true;
    ASSERT_OK_AND_ASSIGN(report, Materialize(request));
    EXPECT_EQ(report.deleted, 5);
    EXPECT_EQ(TreeText(dir / "work"), TreeText(dir / "saved"));
    ASSERT_OK_AND_ASSIGN(report, Materialize(request));
    EXPECT_EQ(report.deleted, 0);
    EXPECT_EQ(report.unchanged.files, 2);
  }
}

}  // namespace
}  // namespace materialize
