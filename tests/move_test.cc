// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Move() beyond the rows: what stays at the old path, what changes meanwhile,
// what an interrupted run leaves, and several runs at once.

#include "materialize/move.h"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <functional>
#include <optional>
#include <thread>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "materialize/exec/staging.h"
#include "tests/cli/run_command.h"
#include "tests/rows/files.h"
#include "tests/testing/dies.h"
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
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

constexpr TreeTextOptions kAll = {.symlink_times = true, .twins = true};

constexpr char kTree[] = R"(
  ./ 0750 @1500000000.5
  d/a 0755 @1500000001 size=20K
  d/below/b 0600 @1500000002 "x"
  e/ 0700 @1500000003
  link -> d/a
)";

class MoveTest : public testing::Test {
 protected:
  void SetUp() override {
    REQUIRE_LAB("xfs");
    REQUIRE_LAB("ext4");
    Use("xfs", "ext4");
  }
  void Use(const char* from, const char* to, bool is_tree = true) {
    here_.emplace(TempDir::In(Lab(from)));
    there_.emplace(TempDir::In(Lab(to)));
    from_ = *here_ / "from";
    to_ = *there_ / "to";
    if (is_tree) {
      ASSERT_OK(ArrangeTree(from_, kTree));
    } else {
      ASSERT_OK(ArrangeTree(*here_, "from 0750 @1500000000.5 size=20K"));
    }
    tree_ = TreeText(from_, kAll);
  }
  MoveRequest Request(Fork fork = Fork::kNone) const {
    return {.source = from_, .destination = to_, .fork = fork, .jobs = 1};
  }
  void ExpectThere() const { EXPECT_EQ(TreeText(to_, kAll), tree_); }
  void ExpectNoTemporary() const {
    EXPECT_THAT(Leftovers(*here_), IsEmpty());
    EXPECT_THAT(Leftovers(*there_), IsEmpty());
  }
  // Before the nth removal of what `of` is in.
  static bool DiesAtRemoval(const MoveRequest& request, const std::string& of,
                            int nth = 1) {
    return DiesBefore("UnlinkAt", {.nth = nth, .count = 1, .path = of},
                      [&](Sys& sys) { (void)Move(request, sys); });
  }

  std::optional<TempDir> here_, there_;
  std::string from_, to_, tree_;
};

// Row B11.
TEST_F(MoveTest, TheOldPathIsFreeAfterwards) {
  for (const char* to : {"xfs", "ext4"}) {
    Use("xfs", to);
    ASSERT_OK(Move(Request()).status());
    EXPECT_TRUE(fs::create_directory(from_));
  }
}

// Row B11: on one filesystem.
TEST_F(MoveTest, WhatWasAskedForStaysAtTheOldPath) {
  for (const bool is_tree : {true, false}) {
    for (const Fork fork : {Fork::kHardlink, Fork::kReflink, Fork::kCopy,
                            Fork::kSymlink, Fork::kEmpty}) {
      SCOPED_TRACE(static_cast<int>(fork));
      Use("xfs", "xfs", is_tree);
      const uint64_t inode = StatOf(from_).inode;
      const std::string file = is_tree ? "/d/a" : "";
      ASSERT_OK_AND_ASSIGN(const MoveReport report, Move(Request(fork)));
      EXPECT_EQ(report.how, Moved::kRenamed);
      EXPECT_EQ(report.fork, fork);
      EXPECT_EQ(StatOf(to_).inode, inode) << "moved, not copied";
      ExpectThere();
      ExpectNoTemporary();
      if (fork == Fork::kSymlink) {
        EXPECT_EQ(ReadLink(from_), to_);
      } else if (fork == Fork::kEmpty) {
        EXPECT_EQ(StatOf(from_).permissions(), 0750u);
        EXPECT_TRUE(fs::is_empty(from_));
      } else {
        EXPECT_EQ(TreeText(from_, kAll), tree_);
        EXPECT_EQ(IsOneInode(from_ + file, to_ + file),
                  fork == Fork::kHardlink);
      }
    }
  }
}

// Row B11: what cannot be there is refused before anything is written.
TEST_F(MoveTest, AcrossFilesystemsNothingCanBeShared) {
  for (const Fork fork : {Fork::kHardlink, Fork::kReflink}) {
    EXPECT_THAT(Move(Request(fork)),
                StatusIs(absl::StatusCode::kFailedPrecondition,
                         HasSubstr("--fork=copy")));
    EXPECT_FALSE(Exists(to_));
    EXPECT_EQ(TreeText(from_, kAll), tree_);
  }
  // ext4 has no reflinks: nothing is half moved.
  Use("ext4", "ext4");
  EXPECT_THAT(Move(Request(Fork::kReflink)),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("--fork=copy")));
  EXPECT_FALSE(Exists(to_));
  EXPECT_EQ(TreeText(from_, kAll), tree_);
  ExpectNoTemporary();
}

TEST_F(MoveTest, AcrossFilesystemsTheRestCanStay) {
  for (const bool is_tree : {true, false}) {
    for (const Fork fork : {Fork::kCopy, Fork::kSymlink, Fork::kEmpty}) {
      SCOPED_TRACE(static_cast<int>(fork));
      Use("xfs", "ext4", is_tree);
      ASSERT_OK_AND_ASSIGN(const MoveReport report, Move(Request(fork)));
      EXPECT_EQ(report.how, Moved::kAcross);
      EXPECT_EQ(report.fork, fork);
      ExpectThere();
      ExpectNoTemporary();
      if (fork == Fork::kCopy) {
        EXPECT_EQ(TreeText(from_, kAll), tree_);
      }
      if (fork == Fork::kSymlink) {
        EXPECT_EQ(ReadLink(from_), to_);
      }
      if (fork == Fork::kEmpty) {
        EXPECT_EQ(StatOf(from_).permissions(), 0750u);
        EXPECT_TRUE(fs::is_empty(from_));
      }
    }
  }
}

// Row B7: nothing goes unseen.
TEST_F(MoveTest, WhatChangesWhileItIsCopiedStays) {
  struct Change {
    const char* name;
    std::function<void()> make;
    const char* left;
  };
  const Stat a = StatOf(from_ + "/d/a");
  const Change changes[] = {
      {"size", [&] { fs::resize_file(from_ + "/d/a", 3); }, "/d/a"},
      {"content, of the old size and time",
       [&] {
         WriteFile(from_ + "/d/a", "changed");
         ASSERT_EQ(RealSys().SetTimesAt(AT_FDCWD, (from_ + "/d/a").c_str(),
                                        a.mtime, 0),
                   0);
       },
       "/d/a"},
      {"a new file", [&] { ASSERT_OK(ArrangeTree(from_ + "/e", "new \"x\"")); },
       "/e/new"},
      {"a new directory", [&] { fs::create_directory(from_ + "/d/new"); },
       "/d/new"},
      {"another link",
       [&] {
         fs::remove(from_ + "/link");
         fs::create_symlink("elsewhere", from_ + "/link");
       },
       "/link"},
      {"a file becomes a directory",
       [&] {
         fs::remove(from_ + "/d/below/b");
         fs::create_directory(from_ + "/d/below/b");
       },
       "/d/below/b"},
  };
  for (const Change& change : changes) {
    SCOPED_TRACE(change.name);
    Use("xfs", "ext4");
    FaultySys sys(RealSys());
    bool placed = false;
    // The destination is in its place, and what holds it is synced.
    sys.Before("Sync",
               [&] {
                 if (placed || !Exists(to_)) return;
                 placed = true;
                 change.make();
               },
               {});
    ASSERT_OK_AND_ASSIGN(const MoveReport report, Move(Request(), sys));
    ASSERT_TRUE(placed);
    ASSERT_THAT(report.left, SizeIs(1));
    EXPECT_FALSE(report.resumable);
    ASSERT_THAT(report.warnings, SizeIs(1));
    EXPECT_THAT(report.warnings[0].text, HasSubstr("rm -r " + from_));
    EXPECT_EQ(report.left[0].path, from_ + change.left);
    EXPECT_TRUE(Exists(from_ + change.left));
    ExpectThere();
    ExpectNoTemporary();
  }
}

TEST_F(MoveTest, ASourceThatIsReplacedMeanwhileStays) {
  FaultySys sys(RealSys());
  bool done = false;
  sys.Before("Sync",
             [&] {
               if (done || !Exists(to_)) return;
               done = true;
               fs::rename(from_, from_ + "-away");
               ASSERT_OK(ArrangeTree(from_, kTree));
             },
             {});
  ASSERT_OK_AND_ASSIGN(const MoveReport report, Move(Request(), sys));
  ASSERT_THAT(report.left, SizeIs(1));
  EXPECT_THAT(report.left[0].text, HasSubstr("not what was copied"));
  EXPECT_EQ(TreeText(from_, kAll), tree_);
  ExpectThere();
}

TEST_F(MoveTest, ThePlaceInsideTheSourceIsRefused) {
  for (const char* to : {"/inside", "/d/made/parents/to", "/d/../d/to"}) {
    MoveRequest request = Request();
    request.destination = from_ + to;
    EXPECT_THAT(Move(request), StatusIs(absl::StatusCode::kInvalidArgument,
                                        HasSubstr("inside the source")));
    EXPECT_EQ(TreeText(from_, kAll), tree_);
  }
}

// As mv(1): the directory that somebody stands in is not moved by "." or "..".
TEST_F(MoveTest, ASourceThatEndsInDotsIsRefused) {
  for (const char* source :
       {".", "..", "./", "../", "d/..", "d/.", "d/.//", "d/../d/below/.."}) {
    SCOPED_TRACE(source);
    const cli::Said said =
        cli::RunCommand({"move", source, to_}, {.directory = from_});
    EXPECT_EQ(said.code, 2);
    EXPECT_THAT(said.err, HasSubstr("ends in . or .."));
    EXPECT_EQ(TreeText(from_, kAll), tree_);
    EXPECT_FALSE(Exists(to_));
    ExpectNoTemporary();
  }
}

TEST_F(MoveTest, AMountBelowTheSourceIsRefused) {
  if (!CanMount()) GTEST_SKIP() << "needs to mount";
  const TempDir precious = TempDir::In(Lab("xfs"));
  ASSERT_OK(ArrangeTree(precious, "f \"precious\""));
  const ScopedMount bound = ScopedMount::Bind(precious, from_ + "/e");
  EXPECT_THAT(Move(Request()), StatusIs(absl::StatusCode::kFailedPrecondition,
                                        HasSubstr("is mounted there")));
  EXPECT_FALSE(Exists(to_));
  EXPECT_EQ(ReadFile(precious / "f"), "precious");
}

// A run that died while it took the source away has all but finished.
TEST_F(MoveTest, TheNextRunFinishesWhatWasKilled) {
  for (const Fork fork : {Fork::kNone, Fork::kSymlink}) {
    Use("xfs", "ext4");
    ASSERT_TRUE(DiesAtRemoval(Request(fork), from_));
    ExpectThere();
    fs::remove(from_ + "/d/a");  // as if it had come that far
    FaultySys sys(RealSys());
    ASSERT_OK_AND_ASSIGN(const MoveReport report, Move(Request(fork), sys));
    EXPECT_EQ(sys.Calls("CopyRange"), 0);
    EXPECT_THAT(report.left, IsEmpty());
    EXPECT_EQ(Exists(from_), fork == Fork::kSymlink);
    ExpectThere();
    ExpectNoTemporary();
  }
}

// Somebody has changed one side since: that is no leftover any more.
TEST_F(MoveTest, ADestinationThatDiffersIsSomebodyElses) {
  ASSERT_TRUE(DiesAtRemoval(Request(), from_));
  fs::resize_file(to_ + "/d/a", 1);
  EXPECT_THAT(Move(Request()), StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_EQ(TreeText(from_, kAll), tree_);
}

TEST_F(MoveTest, ARunThatDiedAtTheVeryEndIsFinishedToo) {
  ASSERT_TRUE(DiesAtRemoval(Request(), from_));
  fs::remove_all(from_);
  ASSERT_OK_AND_ASSIGN(const MoveReport report, Move(Request()));
  EXPECT_EQ(report.how, Moved::kFinished);
  ExpectNoTemporary();
  EXPECT_THAT(Move(Request()), StatusIs(absl::StatusCode::kNotFound));
}

// Whatever kept it: it may be gone when the same command comes again.
TEST_F(MoveTest, TheSameCommandTakesAwayWhatCouldNotBeRemoved) {
  for (const Fork fork : {Fork::kNone, Fork::kSymlink, Fork::kEmpty}) {
    SCOPED_TRACE(static_cast<int>(fork));
    Use("xfs", "ext4");
    for (int round = 0; round < 2; ++round) {
      FaultySys stubborn(RealSys());
      stubborn.Fail("UnlinkAt", EPERM, {.path = from_ + "/d/a"});
      ASSERT_OK_AND_ASSIGN(const MoveReport report,
                           Move(Request(fork), stubborn));
      ASSERT_THAT(report.left, SizeIs(1));
      EXPECT_EQ(report.left[0].path, from_ + "/d/a");
      EXPECT_TRUE(report.resumable);
      ASSERT_THAT(report.warnings, SizeIs(1));
      EXPECT_THAT(report.warnings[0].text, HasSubstr("the same command again"));
      EXPECT_TRUE(Exists(from_ + "/d/a"));
      EXPECT_FALSE(Exists(from_ + "/e"));
      ExpectThere();
    }
    MoveRequest rehearsal = Request(fork);
    rehearsal.dry_run = true;
    ASSERT_OK_AND_ASSIGN(const MoveReport told, Move(rehearsal));
    EXPECT_EQ(told.how, Moved::kFinished);
    FaultySys sys(RealSys());
    ASSERT_OK_AND_ASSIGN(const MoveReport report, Move(Request(fork), sys));
    EXPECT_EQ(sys.Calls("CopyRange"), 0);
    EXPECT_THAT(report.left, IsEmpty());
    EXPECT_EQ(Exists(from_), fork != Fork::kNone);
    if (fork == Fork::kSymlink) {
      EXPECT_EQ(ReadLink(from_), to_);
    }
    if (fork == Fork::kEmpty) {
      EXPECT_TRUE(fs::is_empty(from_));
    }
    ExpectThere();
    ExpectNoTemporary();
  }
}

// Of what was not moved here nothing goes, however equal it is.
TEST_F(MoveTest, WhatWasCopiedByOthersIsNotTakenAway) {
  ASSERT_OK(ArrangeTree(to_, kTree));
  EXPECT_THAT(Move(Request()), StatusIs(absl::StatusCode::kAlreadyExists,
                                        HasSubstr("rm -r " + from_)));
  EXPECT_EQ(TreeText(from_, kAll), tree_);
  fs::resize_file(to_ + "/d/a", 1);
  EXPECT_THAT(Move(Request()), StatusIs(absl::StatusCode::kAlreadyExists,
                                        Not(HasSubstr("rm -r"))));
}

TEST_F(MoveTest, ARunThatDiedWithItsForkInPlaceLeavesNoMarkForLong) {
  for (const bool has_mark : {true, false}) {
    Use("xfs", "ext4");
    const std::string staging = *here_ / StagingName("from");
    const MoveRequest request = Request(Fork::kSymlink);
    ASSERT_TRUE(DiesAtRemoval(request, staging, has_mark ? 1 : 2));
    ASSERT_EQ(Exists(staging + "/move"), has_mark);
    ASSERT_EQ(ReadLink(from_), to_);
    EXPECT_THAT(Leftovers(*here_), SizeIs(1));
    EXPECT_THAT(Move(request), StatusIs(absl::StatusCode::kAlreadyExists));
    EXPECT_EQ(ReadLink(from_), to_);
    ExpectThere();
    ExpectNoTemporary();
  }
}

TEST_F(MoveTest, ARunThatDiedBeforeAnyRemovalLeavesNothingForLong) {
  int killed = 0;
  while (true) {
    Use("xfs", "ext4");
    const std::string staging = *here_ / StagingName("from");
    if (!DiesAtRemoval(Request(), staging, killed + 1)) break;
    ++killed;
    SCOPED_TRACE(killed);
    (void)Move(Request());  // an error if it had all been done
    ExpectThere();
    EXPECT_FALSE(Exists(from_));
    ExpectNoTemporary();
  }
  EXPECT_GE(killed, 2);
}

TEST_F(MoveTest, OfTwoRunsOneMovesIt) {
  for (const char* to : {"xfs", "ext4"}) {
    for (int round = 0; round < 10; ++round) {
      Use("xfs", to);
      const std::string other = *there_ / "other";
      MoveRequest elsewhere = Request();
      elsewhere.destination = other;
      std::optional<absl::StatusOr<MoveReport>> one, two;
      std::thread thread([&] { one = Move(Request()); });
      two = Move(elsewhere);
      thread.join();
      ASSERT_NE(one->ok(), two->ok());
      const absl::Status& lost = one->ok() ? two->status() : one->status();
      EXPECT_EQ(lost.code(), absl::StatusCode::kNotFound) << lost;
      EXPECT_EQ(TreeText(one->ok() ? to_ : other, kAll), tree_);
      EXPECT_FALSE(Exists(one->ok() ? other : to_));
      EXPECT_FALSE(Exists(from_));
      ExpectNoTemporary();
    }
  }
}

TEST_F(MoveTest, ADryRunTellsTheWayAndWritesNothing) {
  for (const char* to : {"xfs", "ext4"}) {
    Use("xfs", to);
    const cli::Said said = cli::RunCommand(
        {"move", "--dry_run", from_, *there_ / "made/parents/to"});
    EXPECT_EQ(said.code, 0) << said.err;
    EXPECT_THAT(said.out, HasSubstr(std::string(to) == "xfs"
                                        ? "dry run: moved by rename"
                                        : "dry run: moved across filesystems"));
    EXPECT_THAT(said.out, HasSubstr("2 files in 4 directories, 1 link"));
    const std::string made = *there_ / "made/parents/to";
    if (std::string(to) == "xfs") {
      EXPECT_THAT(said.out, StartsWith("rename    " + from_ + " -> " + made));
    } else {
      EXPECT_THAT(said.out, StartsWith("directory .\ndirectory d\n"
                                       "copy      d/a\n"));
      EXPECT_THAT(said.out, HasSubstr("\nkept      link -> d/a\n"));
    }
    EXPECT_FALSE(Exists(*there_ / "made"));
    EXPECT_EQ(TreeText(from_, kAll), tree_);
    ExpectNoTemporary();
  }
}

// In the words of the real run, which comes right after.
TEST_F(MoveTest, ADryRunRefusesWhatTheRunRefuses) {
  const auto expect = [&](const char* to, const std::string& fork,
                          const std::string& why) {
    SCOPED_TRACE(testing::Message() << to << ", " << fork);
    const std::string into = *there_ / to;
    const cli::Said told =
        cli::RunCommand({"move", "--dry_run", "--jobs=1", fork, from_, into});
    const cli::Said done =
        cli::RunCommand({"move", "--jobs=1", fork, from_, into});
    EXPECT_EQ(told.code, 1);
    EXPECT_EQ(done.code, 1);
    EXPECT_EQ(told.err, done.err);
    EXPECT_THAT(told.err, HasSubstr(why));
    EXPECT_THAT(told.err, Not(HasSubstr("--special")));
    EXPECT_THAT(told.out, IsEmpty());
    ExpectNoTemporary();
  };
  ASSERT_EQ(mkfifo((from_ + "/e/fifo").c_str(), 0600), 0);
  expect("made/to", "--fork=none", "e/fifo: a FIFO, socket or device");
  expect("made/to", "--fork=reflink", "goes to another filesystem");
  Use("xfs", "xfs");
  ASSERT_EQ(mkfifo((from_ + "/e/fifo").c_str(), 0600), 0);
  expect("to", "--fork=copy", "e/fifo: a FIFO, socket or device");
  Use("ext4", "ext4");
  expect("to", "--fork=reflink", "--fork=copy and --fork=symlink can");
  ASSERT_OK(ArrangeTree(to_, "x \"x\""));
  expect("to", "--fork=none", "already there and not empty");
  expect("to/x/y", "--fork=none", "Not a directory");
}

TEST_F(MoveTest, ALinkIsToldAsTheLinkItIs) {
  const cli::Said said = cli::RunCommand(
      {"move", "--dry_run", from_ + "/link", *there_ / "moved"});
  EXPECT_EQ(said.code, 0) << said.err;
  EXPECT_THAT(said.out, StartsWith("kept      moved -> d/a\n"));
  EXPECT_FALSE(Exists(*there_ / "moved"));
}

TEST_F(MoveTest, TheCommandSaysWhatItDid) {
  cli::Said said = cli::RunCommand({"move", from_, to_});
  EXPECT_EQ(said.code, 0) << said.err;
  EXPECT_THAT(said.out, HasSubstr("moved across filesystems: 2 files in 4 "
                                  "directories, 1 link; 20"));
  EXPECT_THAT(said.err, IsEmpty());
  said = cli::RunCommand({"move", "--fork=symlink", to_, *there_ / "again"});
  EXPECT_EQ(said.code, 0) << said.err;
  EXPECT_THAT(said.out, HasSubstr("moved by rename; a link stays"));
  EXPECT_EQ(cli::RunCommand({"move", from_}).code, 2);
  EXPECT_EQ(cli::RunCommand({"move", "/", to_}).code, 2);
  EXPECT_EQ(cli::RunCommand({"move", "--fork=x", from_, to_}).code, 2);
}

}  // namespace
}  // namespace materialize
