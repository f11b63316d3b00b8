// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Removal takes the tree that is meant, whatever is in it, and nothing else.

#include "materialize/exec/remove.h"

#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <set>
#include <thread>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "materialize/os/fd.h"
#include "tests/exec/deep_tree.h"
#include "tests/testing/faulty_sys.h"
#include "tests/testing/scoped_mount.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"
#include "tests/testing/tree_text.h"

namespace materialize {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;

class RemoveTest : public testing::Test {
 protected:
  absl::Status Remove(const char* name, Sys& sys = RealSys()) {
    const Fd fd(sys, sys.OpenAt(AT_FDCWD, dir_.path().c_str(),
                                O_RDONLY | O_DIRECTORY, 0));
    return RemoveTree(sys, fd.get(), name, dir_.path());
  }
  // The same by a user who may not do everything. Answers what went wrong.
  std::string RemoveAsNobody(const char* name) {
    const Fd fd(RealSys(), open(dir_.path().c_str(), O_RDONLY | O_DIRECTORY));
    const pid_t pid = fork();
    if (pid == 0) {
      if (setgid(65534) != 0 || setuid(65534) != 0) _exit(2);
      const absl::Status status = RemoveTree(RealSys(), fd.get(), name, "dir");
      std::ofstream(dir_ / "said") << status.ToString();
      _exit(status.ok() ? 0 : 1);
    }
    int status = 0;
    waitpid(pid, &status, 0);
    return WEXITSTATUS(status) == 0 ? "" : "failed";
  }
  void GiveAway() {
    for (const auto& entry : fs::recursive_directory_iterator(dir_.path()))
      ASSERT_EQ(lchown(entry.path().c_str(), 65534, 65534), 0);
    ASSERT_EQ(chown(dir_.path().c_str(), 65534, 65534), 0);
  }

  TempDir dir_;
};

TEST_F(RemoveTest, TakesEveryKindOfEntry) {
  ASSERT_OK(ArrangeTree(dir_ / "tree", R"(
    file "x"
    dir/deep/file "x"
    dangling -> nowhere
    pipe |
    closed/ 0000
  )"));
  EXPECT_OK(Remove("tree"));
  EXPECT_FALSE(fs::exists(dir_ / "tree"));
}

TEST_F(RemoveTest, NothingThereIsSuccessAndAFileIsRemoved) {
  EXPECT_OK(Remove("tree"));
  ASSERT_OK(ArrangeTree(dir_, "file \"x\""));
  EXPECT_OK(Remove("file"));
  EXPECT_FALSE(fs::exists(dir_ / "file"));
}

TEST_F(RemoveTest, NeverFollowsASymlink) {
  ASSERT_OK(ArrangeTree(dir_, R"(
    victim/file "x"
    tree/link -> ../victim
    tree/deep/link -> ../../victim
    itself -> victim
  )"));
  const std::string before = TreeText(dir_ / "victim");
  EXPECT_OK(Remove("tree"));
  EXPECT_OK(Remove("itself"));
  EXPECT_FALSE(fs::is_symlink(dir_ / "itself"));
  EXPECT_EQ(TreeText(dir_ / "victim"), before);
}

// A directory whose name is a symlink by the time it is opened.
TEST_F(RemoveTest, NeverFollowsASymlinkPlantedMeanwhile) {
  ASSERT_OK(ArrangeTree(dir_, "victim/file \"x\"\ntree/sub/file \"x\""));
  FaultySys sys(RealSys());
  sys.Before("OpenAt",
             [&] {
               fs::remove_all(dir_ / "tree/sub");
               fs::create_symlink(dir_ / "victim", dir_ / "tree/sub");
             },
             {.count = 1, .path = "/tree/sub"});
  (void)Remove("tree", sys);
  EXPECT_TRUE(fs::exists(dir_ / "victim/file"));
}

// Row C10.
TEST_F(RemoveTest, NeverCrossesAMount) {
  if (!CanMount()) GTEST_SKIP() << "mounting needs root";
  ASSERT_OK(ArrangeTree(dir_, "origin/file \"x\"\ntree/a/b/mounted/"));
  {
    const ScopedMount bind =
        ScopedMount::Bind(dir_ / "origin", dir_ / "tree/a/b/mounted");
    EXPECT_THAT(Remove("tree"),
                StatusIs(absl::StatusCode::kFailedPrecondition,
                         AllOf(HasSubstr("tree/a/b/mounted"),
                               HasSubstr("something is mounted here"))));
    EXPECT_TRUE(fs::exists(dir_ / "origin/file"));
  }
  {
    const ScopedMount bind = ScopedMount::Bind(dir_ / "origin", dir_ / "tree");
    EXPECT_THAT(Remove("tree"),
                StatusIs(absl::StatusCode::kFailedPrecondition));
  }
  EXPECT_TRUE(fs::exists(dir_ / "origin/file"));
  EXPECT_OK(Remove("tree"));
}

TEST_F(RemoveTest, ReadOnlyDirectoriesOfOnesOwn) {
  if (geteuid() != 0) GTEST_SKIP() << "becoming another user needs root";
  ASSERT_OK(ArrangeTree(dir_ / "tree", R"(
    ./ 0555
    closed/ 0000
    closed/file "x"
    dir/ 0555
    dir/file 0444 "x"
    dir/sub/ 0500
    dir/sub/file "x"
  )"));
  GiveAway();
  EXPECT_EQ(RemoveAsNobody("tree"), "");
  EXPECT_FALSE(fs::exists(dir_ / "tree"));
}

TEST_F(RemoveTest, DeepReadOnlyDirectoriesOfOnesOwn) {
  if (geteuid() != 0) GTEST_SKIP() << "becoming another user needs root";
  std::string path = dir_ / "tree";
  fs::create_directory(path);
  for (int level = 0; level < 200; ++level) fs::create_directory(path += "/d");
  GiveAway();
  for (; path != dir_.path(); path = fs::path(path).parent_path())
    fs::permissions(path, fs::perms(0500));
  EXPECT_EQ(RemoveAsNobody("tree"), "");
  EXPECT_FALSE(fs::exists(dir_ / "tree"));
}

TEST_F(RemoveTest, DeeperThanDescriptorsMayBeOpen) {
  MakeDeepTree(dir_ / "tree", 3000);
  const FewDescriptors few(100);
  EXPECT_OK(Remove("tree"));
  EXPECT_FALSE(fs::exists(dir_ / "tree"));
}

// NFS and many FUSE filesystems do not know the flag that keeps a name.
TEST_F(RemoveTest, DeepTreesWithoutRenameFlags) {
  MakeDeepTree(dir_ / "tree", 200);
  FaultySys sys(RealSys());
  sys.Fail("RenameAt", EINVAL, {.count = 1});
  EXPECT_OK(Remove("tree", sys));
  EXPECT_EQ(sys.Calls("RenameAt"), 1 + 200 / 64);
  EXPECT_FALSE(fs::exists(dir_ / "tree"));
}

TEST_F(RemoveTest, ContentsGoAndTheDirectoryAndWhatIsKeptStay) {
  ASSERT_OK(ArrangeTree(dir_ / "tree",
                        "lock \"\"\nfile \"x\"\nsub/lock \"x\"\nlocked \"\""));
  const Fd fd(RealSys(), open((dir_ / "tree").c_str(), O_RDONLY | O_DIRECTORY));
  EXPECT_OK(RemoveContents(RealSys(), fd.get(), "tree", "lock"));
  EXPECT_EQ(TreeText(dir_ / "tree", {.root = false, .times = false}),
            TreeTextOf("lock \"\"", {.root = false, .times = false}));
  EXPECT_OK(RemoveContents(RealSys(), fd.get(), "tree"));
  EXPECT_TRUE(fs::is_empty(dir_ / "tree"));
}

TEST_F(RemoveTest, ManyDirectoriesGoByManyThreads) {
  for (int i = 0; i < 40; ++i) {
    ASSERT_OK(ArrangeTree(dir_ / absl::StrCat("tree/", i),
                          "file \"x\"\nsub/file \"x\"\nclosed/ 0000"));
  }
  MakeDeepTree(dir_ / "tree/deep", 300);
  MakeDeepTree(dir_ / "tree/deep2", 300);
  const Fd fd(RealSys(), open((dir_ / "tree").c_str(), O_RDONLY | O_DIRECTORY));
  FaultySys sys(RealSys());
  std::mutex mutex;
  std::set<std::thread::id> threads;
  sys.Before(
      "UnlinkAt",
      [&] {
        usleep(100);  // so that nobody is through before others have begun
        const std::lock_guard<std::mutex> lock(mutex);
        threads.insert(std::this_thread::get_id());
      },
      {});
  EXPECT_OK(RemoveContents(sys, fd.get(), "tree", "", /*jobs=*/4));
  EXPECT_TRUE(fs::is_empty(dir_ / "tree"));
  EXPECT_GT(threads.size(), 1U);
}

TEST_F(RemoveTest, OneOfTheFailuresOfManyThreadsIsTold) {
  for (int i = 0; i < 40; ++i) {
    ASSERT_OK(ArrangeTree(dir_ / absl::StrCat("tree/", i), "file \"x\""));
  }
  const Fd fd(RealSys(), open((dir_ / "tree").c_str(), O_RDONLY | O_DIRECTORY));
  FaultySys sys(RealSys());
  sys.Fail("UnlinkAt", EIO, {.path = "/tree/7/file"});
  EXPECT_THAT(
      std::string(
          RemoveContents(sys, fd.get(), "tree", "", /*jobs=*/4).message()),
      HasSubstr("unlink tree/7/file: Input/output error"));
  EXPECT_TRUE(fs::exists(dir_ / "tree/7/file"));
}

TEST_F(RemoveTest, ErrorsNameTheEntry) {
  ASSERT_OK(ArrangeTree(dir_ / "tree", "sub/file \"x\""));
  for (const auto& [call, said] : {std::pair("UnlinkAt", "unlink "),
                                   {"OpenAt", "open "},
                                   {"ReadDirectory", "list "}}) {
    FaultySys sys(RealSys());
    sys.Fail(call, EIO, {.path = "/tree/sub"});
    EXPECT_THAT(std::string(Remove("tree", sys).message()),
                AllOf(HasSubstr(said), HasSubstr("/tree/sub"),
                      HasSubstr("Input/output error")));
  }
}

}  // namespace
}  // namespace materialize
