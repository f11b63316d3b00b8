// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// What a media library needs that links one file at a time into its own
// folders, and copies where it cannot.

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
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

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const std::vector<Method> kLinkOrCopy = {Method::kHardlink, Method::kCopy};

class RommTest : public testing::Test {
 protected:
  void SetUp() override {
    REQUIRE_LAB("ext4");
    dir_.emplace(TempDir::In(Lab("ext4")));
    ASSERT_OK(ArrangeTree(dir(), "rom 0640 @1500000000.25 \"pixels\""));
    from_ = dir() + "/rom";
    to_ = dir() + "/to";
  }
  const std::string& dir() const { return *dir_; }

  // What stands at `path` after a copy of the source.
  void ExpectOwnCopy(const std::string& path) {
    EXPECT_FALSE(IsOneInode(from_, path));
    EXPECT_EQ(TreeText(path), TreeText(from_));
  }

  std::optional<TempDir> dir_;
  std::string from_, to_;
};

// Row R1.
TEST_F(RommTest, HardlinkOnOneFilesystemSharesTheInode) {
  for (const char* place : {"ext4", "xfs", "btrfs", "tmpfs"}) {
    if (!LabPlace(place)) continue;
    const TempDir dir = TempDir::In(Lab(place));
    ASSERT_OK(ArrangeTree(dir, "rom size=8K"));
    ASSERT_OK_AND_ASSIGN(
        const Report report,
        Materialize(FromTo(dir / "rom", dir / "to", {Method::kHardlink})));
    EXPECT_TRUE(IsOneInode(dir / "rom", dir / "to")) << place;
    EXPECT_EQ(StatOf(dir / "to").links, 2u) << place;
    EXPECT_EQ(report.of(Method::kHardlink).files, 1) << place;
  }
}

// Row R2.
TEST_F(RommTest, AcrossFilesystemsItCopies) {
  REQUIRE_LAB("tmpfs");
  const TempDir other = TempDir::In(Lab("tmpfs"));
  ASSERT_OK_AND_ASSIGN(const Report report,
                       Materialize(FromTo(from_, other / "to", kLinkOrCopy)));
  ExpectOwnCopy(other / "to");
  ASSERT_THAT(report.downgrades, SizeIs(1));
  EXPECT_EQ(report.downgrades[0].error, EXDEV);
  EXPECT_EQ(report.downgrades[0].used, Method::kCopy);
}

// Row R2, where st_dev says that a link would work: a bind mount.
TEST_F(RommTest, AcrossABindMountItCopies) {
  if (!CanMount()) GTEST_SKIP() << "not root";
  const ScopedMount bound = ScopedMount::Bind(dir(), dir() + "/bound");
  ASSERT_OK(
      Materialize(FromTo(from_, bound.path() + "/to", kLinkOrCopy)).status());
  EXPECT_EQ(StatOf(from_).device, StatOf(to_).device);
  ExpectOwnCopy(to_);
}

// Rows R3, R4, R5, R6.
TEST_F(RommTest, WhatLinkatCannotDoIsCopied) {
  for (const int error : {EPERM, EOPNOTSUPP, EMLINK, EACCES}) {
    SCOPED_TRACE(strerror(error));
    FaultySys sys(RealSys());
    sys.Fail("LinkAt", error);
    const std::string to = to_ + std::to_string(error);
    ASSERT_OK_AND_ASSIGN(const Report report,
                         Materialize(FromTo(from_, to, kLinkOrCopy), sys));
    ExpectOwnCopy(to);
    EXPECT_EQ(report.of(Method::kCopy).files, 1);
    ASSERT_THAT(report.downgrades, SizeIs(1));
    EXPECT_EQ(report.downgrades[0].error, error);
    EXPECT_EQ(report.downgrades[0].example, "to" + std::to_string(error));
  }
}

// Rows R7, R10.
TEST_F(RommTest, OtherErrorsNameBothPathsAndLeaveNothing) {
  for (const int error : {ENOSPC, EIO, EROFS, EDQUOT, ENOENT, ENAMETOOLONG}) {
    SCOPED_TRACE(strerror(error));
    FaultySys sys(RealSys());
    sys.Fail("LinkAt", error);
    EXPECT_THAT(
        Materialize(FromTo(from_, to_, kLinkOrCopy), sys).status().message(),
        HasSubstr("link " + from_ + " -> " + to_ + ": " + strerror(error)));
    EXPECT_FALSE(Exists(to_));
    EXPECT_THAT(Leftovers(dir()), IsEmpty());
  }
}

// Row R10.
TEST_F(RommTest, AFailureOfAnyStepOfACopyLeavesNothing) {
  for (const char* call : {"CopyRange", "SetTimesAt", "RenameAt"}) {
    SCOPED_TRACE(call);
    FaultySys sys(RealSys());
    sys.Fail(call, EIO);
    EXPECT_FALSE(
        Materialize(FromTo(from_, dir() + "/new/to", {Method::kCopy}), sys)
            .ok());
    EXPECT_FALSE(Exists(dir() + "/new"));
    EXPECT_THAT(Leftovers(dir()), IsEmpty());
    EXPECT_EQ(ReadFile(from_), "pixels");
  }
}

// Row R11.
TEST_F(RommTest, LinkingAgainDoesNothingAndLeavesNothing) {
  for (const Into into : {Into::kNew, Into::kSwap}) {
    Request request = FromTo(from_, to_, kLinkOrCopy);
    request.into = into;
    for (int run = 0; run < 3; ++run) {
      ASSERT_OK(Materialize(request).status());
      EXPECT_TRUE(IsOneInode(from_, to_));
      EXPECT_EQ(StatOf(to_).links, 2u);
      EXPECT_THAT(Leftovers(dir()), IsEmpty());
    }
    ASSERT_OK_AND_ASSIGN(const Report report, Materialize(request));
    EXPECT_EQ(report.unchanged.files, 1);
    EXPECT_EQ(report.files(), 1);
  }
}

// Row R11.
TEST_F(RommTest, TheSourceAsItsOwnDestinationIsLeftAlone) {
  std::filesystem::create_symlink("rom", dir() + "/link");
  for (const std::string& name : {from_, dir() + "/./rom", dir() + "/link"}) {
    for (const Into into : {Into::kNew, Into::kSwap}) {
      for (const char* privates : {"", "**"}) {
        Request request = FromTo(name, name);
        request.into = into;
        if (*privates != '\0') request.private_entries = {privates};
        const Stat before = StatOf(name);
        ASSERT_OK_AND_ASSIGN(const Report report, Materialize(request));
        EXPECT_EQ(report.unchanged.files, 1);
        EXPECT_EQ(StatOf(name).inode, before.inode) << name;
        EXPECT_THAT(Leftovers(dir()), IsEmpty());
      }
    }
  }
}

// Row R12.
TEST_F(RommTest, APrivateFileIsWrittenToWithoutReachingTheSource) {
  for (const char* place : {"ext4", "xfs", "btrfs", "tmpfs"}) {
    if (!LabPlace(place)) continue;
    SCOPED_TRACE(place);
    const TempDir dir = TempDir::In(Lab(place));
    ASSERT_OK(ArrangeTree(dir, "cover \"original\""));
    Request request = FromTo(dir / "cover", dir / "to");
    request.private_entries = {"**"};
    ASSERT_OK(Materialize(request).status());
    EXPECT_FALSE(IsOneInode(dir / "cover", dir / "to"));
    WriteFile(dir / "to", "resized!");
    EXPECT_EQ(ReadFile(dir / "cover"), "original");
  }
}

// Row R12, where an earlier run has linked it.
TEST_F(RommTest, APrivateFileStopsSharingItsInode) {
  std::filesystem::create_hard_link(from_, to_);
  Request request = FromTo(from_, to_);
  request.into = Into::kSwap;
  request.private_entries = {"**"};
  ASSERT_OK(Materialize(request).status());
  ExpectOwnCopy(to_);
  EXPECT_EQ(StatOf(from_).links, 1u);
}

// Row R13.
TEST_F(RommTest, AMissingSourceIsItsOwnErrorAndMakesNoParents) {
  EXPECT_THAT(Materialize(FromTo(dir() + "/gone", dir() + "/new/deep/to")),
              StatusIs(absl::StatusCode::kNotFound,
                       HasSubstr("stat " + dir() + "/gone: ")));
  EXPECT_FALSE(Exists(dir() + "/new"));
}

// Row R15.
TEST_F(RommTest, TwoInputsForOneDestinationAreRefusedBeforeAnyWrite) {
  ASSERT_OK(ArrangeTree(dir(), "other \"x\""));
  Request request;
  request.destination = dir() + "/new/to";
  request.entries = {
      {.path = "a", .kind = Kind::kFile, .content = from_, .origin = "one"},
      {.path = "a",
       .kind = Kind::kFile,
       .content = dir() + "/other",
       .origin = "two"}};
  EXPECT_THAT(Materialize(request),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr("one: a"), HasSubstr("two: a"))));
  EXPECT_FALSE(Exists(dir() + "/new"));
}

// Row R16, on a filesystem that nobody can write.
TEST_F(RommTest, AReadOnlyBaseIsAnErrorThatNamesIt) {
  REQUIRE_LAB("squashfs");
  const std::string to = Lab("squashfs") + "/to";
  Request request = FromTo(from_, to);
  const absl::Status status = Materialize(request).status();
  EXPECT_THAT(std::string(status.message()),
              AllOf(HasSubstr(Lab("squashfs")), HasSubstr(strerror(EROFS))));
  request.tolerate_missing_base = true;
  ASSERT_OK_AND_ASSIGN(const Report report, Materialize(request));
  ASSERT_THAT(report.warnings, SizeIs(1));
  EXPECT_THAT(report.warnings[0].text, HasSubstr(Lab("squashfs")));
  EXPECT_EQ(report.files(), 0);
}

// Row R16, by command line, as somebody who may not write there.
TEST_F(RommTest, AnUnwritableBaseIsToldAtFirstUse) {
  if (!CanMount()) GTEST_SKIP() << "not root";
  ASSERT_OK(ArrangeTree(dir(), "base/ 0755"));
  std::filesystem::permissions(dir(), std::filesystem::perms(0755));
  std::filesystem::permissions(from_, std::filesystem::perms(0644));
  const auto place = [&](std::vector<std::string> flags) {
    std::vector<std::string> words = {"/usr/bin/setpriv", "--reuid=65534",
                                      "--regid=65534",    "--clear-groups",
                                      cli::Binary(),      "place"};
    words.insert(words.end(), flags.begin(), flags.end());
    words.insert(words.end(), {from_, dir() + "/base/to"});
    return cli::RunProgram(words);
  };
  const cli::Said rehearsal = place({"--dry_run"});
  EXPECT_EQ(rehearsal.code, 0) << rehearsal.err;
  const cli::Said refused = place({});
  EXPECT_EQ(refused.code, 1);
  EXPECT_THAT(refused.err,
              AllOf(HasSubstr(dir() + "/base"), HasSubstr(strerror(EACCES))));
  const cli::Said tolerated = place({"--tolerate_missing_base"});
  EXPECT_EQ(tolerated.code, 0);
  EXPECT_THAT(tolerated.err,
              AllOf(HasSubstr("warning: "), HasSubstr(dir() + "/base")));
  EXPECT_FALSE(Exists(dir() + "/base/to"));
}

// Row R17.
TEST_F(RommTest, ASymlinkedSourceIsTheSameOnOneFilesystemAndAcrossTwo) {
  REQUIRE_LAB("tmpfs");
  const TempDir other = TempDir::In(Lab("tmpfs"));
  ASSERT_OK(ArrangeTree(dir(), R"(
    link -> rom
    tree/inside -> ../rom
    tree/plain "x"
    tree-link -> tree
  )"));
  for (const char* name : {"link", "tree-link"}) {
    for (const Symlinks symlinks : {Symlinks::kKeep, Symlinks::kFollow}) {
      std::vector<std::string> seen;
      for (const std::string& base : {dir(), other.path()}) {
        Request request = FromTo(dir() + "/" + name, base + "/to", kLinkOrCopy);
        request.symlinks = symlinks;
        request.into = Into::kSwap;
        if (std::string(name) == "tree-link") request.into = Into::kNew;
        ASSERT_OK(Materialize(request).status());
        seen.push_back(TreeText(request.destination));
        std::filesystem::remove_all(request.destination);
      }
      EXPECT_EQ(seen[0], seen[1]) << name;
    }
  }
}

// Row R17: where a followed link leads says nothing of its neighbours.
TEST_F(RommTest, AFollowedLinkToAnotherFilesystemIsCopiedAndNothingElse) {
  REQUIRE_LAB("tmpfs");
  const TempDir other = TempDir::In(Lab("tmpfs"));
  ASSERT_OK(ArrangeTree(other, "far \"far\""));
  // The link comes first: what is below is listed later.
  ASSERT_OK(ArrangeTree(dir() + "/tree",
                        "d/a \"a\"\nd/b \"b\"\nlink -> " + (other / "far")));
  Request request = FromTo(dir() + "/tree", to_, kLinkOrCopy);
  request.symlinks = Symlinks::kFollow;
  request.jobs = 1;
  ASSERT_OK_AND_ASSIGN(const Report report, Materialize(request));
  EXPECT_EQ(report.of(Method::kHardlink).files, 2);
  EXPECT_EQ(report.of(Method::kCopy).files, 1);
  EXPECT_EQ(ReadFile(to_ + "/link"), "far");
}

}  // namespace
}  // namespace materialize
