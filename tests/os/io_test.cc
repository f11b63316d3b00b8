// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Reading and writing until all is done.

#include "materialize/os/io.h"

#include <cerrno>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "materialize/os/fd.h"
#include "tests/testing/faulty_sys.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"

namespace materialize {
namespace {

using ::testing::HasSubstr;

class IoTest : public testing::Test {
 protected:
  Fd Create() {
    return {sys_, sys_.OpenAt(AT_FDCWD, path_.c_str(),
                              O_RDWR | O_CREAT | O_CLOEXEC, 0600)};
  }
  const TempDir dir_;
  const std::string path_ = dir_ / "file";
  FaultySys sys_{RealSys()};
};

TEST_F(IoTest, GoesOnAfterPartsAndSignals) {
  const std::string text(200'000, 'x');
  sys_.Shorten("Write", 70'000);
  sys_.Fail("Write", EINTR, {.nth = 2, .count = 1});
  ASSERT_EQ(WriteAll(sys_, Create().get(), text), 0);
  EXPECT_GE(sys_.Calls("Write"), 4);
  sys_.Shorten("Read", 7'000);
  sys_.Fail("Read", EINTR, {.nth = 3, .count = 1});
  ASSERT_OK_AND_ASSIGN(const std::string got, ReadFile(sys_, path_));
  EXPECT_TRUE(got == text);
}

TEST_F(IoTest, ReadsAsMuchAsThereIs) {
  const Fd fd = Create();
  ASSERT_EQ(WriteAll(sys_, fd.get(), "12345"), 0);
  ASSERT_EQ(sys_.Seek(fd.get(), 0, SEEK_SET), 0);
  char buffer[3];
  EXPECT_EQ(ReadFull(sys_, fd.get(), buffer, 3), 3);
  EXPECT_EQ(ReadFull(sys_, fd.get(), buffer, 3), 2);
  EXPECT_EQ(ReadFull(sys_, fd.get(), buffer, 3), 0);
}

TEST_F(IoTest, ErrorsNameCallAndPath) {
  EXPECT_THAT(ReadFile(sys_, path_).status().message(),
              HasSubstr("open " + path_ + ": No such file"));
  const Fd fd = Create();
  sys_.Fail("Read", EIO);
  EXPECT_THAT(ReadFile(sys_, path_).status().message(),
              HasSubstr("read " + path_ + ": Input/output error"));
  sys_.Fail("Write", ENOSPC);
  EXPECT_EQ(WriteAll(sys_, fd.get(), "x"), -ENOSPC);
}

TEST_F(IoTest, AWriteOfNothingIsNoProgress) {
  sys_.Return("Write", 0);
  EXPECT_EQ(WriteAll(sys_, Create().get(), "x"), -EIO);
}

}  // namespace
}  // namespace materialize
