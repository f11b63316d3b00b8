// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// The kernel's answers as they are: descriptors, listings, errnos as texts.

#include "materialize/os/sys.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <map>
#include <set>
#include <thread>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "materialize/os/dents.h"
#include "materialize/os/fd.h"
#include "materialize/os/status.h"
#include "tests/testing/faulty_sys.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"
#include "tests/testing/tree_text.h"

namespace materialize {
namespace {

class SysTest : public testing::Test {
 protected:
  Fd Root() {
    return Fd(RealSys(), RealSys().OpenAt(AT_FDCWD, dir_.path().c_str(),
                                          O_RDONLY | O_DIRECTORY, 0));
  }
  TempDir dir_;
};

TEST_F(SysTest, AnswersErrnoNegative) {
  const Fd root = Root();
  Stat facts;
  EXPECT_EQ(RealSys().StatAt(root.get(), "none", 0, &facts), -ENOENT);
  EXPECT_EQ(RealSys().OpenAt(root.get(), "none", O_RDONLY, 0), -ENOENT);
  EXPECT_EQ(RealSys().Close(-1), -EBADF);
  EXPECT_EQ(RealSys().LinkAt(root.get(), "none", root.get(), "a", 0), -ENOENT);
  char byte = 0;
  EXPECT_EQ(RealSys().Read(root.get(), &byte, 1), -EISDIR);
}

TEST_F(SysTest, EveryDescriptorIsClosedOnExec) {
  const Fd root = Root();
  EXPECT_NE(fcntl(root.get(), F_GETFD) & FD_CLOEXEC, 0);
  const Fd beneath(RealSys(), RealSys().OpenBeneath(root.get(), ".", O_RDONLY));
  EXPECT_NE(fcntl(beneath.get(), F_GETFD) & FD_CLOEXEC, 0);
  const Fd twin(RealSys(), RealSys().Dup(root.get()));
  EXPECT_NE(fcntl(twin.get(), F_GETFD) & FD_CLOEXEC, 0);
}

TEST_F(SysTest, AModeIsNeverThatOfWhatALinkLeadsTo) {
  ASSERT_OK(ArrangeTree(dir_, "file 0640 \"\"\nl -> file"));
  const Fd root = Root();
  EXPECT_EQ(RealSys().ChangeModeAt(root.get(), "l", 0777), -EOPNOTSUPP);
  EXPECT_EQ(RealSys().ChangeModeAt(root.get(), "file", 0600), 0);
  Stat facts;
  ASSERT_EQ(RealSys().StatAt(root.get(), "file", 0, &facts), 0);
  EXPECT_EQ(facts.permissions(), 0600);
}

TEST_F(SysTest, StatTellsWhatStatTells) {
  ASSERT_OK(ArrangeTree(dir_, "file 0640 @1600000001.5 \"12345\"\nl -> file"));
  struct stat real = {};
  ASSERT_EQ(stat((dir_ / "file").c_str(), &real), 0);
  Stat facts;
  ASSERT_EQ(RealSys().StatAt(Root().get(), "file", 0, &facts), 0);
  EXPECT_EQ(facts.mode, real.st_mode);
  EXPECT_EQ(facts.inode, real.st_ino);
  EXPECT_EQ(facts.device, real.st_dev);
  EXPECT_EQ(facts.size, 5);
  EXPECT_EQ(facts.mtime,
            (Time{.seconds = 1600000001, .nanoseconds = 500000000}));
  EXPECT_NE(facts.mount_id, 0U);
  EXPECT_EQ(facts.kind(), Kind::kFile);
  ASSERT_EQ(RealSys().StatAt(Root().get(), "l", AT_SYMLINK_NOFOLLOW, &facts),
            0);
  EXPECT_EQ(facts.kind(), Kind::kSymlink);
}

TEST_F(SysTest, AThreadsUmaskIsItsOwn) {
  const mode_t before = umask(077);
  std::thread([&] {
    if (RealSys().ClearThreadUmask() < 0) return;  // in a sandbox
    const Fd fd(RealSys(), open((dir_ / "open").c_str(),
                                O_WRONLY | O_CREAT | O_CLOEXEC, 0666));
    struct stat facts = {};
    fstat(fd.get(), &facts);
    EXPECT_EQ(facts.st_mode & 0777, 0666U);
  }).join();
  EXPECT_EQ(umask(before), 077U);
}

TEST_F(SysTest, ListingsNameEverythingOnceAndNotThemselves) {
  std::string tree = "dir/\nlink -> dir\npipe |\n";
  std::set<std::string> expected = {"dir", "link", "pipe"};
  for (int file = 0; file < 500; ++file) {
    absl::StrAppend(&tree, "file-with-a-name-", file, "\n");
    expected.insert(absl::StrCat("file-with-a-name-", file));
  }
  ASSERT_OK(ArrangeTree(dir_, tree));
  const Fd root = Root();
  std::map<std::string, Kind> found;
  char buffer[1024];
  int64_t bytes = 0;
  while ((bytes = RealSys().ReadDirectory(root.get(), buffer, sizeof(buffer))) >
         0) {
    ForEachDent(buffer, static_cast<size_t>(bytes), [&](const Dent& dent) {
      EXPECT_TRUE(found.emplace(dent.name, dent.kind).second) << dent.name;
      EXPECT_NE(dent.inode, 0U);
    });
  }
  EXPECT_EQ(bytes, 0);
  std::set<std::string> names;
  for (const auto& [name, kind] : found) names.insert(name);
  EXPECT_EQ(names, expected);
  if (found["dir"] == Kind::kUnknown) GTEST_SKIP() << "no d_type here";
  EXPECT_EQ(found["dir"], Kind::kDirectory);
  EXPECT_EQ(found["link"], Kind::kSymlink);
  EXPECT_EQ(found["pipe"], Kind::kSpecial);
  EXPECT_EQ(found["file-with-a-name-7"], Kind::kFile);
}

TEST(FdTest, ClosesOnceAndTellsOnRequest) {
  FaultySys sys(RealSys());
  {
    Fd one(sys, sys.OpenAt(AT_FDCWD, "/", O_RDONLY, 0));
    Fd two = std::move(one);
    EXPECT_FALSE(one.ok());  // NOLINT(bugprone-use-after-move): that is it
    EXPECT_TRUE(two.ok());
    two = Fd(sys, sys.OpenAt(AT_FDCWD, "/", O_RDONLY, 0));
    EXPECT_EQ(sys.Calls("Close"), 1);
    sys.Fail("Close", EIO, {.count = 1});
    EXPECT_EQ(two.Close(), -EIO);
    EXPECT_EQ(two.Close(), 0);
    const Fd failed(sys, -ENOENT);
    EXPECT_EQ(failed.get(), -ENOENT);
  }
  EXPECT_EQ(sys.Calls("Close"), 2);
}

TEST(StatusTest, NamesCallAndPathsAndKeepsTheErrno) {
  const absl::Status one = ErrnoStatus(ENOENT, "rename", "out/.x.tmp", "out/x");
  EXPECT_EQ(std::string(one.message()),
            "rename out/.x.tmp -> out/x: No such file or directory");
  EXPECT_TRUE(absl::IsNotFound(one));
  EXPECT_EQ(ErrnoOf(one), ENOENT);
  const absl::Status hinted = WithHint(ErrnoStatus(EMLINK, "link", "a"), "why");
  EXPECT_EQ(std::string(hinted.message()), "link a: Too many links (why)");
  EXPECT_EQ(ErrnoOf(hinted), EMLINK);
  EXPECT_EQ(ErrnoOf(absl::OkStatus()), std::nullopt);
  EXPECT_EQ(ErrnoOf(absl::InternalError("x")), std::nullopt);
}

}  // namespace
}  // namespace materialize
