// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Paths, and opening below a directory without being led astray.

#include "materialize/os/path.h"

#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "materialize/os/fd.h"
#include "tests/testing/faulty_sys.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"
#include "tests/testing/tree_text.h"

namespace materialize {
namespace {

TEST(PathTest, SplitsAtTheLastName) {
  const struct {
    const char* path;
    const char* directory;
    const char* name;
  } kRows[] = {{"a", ".", "a"},        {"a/", ".", "a"},    {"a/b", "a", "b"},
               {"a//b//", "a", "b"},   {"/a", "/", "a"},    {"/", "/", ""},
               {"/a/b/", "/a", "b"},   {"a/..", "a", ".."}, {"//a", "/", "a"},
               {"/a/b c", "/a", "b c"}};
  for (const auto& row : kRows) {
    const SplitPath split = Split(row.path);
    EXPECT_EQ(split.directory, row.directory) << row.path;
    EXPECT_EQ(split.name, row.name) << row.path;
  }
}

TEST(PathTest, AbsoluteIsLexical) {
  EXPECT_EQ(AbsolutePath("/a/./b//c/../d/"), "/a/b/d");
  EXPECT_EQ(AbsolutePath("/.."), "/");
  EXPECT_EQ(AbsolutePath("/"), "/");
  const std::string cwd = std::filesystem::current_path();
  EXPECT_EQ(AbsolutePath("x"), cwd + "/x");
  EXPECT_EQ(AbsolutePath("."), cwd);
  EXPECT_EQ(AbsolutePath(""), cwd);
}

// Row P2.
TEST(PathTest, RelativeLeadsFromOneToTheOther) {
  EXPECT_EQ(RelativePath("/a/b", "/a/c/d"), "../c/d");
  EXPECT_EQ(RelativePath("/a", "/a/b"), "b");
  EXPECT_EQ(RelativePath("/a/b/c", "/"), "../../..");
  EXPECT_EQ(RelativePath("/a/b", "/a/b"), ".");
  EXPECT_EQ(RelativePath("/a/bc", "/a/b"), "../b");
}

class BeneathTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_OK(ArrangeTree(dir_, R"(
      a/b/c/
      a/file "x"
      outside/victim/
      a/link -> ../outside
      a/b/inner -> c
    )"));
    root_ = Fd(RealSys(), open((dir_ / "a").c_str(), O_RDONLY | O_DIRECTORY));
  }
  // The path of what was opened, or the errno.
  std::string Open(const std::string& path) {
    const Fd fd(sys_, OpenDirectoryBeneath(sys_, root_.get(), path));
    if (!fd.ok()) return strerrorname_np(-fd.get());
    return PathOfFd(sys_, fd.get()).substr(dir_.path().size());
  }

  TempDir dir_;
  Fd root_;
  FaultySys sys_{RealSys()};
};

TEST_F(BeneathTest, OpensDirectoriesAndPassesNoLink) {
  for (const bool by_component : {false, true}) {
    // Kernels before 5.6, and filters that do not know openat2.
    if (by_component) sys_.Fail("OpenBeneath", ENOSYS);
    EXPECT_EQ(Open(""), "/a");
    EXPECT_EQ(Open("b/c"), "/a/b/c");
    EXPECT_EQ(Open("none"), "ENOENT");
    EXPECT_EQ(Open("file"), "ENOTDIR");
    for (const char* planted : {"link", "link/victim", "b/inner", "b/inner/x"})
      EXPECT_TRUE(Open(planted) == "ELOOP" || Open(planted) == "ENOTDIR")
          << planted;
  }
  EXPECT_GT(sys_.Calls("OpenAt"), 5);
}

TEST_F(BeneathTest, IsPatientWithRenamesAndShortage) {
  for (const int error : {EAGAIN, EINTR, EMFILE, ENFILE}) {
    sys_.Heal();
    sys_.Fail("OpenBeneath", error, {.count = 3});
    EXPECT_EQ(Open("b"), "/a/b");
  }
  sys_.Heal();
  sys_.Fail("OpenBeneath", EPERM);
  EXPECT_EQ(Open("b"), "/a/b");
}

TEST_F(BeneathTest, OpensPathsLongerThanTheKernelTakes) {
  Fd at(RealSys(), dup(root_.get()));
  std::string path;
  for (int level = 0; level < 1000; ++level) {
    ASSERT_EQ(mkdirat(at.get(), "longish", 0755), 0);
    at = Fd(RealSys(), openat(at.get(), "longish", O_RDONLY | O_DIRECTORY));
    absl::StrAppend(&path, level == 0 ? "" : "/", "longish");
  }
  Stat deepest;
  ASSERT_EQ(RealSys().StatAt(at.get(), "", 0, &deepest), 0);
  for (const bool by_component : {false, true}) {
    if (by_component) sys_.Fail("OpenBeneath", ENOSYS);
    const Fd fd(sys_, OpenDirectoryBeneath(sys_, root_.get(), path));
    Stat found;
    ASSERT_EQ(sys_.StatAt(fd.get(), "", 0, &found), 0);
    EXPECT_EQ(found.inode, deepest.inode);
  }
}

TEST_F(BeneathTest, ADirectoryThatIsRemovedHasNoPath) {
  std::filesystem::remove(dir_ / "a/b/inner");
  const Fd fd(RealSys(),
              open((dir_ / "a/b/c").c_str(), O_RDONLY | O_DIRECTORY));
  EXPECT_EQ(PathOfFd(RealSys(), fd.get()), dir_ / "a/b/c");
  std::filesystem::rename(dir_ / "a/b", dir_ / "moved");
  EXPECT_EQ(PathOfFd(RealSys(), fd.get()), dir_ / "moved/c");
  EXPECT_EQ(PathOfFd(RealSys(), -1), "");
}

TEST_F(BeneathTest, PatienceHasAnEnd) {
  sys_.Fail("OpenAt", EMFILE);
  EXPECT_EQ(OpenPatiently(sys_, root_.get(), "b", O_RDONLY, 0), -EMFILE);
  sys_.Heal();
  sys_.Fail("OpenAt", ENFILE, {.count = 2});
  const Fd fd(sys_, OpenPatiently(sys_, root_.get(), "b", O_RDONLY, 0));
  EXPECT_TRUE(fd.ok());
}

}  // namespace
}  // namespace materialize
