// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Trees made from text and described as text.

#include "tests/testing/tree_text.h"

#include <linux/capability.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"

namespace materialize {
namespace {

using ::testing::HasSubstr;

struct stat StatOf(const std::string& path) {
  struct stat found = {};
  EXPECT_EQ(lstat(path.c_str(), &found), 0) << path;
  return found;
}

TEST(TreeTextTest, DescribesWhatWasArranged) {
  const TempDir dir;
  ASSERT_OK(ArrangeTree(dir / "t", R"(
      dir/ 0700 @1500000000
      dir/file 0755 @1400000000.25 "some\ncontent"
      plain
      link -> dir/file
      fifo |
      sock |socket 0600
      ./ 0711 @1300000000
  )"));
  EXPECT_EQ(TreeText(dir / "t"),
            "./ 0711 @1300000000\n"
            "dir/ 0700 @1500000000\n"
            "dir/file 0755 @1400000000.250000000 \"some\\ncontent\"\n"
            "fifo 0644 @1600000000 |\n"
            "link -> dir/file\n"
            "plain 0644 @1600000000 \"\"\n"
            "sock 0600 @1600000000 |socket\n");
}

TEST(TreeTextTest, ADescriptionArrangesTheSameAgain) {
  const TempDir dir;
  ASSERT_OK(ArrangeTree(dir / "a",
                        "a/b/c \"x \\\\ \\\" y\"\n odd\\040\\001\\377name "
                        "0600\n l -> a\\040b\n s/ 0500"));
  const std::string text = TreeText(dir / "a");
  EXPECT_THAT(text, HasSubstr("odd\\040\\001\\377name"));
  EXPECT_TRUE(std::filesystem::exists(dir / "a/odd \001\377name"));
  ASSERT_OK(ArrangeTree(dir / "b", text));
  EXPECT_EQ(TreeText(dir / "b"), text);
  EXPECT_EQ(TreeTextOf(text), text);
}

TEST(TreeTextTest, SizesAndHoles) {
  const TempDir dir;
  ASSERT_OK(ArrangeTree(
      dir / "t", "sized size=8K\nsparse hole=64M\nmixed \"head\" hole=1M"));
  EXPECT_EQ(StatOf(dir / "t/sized").st_size, 8192);
  EXPECT_EQ(StatOf(dir / "t/sparse").st_size, 64 << 20);
  EXPECT_LT(StatOf(dir / "t/sparse").st_blocks, 64);
  EXPECT_EQ(StatOf(dir / "t/mixed").st_size, 4 + (1 << 20));
  EXPECT_THAT(TreeText(dir / "t"),
              HasSubstr("sized 0644 @1600000000 size=8192 #"));
}

// What an assertion on two trees must not miss.
TEST(TreeTextTest, EveryDifferenceShows) {
  const std::string base = TreeTextOf("d/f size=8K");
  EXPECT_EQ(base, TreeTextOf("d/f size=8K"));
  for (const char* other :
       {"d/f 0600 size=8K", "d/f @1 size=8K", "d/f size=8191",
        "d/f \"x\" size=8K", "d/f -> x", "d/f |", "d/f/", "d/g size=8K",
        "d/f size=8K\nd/g", "d/ 0700\nd/f size=8K", "d/ @1\nd/f size=8K",
        "./ 0700\nd/f size=8K", "d/f @1600000000.1 size=8K"}) {
    EXPECT_NE(base, TreeTextOf(other)) << other;
  }
}

TEST(TreeTextTest, OneChangedByteShows) {
  const TempDir dir;
  ASSERT_OK(ArrangeTree(dir / "t", "f size=1M"));
  const std::string before = TreeText(dir / "t", {.times = false});
  {
    std::fstream file(dir / "t/f",
                      std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(500000);
    const char byte = static_cast<char>(file.get());
    file.seekp(500000);
    file.put(static_cast<char>(byte ^ 1));
  }
  EXPECT_NE(TreeText(dir / "t", {.times = false}), before);
}

TEST(TreeTextTest, TwinsShareAnInodeAndShowOnRequest) {
  const TempDir dir;
  ASSERT_OK(ArrangeTree(dir / "t", "a = z\nz \"x\" 0600\nsub/b = z"));
  EXPECT_EQ(StatOf(dir / "t/a").st_ino, StatOf(dir / "t/z").st_ino);
  EXPECT_EQ(TreeText(dir / "t", {.root = false, .times = false, .twins = true}),
            "a 0600 \"x\"\nsub/ 0755\nsub/b = a\nz = a\n");
  EXPECT_EQ(
      TreeText(dir / "t", {.root = false, .modes = false, .times = false}),
      "a \"x\"\nsub/\nsub/b \"x\"\nz \"x\"\n");
}

TEST(TreeTextTest, TimesOfSymlinksOnRequest) {
  EXPECT_EQ(TreeTextOf("l -> x @5", {.root = false, .symlink_times = true}),
            "l @5 -> x\n");
}

TEST(TreeTextTest, AFileOrNothingAsRoot) {
  const TempDir dir;
  ASSERT_OK(ArrangeTree(dir.path(), "file \"x\""));
  EXPECT_EQ(TreeText(dir / "file"), ". 0644 @1600000000 \"x\"\n");
  EXPECT_EQ(TreeText(dir / "none"), ". ! No such file or directory\n");
}

// Takes from this thread, for as long as it lives, what lets root read all.
class WithoutRootsEyes {
 public:
  WithoutRootsEyes() {
    EXPECT_EQ(syscall(SYS_capget, &header_, before_), 0);
    __user_cap_data_struct less[2] = {before_[0], before_[1]};
    less[0].effective &=
        ~((1U << CAP_DAC_OVERRIDE) | (1U << CAP_DAC_READ_SEARCH));
    EXPECT_EQ(syscall(SYS_capset, &header_, less), 0);
  }
  ~WithoutRootsEyes() { EXPECT_EQ(syscall(SYS_capset, &header_, before_), 0); }

 private:
  __user_cap_header_struct header_ = {_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct before_[2] = {};
};

TEST(TreeTextTest, WhatCannotBeReadShows) {
  const WithoutRootsEyes ours;
  EXPECT_THAT(TreeTextOf("f 0000 \"x\""),
              HasSubstr("f 0000 @1600000000 ! Permission denied"));
}

TEST(TreeTextTest, ABadLineIsAnErrorThatQuotesIt) {
  const TempDir dir;
  for (const char* line : {"f nonsense", "f \"open", "f 0899", "f size=x",
                           "l ->", "f @", "f |what", "f size=-1"}) {
    EXPECT_THAT(ArrangeTree(dir / "t", line),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(line)));
  }
  EXPECT_FALSE(std::filesystem::exists(dir / "t"));
}

}  // namespace
}  // namespace materialize
