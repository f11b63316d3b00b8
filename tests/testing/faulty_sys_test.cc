// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// FaultySys: which call goes wrong, what it then does, what is counted.

#include "tests/testing/faulty_sys.h"

#include <cerrno>
#include <string>
#include <thread>
#include <vector>

#include "gtest/gtest-spi.h"
#include "gtest/gtest.h"
#include "materialize/os/fd.h"
#include "tests/testing/temp_dir.h"

namespace materialize {
namespace {

using ::testing::Test;

class FaultySysTest : public Test {
 protected:
  int MakeDirectory(const std::string& name) {
    return sys_.MakeDirectoryAt(AT_FDCWD, (dir_ / name).c_str(), 0755);
  }
  bool IsThere(const std::string& name) {
    Stat found;
    return RealSys().StatAt(AT_FDCWD, (dir_ / name).c_str(), 0, &found) == 0;
  }
  Fd Open(const std::string& name, int flags) {
    return Fd(sys_, sys_.OpenAt(AT_FDCWD, (dir_ / name).c_str(), flags, 0600));
  }

  TempDir dir_;
  FaultySys sys_{RealSys()};
};

TEST_F(FaultySysTest, WithoutARuleItIsTheRealOne) {
  EXPECT_EQ(MakeDirectory("a"), 0);
  EXPECT_EQ(MakeDirectory("a"), -EEXIST);
  EXPECT_TRUE(IsThere("a"));
  EXPECT_EQ(sys_.Calls("MakeDirectoryAt"), 2);
  EXPECT_EQ(sys_.Calls("UnlinkAt"), 0);
  EXPECT_EQ(sys_.AllCalls(), 2);
}

TEST_F(FaultySysTest, AFailingCallDoesNothing) {
  sys_.Fail("MakeDirectoryAt", EIO);
  EXPECT_EQ(MakeDirectory("a"), -EIO);
  EXPECT_FALSE(IsThere("a"));
  EXPECT_EQ(sys_.Calls("MakeDirectoryAt"), 1);
  sys_.Heal();
  EXPECT_EQ(MakeDirectory("a"), 0);
}

TEST_F(FaultySysTest, FailsTheNthAsOftenAsTold) {
  sys_.Fail("MakeDirectoryAt", ENOSPC, {.nth = 2, .count = 2});
  EXPECT_EQ(MakeDirectory("a"), 0);
  EXPECT_EQ(MakeDirectory("b"), -ENOSPC);
  EXPECT_EQ(MakeDirectory("c"), -ENOSPC);
  EXPECT_EQ(MakeDirectory("d"), 0);
}

TEST_F(FaultySysTest, CountsOnlyCallsWithThatPath) {
  sys_.Fail("MakeDirectoryAt", EACCES,
            {.nth = 2, .count = 1, .path = "/meant"});
  EXPECT_EQ(MakeDirectory("a"), 0);
  EXPECT_EQ(MakeDirectory("meant"), 0);
  EXPECT_EQ(MakeDirectory("c"), 0);
  EXPECT_EQ(MakeDirectory("meant/x"), -EACCES);
  EXPECT_EQ(MakeDirectory("meant/y"), 0);
}

TEST_F(FaultySysTest, SeesThePathOfADescriptor) {
  sys_.Fail("ChangeMode", EPERM, {.path = "/special"});
  const Fd plain = Open("plain", O_WRONLY | O_CREAT);
  const Fd special = Open("special", O_WRONLY | O_CREAT);
  EXPECT_EQ(sys_.ChangeMode(plain.get(), 0644), 0);
  EXPECT_EQ(sys_.ChangeMode(special.get(), 0644), -EPERM);
}

TEST_F(FaultySysTest, SeesBothPathsOfALink) {
  Open("a", O_WRONLY | O_CREAT);
  sys_.Fail("LinkAt", EMLINK, {.path = "/to"});
  const auto link = [&](const char* to) {
    return sys_.LinkAt(AT_FDCWD, (dir_ / "a").c_str(), AT_FDCWD,
                       (dir_ / to).c_str(), 0);
  };
  EXPECT_EQ(link("to"), -EMLINK);
  EXPECT_EQ(link("elsewhere"), 0);
}

TEST_F(FaultySysTest, TheNewestRuleDecides) {
  sys_.Fail("MakeDirectoryAt", EIO);
  sys_.Fail("MakeDirectoryAt", ENOSPC, {.nth = 2});
  EXPECT_EQ(MakeDirectory("a"), -EIO);
  EXPECT_EQ(MakeDirectory("b"), -ENOSPC);
}

TEST_F(FaultySysTest, AFailingCloseClosesAllTheSame) {
  sys_.Fail("Close", EIO);
  Fd file = Open("a", O_WRONLY | O_CREAT);
  const int fd = file.get();
  EXPECT_EQ(file.Close(), -EIO);
  EXPECT_EQ(RealSys().Sync(fd), -EBADF);
}

TEST_F(FaultySysTest, ShortensAndReturnsWithoutError) {
  const Fd file = Open("a", O_RDWR | O_CREAT);
  sys_.Shorten("Write", 3);
  EXPECT_EQ(sys_.Write(file.get(), "content", 7), 3);
  EXPECT_EQ(sys_.Seek(file.get(), 0, SEEK_END), 3);
  sys_.Return("CopyRange", 0, {.count = 1});
  const Fd other = Open("b", O_WRONLY | O_CREAT);
  ASSERT_EQ(sys_.Seek(file.get(), 0, SEEK_SET), 0);
  EXPECT_EQ(sys_.CopyRange(file.get(), other.get(), 100), 0);
  EXPECT_EQ(sys_.CopyRange(file.get(), other.get(), 100), 3);
}

TEST_F(FaultySysTest, AnswersForTheUser) {
  sys_.Return("EffectiveUser", 1234);
  EXPECT_EQ(sys_.EffectiveUser(), 1234u);
}

TEST_F(FaultySysTest, RunsAHookBeforeTheNthCallWhichMayCallAgain) {
  sys_.Before("UnlinkAt", [&] { EXPECT_EQ(MakeDirectory("hooked"), 0); },
              {.nth = 2, .count = 1});
  EXPECT_EQ(sys_.UnlinkAt(AT_FDCWD, (dir_ / "hooked").c_str(), AT_REMOVEDIR),
            -ENOENT);
  EXPECT_EQ(sys_.UnlinkAt(AT_FDCWD, (dir_ / "hooked").c_str(), AT_REMOVEDIR),
            0);
  EXPECT_EQ(sys_.UnlinkAt(AT_FDCWD, (dir_ / "hooked").c_str(), AT_REMOVEDIR),
            -ENOENT);
}

TEST_F(FaultySysTest, LogsCallsWithAbsolutePaths) {
  ASSERT_EQ(MakeDirectory("before"), 0);
  sys_.StartLog();
  const Fd dir = Open(".", O_RDONLY | O_DIRECTORY);
  sys_.RenameAt(dir.get(), "before", AT_FDCWD, (dir_ / "after").c_str(), 0);
  sys_.EffectiveUser();
  EXPECT_EQ(sys_.Log(), (std::vector<std::string>{
                            "OpenAt " + dir_.path() + "/.",
                            "RenameAt " + dir_.path() + "/before -> " +
                                dir_.path() + "/after",
                            "EffectiveUser"}));
}

TEST_F(FaultySysTest, AMisspeltNameFailsTheTest) {
  EXPECT_NONFATAL_FAILURE(sys_.Fail("Clone", EIO), "no method Clone");
  EXPECT_NONFATAL_FAILURE((void)sys_.Calls("FICLONE"), "no method FICLONE");
}

TEST_F(FaultySysTest, CountsAcrossThreads) {
  sys_.Fail("MakeDirectoryAt", EIO, {.nth = 101, .count = 100});
  std::vector<std::thread> threads;
  std::vector<int> failed(4);
  for (int& mine : failed) {
    threads.emplace_back([&, first = (&mine - failed.data()) * 100] {
      for (int n = 0; n < 100; ++n)
        mine += MakeDirectory(std::to_string(first + n)) == -EIO ? 1 : 0;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(failed[0] + failed[1] + failed[2] + failed[3], 100);
  EXPECT_EQ(sys_.Calls("MakeDirectoryAt"), 400);
}

// Every method of Sys passes Around() under its own name.
TEST_F(FaultySysTest, KnowsEveryMethod) {
  constexpr std::string_view kNames[] = {
      "OpenAt",        "OpenBeneath",    "Dup",
      "StatAt",        "StatFilesystem", "ReadDirectory",
      "ReadLinkAt",    "LinkAt",         "SymlinkAt",
      "UnlinkAt",      "RenameAt",       "MakeDirectoryAt",
      "CloneFile",     "CopyRange",      "Read",
      "Write",         "Seek",           "Truncate",
      "ChangeMode",    "ChangeModeAt",   "SetTimesAt",
      "ChangeOwnerAt", "GetXattr",       "SetXattr",
      "RemoveXattr",   "ListXattr",      "Sync",
      "Lock",          "Close",          "SyncFilesystem",
      "FileHandle",    "EffectiveUser",  "ClearThreadUmask"};
  for (const std::string_view name : kNames) sys_.Return(name, 99);
  Stat stat;
  FilesystemStat filesystem;
  int type;
  char buffer[1];
  unsigned char handle[1];
  const int64_t results[] = {sys_.OpenAt(-2, "x", 0, 0),
                             sys_.OpenBeneath(-2, "x", 0),
                             sys_.Dup(-2),
                             sys_.StatAt(-2, "x", 0, &stat),
                             sys_.StatFilesystem(-2, &filesystem),
                             sys_.ReadDirectory(-2, buffer, 1),
                             sys_.ReadLinkAt(-2, "x", buffer, 1),
                             sys_.LinkAt(-2, "x", -2, "y", 0),
                             sys_.SymlinkAt("x", -2, "y"),
                             sys_.UnlinkAt(-2, "x", 0),
                             sys_.RenameAt(-2, "x", -2, "y", 0),
                             sys_.MakeDirectoryAt(-2, "x", 0),
                             sys_.CloneFile(-2, -2),
                             sys_.CopyRange(-2, -2, 1),
                             sys_.Read(-2, buffer, 1),
                             sys_.Write(-2, buffer, 1),
                             sys_.Seek(-2, 0, 0),
                             sys_.Truncate(-2, 0),
                             sys_.ChangeMode(-2, 0),
                             sys_.ChangeModeAt(-2, "x", 0),
                             sys_.SetTimesAt(-2, "x", {}, 0),
                             sys_.ChangeOwnerAt(-2, "x", 0, 0, 0),
                             sys_.GetXattr(-2, "x", buffer, 1),
                             sys_.SetXattr(-2, "x", buffer, 1),
                             sys_.RemoveXattr(-2, "x"),
                             sys_.ListXattr(-2, buffer, 1),
                             sys_.Sync(-2),
                             sys_.Lock(-2, 0),
                             sys_.Close(-2),
                             sys_.SyncFilesystem(-2),
                             sys_.FileHandle(-2, "x", &type, handle, 1),
                             sys_.EffectiveUser(),
                             sys_.ClearThreadUmask()};
  for (const int64_t result : results)
    EXPECT_EQ(result, 99) << "the call number " << &result - results;
  for (const std::string_view name : kNames)
    EXPECT_EQ(sys_.Calls(name), 1) << name;
}

}  // namespace
}  // namespace materialize
