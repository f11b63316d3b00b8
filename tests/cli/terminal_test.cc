// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// The progress line: its words, its half second of silence, and that it leaves
// nothing behind.

#include "materialize/cli/terminal.h"

#include <unistd.h>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace materialize::cli {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;

class ProgressLineTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(pipe(pipe_), 0); }
  void TearDown() override { close(pipe_[0]); }
  // Everything that was written.
  std::string Written() {
    close(pipe_[1]);
    std::string text(1 << 16, '\0');
    text.resize(static_cast<size_t>(read(pipe_[0], text.data(), text.size())));
    return text;
  }
  int fd() const { return pipe_[1]; }

 private:
  int pipe_[2];
};

TEST(ProgressTextTest, SaysFilesBytesAndRate) {
  EXPECT_EQ(ProgressText(12345, 95'000'000, 0.5),
            "12,345 files, 95 MB, 24,690 files/s");
  EXPECT_EQ(ProgressText(1, 0, 2), "1 file, 0 files/s");
  EXPECT_EQ(ProgressText(0, 0, 0), "0 files");
}

TEST_F(ProgressLineTest, SaysNothingInTheFirstHalfSecond) {
  ProgressLine line(fd());
  line.Advanced(0, 10, 100);
  line.Stop();
  EXPECT_EQ(Written(), "");
}

TEST_F(ProgressLineTest, AddsUpTheWorkersAndErasesItself) {
  ProgressLine line(fd());
  for (int worker = 0; worker < 100; ++worker) line.Advanced(worker, 10, 0);
  std::this_thread::sleep_for(std::chrono::milliseconds(650));
  line.Stop();
  line.Stop();
  const std::string text = Written();
  EXPECT_THAT(text, HasSubstr("\r\x1b[K1,000 files, "));
  EXPECT_THAT(text, EndsWith("\r\x1b[K"));
}

TEST_F(ProgressLineTest, APipeIsNoTerminal) {
  EXPECT_FALSE(IsTerminal(fd()));
  close(fd());
}

}  // namespace
}  // namespace materialize::cli
