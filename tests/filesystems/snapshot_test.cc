// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Request::snapshot on a btrfs, and wherever it cannot be.

#include <fcntl.h>
#include <linux/btrfs.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "materialize/materialize.h"
#include "tests/cli/run_command.h"
#include "tests/exec/deep_tree.h"
#include "tests/rows/files.h"
#include "tests/testing/dies.h"
#include "tests/testing/extents.h"
#include "tests/testing/faulty_sys.h"
#include "tests/testing/lab.h"
#include "tests/testing/run_as.h"
#include "tests/testing/scoped_mount.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"
#include "tests/testing/tree_text.h"

namespace materialize {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

constexpr uint64_t kSubvolumeRoot = 256;
constexpr TreeTextOptions kAll = {.symlink_times = true, .twins = true};
constexpr char kTree[] =
    "./ 0750 @1500000000.25\n"
    "a 0640 @1500000001 size=100K\n"
    "twin = a\n"
    "d/b 0755 \"two\"\n"
    "link -> d/b\n";

void MakeSubvolume(const std::string& parent, const std::string& name) {
  const int fd = open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  btrfs_ioctl_vol_args arguments = {};
  ASSERT_LT(name.size(), sizeof(arguments.name));
  strcpy(arguments.name, name.c_str());
  ASSERT_EQ(ioctl(fd, BTRFS_IOC_SUBVOL_CREATE, &arguments), 0)
      << strerror(errno);
  close(fd);
}

class SnapshotTest : public testing::Test {
 protected:
  void SetUp() override {
    REQUIRE_LAB("btrfs");
    dir_.emplace(TempDir::In(Lab("btrfs")));
    from_ = *dir_ / "from";
    to_ = *dir_ / "to";
    MakeSubvolume(*dir_, "from");
    ASSERT_OK(ArrangeTree(from_, kTree));
    tree_ = TreeText(from_, kAll);
  }
  Request Wanted() const {
    Request request;
    request.source = from_;
    request.destination = to_;
    request.snapshot = true;
    return request;
  }
  void ExpectTaken() const {
    EXPECT_EQ(TreeText(to_, kAll), tree_);
    EXPECT_EQ(StatOf(to_).inode, kSubvolumeRoot);
    EXPECT_EQ(TreeText(from_, kAll), tree_);
    EXPECT_THAT(Leftovers(*dir_), IsEmpty());
  }
  void ExpectRefused(const Request& request, const std::string& why) const {
    EXPECT_THAT(Materialize(request),
                StatusIs(absl::StatusCode::kFailedPrecondition,
                         AllOf(HasSubstr(why), HasSubstr("reflink"))));
    EXPECT_FALSE(Exists(request.destination));
    EXPECT_THAT(Leftovers(*dir_), IsEmpty());
    EXPECT_EQ(TreeText(from_, kAll), tree_);
  }

  std::optional<TempDir> dir_;
  std::string from_, to_, tree_;
};

TEST_F(SnapshotTest, IsTheWholeTreeInACallWhateverItsSize) {
  int calls = 0;
  for (const int files : {0, 300}) {
    std::string more = "./ 0750 @1500000000.25\n";
    for (int i = 0; i < files; ++i)
      absl::StrAppend(&more, "d/", i, " size=9\n");
    ASSERT_OK(ArrangeTree(from_, more));
    tree_ = TreeText(from_, kAll);
    (void)RemoveTree(to_);
    FaultySys sys(RealSys());
    ASSERT_OK_AND_ASSIGN(const Report report, Materialize(Wanted(), sys));
    ExpectTaken();
    EXPECT_TRUE(report.snapshot);
    EXPECT_THAT(SummaryText(report), HasSubstr("a snapshot"));
    EXPECT_EQ(SharesExtents(to_ + "/a", from_ + "/a"), true);
    const int all =
        sys.Calls("OpenAt") + sys.Calls("ReadDirectory") + sys.Calls("StatAt");
    EXPECT_TRUE(calls == 0 || all == calls) << all << ", not " << calls;
    calls = all;
  }
}

TEST_F(SnapshotTest, ReplacesWhatIsThereInOneStep) {
  ASSERT_OK(ArrangeTree(to_, "old/file \"old\""));
  Request request = Wanted();
  EXPECT_THAT(Materialize(request), StatusIs(absl::StatusCode::kAlreadyExists));
  request.into = Into::kSwap;
  ASSERT_OK(Materialize(request).status());
  ExpectTaken();
  // And a snapshot itself.
  ASSERT_OK(Materialize(request).status());
  ExpectTaken();
}

TEST_F(SnapshotTest, CanBeWrittenAndTheOriginalStays) {
  ASSERT_OK(Materialize(Wanted()).status());
  WriteFile(to_ + "/a", "changed");
  EXPECT_EQ(TreeText(from_, kAll), tree_);
}

TEST_F(SnapshotTest, WhatIsNoSubvolumeIsRefused) {
  Request request = Wanted();
  request.source = from_ + "/d";
  ExpectRefused(request, "is no subvolume");
  REQUIRE_LAB("ext4");
  const TempDir elsewhere = TempDir::In(Lab("ext4"));
  request.source = elsewhere;
  ExpectRefused(request, "is no subvolume");
}

TEST_F(SnapshotTest, WhatASnapshotWouldNotHoldIsRefused) {
  {
    const ScopedMount mount = ScopedMount::Tmpfs(from_ + "/d/mounted");
    EXPECT_THAT(
        Materialize(Wanted()),
        StatusIs(absl::StatusCode::kFailedPrecondition,
                 HasSubstr("mounted at " + from_ + "/d/mounted would")));
  }
  MakeSubvolume(from_ + "/d", "inner");
  EXPECT_THAT(Materialize(Wanted()),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("the other subvolumes in it")));
  EXPECT_FALSE(Exists(to_));
  EXPECT_THAT(Leftovers(*dir_), IsEmpty());
}

TEST_F(SnapshotTest, ItselfIsNoPlaceForIt) {
  Request request = Wanted();
  for (const bool dry_run : {true, false}) {
    request.destination = from_ + "/d/new/to";
    request.dry_run = dry_run;
    const Stat before = StatOf(from_ + "/d");
    ExpectRefused(request, "is in the same subvolume");
    EXPECT_EQ(StatOf(from_ + "/d").ctime, before.ctime);
  }
  // Nor where a link leads there.
  std::filesystem::create_symlink(from_ + "/d/to", *dir_ / "link");
  for (const bool dry_run : {true, false}) {
    request.destination = *dir_ / "link";
    request.dry_run = dry_run;
    const Stat before = StatOf(from_ + "/d");
    EXPECT_THAT(Materialize(request),
                StatusIs(absl::StatusCode::kFailedPrecondition,
                         HasSubstr("is in the same subvolume")));
    EXPECT_EQ(StatOf(from_ + "/d").ctime, before.ctime);
  }
}

TEST_F(SnapshotTest, AnotherFilesystemIsNoPlaceForIt) {
  for (const char* other : {"tmpfs", "xfs"}) {
    REQUIRE_LAB(other);
    const TempDir there = TempDir::In(Lab(other));
    Request request = Wanted();
    request.destination = there / "new/to";
    ExpectRefused(request, "is on another filesystem");
    request.dry_run = true;
    ExpectRefused(request, "is on another filesystem");
    EXPECT_FALSE(Exists(there / "new"));
    EXPECT_THAT(Leftovers(there), IsEmpty());
  }
}

TEST_F(SnapshotTest, WhatLooksAtEntriesIsRefused) {
  const std::function<void(Request&)> wishes[] = {
      [](Request& request) { request.exclude = {"a"}; },
      [](Request& request) { request.modes = {"0600"}; },
      [](Request& request) { request.private_entries = {"**"}; },
      [](Request& request) { request.receipt = "/dev/null"; },
      [](Request& request) { request.methods = {Method::kCopy}; },
      [](Request& request) { request.into = Into::kMerge; },
      [](Request& request) { request.symlinks = Symlinks::kFollow; },
  };
  for (const auto& wish : wishes) {
    Request request = Wanted();
    wish(request);
    EXPECT_THAT(
        Materialize(request),
        StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("snapshot")));
    EXPECT_FALSE(Exists(to_));
  }
}

TEST_F(SnapshotTest, ADryRunTakesNone) {
  Request request = Wanted();
  request.dry_run = true;
  ASSERT_OK_AND_ASSIGN(const Report report, Materialize(request));
  EXPECT_TRUE(report.snapshot);
  EXPECT_FALSE(Exists(to_));
  EXPECT_THAT(Leftovers(*dir_), IsEmpty());
}

TEST_F(SnapshotTest, WhatAKilledRunLeavesIsTakenAway) {
  ASSERT_TRUE(DiesBefore("OpenAt", {.path = "/tree"},
                         [&](Sys& sys) { (void)Materialize(Wanted(), sys); }));
  EXPECT_FALSE(Exists(to_));
  EXPECT_THAT(Leftovers(*dir_), SizeIs(1));
  ASSERT_OK(Materialize(Wanted()).status());
  ExpectTaken();
}

// What is deeper than descriptors go cannot be moved out of a subvolume.
TEST_F(SnapshotTest, ADeepOneIsReplacedWithoutATrace) {
  MakeDeepTree(from_ + "/d/deep", 300);
  ASSERT_OK(ArrangeTree(from_, "./ 0750 @1500000000.25"));
  tree_ = TreeText(from_, kAll);
  Request request = Wanted();
  request.into = Into::kSwap;
  for (int i = 0; i < 2; ++i) {
    ASSERT_OK_AND_ASSIGN(const Report report, Materialize(request));
    EXPECT_THAT(report.warnings, IsEmpty());
    ExpectTaken();
  }
}

TEST_F(SnapshotTest, OfWhatIsMountedOrReadOnly) {
  const ScopedMount mount = ScopedMount::Bind(from_, *dir_ / "mounted");
  Request request = Wanted();
  request.source = mount.path();
  ASSERT_OK(Materialize(request).status());
  ExpectTaken();
  const ScopedMount inside = ScopedMount::Tmpfs(mount.path() + "/d");
  request.into = Into::kSwap;
  EXPECT_THAT(Materialize(request),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("what is mounted at ")));
  ExpectTaken();
}

TEST_F(SnapshotTest, ByItsOwnerWhoMayNotWriteItsRoot) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root, to be somebody else";
  constexpr uid_t kNobody = 65534;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(dir_->path()))
    ASSERT_EQ(lchown(entry.path().c_str(), kNobody, kNobody), 0);
  ASSERT_EQ(chown(dir_->path().c_str(), kNobody, kNobody), 0);
  ASSERT_OK(ArrangeTree(from_, "./ 0555 @1500000000.25"));
  tree_ = TreeText(from_, kAll);
  EXPECT_EQ(RunAs(kNobody,
                  [&] {
                    const auto report = Materialize(Wanted());
                    return std::string(report.status().message());
                  }),
            "");
  ExpectTaken();
}

TEST_F(SnapshotTest, OnTheCommandLine) {
  const auto run = [&](std::vector<std::string> words) {
    words.insert(words.begin(), "place");
    words.insert(words.end(), {from_, to_});
    return cli::RunCommand(words);
  };
  EXPECT_EQ(run({"--methods=snapshot,copy"}).code, 2);
  EXPECT_EQ(run({"--methods=snapshot", "--report=-", "--report_entries"}).code,
            2);
  EXPECT_FALSE(Exists(to_));
  const cli::Said said = run({"--methods=snapshot", "--explain"});
  EXPECT_EQ(said.code, 0) << said.err;
  EXPECT_THAT(said.out, HasSubstr("a snapshot of the whole subvolume"));
  EXPECT_THAT(said.out, Not(HasSubstr("reflink")));
  ExpectTaken();
}

TEST_F(SnapshotTest, TheKernelsRefusalIsTold) {
  FaultySys sys(RealSys());
  sys.Fail("SnapshotAt", EPERM);
  EXPECT_THAT(Materialize(Wanted(), sys),
              StatusIs(absl::StatusCode::kPermissionDenied,
                       HasSubstr(absl::StrCat("snapshot ", from_))));
  EXPECT_FALSE(Exists(to_));
  EXPECT_THAT(Leftovers(*dir_), IsEmpty());
}

}  // namespace
}  // namespace materialize
