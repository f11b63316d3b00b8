// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Equal contents: placed once and shared, whatever else the run does to the
// names that hold them.

#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/rows/dedupe.h"
#include "tests/rows/files.h"
#include "tests/testing/lab.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"
#include "tests/testing/tree_text.h"

namespace materialize {
namespace {

class DedupeEverywhere : public DedupeTest {};

// Row S1.
TEST_P(DedupeEverywhere, EqualContentsArePlacedOnceAndShared) {
  Arrange(from_, {{"a", 'A'}, {"d/b", 'A'}, {"d/e/c", 'A'}, {"x", 'X'}});
  for (const Into into : {Into::kNew, Into::kMerge, Into::kSwap}) {
    if (into == Into::kMerge) {
      ASSERT_OK(ArrangeTree(to_, "other \"o\""));
    }
    ASSERT_OK_AND_ASSIGN(const Report report, Materialize(Deduped({}, into)));
    ExpectShared(to_ + "/a", to_ + "/d/b");
    ExpectShared(to_ + "/a", to_ + "/d/e/c");
    EXPECT_FALSE(IsOneInode(to_ + "/a", to_ + "/x"));
    EXPECT_EQ(report.duplicates.files, 2);
    EXPECT_EQ(report.duplicates.bytes, 2 * kSize);
    EXPECT_EQ(report.files(), 4);
    EXPECT_EQ(
        report.of(reflinks() ? Method::kReflink : Method::kHardlink).files, 4);
    std::filesystem::remove(to_ + "/other");
    ExpectEqualTrees();
    if (into != Into::kMerge) (void)RemoveTree(to_);
  }
}

// Row S1: from another filesystem, where nothing can be shared with the input.
TEST_P(DedupeEverywhere, ACopyFromAnotherFilesystemIsShared) {
  REQUIRE_LAB("tmpfs");
  const TempDir other = TempDir::In(Lab("tmpfs"));
  from_ = other / "from";
  Arrange(from_, {{"a", 'A'}, {"d/b", 'A'}, {"x", 'X'}});
  ASSERT_OK_AND_ASSIGN(const Report report,
                       Materialize(Deduped({}, Into::kNew)));
  ExpectShared(to_ + "/a", to_ + "/d/b");
  EXPECT_EQ(report.of(Method::kCopy).files, 2);
  EXPECT_EQ(report.of(reflinks() ? Method::kReflink : Method::kHardlink).files,
            1);
  EXPECT_EQ(report.duplicates.bytes, kSize);
  ExpectEqualTrees();
}

// Row S1: an inode has one mode and one time, and private entries one name.
TEST_P(DedupeEverywhere, NoInodeIsSharedWhereItWouldBeWrong) {
  REQUIRE_LAB("tmpfs");
  const TempDir other = TempDir::In(Lab("tmpfs"));
  for (const std::string& root : {*dir_ / "from", other / "from"}) {
    from_ = root;
    Arrange(from_, {{"0mine", 'A'},
                    {"a", 'A'},
                    {"later @1600000001", 'A'},
                    {"mine", 'A'},
                    {"tool 0755", 'A'}});
    Request request = Deduped({Method::kHardlink, Method::kCopy}, Into::kNew);
    request.private_entries = {"*mine"};
    request.jobs = 1;
    ASSERT_OK_AND_ASSIGN(const Report report, Materialize(request));
    for (const char* name : {"later", "0mine", "mine", "tool"}) {
      EXPECT_FALSE(IsOneInode(to_ + "/a", absl::StrCat(to_, "/", name)));
      Expect(absl::StrCat(to_, "/", name), 'A');
    }
    EXPECT_EQ(StatOf(to_ + "/mine").links, 1u);
    EXPECT_EQ(StatOf(to_ + "/0mine").links, 1u);
    EXPECT_EQ(report.duplicates.files, 0);
    ExpectEqualTrees();
    (void)RemoveTree(to_);
    // What shares no inode may share all the same.
    request.methods = {Method::kReflink, Method::kCopy};
    ASSERT_OK(Materialize(request).status());
    if (reflinks()) {
      EXPECT_EQ(SharesExtents(to_ + "/tool", to_ + "/mine"), true);
    }
    ExpectEqualTrees();
    (void)RemoveTree(to_);
  }
}

// Row S1: "auto" is not asked to share, and neither is copy.
TEST_P(DedupeEverywhere, NothingIsSharedWhereOnlyCopiesAreAllowed) {
  Arrange(from_, {{"a", 'A'}, {"b", 'A'}});
  ASSERT_OK_AND_ASSIGN(const Report report,
                       Materialize(Deduped({Method::kCopy}, Into::kNew)));
  EXPECT_FALSE(IsOneInode(to_ + "/a", to_ + "/b"));
  EXPECT_EQ(report.duplicates.files, 0);
  EXPECT_EQ(report.of(Method::kCopy).bytes, 2 * kSize);
}

// Row S2: whichever of them is listed first.
TEST_P(DedupeEverywhere, SharesWithAnUnchangedFileOfTheDestination) {
  Arrange(from_, {{"1", 'A'},
                  {"2", 'A'},
                  {"3", 'A'},
                  {"a/4", 'A'},
                  {"kept", 'A'},
                  {"5", 'A'},
                  {"z/6", 'A'},
                  {"7", 'A'}});
  Request only = Deduped({Method::kCopy}, Into::kNew);
  only.only_files = true;
  only.files = {"kept"};
  ASSERT_OK(Materialize(only).status());
  const Stat kept = StatOf(to_ + "/kept");
  for (const int jobs : {1, 3}) {
    Request request = Deduped();
    request.jobs = jobs;
    ASSERT_OK_AND_ASSIGN(const Report report, Materialize(request));
    EXPECT_EQ(StatOf(to_ + "/kept").inode, kept.inode);
    for (const char* name : {"1", "2", "3", "a/4", "5", "z/6", "7"}) {
      ExpectShared(to_ + "/kept", absl::StrCat(to_, "/", name));
      std::filesystem::remove(absl::StrCat(to_, "/", name));
    }
    EXPECT_EQ(report.duplicates.files, 7);
    EXPECT_EQ(report.duplicates.bytes, 7 * kSize);
    EXPECT_EQ(report.unchanged.files, 1);
  }
}

// A hardlink has one mtime and one mode: those that have the same share, in
// whichever order they come.
TEST_P(DedupeEverywhere, FilesOfOtherTimesShareWithTheirLike) {
  const TempDir other = TempDir::In(Lab("tmpfs"));
  from_ = other / "from";
  for (const int jobs : {1, 4}) {
    Arrange(from_, {{"d/1", 'A'},
                    {"2 @1600000001", 'A'},
                    {"3", 'A'},
                    {"d/4 @1600000001", 'A'},
                    {"5 0600", 'A'},
                    {"d/6 0600", 'A'},
                    {"7 @1600000002", 'A'}});
    (void)RemoveTree(to_);
    Request request = Deduped({}, Into::kNew);
    request.jobs = jobs;
    ASSERT_OK_AND_ASSIGN(const Report report, Materialize(request));
    ExpectShared(to_ + "/d/1", to_ + "/3");
    ExpectShared(to_ + "/2", to_ + "/d/4");
    ExpectShared(to_ + "/5", to_ + "/d/6");
    EXPECT_EQ(report.duplicates.files, reflinks() ? 6 : 3);
    ExpectEqualTrees();
  }
}

// Rows S2, S10: also with one that this very run takes away, last of all.
TEST_P(DedupeEverywhere, SharesWithAFileThatIsNotInTheInput) {
  for (const bool deletes : {false, true}) {
    Arrange(from_, {{"a", 'A'}, {"d/b", 'B'}});
    Arrange(to_, {{"old/a", 'A'}, {"old-b", 'B'}});
    const Stat old = StatOf(to_ + "/old/a");
    const std::string before = *dir_ / "before";
    std::filesystem::create_hard_link(to_ + "/old/a", before);
    Request request = Deduped();
    request.deletion.enabled = deletes;
    ASSERT_OK_AND_ASSIGN(const Report report, Materialize(request));
    ExpectShared(before, to_ + "/a");
    if (!reflinks()) {
      EXPECT_EQ(StatOf(to_ + "/a").inode, old.inode);
    }
    Expect(to_ + "/a", 'A');
    Expect(to_ + "/d/b", 'B');
    EXPECT_EQ(report.duplicates.files, 2);
    EXPECT_EQ(report.duplicates.bytes, 2 * kSize);
    EXPECT_EQ(report.deleted, deletes ? 3 : 0);
    EXPECT_EQ(Exists(to_ + "/old/a"), !deletes);
    if (deletes) ExpectEqualTrees();
    (void)RemoveTree(to_);
    std::filesystem::remove(before);
  }
}

// Row S2: what looks unchanged may hold other bytes. It is left alone, as it
// would be without the others, but they do not get its bytes.
TEST_P(DedupeEverywhere, WhatOnlyLooksUnchangedLeadsNobody) {
  for (const int jobs : {1, 3}) {
    for (const char* lead : {"z1", "z3"}) {
      Arrange(from_, {{"z1", 'A'}, {"z2", 'A'}, {"z3", 'A'}, {"d/z4", 'A'}});
      Arrange(to_, {{lead, 'B'}});
      Request request = Deduped();
      request.jobs = jobs;
      ASSERT_OK_AND_ASSIGN(const Report report, Materialize(request));
      EXPECT_EQ(report.unchanged.files, 1);
      EXPECT_EQ(report.files(), 4);
      for (const char* name : {"z1", "z2", "z3", "d/z4"})
        Expect(absl::StrCat(to_, "/", name),
               std::string_view(name) == lead ? 'B' : 'A');
      ExpectShared(to_ + "/z2", to_ + "/d/z4");
      EXPECT_FALSE(IsOneInode(absl::StrCat(to_, "/", lead), to_ + "/z2"));
      (void)RemoveTree(to_);
    }
  }
}

// Row S3.
TEST_P(DedupeEverywhere, EmptyFilesAreNeverLinkedTogether) {
  ASSERT_OK(ArrangeTree(from_, "a \"\"\nb \"\"\nd/c \"\""));
  ASSERT_OK(ArrangeTree(to_, "there \"\""));
  for (const auto& methods :
       {std::vector<Method>{}, {Method::kHardlink, Method::kCopy}}) {
    ASSERT_OK_AND_ASSIGN(const Report report, Materialize(Deduped(methods)));
    EXPECT_EQ(report.duplicates.files, 0);
    EXPECT_EQ(report.files(), 3);
    for (const char* other : {"/b", "/d/c", "/there"})
      EXPECT_FALSE(IsOneInode(to_ + "/a", to_ + other));
    EXPECT_FALSE(IsOneInode(to_ + "/b", to_ + "/d/c"));
    std::filesystem::remove(to_ + "/a");
  }
}

INSTANTIATE_TEST_SUITE_P(Places, DedupeEverywhere,
                         testing::Values("ext4", "xfs", "btrfs"), PlaceName);

}  // namespace
}  // namespace materialize
