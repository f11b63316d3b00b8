// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// What a staging that a dead run has left is worth: an old tree in it may be
// the only one.

#include "materialize/exec/staging.h"

#include <fcntl.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "materialize/os/fd.h"
#include "tests/testing/faulty_sys.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"
#include "tests/testing/tree_text.h"

namespace materialize {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr char kTree[] = "./ 0700\nprecious \"x\"";

class RecoverTest : public testing::Test {
 protected:
  void SetUp() override {
    staging_ = dir_ / StagingName("to");
    ASSERT_OK(ArrangeTree(staging_, "./ 0700\ntree/half \"half\""));
    ASSERT_OK(ArrangeTree(staging_ + "/old", kTree));
    parent_ = Fd(sys_, sys_.OpenAt(AT_FDCWD, dir_.path().c_str(),
                                   O_RDONLY | O_DIRECTORY, 0));
    ASSERT_TRUE(parent_.ok());
  }
  absl::Status Acquire() {
    absl::StatusOr<Staging> staging = Staging::Acquire(
        sys_,
        {.parent = parent_.get(), .parent_path = dir_.path(), .name = "to"},
        Busy::kFail, nullptr);
    return staging.ok() ? staging->Remove() : staging.status();
  }
  void ExpectKept() {
    EXPECT_EQ(TreeText(staging_ + "/old"), TreeTextOf(kTree));
  }
  void ExpectPutBackNow() {
    sys_.Heal();
    EXPECT_OK(Acquire());
    EXPECT_EQ(TreeText(dir_ / "to"), TreeTextOf(kTree));
    EXPECT_THAT(TreeText(staging_), HasSubstr("No such file"));
  }

  TempDir dir_;
  FaultySys sys_{RealSys()};
  std::string staging_;
  Fd parent_;
};

// Row C8.
TEST_F(RecoverTest, AnOldTreeThatCannotBePutBackIsKept) {
  for (const int error : {EIO, EACCES, EPERM, EXDEV, ENOSPC, EROFS}) {
    sys_.Fail("RenameAt", error, {.path = "/old"});
    EXPECT_THAT(std::string(Acquire().message()),
                AllOf(HasSubstr("rename " + staging_ + "/old -> "),
                      HasSubstr(strerror(error))));
    ExpectKept();
    sys_.Heal();
  }
  ExpectPutBackNow();
}

// Row C8: where RENAME_NOREPLACE is not known.
TEST_F(RecoverTest, AnOldTreeIsPutBackWithoutFlagsAsWell) {
  for (const int error : {EINVAL, ENOSYS}) {
    sys_.Fail("RenameAt", EIO, {.path = "/old"});
    sys_.Fail("RenameAt", error, {.count = 1, .path = "/old"});
    EXPECT_THAT(std::string(Acquire().message()), HasSubstr("Input/output"));
    ExpectKept();
    sys_.Heal();
  }
  sys_.Fail("RenameAt", EINVAL, {.count = 1, .path = "/old"});
  EXPECT_OK(Acquire());
  EXPECT_EQ(TreeText(dir_ / "to"), TreeTextOf(kTree));
}

// Row C8: nobody knows whether the destination is there.
TEST_F(RecoverTest, AnOldTreeIsKeptWhereNothingCanBeSeen) {
  sys_.Fail("RenameAt", EINVAL, {.path = "/old"});
  sys_.Fail("StatAt", EIO, {.path = dir_ / "to"});
  EXPECT_THAT(std::string(Acquire().message()), HasSubstr("Input/output"));
  ExpectKept();
  sys_.Heal();
  sys_.Fail("StatAt", EIO, {.path = "/old"});
  EXPECT_THAT(std::string(Acquire().message()), HasSubstr("Input/output"));
  ExpectKept();
  ExpectPutBackNow();
}

// Row C8.
TEST_F(RecoverTest, AnOldTreeGoesWhereTheDestinationIs) {
  ASSERT_OK(ArrangeTree(dir_ / "to", "new \"new\""));
  const std::string before = TreeText(dir_ / "to");
  EXPECT_OK(Acquire());
  EXPECT_EQ(TreeText(dir_ / "to"), before);
  EXPECT_THAT(TreeText(staging_), HasSubstr("No such file"));
}

}  // namespace
}  // namespace materialize
