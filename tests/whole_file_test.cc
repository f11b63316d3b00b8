// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Files that appear whole or not at all.

#include "materialize/whole_file.h"

#include <cerrno>
#include <filesystem>
#include <memory>
#include <string>

#include "gtest/gtest.h"
#include "tests/testing/faulty_sys.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"
#include "tests/testing/tree_text.h"

namespace materialize {
namespace {

constexpr TreeTextOptions kJustContent = {
    .root = false, .modes = false, .times = false};

class WholeFileTest : public ::testing::Test {
 protected:
  std::string Tree() { return TreeText(dir_, kJustContent); }

  TempDir dir_;
  FaultySys sys_{RealSys()};
};

TEST_F(WholeFileTest, AppearsWithCommitOnly) {
  for (const std::string text : {"old", "new and longer"}) {
    const std::string before = Tree();
    ASSERT_OK_AND_ASSIGN(auto file, WholeFile::Create(sys_, dir_ / "f"));
    EXPECT_OK(file->Write(text));
    EXPECT_EQ(Tree(), before);
    EXPECT_OK(file->Commit());
    EXPECT_EQ(Tree(), TreeTextOf("f \"" + text + "\"\n", kJustContent));
  }
}

TEST_F(WholeFileTest, LeavesNothingWithoutCommit) {
  ASSERT_OK(ArrangeTree(dir_, "f \"old\"\n"));
  sys_.Fail("OpenAt", EOPNOTSUPP, {.nth = 2, .count = 1});  // no O_TMPFILE
  {
    ASSERT_OK_AND_ASSIGN(auto file, WholeFile::Create(sys_, dir_ / "f"));
    EXPECT_OK(file->Write("new"));
    EXPECT_NE(Tree(), TreeTextOf("f \"old\"\n", kJustContent));
  }
  EXPECT_EQ(Tree(), TreeTextOf("f \"old\"\n", kJustContent));
}

TEST_F(WholeFileTest, WorksWithoutOTmpfile) {
  sys_.Fail("OpenAt", EOPNOTSUPP, {.nth = 2, .count = 1});
  ASSERT_OK_AND_ASSIGN(auto file, WholeFile::Create(sys_, dir_ / "f"));
  EXPECT_OK(file->Write("x"));
  EXPECT_OK(file->Commit());
  EXPECT_EQ(Tree(), TreeTextOf("f \"x\"\n", kJustContent));
}

TEST_F(WholeFileTest, AFailedRenameLeavesTheOldOne) {
  ASSERT_OK(ArrangeTree(dir_, "f \"old\"\n"));
  sys_.Fail("RenameAt", EIO);
  {
    ASSERT_OK_AND_ASSIGN(auto file, WholeFile::Create(sys_, dir_ / "f"));
    EXPECT_OK(file->Write("new"));
    EXPECT_THAT(file->Commit(),
                StatusIs(absl::StatusCode::kUnknown,
                         "rename " + dir_ / "f" + ": Input/output error"));
  }
  EXPECT_EQ(Tree(), TreeTextOf("f \"old\"\n", kJustContent));
}

TEST_F(WholeFileTest, SaysAtOnceThatItCannotBe) {
  EXPECT_THAT(WholeFile::Create(sys_, dir_ / "none/f"),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_FALSE(WholeFile::Create(sys_, dir_.path()).ok());
}

TEST_F(WholeFileTest, WritesStraightToWhatIsNoRegularFile) {
  ASSERT_OK_AND_ASSIGN(auto file, WholeFile::Create(sys_, "/dev/null"));
  EXPECT_OK(file->Write("x"));
  EXPECT_OK(file->Commit());
  EXPECT_TRUE(std::filesystem::is_character_file("/dev/null"));
}

}  // namespace
}  // namespace materialize
