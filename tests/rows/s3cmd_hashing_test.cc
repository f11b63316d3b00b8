// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Equal contents: what is read to find them, names that change places, and what
// happens when sharing fails.

#include <fcntl.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/rows/dedupe.h"
#include "tests/rows/files.h"
#include "tests/testing/faulty_sys.h"
#include "tests/testing/lab.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"
#include "tests/testing/tree_text.h"

namespace materialize {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

// A filesystem whose files have no inode numbers, or no device.
class NoIdentity : public FaultySys {
 public:
  NoIdentity(bool inodes, bool devices)
      : FaultySys(RealSys()), inodes_(inodes), devices_(devices) {}
  int StatAt(int dir, const char* path, int flags, Stat* out) override {
    const int result = FaultySys::StatAt(dir, path, flags, out);
    if (result < 0 || out->kind() != Kind::kFile) return result;
    if (!inodes_) out->inode = 0;
    if (!devices_) out->device = 0;
    return result;
  }

 private:
  const bool inodes_;
  const bool devices_;
};

class HashingTest : public DedupeTest {
 protected:
  // Of the input.
  void Rename(const std::string& a, const std::string& b) const {
    std::filesystem::rename(from_ + "/" + a, from_ + "/" + b);
  }
  void MergeAndExpect(const Request& request) const {
    ASSERT_OK_AND_ASSIGN(const Report report, Materialize(request));
    EXPECT_THAT(report.failures, IsEmpty());
    ExpectEqualTrees();
    ASSERT_OK_AND_ASSIGN(const Report again, Materialize(request));
    EXPECT_EQ(again.unchanged.files, again.files());
    EXPECT_EQ(again.duplicates.files, 0);
  }
  std::vector<Request> Requests() const {
    std::vector<Request> requests;
    for (const auto& methods : {std::vector<Method>{},
                                {Method::kHardlink},
                                {Method::kCopy},
                                {Method::kHardlink, Method::kCopy},
                                {Method::kReflink, Method::kCopy},
                                {Method::kCopy, Method::kHardlink}}) {
      for (const bool delays : {false, true}) {
        Request request = Deduped(methods);
        request.deletion.enabled = true;
        request.delay_updates = delays;
        requests.push_back(request);
        request.jobs = 1;
        requests.push_back(request);
        request.compare = Compare::kContent;
        requests.push_back(request);
      }
    }
    return requests;
  }
};

// Row S4.
TEST_P(HashingTest, WithoutAnIdentityNothingIsTakenForAnotherName) {
  for (const auto& methods : {std::vector<Method>{}, {Method::kCopy}}) {
    for (const bool inodes : {false, true}) {
      Arrange(from_, {{"a", 'A'}, {"b", 'B'}, {"d/a", 'A'}, {"d/b", 'B'}});
      ASSERT_OK(ArrangeTree(from_, "hard = a\nd/hard = b"));
      Arrange(to_, {{"a @1500000000", 'X'}, {"b @1500000000", 'X'}});
      Request request = Deduped(methods);
      request.preserve.hardlinks = true;
      NoIdentity sys(inodes, !inodes);
      ASSERT_OK_AND_ASSIGN(const Report report, Materialize(request, sys));
      EXPECT_EQ(report.files(), 6);
      for (const char* name : {"a", "hard", "d/a"})
        Expect(absl::StrCat(to_, "/", name), 'A');
      for (const char* name : {"b", "d/hard", "d/b"})
        Expect(absl::StrCat(to_, "/", name), 'B');
      ExpectEqualTrees();
      ASSERT_OK_AND_ASSIGN(const Report again, Materialize(request, sys));
      EXPECT_EQ(again.unchanged.files, 6);
      (void)RemoveTree(to_);
      (void)RemoveTree(from_);
    }
  }
}

// Row S5.
TEST_P(HashingTest, NamesOfOneInodeAreHashedOnce) {
  Arrange(from_, {{"a", 'A'}, {"x", 'X'}});
  ASSERT_OK(ArrangeTree(from_, "b = a\nd/c = a"));
  FaultySys sys(RealSys());
  sys.StartLog();
  ASSERT_OK_AND_ASSIGN(const Report report,
                       Materialize(Deduped({}, Into::kNew), sys));
  size_t opened = 0;  // by whichever of its names
  for (const char* name : {"a", "b", "d/c"}) opened += ReadsOf(sys, name) > 0;
  EXPECT_EQ(opened, 1u);
  EXPECT_EQ(ReadsOf(sys, "x"), ReadsOf(sys) - ReadsOf(sys, "x"));
  ExpectShared(to_ + "/a", to_ + "/b");
  ExpectShared(to_ + "/a", to_ + "/d/c");
  EXPECT_EQ(report.duplicates.bytes, 2 * kSize);
}

// Row S6.
TEST_P(HashingTest, ASecondRunReadsNothingAndOnlyWholeRunsForget) {
  // A hardlink to a file changes its ctime: where those would be made, the
  // input is seen through another mount.
  const TempDir elsewhere = TempDir::In(Lab("bind-ext4"));
  if (!reflinks()) from_ = elsewhere / "from";
  Arrange(from_, {{"a", 'A'}, {"b", 'A'}, {"c", 'C'}});
  const auto reads = [&](const Request& request) {
    (void)RemoveTree(to_);
    FaultySys sys(RealSys());
    sys.StartLog();
    EXPECT_OK(Materialize(request, sys).status());
    return ReadsOf(sys);
  };
  absl::SleepFor(absl::Milliseconds(50));  // for the times to settle
  const Request whole = Deduped({}, Into::kNew);
  Request part = whole;
  part.exclude = {"b"};
  Request list = whole;
  list.only_files = true;
  list.files = {"a", "c"};
  const size_t all = reads(whole);
  EXPECT_GE(all, 3u);
  for (const Request& request : {whole, part, whole, list, whole})
    EXPECT_EQ(reads(request), 0u);
  ExpectShared(to_ + "/a", to_ + "/b");
  // A whole run that does not meet it.
  const std::string aside = from_ + ".aside";
  std::filesystem::rename(from_ + "/b", aside);
  EXPECT_EQ(reads(whole), 0u);
  std::filesystem::rename(aside, from_ + "/b");
  EXPECT_EQ(reads(whole), all / 3);
  // The key has the time and the size in it.
  ASSERT_OK(ArrangeTree(from_, "other \"o\""));
  Arrange(from_, {{"c @1600000001", 'A'}});
  EXPECT_GE(reads(whole), all / 3);
  ExpectShared(to_ + "/a", to_ + "/b");
  Expect(to_ + "/c", 'A');
}

// Unpacked packages have one time for all: a file written over by one of the
// same size, or another that got its inode number, looks as it did.
TEST_P(HashingTest, WhatWasRememberedIsNotBelievedOfAnotherContent) {
  Arrange(from_, {{"a", 'A'}, {"b", 'A'}, {"c", 'C'}, {"d", 'D'}});
  absl::SleepFor(absl::Milliseconds(50));
  const Request request = Deduped({}, Into::kNew);
  ASSERT_OK(Materialize(request).status());
  const Stat before = StatOf(from_ + "/b");
  {
    std::fstream over(from_ + "/b", std::ios::in | std::ios::out);
    over << Filled('B');
  }
  const std::string b = from_ + "/b";
  ASSERT_EQ(RealSys().SetTimesAt(AT_FDCWD, b.c_str(), before.mtime, 0), 0);
  ASSERT_EQ(StatOf(from_ + "/b").inode, before.inode);
  ASSERT_EQ(StatOf(from_ + "/b").mtime, before.mtime);
  std::filesystem::remove(from_ + "/c");
  std::filesystem::remove(from_ + "/d");
  Arrange(from_, {{"d", 'C'}, {"c", 'D'}});
  (void)RemoveTree(to_);
  ASSERT_OK(Materialize(request).status());
  Expect(to_ + "/a", 'A');
  Expect(to_ + "/b", 'B');
  Expect(to_ + "/c", 'D');
  Expect(to_ + "/d", 'C');
}

// Row S18.
TEST_P(HashingTest, ADryRunReadsNothingAndRemembersNothing) {
  Arrange(from_, {{"a", 'A'}, {"b", 'A'}});
  Arrange(to_, {{"old", 'A'}});
  Request request = Deduped();
  request.dry_run = true;
  FaultySys sys(RealSys());
  sys.StartLog();
  ASSERT_OK(Materialize(request, sys).status());
  EXPECT_EQ(ReadsOf(sys), 0u);
  EXPECT_FALSE(Exists(*dir_ / "cache"));
  EXPECT_FALSE(Exists(to_ + "/a"));
}

// Row S7.
TEST_P(HashingTest, RotatedFilesEndRight) {
  for (const Request& request : Requests()) {
    Arrange(from_, {{"log.1 @1600000001", 'A'}});
    MergeAndExpect(request);
    Rename("log.1", "log.2");
    Arrange(from_, {{"log.1 @1600000002", 'B'}});
    MergeAndExpect(request);
    Expect(to_ + "/log.1", 'B');
    Expect(to_ + "/log.2", 'A');
    Rename("log.2", "log.3");
    Rename("log.1", "log.2");
    Arrange(from_,
            {{"log.1 @1600000003", 'C'}, {"sub/log.1 @1600000001", 'A'}});
    MergeAndExpect(request);
    // The oldest falls off.
    std::filesystem::remove(from_ + "/log.3");
    Rename("log.2", "log.3");
    Rename("log.1", "log.2");
    Arrange(from_, {{"log.1 @1600000004", 'D'}});
    MergeAndExpect(request);
    Expect(to_ + "/log.3", 'B');
    (void)RemoveTree(to_);
    (void)RemoveTree(from_);
  }
}

// Row S8.
TEST_P(HashingTest, SwappedAndCycledFilesEndRight) {
  for (const Request& request : Requests()) {
    // Where contents are compared, times need not tell.
    const bool reads = request.compare == Compare::kContent;
    const auto name = [&](const char* path, int second) {
      return absl::StrCat(path, " @160000000", reads ? 0 : second);
    };
    Arrange(from_, {{name("a", 1), 'A'},
                    {name("d/b", 2), 'B'},
                    {name("c", 3), 'C'},
                    {name("d/e/f", 4), 'B'}});
    MergeAndExpect(request);
    Rename("a", "swap");
    Rename("d/b", "a");
    Rename("swap", "d/b");
    MergeAndExpect(request);
    Expect(to_ + "/a", 'B');
    Expect(to_ + "/d/b", 'A');
    Rename("a", "cycle");
    Rename("d/b", "a");
    Rename("c", "d/b");
    Rename("cycle", "c");
    MergeAndExpect(request);
    Expect(to_ + "/a", 'A');
    Expect(to_ + "/d/b", 'C');
    Expect(to_ + "/c", 'B');
    (void)RemoveTree(to_);
    (void)RemoveTree(from_);
  }
}

// Row S9: the second of its kind is the shared one.
TEST_P(HashingTest, AFailedSharedPlacementIsPlacedFromItsOwnInput) {
  Arrange(from_, {{"a", 'A'}, {"b", 'A'}, {"c", 'A'}});
  const Method method = reflinks() ? Method::kReflink : Method::kHardlink;
  for (const int error : {EIO, EINVAL, EACCES, EMLINK, EPERM}) {
    for (const Into into : {Into::kNew, Into::kMerge}) {
      SCOPED_TRACE(absl::StrCat(strerror(error), static_cast<int>(into)));
      ASSERT_OK(ArrangeTree(to_, into == Into::kMerge ? "o \"o\"" : ""));
      Request request = Deduped({method, Method::kCopy}, into);
      request.jobs = 1;
      request.count_bytes = true;
      FaultySys sys(RealSys());
      sys.Fail(reflinks() ? "CloneFile" : "LinkAt", error,
               {.nth = 2, .count = 1});
      ASSERT_OK_AND_ASSIGN(const Report report, Materialize(request, sys));
      EXPECT_EQ(report.files(), 3);
      EXPECT_EQ(report.of(method).files + report.of(Method::kCopy).files, 3);
      EXPECT_EQ(report.apparent_bytes, 3 * kSize);
      EXPECT_EQ(report.duplicates.files, 1);
      EXPECT_EQ(report.duplicates.bytes, kSize);
      EXPECT_THAT(report.failures, IsEmpty());
      for (const char* name : {"/a", "/b", "/c"}) Expect(to_ + name, 'A');
      EXPECT_THAT(Leftovers(*dir_), IsEmpty());
      (void)RemoveTree(to_);
    }
  }
}

// Row S9: what fails both ways is no duplicate, nor anything else that counts.
TEST_P(HashingTest, WhatFailsIsNotCounted) {
  Arrange(from_, {{"a", 'A'}, {"b", 'A'}, {"c", 'A'}});
  ASSERT_OK(ArrangeTree(to_, "b \"old\"\na \"old\"\nc \"old\""));
  FaultySys sys(RealSys());
  sys.Fail("RenameAt", EACCES, {.path = to_ + "/b"});
  ASSERT_OK_AND_ASSIGN(const Report report, Materialize(Deduped(), sys));
  EXPECT_THAT(report.failures, SizeIs(1));
  EXPECT_EQ(report.files(), 2);
  EXPECT_EQ(report.duplicates.files, 1);
  EXPECT_EQ(report.duplicates.bytes, kSize);
  EXPECT_EQ(ReadFile(to_ + "/b"), "old");
  EXPECT_THAT(Leftovers(*dir_), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Places, HashingTest,
                         testing::Values("ext4", "xfs", "btrfs"), PlaceName);

}  // namespace
}  // namespace materialize
