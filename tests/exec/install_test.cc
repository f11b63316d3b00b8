// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// The last step, and the rehearsal that finds out before the first file whether
// it can work.

#include <fcntl.h>
#include <linux/btrfs.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "materialize/materialize.h"
#include "materialize/os/fd.h"
#include "tests/testing/faulty_sys.h"
#include "tests/testing/lab.h"
#include "tests/testing/scoped_mount.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"
#include "tests/testing/tree_text.h"

namespace materialize {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kTree[] = "./ 0750\nfile \"new\"\nsub/file \"new\"";
constexpr char kOld[] = "./ 0700\nfile \"old\"";

class InstallTest : public testing::Test {
 protected:
  void SetUp() override { Arrange(dir_); }
  void Arrange(const std::string& dir) {
    root_ = dir;
    ASSERT_OK(ArrangeTree(dir + "/from", kTree));
    ASSERT_OK(ArrangeTree(dir + "/to", kOld));
  }
  Request RequestFor(const char* source) {
    Request request;
    request.source = root_ + source;
    request.destination = root_ + "/to";
    request.methods = {Method::kCopy};
    request.jobs = 1;
    return request;
  }
  absl::Status Place(Into into, SwapGap gap = SwapGap::kRefuse) {
    Request request = RequestFor("/from");
    request.into = into;
    request.swap_gap = gap;
    return Materialize(request, sys_).status();
  }
  std::string To() { return TreeText(root_ + "/to"); }
  void ExpectNothingBegun() {
    EXPECT_EQ(sys_.Calls("CopyRange"), 0);
    EXPECT_EQ(To(), TreeTextOf(kOld));
    ExpectOnly();
  }
  void ExpectOnly() {
    for (const auto& entry : fs::directory_iterator(root_))
      EXPECT_NE(entry.path().filename().string()[0], '.') << entry.path();
  }
  // Both the rehearsal and the real exchange.
  void WithoutExchange() {
    sys_.Fail("RenameAt", EINVAL, {.path = "rehearsal-other"});
  }

  TempDir dir_;
  std::string root_;
  FaultySys sys_{RealSys()};
};

TEST_F(InstallTest, NewRefusesWhatIsThere) {
  EXPECT_THAT(Place(Into::kNew), StatusIs(absl::StatusCode::kAlreadyExists,
                                          HasSubstr("--into=swap")));
  ExpectNothingBegun();
}

TEST_F(InstallTest, SwapExchangesAndNeverLeavesAGap) {
  sys_.Before("RenameAt", [&] { EXPECT_TRUE(fs::exists(root_ + "/to")); },
              {.count = 100});
  EXPECT_OK(Place(Into::kSwap));
  EXPECT_EQ(To(), TreeTextOf(kTree));
  ExpectOnly();
}

// Row C11.
TEST_F(InstallTest, WithoutExchangeSwapIsRefusedBeforeTheFirstFile) {
  WithoutExchange();
  EXPECT_THAT(Place(Into::kSwap),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("--allow_gap")));
  ExpectNothingBegun();
}

TEST_F(InstallTest, WithAGapAllowedTwoRenamesDo) {
  WithoutExchange();
  EXPECT_OK(Place(Into::kSwap, SwapGap::kAllow));
  EXPECT_EQ(To(), TreeTextOf(kTree));
  ExpectOnly();
}

TEST_F(InstallTest, AnErrorInTheGapPutsTheOldTreeBack) {
  WithoutExchange();
  sys_.Fail("RenameAt", EIO, {.count = 1, .path = "/tree"});
  EXPECT_THAT(std::string(Place(Into::kSwap, SwapGap::kAllow).message()),
              HasSubstr("Input/output error"));
  EXPECT_EQ(To(), TreeTextOf(kOld));
  ExpectOnly();
}

// A gap is for filesystems that cannot, not for errors.
TEST_F(InstallTest, AnotherErrorOfTheExchangeIsTold) {
  sys_.Fail("RenameAt", EIO, {.path = "rehearsal-other"});
  EXPECT_THAT(
      std::string(Place(Into::kSwap, SwapGap::kAllow).message()),
      AllOf(HasSubstr("Input/output error"), Not(HasSubstr("--allow_gap"))));
  ExpectNothingBegun();
}

// Row C11: what a rename of the whole destination answers.
TEST_F(InstallTest, WhatCannotBeMovedIsRefusedNamingFill) {
  for (const auto& [error, why] : {std::pair(EBUSY, "mount point"),
                                   {EXDEV, "lower layer"},
                                   {EPERM, "sticky"},
                                   {EACCES, "not writable"}}) {
    sys_.Heal();
    sys_.Fail("RenameAt", error, {.path = "rehearsal"});
    EXPECT_THAT(Place(Into::kSwap),
                StatusIs(absl::StatusCode::kFailedPrecondition,
                         AllOf(HasSubstr(strerror(error)), HasSubstr(why),
                               HasSubstr("--into=fill"))));
    ExpectNothingBegun();
  }
}

// Row C11.
TEST_F(InstallTest, AMountPointIsRefused) {
  if (!CanMount()) GTEST_SKIP() << "mounting needs root";
  (void)RemoveTree(root_ + "/to");
  const ScopedMount mount = ScopedMount::Tmpfs(root_ + "/to");
  for (const Into into : {Into::kNew, Into::kSwap}) {
    EXPECT_THAT(Place(into), StatusIs(absl::StatusCode::kFailedPrecondition,
                                      HasSubstr("--into=fill")));
  }
  EXPECT_EQ(sys_.Calls("CopyRange"), 0);
  ExpectOnly();
  EXPECT_OK(Place(Into::kFill));
  EXPECT_TRUE(fs::exists(root_ + "/to/sub/file"));
}

TEST_F(InstallTest, AnEmptyBtrfsSubvolumeIsReplaced) {
  REQUIRE_LAB("btrfs");
  if (geteuid() != 0) GTEST_SKIP() << "a subvolume's removal needs root";
  for (const Into into : {Into::kNew, Into::kSwap}) {
    const TempDir btrfs = TempDir::In(Lab("btrfs"));
    root_ = btrfs.path();
    ASSERT_OK(ArrangeTree(root_ + "/from", kTree));
    const Fd fd(RealSys(), open(root_.c_str(), O_RDONLY | O_DIRECTORY));
    btrfs_ioctl_vol_args arguments = {};
    std::strcpy(arguments.name, "to");
    ASSERT_EQ(ioctl(fd.get(), BTRFS_IOC_SUBVOL_CREATE, &arguments), 0);
    EXPECT_OK(Place(into));
    EXPECT_EQ(To(), TreeTextOf(kTree));
    ExpectOnly();
  }
}

// Somebody was quicker than the rename that was to replace nothing.
TEST_F(InstallTest, AFileIsNeverReplacedByNew) {
  (void)RemoveTree(root_ + "/to");
  sys_.Before("CopyRange",
              [&] { ASSERT_OK(ArrangeTree(root_, "to \"theirs\"")); });
  const absl::Status status =
      Materialize(RequestFor("/from/file"), sys_).status();
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_EQ(fs::file_size(root_ + "/to"), 6U);
  ExpectOnly();
}

TEST_F(InstallTest, ATreeIsNeverPutOverATreeByNew) {
  (void)RemoveTree(root_ + "/to");
  sys_.Before("CopyRange",
              [&] { ASSERT_OK(ArrangeTree(root_ + "/to", kOld)); });
  EXPECT_FALSE(Place(Into::kNew).ok());
  EXPECT_EQ(To(), TreeTextOf(kOld));
  ExpectOnly();
}

TEST_F(InstallTest, AFileWithoutRenameFlagsIsLinkedIntoPlace) {
  (void)RemoveTree(root_ + "/to");
  sys_.Fail("RenameAt", EINVAL, {.path = root_ + "/to"});
  EXPECT_OK(Materialize(RequestFor("/from/file"), sys_));
  EXPECT_EQ(sys_.Calls("LinkAt"), 1);
  EXPECT_EQ(fs::hard_link_count(root_ + "/to"), 1U);
  ExpectOnly();
}

}  // namespace
}  // namespace materialize
