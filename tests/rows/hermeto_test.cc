// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// What a dependency prefetcher needs that copies whole source directories and
// works on the copy.

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
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
using ::testing::AnyOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

// Large enough for copy_file_range on xfs.
constexpr char kTree[] = R"(
  ./ 0755 @1500000000
  bin/tool 0755 @1500000001.5 size=40K
  dangling -> nowhere/at/all
  empty 0600 ""
  link -> bin/tool
  data 0644 @1500000003 size=40K
  readme 0644 @1500000002 "text"
  sub/dirlink -> ../bin
)";

class HermetoTest : public testing::Test {
 protected:
  void SetUp() override {
    REQUIRE_LAB("xfs");
    Use("xfs");
    ASSERT_OK(ArrangeTree(from_, kTree));
  }
  void Use(const std::string& place) {
    dir_.emplace(TempDir::In(Lab(place)));
    from_ = dir() + "/from";
    to_ = dir() + "/to";
  }
  const std::string& dir() const { return *dir_; }
  absl::StatusOr<Report> Copy(Sys& sys = RealSys()) {
    return Materialize(FromTo(from_, to_, {Method::kCopy}), sys);
  }
  void ExpectSame() {
    const TreeTextOptions options = {.symlink_times = true};
    EXPECT_EQ(TreeText(to_, options), TreeText(from_, options));
  }

  std::optional<TempDir> dir_;
  std::string from_, to_;
};

// Rows H1, H9.
TEST_F(HermetoTest, LinksModesAndTimesAreAsInTheSource) {
  for (const char* place : {"ext4", "xfs", "btrfs", "tmpfs"}) {
    for (const Method method : {Method::kReflink, Method::kCopy}) {
      if (!LabPlace(place)) continue;
      SCOPED_TRACE(place);
      Use(place);
      ASSERT_OK(ArrangeTree(from_, kTree));
      ASSERT_OK_AND_ASSIGN(
          const Report report,
          Materialize(FromTo(from_, to_, {method, Method::kCopy})));
      ExpectSame();
      EXPECT_EQ(report.symlinks, 3);
      EXPECT_EQ(ReadLink(to_ + "/dangling"), "nowhere/at/all");
    }
  }
}

// Row H2.
TEST_F(HermetoTest, ShortCopiesAreRepeatedToTheEnd) {
  FaultySys sys(RealSys());
  sys.Shorten("CopyRange", 1000);
  ASSERT_OK(Copy(sys).status());
  ExpectSame();
  EXPECT_GT(sys.Calls("CopyRange"), 20);
}

// Row H2, of read and write.
TEST_F(HermetoTest, ShortWritesAreRepeatedToTheEnd) {
  FaultySys sys(RealSys());
  sys.Fail("CopyRange", EOPNOTSUPP);
  sys.Shorten("Read", 3000);
  sys.Shorten("Write", 700);
  ASSERT_OK(Copy(sys).status());
  ExpectSame();
}

// Row H3.
TEST_F(HermetoTest, WithoutCopyFileRangeItReadsAndWrites) {
  for (const int error : {ENOSYS, EXDEV, EOPNOTSUPP, EINVAL, EPERM}) {
    SCOPED_TRACE(strerror(error));
    FaultySys sys(RealSys());
    sys.Fail("CopyRange", error);
    ASSERT_OK_AND_ASSIGN(const Report report, Copy(sys));
    ExpectSame();
    EXPECT_THAT(report.downgrades, IsEmpty());
    std::filesystem::remove_all(to_);
  }
}

// Row H3: for that file only, where the error is of that file.
TEST_F(HermetoTest, AnotherFileStillUsesCopyFileRange) {
  FaultySys sys(RealSys());
  sys.Fail("CopyRange", EINVAL, {.path = "data"});
  ASSERT_OK(Copy(sys).status());
  ExpectSame();
  EXPECT_GE(sys.Calls("CopyRange"), 2);
  EXPECT_EQ(sys.Calls("Write"), 2);  // data and the small readme
}

// Row H4.
TEST_F(HermetoTest, OtherErrorsNameBothPaths) {
  for (const int error : {EAGAIN, EIO, ENOSPC}) {
    SCOPED_TRACE(strerror(error));
    FaultySys sys(RealSys());
    sys.Fail("CopyRange", error, {.path = "data"});
    EXPECT_THAT(std::string(Copy(sys).status().message()),
                HasSubstr("copy_file_range " + from_ + "/data -> " + to_ +
                          "/data: " + strerror(error)));
    EXPECT_FALSE(Exists(to_));
    EXPECT_THAT(Leftovers(dir()), IsEmpty());
  }
}

// Row H4: "not now" is asked once more.
TEST_F(HermetoTest, OneEagainIsRetried) {
  FaultySys sys(RealSys());
  sys.Fail("CopyRange", EAGAIN, {.count = 1, .path = "data"});
  ASSERT_OK(Copy(sys).status());
  ExpectSame();
  EXPECT_EQ(sys.Calls("Write"), 1);  // the small readme
}

// Row H5.
TEST_F(HermetoTest, NoBytesFromAFileThatHasSomeAreReadInstead) {
  FaultySys sys(RealSys());
  sys.Return("CopyRange", 0);
  ASSERT_OK(Copy(sys).status());
  ExpectSame();
}

// Row H5, for real: procfs says that its files are empty.
TEST_F(HermetoTest, AFileOfProcIsCopiedWhole) {
  for (const auto& methods : {std::vector<Method>(), {Method::kCopy}}) {
    ASSERT_OK(Materialize(FromTo("/proc/version", to_, methods)).status());
    EXPECT_EQ(ReadFile(to_), ReadFile("/proc/version"));
    EXPECT_THAT(ReadFile(to_), HasSubstr("Linux"));
    std::filesystem::remove(to_);
  }
}

// Row H6.
TEST_F(HermetoTest, AnEmptyFileDowngradesNothing) {
  for (const char* place : {"xfs", "btrfs"}) {
    if (!LabPlace(place)) continue;
    Use(place);
    ASSERT_OK(ArrangeTree(from_, "a \"\"\nb size=8K\nc \"\"\nd size=8K"));
    Request request = FromTo(from_, to_, {Method::kReflink});
    request.jobs = 1;
    FaultySys sys(RealSys());
    ASSERT_OK_AND_ASSIGN(const Report report, Materialize(request, sys));
    EXPECT_EQ(report.of(Method::kReflink).files, 2);
    EXPECT_EQ(report.created_empty.files, 2);
    EXPECT_THAT(report.downgrades, IsEmpty());
    EXPECT_EQ(sys.Calls("CloneFile"), 2);
    EXPECT_EQ(TreeText(to_), TreeText(from_));
  }
}

// Row H7.
TEST_F(HermetoTest, AFallbackForOneFileTouchesNoOther) {
  ASSERT_OK(ArrangeTree(dir() + "/many", "a size=8K\nb size=8K\nc size=8K"));
  Request request = FromTo(dir() + "/many", to_);
  request.jobs = 1;
  FaultySys sys(RealSys());
  sys.StartLog();
  sys.Fail("CloneFile", ETXTBSY, {.nth = 2, .count = 1});
  ASSERT_OK_AND_ASSIGN(const Report report, Materialize(request, sys));
  EXPECT_EQ(report.of(Method::kReflink).files, 2);
  EXPECT_EQ(report.of(Method::kHardlink).files, 1);
  EXPECT_EQ(TreeText(to_), TreeText(dir() + "/many"));
  EXPECT_EQ(sys.Calls("CloneFile"), 3);
  // One file's first try and the staging itself.
  EXPECT_EQ(sys.Calls("UnlinkAt"), 2);
}

// Row H8: by identity, never by name.
TEST_F(HermetoTest, ADestinationInsideTheSourceIsLeftOut) {
  ASSERT_OK(ArrangeTree(from_ + "/deep", "to/kept \"x\""));
  for (const Into into : {Into::kNew, Into::kSwap, Into::kFill}) {
    SCOPED_TRACE(static_cast<int>(into));
    Request request = FromTo(from_, from_ + "/to");
    request.into = into;
    std::filesystem::remove_all(from_ + "/to");
    if (into != Into::kNew) std::filesystem::create_directory(from_ + "/to");
    if (into == Into::kSwap) {
      ASSERT_OK(ArrangeTree(from_ + "/to", "old \"old\""));
    }
    ASSERT_OK(Materialize(request).status());
    EXPECT_FALSE(Exists(from_ + "/to/to"));
    EXPECT_EQ(ReadFile(from_ + "/to/deep/to/kept"), "x");
    EXPECT_EQ(ReadFile(from_ + "/to/readme"), "text");
    EXPECT_THAT(Leftovers(from_), IsEmpty());
    EXPECT_THAT(Leftovers(from_ + "/to"), IsEmpty());
    std::filesystem::remove_all(from_ + "/to");
  }
}

// Row H8: the list has only what leads there.
TEST_F(HermetoTest, ADestinationThatAListedLinkLeadsToIsLeftOut) {
  const std::string from = dir() + "/listed";
  ASSERT_OK(ArrangeTree(from, "d/link -> ../x\nx/f \"f\""));
  Request request = FromTo(from, from + "/x/out");
  request.files = {"d"};
  request.only_files = true;
  request.symlinks = Symlinks::kFollow;
  ASSERT_OK(Materialize(request).status());
  EXPECT_EQ(ReadFile(from + "/x/out/d/link/f"), "f");
  EXPECT_FALSE(Exists(from + "/x/out/d/link/out"));
  EXPECT_THAT(Leftovers(from + "/x"), IsEmpty());
}

// Row H8, where the parents are made by the run as well.
TEST_F(HermetoTest, ANewParentInsideTheSourceIsLeftOut) {
  ASSERT_OK(Materialize(FromTo(from_, from_ + "/a/b/to")).status());
  EXPECT_FALSE(Exists(from_ + "/a/b/to/a"));
  EXPECT_EQ(ReadFile(from_ + "/a/b/to/readme"), "text");
}

// Row H10.
TEST_F(HermetoTest, FifosSocketsAndDevicesAreNeverOpened) {
  ASSERT_OK(ArrangeTree(dir() + "/odd", "a \"a\"\nd/fifo |\nd/sock |socket"));
  if (mknod((dir() + "/odd/d/null").c_str(), S_IFCHR | 0600, makedev(1, 3)) !=
      0) {
    ASSERT_EQ(errno, EPERM);
  }
  const auto begin = std::chrono::steady_clock::now();
  for (const bool dry_run : {false, true}) {
    for (const bool durable : {false, true}) {
      for (const Special special : {Special::kSkip, Special::kError}) {
        Request request = FromTo(dir() + "/odd", to_);
        request.special = special;
        request.dry_run = dry_run;
        request.durable = durable;
        FaultySys sys(RealSys());
        sys.StartLog();
        const absl::StatusOr<Report> report = Materialize(request, sys);
        const std::vector<std::string> log = sys.Log();
        for (const std::string& line : log) {
          if (!line.starts_with("Open")) continue;
          EXPECT_THAT(line, Not(AnyOf(HasSubstr("fifo"), HasSubstr("sock"),
                                      HasSubstr("null"))));
        }
        if (special == Special::kSkip) {
          ASSERT_OK(report);
          EXPECT_GE(report->special_skipped, 2);
          EXPECT_EQ(report->files(), 1);
        } else {
          EXPECT_THAT(
              std::string(report.status().message()),
              AllOf(HasSubstr(dir() + "/odd/d/"), HasSubstr("--special=skip")));
        }
        std::filesystem::remove_all(to_);
      }
    }
  }
  EXPECT_LT(std::chrono::steady_clock::now() - begin,
            std::chrono::seconds(8));  // eight runs
}

// Row H10, named themselves, by a manifest, by a list, through a link.
TEST_F(HermetoTest, AFifoIsNoSourceHoweverItIsNamed) {
  ASSERT_OK(ArrangeTree(dir() + "/odd", "fifo |\nlink -> fifo"));
  const std::string fifo = dir() + "/odd/fifo";
  std::vector<Request> requests = {
      FromTo(fifo, to_), FromTo(dir() + "/odd/link", to_),
      FromTo(dir() + "/odd", to_), FromTo(dir() + "/odd", to_)};
  requests[2].symlinks = Symlinks::kFollow;
  requests[3].only_files = true;
  requests[3].files = {"fifo"};
  requests.push_back({});
  requests.back().destination = to_;
  requests.back().entries = {
      {.path = "a", .kind = Kind::kFile, .content = fifo}};
  for (const Request& request : requests) {
    FaultySys sys(RealSys());
    sys.StartLog();
    EXPECT_FALSE(Materialize(request, sys).ok());
    const std::vector<std::string> log = sys.Log();
    EXPECT_THAT(log, Not(Contains("OpenAt " + fifo)));
    EXPECT_FALSE(Exists(to_));
  }
}

// Row H11.
TEST_F(HermetoTest, AHoleStaysAHole) {
  for (const char* place : {"ext4", "xfs", "btrfs", "tmpfs"}) {
    if (!LabPlace(place)) continue;
    for (const bool ranges : {true, false}) {
      SCOPED_TRACE(place);
      Use(place);
      ASSERT_OK(ArrangeTree(from_, R"(
        hole hole=64M
        mixed "head" hole=64M
      )"));
      FaultySys sys(RealSys());
      if (!ranges) sys.Fail("CopyRange", EOPNOTSUPP);
      ASSERT_OK(Copy(sys).status());
      EXPECT_EQ(TreeText(to_), TreeText(from_));
      EXPECT_EQ(StatOf(to_ + "/hole").size, 64 << 20);
      EXPECT_LT(StatOf(to_ + "/hole").blocks * 512, 1 << 20);
      EXPECT_LT(StatOf(to_ + "/mixed").blocks * 512, 1 << 20);
    }
  }
}

// Row H13.
TEST_F(HermetoTest, WhatIsThereAlreadyAndWhatIsMissingAreToldClearly) {
  EXPECT_THAT(Materialize(FromTo(dir() + "/gone", to_)),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("/gone: ")));
  ASSERT_OK(ArrangeTree(to_, "mine \"mine\""));
  EXPECT_THAT(Copy(), StatusIs(absl::StatusCode::kAlreadyExists,
                               AllOf(HasSubstr(to_), HasSubstr("not empty"),
                                     HasSubstr("--into=swap"))));
  EXPECT_EQ(ReadFile(to_ + "/mine"), "mine");
  EXPECT_THAT(Leftovers(dir()), IsEmpty());
}

// Row H14.
TEST_F(HermetoTest, WorksWhereASystemCallIsMissing) {
  FaultySys sys(RealSys());
  for (const char* call :
       {"OpenBeneath", "CopyRange", "CloneFile", "FileHandle", "RemoveXattr",
        "GetXattr", "ClearThreadUmask"}) {
    sys.Fail(call, ENOSYS);
  }
  ASSERT_OK(Materialize(FromTo(from_, to_), sys).status());
  ExpectSame();
}

// Row H14, in a seccomp filter that answers EPERM to what it does not know.
TEST_F(HermetoTest, WorksWhereAFilterForbidsWhatItDoesNotKnow) {
  FaultySys sys(RealSys());
  sys.Fail("OpenBeneath", EPERM);
  sys.Fail("FileHandle", EPERM);
  sys.Fail("CopyRange", EPERM);
  sys.Fail("ClearThreadUmask", EPERM);
  ASSERT_OK(Copy(sys).status());
  ExpectSame();
}

// Row H15: a name that nobody can guess, beside the source, and closed to
// others from the first moment to the last.
TEST_F(HermetoTest, AWorkCopyHasARandomNameAndIsItsOwnersAlone) {
  std::string name = dir() + "/work-XXXXXX";
  ASSERT_NE(mkdtemp(name.data()), nullptr);
  Request request;
  request.destination = name;
  request.entries = {{.path = ".",
                      .kind = Kind::kDirectory,
                      .content = from_,
                      .wanted = {.mode = 0700}}};
  request.private_entries = {"**"};
  FaultySys sys(RealSys());
  const auto look = [&] { EXPECT_EQ(StatOf(name).permissions(), 0700u); };
  for (const char* call : {"OpenAt", "RenameAt", "UnlinkAt", "ChangeMode"}) {
    sys.Before(call, look, {});
  }
  ASSERT_OK(Materialize(request, sys).status());
  look();
  const TreeTextOptions below = {.root = false};
  EXPECT_EQ(TreeText(name, below), TreeText(from_, below));
  EXPECT_EQ(StatOf(name).device, StatOf(from_).device);
  WriteFile(name + "/readme", "TEXT");
  EXPECT_EQ(ReadFile(from_ + "/readme"), "text");
}

}  // namespace
}  // namespace materialize
