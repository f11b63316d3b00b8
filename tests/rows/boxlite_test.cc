// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// What a sandbox runtime needs that moves disk images and directories of boxes
// between filesystems.

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <filesystem>
#include <optional>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "materialize/move.h"
#include "tests/cli/run_command.h"
#include "tests/rows/files.h"
#include "tests/testing/faulty_sys.h"
#include "tests/testing/lab.h"
#include "tests/testing/scoped_mount.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"
#include "tests/testing/tree_text.h"

namespace materialize {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr TreeTextOptions kAll = {.symlink_times = true, .twins = true};

constexpr char kTree[] = R"(
  ./ 0750 @1500000000.5
  bin/tool 0755 @1500000001.25 size=20K
  closed/ 0555 @1500000002
  closed/f 0444 @1500000003 "x"
  dangling -> nowhere/at/all
  disk 0640 @1500000004 "head" hole=4M
  empty/ 0700 @1500000005
  link -> bin/tool
  nothing 0600 @1500000006 ""
)";

class BoxliteTest : public testing::Test {
 protected:
  void SetUp() override {
    REQUIRE_LAB("ext4");
    Use("ext4", "ext4");
  }
  void Use(const char* from, const char* to) {
    here_.emplace(TempDir::In(Lab(from)));
    there_.emplace(TempDir::In(Lab(to)));
    from_ = *here_ / "from";
    to_ = *there_ / "to";
  }
  void Arrange(const char* tree = kTree) {
    ASSERT_OK(ArrangeTree(from_, tree));
    tree_ = TreeText(from_, kAll);
  }
  void ArrangeFile() {
    ASSERT_OK(ArrangeTree(*here_, "from 0751 @1500000000.25 size=20K"));
    tree_ = TreeText(from_, kAll);
  }
  MoveRequest Request() const {
    return {.source = from_, .destination = to_, .jobs = 1};
  }
  // The same text, but for the root's name when it is one file.
  void ExpectMoved() const {
    EXPECT_FALSE(Exists(from_));
    EXPECT_EQ(TreeText(to_, kAll), tree_);
    ExpectNoTemporary();
  }
  void ExpectUntouched() const {
    EXPECT_EQ(TreeText(from_, kAll), tree_);
    EXPECT_FALSE(Exists(to_));
    ExpectNoTemporary();
  }
  void ExpectNoTemporary() const {
    EXPECT_THAT(Leftovers(*here_), IsEmpty());
    EXPECT_THAT(Leftovers(*there_), IsEmpty());
  }

  std::optional<TempDir> here_, there_;
  std::string from_, to_, tree_;
};

// Between any two filesystems of the lab.
struct Way {
  const char* from;
  const char* to;
};
class AcrossTest : public BoxliteTest, public testing::WithParamInterface<Way> {
 protected:
  void SetUp() override {
    REQUIRE_LAB(GetParam().from);
    REQUIRE_LAB(GetParam().to);
    Use(GetParam().from, GetParam().to);
  }
};
INSTANTIATE_TEST_SUITE_P(
    Ways, AcrossTest,
    testing::Values(Way{"ext4", "xfs"}, Way{"xfs", "btrfs"},
                    Way{"btrfs", "tmpfs"}, Way{"tmpfs", "ext4"},
                    Way{"xfs", "xfs2"}),
    [](const auto& test) {
      return std::string(test.param.from) + "_" + test.param.to;
    });

// Row B1.
TEST_F(BoxliteTest, OnOneFilesystemItIsOneRename) {
  for (const char* place : {"ext4", "xfs", "btrfs", "tmpfs"}) {
    if (!LabPlace(place)) continue;
    for (const bool is_tree : {false, true}) {
      Use(place, place);
      is_tree ? Arrange() : ArrangeFile();
      const uint64_t inode = StatOf(from_).inode;
      FaultySys sys(RealSys());
      ASSERT_OK_AND_ASSIGN(const MoveReport report, Move(Request(), sys));
      EXPECT_EQ(report.how, Moved::kRenamed);
      EXPECT_EQ(sys.Calls("RenameAt"), 1);
      EXPECT_EQ(sys.Calls("CopyRange") + sys.Calls("Write"), 0);
      EXPECT_EQ(StatOf(to_).inode, inode);
      ExpectMoved();
    }
  }
}

// Row B1: FUSE and NFS know no flags.
TEST_F(BoxliteTest, WithoutFlagsItStillReplacesNothing) {
  for (const bool is_tree : {false, true}) {
    Use("ext4", "ext4");
    is_tree ? Arrange() : ArrangeFile();
    const uint64_t inode = StatOf(from_).inode;
    FaultySys sys(RealSys());
    sys.Fail("RenameAt", EINVAL, {.count = 1});
    ASSERT_OK(Move(Request(), sys).status());
    EXPECT_EQ(StatOf(to_).inode, inode);
    ExpectMoved();
    // Somebody comes between our look and our rename.
    Use("ext4", "ext4");
    is_tree ? Arrange() : ArrangeFile();
    FaultySys late(RealSys());
    late.Fail("RenameAt", EINVAL, {.count = 1});
    late.Before("RenameAt",
                [&] { ASSERT_OK(ArrangeTree(to_, "theirs \"x\"")); });
    EXPECT_FALSE(Move(Request(), late).ok());
    EXPECT_EQ(TreeText(from_, kAll), tree_);
    EXPECT_TRUE(Exists(to_ + "/theirs"));
  }
}

// Row B2.
TEST_F(BoxliteTest, AMissingSourceIsAnErrorAndNothingIsMade) {
  MoveRequest request = Request();
  request.destination = *there_ / "made/parents/to";
  EXPECT_THAT(Move(request), StatusIs(absl::StatusCode::kNotFound,
                                      HasSubstr("stat " + from_)));
  EXPECT_FALSE(Exists(*there_ / "made"));
  const cli::Said said = cli::RunCommand({"move", from_, to_});
  EXPECT_EQ(said.code, 1);
  EXPECT_THAT(said.err, HasSubstr("No such file or directory"));
}

// Rows B3, B12.
TEST_P(AcrossTest, AFileArrivesWithAllItHasAndTheSourceIsGone) {
  ArrangeFile();
  MoveRequest request = Request();
  request.destination = to_ = *there_ / "made/parents/to";
  ASSERT_OK_AND_ASSIGN(const MoveReport report, Move(request));
  EXPECT_EQ(report.how, Moved::kAcross);
  EXPECT_THAT(report.left, IsEmpty());
  ExpectMoved();
  EXPECT_EQ(StatOf(to_).permissions(), 0751u);
}

// Row B5; row B14: as the source's filesystem counts.
TEST_P(AcrossTest, ATreeArrivesWithAllItHas) {
  Arrange();
  ASSERT_EQ(lchown((from_ + "/bin/tool").c_str(), 12345, 12346), 0);
  ASSERT_OK_AND_ASSIGN(const MoveReport report, Move(Request()));
  EXPECT_EQ(report.how, Moved::kAcross);
  ExpectMoved();
  EXPECT_EQ(StatOf(to_ + "/bin/tool").uid, 12345u);
  EXPECT_EQ(StatOf(to_ + "/bin/tool").gid, 12346u);
  EXPECT_LT(StatOf(to_ + "/disk").blocks * 512, 1 << 20) << "a hole";
  EXPECT_EQ(report.placed.directories, 4);
  EXPECT_EQ(report.placed.files(), 4);
  EXPECT_EQ(report.placed.symlinks, 2);
  EXPECT_EQ(report.placed.apparent_bytes, (20 << 10) + 1 + 4 + (4 << 20));
  EXPECT_GT(report.placed.allocated_bytes, 20 << 10);
  EXPECT_LT(report.placed.allocated_bytes, 1 << 20);
}

// Row B5.
TEST_P(AcrossTest, TwoNamesOfOneFileStayThat) {
  Arrange("a size=8K\nsub/b = a\nc size=8K");
  ASSERT_OK_AND_ASSIGN(const MoveReport report, Move(Request()));
  EXPECT_THAT(report.left, IsEmpty());
  ExpectMoved();
  EXPECT_TRUE(IsOneInode(to_ + "/a", to_ + "/sub/b"));
  EXPECT_FALSE(IsOneInode(to_ + "/a", to_ + "/c"));
}

// Row B5: a link named as the source is moved, not what it leads to.
TEST_P(AcrossTest, ASymlinkIsMovedItself) {
  ASSERT_OK(ArrangeTree(*here_, "from -> else\nelse \"x\""));
  ASSERT_OK_AND_ASSIGN(const MoveReport report, Move(Request()));
  EXPECT_EQ(report.how, Moved::kAcross);
  EXPECT_EQ(ReadLink(to_), "else");
  EXPECT_FALSE(Exists(from_));
  EXPECT_TRUE(Exists(*here_ / "else"));
  ExpectNoTemporary();
}

// Row B4.
TEST_F(BoxliteTest, OnlyAnotherFilesystemMakesItACopy) {
  for (const int error : {EPERM, EACCES, EBUSY, EIO, ENOSPC, EROFS, EMLINK}) {
    Use("ext4", "ext4");
    ArrangeFile();
    FaultySys sys(RealSys());
    sys.Fail("RenameAt", error);
    const absl::Status status = Move(Request(), sys).status();
    EXPECT_THAT(std::string(status.message()),
                HasSubstr("rename " + from_ + " -> " + to_ + ": "));
    EXPECT_EQ(sys.Calls("CopyRange"), 0);
    ExpectUntouched();
  }
  // Two mounts of one filesystem are two filesystems to rename(2).
  FaultySys sys(RealSys());
  sys.Fail("RenameAt", EXDEV, {.count = 1});
  ASSERT_OK_AND_ASSIGN(const MoveReport report, Move(Request(), sys));
  EXPECT_EQ(report.how, Moved::kAcross);
  ExpectMoved();
}

// Row B6. Row B7: until the destination is synced and in its place, nothing of
// the source goes.
TEST_F(BoxliteTest, WhateverFailsOnTheWayLeavesTheSourceWhole) {
  REQUIRE_LAB("xfs");
  for (const char* call : {"CopyRange", "ChangeOwnerAt", "SetTimesAt", "Sync",
                           "MakeDirectoryAt", "SymlinkAt", "ReadDirectory"}) {
    for (int nth = 1;; ++nth) {
      SCOPED_TRACE(std::string(call) + " " + std::to_string(nth));
      Use("ext4", "xfs");
      Arrange();
      FaultySys sys(RealSys());
      sys.Fail(call, EIO, {.nth = nth, .count = 1});
      const int before = sys.Calls(call);
      const absl::StatusOr<MoveReport> report = Move(Request(), sys);
      const bool was_met = sys.Calls(call) - before >= nth;
      if (report.ok()) {
        // What takes away looks, and what it cannot see stays.
        EXPECT_TRUE(Exists(to_));
        if (!was_met) break;
        EXPECT_EQ(report->partial(), Exists(from_));
        continue;
      }
      EXPECT_EQ(TreeText(from_, kAll), tree_);
      // The last syncs are of what holds a destination in its place.
      if (Exists(to_)) {
        EXPECT_EQ(std::string_view(call), "Sync");
        EXPECT_EQ(TreeText(to_, kAll), tree_);
        EXPECT_THAT(std::string(report.status().message()),
                    HasSubstr("in its place"));
      }
      ExpectNoTemporary();
    }
  }
}

// Row B7.
TEST_F(BoxliteTest, TheDestinationIsOnTheDiskBeforeTheSourceGoes) {
  REQUIRE_LAB("xfs");
  Use("ext4", "xfs");
  Arrange();
  FaultySys sys(RealSys());
  sys.StartLog();
  ASSERT_OK(Move(Request(), sys).status());
  const std::vector<std::string> log = sys.Log();
  int last_sync = -1, file_sync = -1, placed = -1, first_removal = -1;
  for (int at = 0; at < static_cast<int>(log.size()); ++at) {
    const std::string& line = log[static_cast<size_t>(at)];
    const bool syncs = line.starts_with("Sync ");
    if (syncs && line.ends_with("bin/tool")) file_sync = at;
    if (syncs) last_sync = at;
    if (line.starts_with("RenameAt") && line.ends_with("-> " + to_))
      placed = at;
    if (first_removal < 0 && line.starts_with("UnlinkAt " + from_ + "/"))
      first_removal = at;
  }
  EXPECT_GE(file_sync, 0);
  EXPECT_LT(file_sync, placed);
  EXPECT_LT(placed, last_sync);
  EXPECT_LT(last_sync, first_removal);
}

// Row B8.
TEST_F(BoxliteTest, WhatCannotBeRemovedIsToldAndTheDestinationStays) {
  REQUIRE_LAB("xfs");
  Use("ext4", "xfs");
  Arrange();
  FaultySys sys(RealSys());
  sys.Fail("UnlinkAt", EPERM, {.path = "/from/bin/tool"});
  ASSERT_OK_AND_ASSIGN(const MoveReport report, Move(Request(), sys));
  EXPECT_EQ(TreeText(to_, kAll), tree_);
  ASSERT_THAT(report.left, SizeIs(1));
  EXPECT_EQ(report.left[0].path, from_ + "/bin/tool");
  EXPECT_THAT(report.left[0].text, HasSubstr("unlink " + from_ + "/bin/tool"));
  EXPECT_TRUE(Exists(from_ + "/bin/tool"));
  EXPECT_FALSE(Exists(from_ + "/closed"));
  EXPECT_THAT(Leftovers(*there_), IsEmpty());
  // The same call takes away what is left, by the mark beside the source.
  EXPECT_TRUE(report.resumable);
  sys.Heal();
  ASSERT_OK_AND_ASSIGN(const MoveReport again, Move(Request(), sys));
  EXPECT_THAT(again.left, IsEmpty());
  EXPECT_FALSE(Exists(from_));
  ExpectNoTemporary();
}

// Row B8: a source that is mounted read-only.
TEST_F(BoxliteTest, AReadOnlySourceIsCopiedAndSaidToBeThereStill) {
  REQUIRE_LAB("squashfs");
  const TempDir there = TempDir::In(Lab("ext4"));
  std::string file;
  for (const auto& entry : fs::recursive_directory_iterator(Lab("squashfs")))
    if (entry.is_regular_file()) file = entry.path();
  if (file.empty()) GTEST_SKIP() << "no file in the squashfs of the lab";
  const cli::Said said = cli::RunCommand({"move", file, there / "to"});
  EXPECT_EQ(said.code, 4) << said.err;
  EXPECT_THAT(said.err, HasSubstr("unlink " + file));
  EXPECT_EQ(ReadFile(there / "to"), ReadFile(file));
}

// Row B9.
TEST_F(BoxliteTest, OneInodeUnderTwoNamesIsLeftAlone) {
  if (!CanMount()) GTEST_SKIP() << "needs to mount";
  ArrangeFile();
  const ScopedMount bound = ScopedMount::Bind(*here_, *there_ / "bound");
  ASSERT_EQ(link(from_.c_str(), (*here_ / "twin").c_str()), 0);
  for (const std::string& to :
       {bound.path() + "/from", *here_ / "twin", from_}) {
    MoveRequest request = Request();
    request.destination = to;
    request.existing = Existing::kReplace;
    ASSERT_OK_AND_ASSIGN(const MoveReport report, Move(request));
    EXPECT_EQ(report.how, Moved::kNothing) << to;
    EXPECT_THAT(report.warnings, SizeIs(1));
    EXPECT_EQ(TreeText(from_, kAll), tree_);
    EXPECT_TRUE(Exists(to));
  }
  fs::remove(from_);
  Arrange();
  MoveRequest request = Request();
  request.destination = bound.path() + "/from";
  ASSERT_OK_AND_ASSIGN(const MoveReport report, Move(request));
  EXPECT_EQ(report.how, Moved::kNothing);
  EXPECT_EQ(TreeText(from_, kAll), tree_);
}

// Row B10.
TEST_F(BoxliteTest, NothingButAnEmptyDirectoryGivesWayUnasked) {
  REQUIRE_LAB("xfs");
  for (const char* place : {"ext4", "xfs"}) {
    Use("ext4", place);
    Arrange();
    ASSERT_OK(ArrangeTree(to_, "theirs \"x\""));
    EXPECT_THAT(Move(Request()), StatusIs(absl::StatusCode::kAlreadyExists,
                                          HasSubstr("not empty")));
    EXPECT_TRUE(Exists(to_ + "/theirs"));
    EXPECT_EQ(TreeText(from_, kAll), tree_);
    fs::remove(to_ + "/theirs");
    ASSERT_OK(Move(Request()).status());
    ExpectMoved();

    Use("ext4", place);
    ArrangeFile();
    ASSERT_OK(ArrangeTree(*there_, "to \"theirs\""));
    EXPECT_THAT(Move(Request()), StatusIs(absl::StatusCode::kAlreadyExists,
                                          HasSubstr("--force")));
    EXPECT_EQ(ReadFile(to_), "theirs");
    MoveRequest forced = Request();
    forced.existing = Existing::kReplace;
    ASSERT_OK(Move(forced).status());
    ExpectMoved();

    Use("ext4", place);
    ArrangeFile();
    forced.source = from_;
    forced.destination = to_;
    fs::create_directory(to_);
    EXPECT_THAT(Move(forced), StatusIs(absl::StatusCode::kAlreadyExists));
    EXPECT_EQ(TreeText(from_, kAll), tree_);
  }
}

// Row B13.
TEST_F(BoxliteTest, AFifoNeverHangs) {
  REQUIRE_LAB("xfs");
  const auto start = std::chrono::steady_clock::now();
  Arrange("a \"x\"\nfifo |\nsock |socket");
  ASSERT_OK(Move(Request()).status());
  ExpectMoved();
  Use("ext4", "xfs");
  Arrange("a \"x\"\nfifo |\nsock |socket");
  EXPECT_THAT(Move(Request()),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("/")));
  ExpectUntouched();
  MoveRequest alone = Request();
  alone.source = from_ + "/fifo";
  EXPECT_THAT(Move(alone), StatusIs(absl::StatusCode::kFailedPrecondition));
  ExpectUntouched();
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(1));
}

// Row B14.
TEST_F(BoxliteTest, SizesAreToldAfterARenameToo) {
  Arrange();
  const cli::Said said =
      cli::RunCommand({"move", "--report=-", "--quiet", from_, to_});
  EXPECT_EQ(said.code, 0) << said.err;
  EXPECT_THAT(said.out, HasSubstr("\"apparent_bytes\": 4214789"));
  EXPECT_THAT(said.out, HasSubstr("\"allocated_bytes\": "));
  EXPECT_THAT(said.out, HasSubstr("\"how\": \"rename\""));
}

}  // namespace
}  // namespace materialize
