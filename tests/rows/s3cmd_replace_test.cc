// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// What a synchronizer replaces: nothing by something of another kind unless
// nothing is lost, and nothing on a full disk.

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/cli/run_command.h"
#include "tests/rows/files.h"
#include "tests/testing/faulty_sys.h"
#include "tests/testing/lab.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"
#include "tests/testing/tree_text.h"

namespace materialize {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class ReplaceTest : public testing::Test {
 protected:
  void SetUp() override {
    REQUIRE_LAB("xfs");
    dir_.emplace(TempDir::In(Lab("xfs")));
    from_ = *dir_ / "from";
    to_ = *dir_ / "to";
  }
  Request Merging() const {
    Request request = FromTo(from_, to_);
    request.into = Into::kMerge;
    return request;
  }
  void ExpectEqualTrees() const {
    EXPECT_EQ(TreeText(to_, {.root = false}), TreeText(from_, {.root = false}));
    EXPECT_THAT(Leftovers(*dir_), IsEmpty());
  }

  std::optional<TempDir> dir_;
  std::string from_, to_;
};

// Row S16.
TEST_F(ReplaceTest, ADirectoryWhereAFileMustGo) {
  ASSERT_OK(
      ArrangeTree(from_, "empty \"e\"\nfull \"f\"\nlink -> x\nother \"o\""));
  ASSERT_OK(ArrangeTree(
      to_, "empty/\nfull/in \"in\"\nlink/in \"in\"\nother \"was it\""));
  ASSERT_OK_AND_ASSIGN(const Report report, Materialize(Merging()));
  ASSERT_THAT(report.failures, SizeIs(2));
  EXPECT_EQ(report.failures[0].path, "full");
  EXPECT_THAT(report.failures[0].text,
              testing::AllOf(HasSubstr("place " + to_ + "/full"),
                             HasSubstr("--delete")));
  EXPECT_EQ(report.files(), 2);
  EXPECT_EQ(report.symlinks, 0);
  EXPECT_EQ(ReadFile(to_ + "/empty") + ReadFile(to_ + "/other"), "eo");
  EXPECT_EQ(ReadFile(to_ + "/full/in") + ReadFile(to_ + "/link/in"), "inin");
  const cli::Said said = cli::RunCommand({"place", "--into=merge", from_, to_});
  EXPECT_EQ(said.code, 4);
  EXPECT_THAT(said.err, HasSubstr(to_ + "/full"));
  Request request = Merging();
  request.deletion.enabled = true;
  ASSERT_OK_AND_ASSIGN(const Report replaced, Materialize(request));
  EXPECT_EQ(replaced.deleted, 2);
  EXPECT_EQ(replaced.files(), 3);
  EXPECT_EQ(replaced.symlinks, 1);
  ExpectEqualTrees();
}

// Row S16, the other way round.
TEST_F(ReplaceTest, AFileWhereADirectoryMustGo) {
  for (const bool delays : {false, true}) {
    SCOPED_TRACE(delays);
    ASSERT_OK(
        ArrangeTree(from_, "d/x \"x\"\ne/f/ 0700\ng/h \"h\"\nlast \"l\""));
    ASSERT_OK(ArrangeTree(to_, "d \"d\"\ne -> d\nother \"o\"\ng/h/"));
    Request request = Merging();
    request.delay_updates = delays;
    ASSERT_OK_AND_ASSIGN(const Report report, Materialize(request));
    EXPECT_THAT(report.failures, IsEmpty());
    EXPECT_EQ(report.files(), 3);
    EXPECT_EQ(report.directories, 5);
    EXPECT_EQ(ReadFile(to_ + "/other"), "o");
    std::filesystem::remove(to_ + "/other");
    ExpectEqualTrees();
    (void)RemoveTree(to_);
    (void)RemoveTree(from_);
  }
}

// Row S17.
TEST_F(ReplaceTest, AFullDiskStopsTheRun) {
  std::string text;
  for (int file = 0; file < 40; ++file)
    absl::StrAppend(&text, file, " \"x\"\n");
  ASSERT_OK(ArrangeTree(from_, text));
  for (const int error : {ENOSPC, EDQUOT}) {
    for (const char* call : {"CloneFile", "RenameAt"}) {
      ASSERT_OK(ArrangeTree(to_, "extra \"e\""));
      FaultySys sys(RealSys());
      sys.Fail(call, error, {.nth = 5});
      Request request = Merging();
      request.deletion.enabled = true;
      request.jobs = 1;
      const absl::Status status = Materialize(request, sys).status();
      EXPECT_THAT(std::string(status.message()), HasSubstr(strerror(error)));
      for (const auto& entry : std::filesystem::directory_iterator(to_)) {
        EXPECT_THAT(ReadFile(entry.path()), testing::AnyOf("x", "e"));
      }
      EXPECT_TRUE(Exists(to_ + "/extra"));
      EXPECT_LT(std::distance(std::filesystem::directory_iterator(to_), {}), 9);
      EXPECT_THAT(Leftovers(*dir_), IsEmpty());
      (void)RemoveTree(to_);
    }
  }
}

// Row S17, for real.
TEST_F(ReplaceTest, AFilesystemThatIsReallyFull) {
  REQUIRE_LAB("small");  // 16 MiB
  const TempDir there = TempDir::In(Lab("small"));
  to_ = there / "to";
  std::string text;
  for (int file = 0; file < 30; ++file)
    absl::StrAppend(&text, "f", file, " size=1M\n");
  ASSERT_OK(ArrangeTree(from_, text));
  ASSERT_OK(ArrangeTree(to_, "f7 \"old\"\nextra \"e\""));
  for (const char* deleting : {"--nodelete", "--delete"}) {
    const cli::Said said =
        cli::RunCommand({"place", "--into=merge", deleting, from_, to_});
    EXPECT_EQ(said.code, 1);
    EXPECT_THAT(said.err, HasSubstr("No space left on device"));
    EXPECT_EQ(ReadFile(to_ + "/extra"), "e");
    for (const auto& entry : std::filesystem::directory_iterator(to_)) {
      const std::string name = entry.path().filename();
      const std::string text_there = ReadFile(entry.path());
      EXPECT_TRUE(text_there == "old" || text_there == "e" ||
                  text_there == ReadFile(from_ + "/" + name))
          << name;
    }
    EXPECT_THAT(Leftovers(there), IsEmpty());
  }
}

}  // namespace
}  // namespace materialize
