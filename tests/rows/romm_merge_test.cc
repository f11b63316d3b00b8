// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// What a media library needs that links one file at a time to where another
// one may be: rows R8 to R16 in a merge.

#include <sys/mount.h>
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
#include "tests/testing/run_as.h"
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

constexpr uid_t kNobody = 65534;

class RommMergeTest : public testing::Test {
 protected:
  void SetUp() override {
    REQUIRE_LAB("ext4");
    dir_.emplace(TempDir::In(Lab("ext4")));
    fs::permissions(dir(), fs::perms(0755));
    ASSERT_OK(ArrangeTree(dir(), "rom 0644 @1500000000.25 \"pixels\""));
    from_ = dir() + "/rom";
    to_ = dir() + "/to";
  }
  const std::string& dir() const { return *dir_; }

  std::optional<TempDir> dir_;
  std::string from_, to_;
};

// Rows R8, R9: a reader who looks at the worst moments finds the old bytes or
// the new ones, and who has the old file open keeps it.
TEST_F(RommMergeTest, AnExistingFileIsReplacedAtomically) {
  for (const char* place : {"ext4", "xfs", "btrfs", "tmpfs"}) {
    for (const Method method : {kHardlink, kCopy, kReflink}) {
      if (!LabPlace(place)) continue;
      SCOPED_TRACE(absl::StrCat(place, " ", MethodName(method)));
      const TempDir dir = TempDir::In(Lab(place));
      ASSERT_OK(ArrangeTree(dir, "rom @1500000000 \"new\"\nto \"older\""));
      const std::string to = dir / "to";
      fs::create_hard_link(to, dir / "opened");
      FaultySys sys(RealSys());
      int looks = 0;
      for (const char* call :
           {"LinkAt", "OpenAt", "CloneFile", "CopyRange", "UnlinkAt",
            "RenameAt", "SetTimesAt", "ChangeMode", "Close"}) {
        const auto look = [&, call] {
          const std::string text = ReadFile(to);
          EXPECT_TRUE(text == "older" || text == "new") << call << ": " << text;
          ++looks;
        };
        sys.Before(call, look, {});
      }
      const absl::StatusOr<Report> report =
          Materialize(Merging(dir / "rom", to, {method, kCopy}), sys);
      ASSERT_OK(report.status());
      EXPECT_GT(looks, 5);
      EXPECT_EQ(ReadFile(to), "new");
      EXPECT_EQ(IsOneInode(dir / "rom", to), method == kHardlink);
      EXPECT_EQ(ReadFile(dir / "opened"), "older");
      EXPECT_EQ(report->files(), 1);
      EXPECT_THAT(Leftovers(dir), IsEmpty());
    }
  }
}

// Row R9, across filesystems.
TEST_F(RommMergeTest, AcrossFilesystemsItIsReplacedByACopy) {
  REQUIRE_LAB("xfs");
  const TempDir other = TempDir::In(Lab("xfs"));
  ASSERT_OK(ArrangeTree(other, "to \"old\""));
  ASSERT_OK_AND_ASSIGN(
      const Report report,
      Materialize(Merging(from_, other / "to", {kHardlink, kCopy})));
  EXPECT_EQ(report.of(kCopy).files, 1);
  EXPECT_EQ(TreeText(other / "to"), TreeText(from_));
  EXPECT_THAT(Leftovers(other), IsEmpty());
}

// Row R10.
TEST_F(RommMergeTest, AFailureLeavesTheOldFileAndNothingElse) {
  ASSERT_OK(ArrangeTree(dir(), "to \"old\""));
  const TreeTextOptions below = {.root = false};
  const std::string before = TreeText(dir(), below);
  for (const auto& [call, method] :
       {std::pair("LinkAt", kHardlink), std::pair("RenameAt", kHardlink),
        std::pair("CopyRange", kCopy), std::pair("SetTimesAt", kCopy),
        std::pair("RenameAt", kCopy)}) {
    SCOPED_TRACE(call);
    FaultySys sys(RealSys());
    // The file's own call: the staging is looked at by others before.
    sys.Fail(call, EIO, {.path = call == std::string("RenameAt") ? "/to" : ""});
    EXPECT_THAT(
        std::string(
            Materialize(Merging(from_, to_, {method}), sys).status().message()),
        AllOf(HasSubstr(from_ + " -> " + to_), HasSubstr(strerror(EIO))));
    EXPECT_EQ(TreeText(dir(), below), before);
  }
}

// Row R11.
TEST_F(RommMergeTest, ThreeRunsLeaveNoTemporary) {
  for (int run = 0; run < 3; ++run) {
    FaultySys sys(RealSys());
    ASSERT_OK_AND_ASSIGN(
        const Report report,
        Materialize(Merging(from_, to_, {kHardlink, kCopy}), sys));
    EXPECT_EQ(report.unchanged.files, run == 0 ? 0 : 1);
    EXPECT_EQ(StatOf(from_).links, 2u);
    EXPECT_THAT(Leftovers(dir()), IsEmpty());
    EXPECT_EQ(sys.Calls("LinkAt"), run == 0 ? 1 : 0);
  }
  // The source itself, by any name.
  fs::create_symlink(".", dir() + "/here");
  ASSERT_OK_AND_ASSIGN(const Report report,
                       Materialize(Merging(from_, dir() + "/here/rom")));
  EXPECT_EQ(report.unchanged.files, 1);
  EXPECT_EQ(ReadFile(from_), "pixels");
}

// Row R11: somebody else links it in the last moment. A rename of two names of
// one inode leaves both.
TEST_F(RommMergeTest, ALinkThatCameMeanwhileLeavesNoTemporaryEither) {
  ASSERT_OK(ArrangeTree(dir(), R"(
    in/rom "new"
    tree/rom "older"
    to "older"
  )"));
  struct Case {
    std::string from, to, file;  // `file` in both, "" where they are files
  };
  for (const Case& c : {Case{"/rom", "/to", ""}, {"/in", "/tree", "/rom"}}) {
    SCOPED_TRACE(c.to);
    const std::string from = dir() + c.from + c.file;
    const std::string to = dir() + c.to + c.file;
    FaultySys sys(RealSys());
    bool came = false;
    const auto link = [&] {
      fs::remove(to);
      fs::create_hard_link(from, to);
      came = true;
    };
    sys.Before("RenameAt", link, {.count = 1, .path = to});
    const Request request = Merging(dir() + c.from, dir() + c.to, {kHardlink});
    ASSERT_OK(Materialize(request, sys).status());
    EXPECT_TRUE(came);
    EXPECT_EQ(StatOf(from).links, 2u);
    EXPECT_TRUE(IsOneInode(from, to));
    EXPECT_THAT(Leftovers(dir()), IsEmpty());
  }
}

// Row R12: they resize covers in place.
TEST_F(RommMergeTest, APrivateFileIsTakenOutOfTheLinkItWas) {
  Request request = Merging(from_, to_, {kHardlink, kCopy});
  ASSERT_OK(Materialize(request).status());
  ASSERT_TRUE(IsOneInode(from_, to_));
  request.private_entries = {"**"};
  ASSERT_OK_AND_ASSIGN(const Report report, Materialize(request));
  EXPECT_EQ(report.of(kCopy).files, 1);
  EXPECT_FALSE(IsOneInode(from_, to_));
  EXPECT_EQ(TreeText(to_), TreeText(from_));
  WriteFile(to_, "PIXELS");
  EXPECT_EQ(ReadFile(from_), "pixels");
}

// Row R14.
TEST_F(RommMergeTest, WhatIsPresentIsLeftAloneAndItSaysSo) {
  ASSERT_OK(ArrangeTree(dir(),
                        "to \"mine\"\nin/a \"new\"\nin/b \"b\"\n"
                        "tree/a -> gone"));
  Request request = Merging(from_, to_);
  request.present = Present::kSkip;
  const std::string before = TreeText(to_);
  const uint64_t inode = StatOf(to_).inode;
  FaultySys sys(RealSys());
  ASSERT_OK_AND_ASSIGN(Report report, Materialize(request, sys));
  EXPECT_EQ(TreeText(to_), before);
  EXPECT_EQ(StatOf(to_).inode, inode);
  EXPECT_EQ(report.present_skipped, 1);
  EXPECT_EQ(report.files(), 0);
  EXPECT_THAT(SummaryText(report), HasSubstr("1 left as it was"));
  EXPECT_EQ(sys.Calls("LinkAt") + sys.Calls("RenameAt"), 0);
  request = Merging(dir() + "/in", dir() + "/tree");
  request.present = Present::kSkip;
  ASSERT_OK_AND_ASSIGN(report, Materialize(request));
  EXPECT_EQ(report.present_skipped, 1);
  EXPECT_EQ(report.files(), 1);
  EXPECT_EQ(ReadLink(dir() + "/tree/a"), "gone");
  EXPECT_EQ(ReadFile(dir() + "/tree/b"), "b");
}

// Row R14, the other way.
TEST_F(RommMergeTest, WhatIsPresentIsAnErrorOnRequest) {
  ASSERT_OK(ArrangeTree(dir(),
                        "to \"mine\"\nin/a \"new\"\nin/b \"b\"\n"
                        "tree/a \"mine\""));
  Request request = Merging(from_, to_);
  request.present = Present::kFail;
  EXPECT_THAT(Materialize(request), StatusIs(absl::StatusCode::kAlreadyExists,
                                             HasSubstr("place " + to_)));
  EXPECT_EQ(ReadFile(to_), "mine");
  request = Merging(dir() + "/in", dir() + "/tree");
  request.present = Present::kFail;
  ASSERT_OK_AND_ASSIGN(const Report report, Materialize(request));
  ASSERT_THAT(report.failures, SizeIs(1));
  EXPECT_EQ(report.failures[0].path, "a");
  EXPECT_THAT(report.failures[0].text, HasSubstr(dir() + "/tree/a"));
  EXPECT_EQ(ReadFile(dir() + "/tree/a"), "mine");
  EXPECT_EQ(ReadFile(dir() + "/tree/b"), "b");
}

// Row R16: at first use, which is the first change; never at the start.
TEST_F(RommMergeTest, AReadOnlyBaseIsAnErrorOnlyWhenItIsUsed) {
  if (!CanMount()) GTEST_SKIP() << "mounting needs root";
  ASSERT_OK(ArrangeTree(dir(), "in/a \"a\""));
  const ScopedMount base = ScopedMount::Tmpfs(dir() + "/base");
  const std::string to = base.path() + "/to";
  const Request request = Merging(dir() + "/in", to, {kCopy});
  ASSERT_OK(Materialize(request).status());
  ASSERT_EQ(mount(nullptr, base.path().c_str(), nullptr, MS_REMOUNT | MS_RDONLY,
                  nullptr),
            0);
  ASSERT_OK_AND_ASSIGN(Report report, Materialize(request));
  EXPECT_EQ(report.unchanged.files, 1);
  EXPECT_THAT(report.warnings, IsEmpty());
  ASSERT_OK(ArrangeTree(dir(), "in/b \"b\""));
  for (const std::string& from : {dir() + "/in", from_}) {
    Request changed = Merging(from, from == from_ ? to + "/x" : to, {kCopy});
    EXPECT_THAT(std::string(Materialize(changed).status().message()),
                AllOf(HasSubstr(base.path()), HasSubstr(strerror(EROFS))));
    changed.tolerate_missing_base = true;
    ASSERT_OK_AND_ASSIGN(report, Materialize(changed));
    EXPECT_THAT(report.warnings,
                ElementsAre(testing::Field(
                    &Warning::text, AllOf(HasSubstr(base.path()),
                                          HasSubstr("nothing was placed")))));
  }
}

// Row R16, as somebody who may not write there.
TEST_F(RommMergeTest, AnUnwritableBaseIsToldToItsUserAtFirstUse) {
  if (!CanMount()) GTEST_SKIP() << "needs root";
  ASSERT_OK(ArrangeTree(dir(),
                        "base/to/rom 0644 @1500000000.25 \"pixels\"\n"
                        "base/to/ 0755\nin/rom \"changed\""));
  const auto merge = [&](const std::string& from, bool tolerates) {
    return RunAs(kNobody, [&] {
      Request request = Merging(from, dir() + "/base/to/rom");
      request.tolerate_missing_base = tolerates;
      const absl::StatusOr<Report> report = Materialize(request);
      if (!report.ok()) return std::string(report.status().message());
      if (report->partial()) return "partial: " + report->failures[0].text;
      if (report->warnings.empty()) return std::string("done");
      return "warning: " + report->warnings[0].text;
    });
  };
  EXPECT_EQ(merge(from_, false), "done");
  EXPECT_THAT(
      merge(dir() + "/in/rom", false),
      AllOf(HasSubstr(dir() + "/base/to"), HasSubstr(strerror(EACCES))));
  EXPECT_THAT(merge(dir() + "/in/rom", true),
              AllOf(HasSubstr("warning: "), HasSubstr(dir() + "/base/to")));
  EXPECT_EQ(TreeText(dir() + "/base/to/rom"), TreeText(from_));
}

}  // namespace
}  // namespace materialize
