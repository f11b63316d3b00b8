// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// What a probe answers on real filesystems, and that it leaves nothing behind.

#include "materialize/probe.h"

#include <sys/stat.h>

#include <cerrno>
#include <filesystem>
#include <fstream>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/testing/fake_mounts.h"
#include "tests/testing/faulty_sys.h"
#include "tests/testing/lab.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"

namespace materialize {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

std::vector<std::string> NamesIn(const std::string& path) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(path))
    names.push_back(entry.path().filename());
  return names;
}

// All that would betray a visit: access and change times included.
std::string TracesOf(const std::string& path) {
  struct stat stat;
  EXPECT_EQ(lstat(path.c_str(), &stat), 0) << path;
  std::string text;
  for (const timespec& time : {stat.st_atim, stat.st_mtim, stat.st_ctim}) {
    text +=
        std::to_string(time.tv_sec) + "." + std::to_string(time.tv_nsec) + " ";
  }
  return text + std::to_string(stat.st_nlink) + " " +
         std::to_string(stat.st_mode);
}

void WriteFile(const std::string& path, const std::string& text) {
  std::ofstream(path) << text;
}

Answer AnswerOf(const ProbeReport& report, const char* name) {
  const Trial* trial = FindTrial(report, name);
  EXPECT_NE(trial, nullptr) << name;
  return trial == nullptr ? Answer::kNotTried : trial->answer;
}

class ProbeTest : public testing::Test {
 protected:
  ProbeTest() {
    std::filesystem::create_directory(from_);
    std::filesystem::create_directory(to_);
  }
  absl::StatusOr<ProbeReport> Ask() {
    return Probe({.source = from_, .destination = to_}, sys_);
  }

  TempDir dir_;
  const std::string from_ = dir_ / "from";
  const std::string to_ = dir_ / "to";
  FaultySys sys_{RealSys()};
};

TEST_F(ProbeTest, LeavesNoTrace) {
  WriteFile(from_ + "/file", "content");
  const std::string directory = TracesOf(from_);
  const std::string file = TracesOf(from_ + "/file");
  ASSERT_OK(Ask());
  EXPECT_EQ(TracesOf(from_), directory);
  EXPECT_EQ(TracesOf(from_ + "/file"), file);
  EXPECT_THAT(NamesIn(from_), ElementsAre("file"));
  EXPECT_THAT(NamesIn(to_), IsEmpty());
}

TEST_F(ProbeTest, LinksOnOneMountAndTimesIt) {
  ASSERT_OK_AND_ASSIGN(const ProbeReport report, Ask());
  const Trial& link = *FindTrial(report, "hardlink");
  EXPECT_EQ(link.answer, Answer::kYes);
  EXPECT_GT(link.microseconds, 0);
  EXPECT_GT(link.tries, 5);
  for (const char* name : {"copy", "symlink", "tmpfile"})
    EXPECT_EQ(AnswerOf(report, name), Answer::kYes) << name;
  EXPECT_TRUE(report.case_sensitive);
  EXPECT_EQ(report.sample, "an unnamed file");
}

TEST_F(ProbeTest, OneDirectoryStandsForBoth) {
  ASSERT_OK_AND_ASSIGN(const ProbeReport report,
                       Probe({.source = "", .destination = to_}, sys_));
  EXPECT_EQ(report.from.path, to_);
  EXPECT_EQ(AnswerOf(report, "hardlink"), Answer::kYes);
  EXPECT_THAT(NamesIn(to_), IsEmpty());
}

TEST_F(ProbeTest, AnAbsentDestinationIsTriedWhereItWouldBeMade) {
  ASSERT_OK_AND_ASSIGN(
      const ProbeReport report,
      Probe({.source = from_, .destination = to_ + "/a/b"}, sys_));
  EXPECT_EQ(report.to.path, to_);
  EXPECT_THAT(NamesIn(to_), IsEmpty());
}

TEST_F(ProbeTest, ARefusedMethodIsLeftOutOfTheOrderWithItsReason) {
  sys_.Fail("CloneFile", EOPNOTSUPP);
  ASSERT_OK_AND_ASSIGN(const ProbeReport report, Ask());
  EXPECT_EQ(FindTrial(report, "reflink")->error, EOPNOTSUPP);
  EXPECT_THAT(report.order, ElementsAre(Method::kHardlink, Method::kCopy));
  EXPECT_THAT(report.notes, Contains("no reflink: Operation not supported"));
  EXPECT_EQ(sys_.Calls("CloneFile"), 1)
      << "what does not work is not tried again";
  const std::string text = ProbeText(report);
  EXPECT_THAT(text, HasSubstr("reflink   no               -  EOPNOTSUPP, "
                              "Operation not supported\n"));
  EXPECT_THAT(text, HasSubstr("auto here: hardlink, copy\n"));
}

TEST_F(ProbeTest, OrderBeginsWithReflinkWhereItWorks) {
  sys_.Return("CloneFile", 0);
  ASSERT_OK_AND_ASSIGN(const ProbeReport report, Ask());
  EXPECT_THAT(report.order,
              ElementsAre(Method::kReflink, Method::kHardlink, Method::kCopy));
}

TEST_F(ProbeTest, TwoMountsCannotLink) {
  sys_.Fail("LinkAt", EXDEV);
  sys_.Fail("CloneFile", EXDEV);
  ASSERT_OK_AND_ASSIGN(const ProbeReport report, Ask());
  EXPECT_THAT(report.order, ElementsAre(Method::kCopy));
}

TEST_F(ProbeTest, AFileOfTheSourceStandsInWhereNoUnnamedOneCanBeMade) {
  std::filesystem::create_directory(from_ + "/deep");
  WriteFile(from_ + "/deep/file", "content");
  WriteFile(from_ + "/empty", "");
  ASSERT_EQ(mkfifo((from_ + "/fifo").c_str(), 0600), 0);
  const std::string file = TracesOf(from_ + "/deep/file");
  sys_.Fail("OpenAt", EOPNOTSUPP, {.nth = 2, .count = 1, .path = "/from"});
  ASSERT_OK_AND_ASSIGN(const ProbeReport report, Ask());
  EXPECT_EQ(report.sample, from_ + "/deep/file");
  EXPECT_EQ(report.sample_bytes, 7);
  EXPECT_EQ(AnswerOf(report, "copy"), Answer::kYes);
  EXPECT_EQ(AnswerOf(report, "hardlink"), Answer::kNotTried);
  EXPECT_THAT(report.order, Contains(Method::kHardlink))
      << "one mount: it should work";
  EXPECT_EQ(TracesOf(from_ + "/deep/file"), file);
}

TEST_F(ProbeTest, AnEmptySourceWithoutUnnamedFilesSaysSo) {
  sys_.Fail("OpenAt", EROFS, {.nth = 2, .count = 1, .path = "/from"});
  ASSERT_OK_AND_ASSIGN(const ProbeReport report, Ask());
  EXPECT_EQ(AnswerOf(report, "copy"), Answer::kNotTried);
  EXPECT_THAT(FindTrial(report, "copy")->note, HasSubstr("none was found"));
  EXPECT_THAT(report.order, Contains(Method::kCopy));
}

TEST_F(ProbeTest, CopiesByHandWhereTheKernelWillNot) {
  sys_.Fail("CopyRange", EXDEV);
  ASSERT_OK_AND_ASSIGN(const ProbeReport report, Ask());
  EXPECT_EQ(AnswerOf(report, "copy"), Answer::kYes);
  EXPECT_THAT(FindTrial(report, "copy")->note, StartsWith("by read and write"));
}

TEST_F(ProbeTest, AFullDestinationIsNotTakenForACapability) {
  sys_.Fail("Write", ENOSPC, {.path = "/to/"});
  sys_.Fail("CopyRange", ENOSPC);
  ASSERT_OK_AND_ASSIGN(const ProbeReport report, Ask());
  EXPECT_EQ(FindTrial(report, "copy")->error, ENOSPC);
}

TEST_F(ProbeTest, NamesWhatIsMissing) {
  EXPECT_THAT(
      Probe({.source = dir_ / "none", .destination = to_}, sys_),
      StatusIs(absl::StatusCode::kNotFound,
               "open " + (dir_ / "none") + ": No such file or directory"));
  sys_.Fail("MakeDirectoryAt", EACCES);
  EXPECT_THAT(Ask(),
              StatusIs(absl::StatusCode::kPermissionDenied,
                       AllOf(HasSubstr("mkdir " + to_ + "/.materialize-probe-"),
                             HasSubstr("Permission denied"))));
}

TEST_F(ProbeTest, StopsWhenCancelled) {
  std::atomic<bool> cancel{false};
  sys_.Before("CloneFile", [&] { cancel = true; });
  EXPECT_THAT(
      Probe({.source = from_, .destination = to_, .cancel = &cancel}, sys_),
      StatusIs(absl::StatusCode::kCancelled));
  EXPECT_THAT(NamesIn(to_), IsEmpty());
}

TEST_F(ProbeTest, JsonSaysTheSame) {
  sys_.Fail("CloneFile", EOPNOTSUPP);
  ASSERT_OK_AND_ASSIGN(const ProbeReport report, Ask());
  const auto json = nlohmann::json::parse(ProbeJson(report));
  EXPECT_EQ(json["from"]["path"], from_);
  EXPECT_EQ(json["to"]["mount"], report.to.mount);
  EXPECT_EQ(json["trials"][0]["name"], "reflink");
  EXPECT_EQ(json["trials"][0]["answer"], "no");
  EXPECT_EQ(json["trials"][0]["errno"], "EOPNOTSUPP");
  EXPECT_TRUE(json["trials"][0]["microseconds"].is_null());
  EXPECT_EQ(json["trials"][1]["answer"], "yes");
  EXPECT_GT(json["trials"][1]["microseconds"], 0);
  EXPECT_EQ(json["auto"], (std::vector<std::string>{"hardlink", "copy"}));
}

// Few kernels of test machines have vfat: its answers are given by hand.
TEST_F(ProbeTest, VfatLinksNothing) {
  constexpr uint64_t kVfat = 0x4D44;
  FakeMounts vfat(sys_, {{.prefix = from_, .magic = kVfat},
                         {.prefix = to_, .magic = kVfat}});
  sys_.Fail("LinkAt", EPERM);
  sys_.Fail("SymlinkAt", EPERM);
  ASSERT_OK_AND_ASSIGN(const ProbeReport report,
                       Probe({.source = from_, .destination = to_}, vfat));
  EXPECT_NE(AnswerOf(report, "reflink"), Answer::kYes);
  EXPECT_NE(AnswerOf(report, "hardlink"), Answer::kYes);
  EXPECT_NE(AnswerOf(report, "symlink"), Answer::kYes);
  EXPECT_THAT(report.order, ElementsAre(Method::kCopy));
}

TEST(ProbePlacesTest, AReadOnlySourceIsTriedWithItsFiles) {
  REQUIRE_LAB("squashfs");
  const TempDir to;
  ASSERT_OK_AND_ASSIGN(const ProbeReport report,
                       Probe({.source = Lab("squashfs"), .destination = to}));
  EXPECT_THAT(report.sample, StartsWith(Lab("squashfs") + "/"));
  EXPECT_EQ(AnswerOf(report, "hardlink"), Answer::kNotTried);
  EXPECT_THAT(report.order, ElementsAre(Method::kCopy));
}

struct Cell {
  const char* from;
  const char* to;
  int reflink;  // errno, 0: works
  int hardlink;
};

class ProbeLabTest : public testing::TestWithParam<Cell> {};

TEST_P(ProbeLabTest, AnswersAsThePairDoes) {
  const Cell& cell = GetParam();
  REQUIRE_LAB(cell.from);
  REQUIRE_LAB(cell.to);
  const TempDir from = TempDir::In(Lab(cell.from));
  const TempDir to = TempDir::In(Lab(cell.to));
  ASSERT_OK_AND_ASSIGN(const ProbeReport report,
                       Probe({.source = from, .destination = to}));
  EXPECT_EQ(FindTrial(report, "reflink")->error, cell.reflink);
  EXPECT_EQ(FindTrial(report, "hardlink")->error, cell.hardlink);
  EXPECT_THAT(NamesIn(from), IsEmpty());
  EXPECT_THAT(NamesIn(to), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Pairs, ProbeLabTest,
                         testing::Values(Cell{"ext4", "ext4", EOPNOTSUPP, 0},
                                         Cell{"xfs", "xfs", 0, 0},
                                         Cell{"tmpfs", "tmpfs", EOPNOTSUPP, 0},
                                         Cell{"btrfs", "btrfs", 0, 0},
                                         Cell{"btrfs/sub1", "btrfs/sub2", 0,
                                              EXDEV},
                                         Cell{"ext4", "tmpfs", EXDEV, EXDEV},
                                         Cell{"xfs", "ext4", EXDEV, EXDEV}));

}  // namespace
}  // namespace materialize
