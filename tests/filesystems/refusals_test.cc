// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// What is refused before the first file: rows C9, C10 and C11. Each test would
// lose something if it were not.

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <optional>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "materialize/exec/staging.h"
#include "tests/rows/files.h"
#include "tests/testing/faulty_sys.h"
#include "tests/testing/lab.h"
#include "tests/testing/run_as.h"
#include "tests/testing/scoped_mount.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/surroundings.h"
#include "tests/testing/temp_dir.h"
#include "tests/testing/tree_text.h"

namespace materialize {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
namespace fs = std::filesystem;
using enum Method;

// Counts what makes a file or puts something into one.
class Watch : public FaultySys {
 public:
  Watch() : FaultySys(RealSys()) {}

  int OpenAt(int dir, const char* path, int flags, mode_t mode) override {
    if ((flags & O_CREAT) != 0) ++created_;
    return FaultySys::OpenAt(dir, path, flags, mode);
  }
  int FilesMade() const {
    int made = created_;
    for (const char* call :
         {"LinkAt", "SymlinkAt", "CloneFile", "CopyRange", "Write"})
      made += Calls(call);
    return made;
  }
  int Changes() const {
    int changes = FilesMade();
    for (const char* call : {"MakeDirectoryAt", "UnlinkAt", "RenameAt",
                             "ChangeMode", "ChangeModeAt", "SetTimesAt"})
      changes += Calls(call);
    return changes;
  }

 private:
  std::atomic<int> created_{0};
};

Request Asking(Into into, const std::string& from, const std::string& to) {
  Request request = FromTo(from, to);
  request.into = into;
  return request;
}

// Row C9.

class PreciousTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_OK(ArrangeTree(dir_, R"(
      from/new "new"
      p/home/letter "dear"
      p/cwd/work "work"
      p/src/original "original"
      p/content/original "original"
    )"));
    fs::create_symlink("p", dir_ / "to-p");
    before_ = TreeText(dir_);
  }

  // The names by which DIR/`name` may be reached.
  std::vector<std::string> NamesOf(const std::string& name) {
    std::vector<std::string> names = {dir_ / name, dir_ / "./p/../" + name};
    fs::create_symlink(dir_ / name, links_ / std::to_string(++links_made_));
    names.push_back(links_ / std::to_string(links_made_));
    if (name != "p") names.push_back(dir_ / "to-p" + name.substr(1));
    if (bound_.has_value()) names.push_back(bound_->path() + "/" + name);
    return names;
  }
  void ExpectRefused(Request request, const std::string& name,
                     const std::string& what) {
    for (const std::string& destination : NamesOf(name)) {
      SCOPED_TRACE(destination);
      request.destination = destination;
      request.into = Into::kSwap;
      Watch sys;
      EXPECT_THAT(Materialize(request, sys),
                  StatusIs(absl::StatusCode::kInvalidArgument,
                           AllOf(HasSubstr("refused"), HasSubstr(what))));
      EXPECT_EQ(sys.Changes(), 0);
      EXPECT_EQ(TreeText(dir_), before_);
    }
  }

  const Surroundings surroundings_;
  const TempDir dir_;
  const TempDir links_;
  int links_made_ = 0;
  const TempDir mounts_;
  std::optional<ScopedMount> bound_ =
      CanMount() ? std::optional<ScopedMount>(
                       ScopedMount::Bind(dir_, mounts_ / "bound"))
                 : std::nullopt;
  std::string before_;
};

// Row C9.
TEST_F(PreciousTest, TheHomeDirectoryAndWhatHoldsIt) {
  for (const std::string& home : {dir_ / "p/home", dir_ / "to-p/home"}) {
    setenv("HOME", home.c_str(), 1);
    for (const char* name : {"p/home", "p"})
      ExpectRefused(FromTo(dir_ / "from", ""), name, "home directory");
  }
}

// Row C9.
TEST_F(PreciousTest, TheWorkingDirectoryAndWhatHoldsIt) {
  unsetenv("HOME");
  fs::current_path(dir_ / "p/cwd");
  for (const char* name : {"p/cwd", "p"})
    ExpectRefused(FromTo(dir_ / "from", ""), name, "working directory");
}

// Row C9.
TEST_F(PreciousTest, WhatHoldsTheSource) {
  for (const char* source : {"p/src", "to-p/src"})
    ExpectRefused(FromTo(dir_ / source, ""), "p", dir_ / source);
  if (bound_.has_value()) {
    const std::string source = bound_->path() + "/p/src";
    ExpectRefused(FromTo(source, ""), "p", source);
  }
}

// Row C9.
TEST_F(PreciousTest, WhatHoldsASourceOfAManifest) {
  for (const auto& [content, kind] :
       {std::pair("p/content/original", Kind::kFile),
        std::pair("p/content", Kind::kDirectory)}) {
    Request request;
    request.entries = {
        {.path = "a", .kind = Kind::kFile, .content = dir_ / "from/new"},
        {.path = "b", .kind = kind, .content = dir_ / content}};
    for (const char* name : {"p/content", "p"})
      ExpectRefused(request, name, dir_ / content);
  }
}

// Row C9.
TEST_F(PreciousTest, TheRootDirectoryByAnyName) {
  fs::create_symlink("/", links_ / "root");
  std::vector<std::string> names = {
      "/", "//", "/.", "/tmp/..", links_ / "root", "/proc/self/root"};
  std::optional<ScopedMount> root;
  if (CanMount()) {
    root.emplace(ScopedMount::Bind("/", mounts_ / "root"));
    names.push_back(root->path());
  }
  for (const std::string& name : names) {
    SCOPED_TRACE(name);
    Watch sys;
    EXPECT_THAT(
        Materialize(Asking(Into::kSwap, dir_ / "from", name), sys),
        StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("root")));
    EXPECT_EQ(sys.Changes(), 0);
  }
}

// Row C10.

// What a failed test has left mounted, wherever a rename has taken it.
void DetachBelow(const std::string& directory) {
  std::istringstream lines(ReadFile("/proc/self/mountinfo"));
  for (std::string line; std::getline(lines, line);) {
    const size_t at = line.find(" " + directory + "/");
    if (at == std::string::npos) continue;
    const std::string point =
        line.substr(at + 1, line.find(' ', at + 1) - at - 1);
    (void)umount2(point.c_str(), MNT_DETACH);  // The test tells what is wrong.
  }
}

class MountBelowTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!CanMount()) GTEST_SKIP() << "mounting needs root";
    ASSERT_OK(ArrangeTree(origin_, "kept \"kept\"\nd/kept-too \"kept\""));
    ASSERT_OK(ArrangeTree(dir_ / "from", "new \"new\"\nd/e \"e\""));
    before_ = TreeText(origin_);
  }
  void TearDown() override {
    EXPECT_EQ(TreeText(origin_), before_);
    DetachBelow(dir_);
  }

  static void Bind(const std::string& from, const std::string& at) {
    fs::create_directories(at);
    ASSERT_EQ(mount(from.c_str(), at.c_str(), nullptr, MS_BIND, nullptr), 0);
  }
  static void Unbind(const std::string& at) {
    EXPECT_EQ(umount2(at.c_str(), UMOUNT_NOFOLLOW), 0) << strerror(errno);
  }

  const TempDir origin_;
  const TempDir dir_;
  const std::string to_ = dir_ / "to";
  std::string before_;
};

// Rows C10, C11.
TEST_F(MountBelowTest, IsRefusedByASwap) {
  ASSERT_OK(ArrangeTree(to_, "old \"old\""));
  for (const char* name : {"/sub", "/deep/er/sub", "/sp ace\\"}) {
    const ScopedMount bound = ScopedMount::Bind(origin_, to_ + name);
    Watch sys;
    EXPECT_THAT(Materialize(Asking(Into::kSwap, dir_ / "from", to_), sys),
                StatusIs(absl::StatusCode::kFailedPrecondition,
                         AllOf(HasSubstr(to_ + name), HasSubstr("mounted"))));
    EXPECT_EQ(sys.Changes(), 0);
    EXPECT_EQ(ReadFile(to_ + "/old"), "old");
    EXPECT_EQ(ReadFile(to_ + name + "/kept"), "kept");
  }
}

// Row C10: it came while the new tree was built.
TEST_F(MountBelowTest, IsNeverEnteredWhenTheOldTreeGoes) {
  ASSERT_OK(ArrangeTree(to_, "old \"old\"\nd/old \"old\""));
  FaultySys sys(RealSys());
  sys.Before("LinkAt", [&] { Bind(origin_, to_ + "/d/sub"); });
  Request request = Asking(Into::kSwap, dir_ / "from", to_);
  request.methods = {kHardlink};
  ASSERT_OK_AND_ASSIGN(const Report report, Materialize(request, sys));
  EXPECT_EQ(TreeText(to_), TreeText(dir_ / "from"));
  ASSERT_THAT(report.warnings, SizeIs(1));
  EXPECT_THAT(report.warnings[0].text,
              AllOf(HasSubstr("still there"), HasSubstr("mounted")));
  ASSERT_THAT(Leftovers(dir_), SizeIs(1));
  const std::string old = dir_ / Leftovers(dir_)[0] + "/tree/d/sub";
  EXPECT_EQ(ReadFile(old + "/kept"), "kept");
  // Nor by the next run, which finds it in the staging.
  EXPECT_THAT(std::string(Materialize(request).status().message()),
              AllOf(HasSubstr("d/sub"), HasSubstr("mounted")));
  EXPECT_EQ(ReadFile(old + "/kept"), "kept");
  EXPECT_EQ(TreeText(to_), TreeText(dir_ / "from"));
  Unbind(old);
  ASSERT_OK(Materialize(request).status());
  EXPECT_THAT(Leftovers(dir_), IsEmpty());
}

// Row C10.
TEST_F(MountBelowTest, IsNeverEnteredInTheStagingOfADeadRun) {
  const std::string staging = dir_ / StagingName("to");
  ASSERT_OK(ArrangeTree(staging, "./ 0700\ntree/half \"half\""));
  Bind(origin_, staging + "/tree/sub");
  EXPECT_THAT(
      std::string(Materialize(FromTo(dir_ / "from", to_)).status().message()),
      AllOf(HasSubstr(staging + "/tree/sub"), HasSubstr("mounted")));
  EXPECT_FALSE(Exists(to_));
  Unbind(staging + "/tree/sub");
  ASSERT_OK(Materialize(FromTo(dir_ / "from", to_)).status());
  EXPECT_THAT(Leftovers(dir_), IsEmpty());
}

// Row C10.
TEST_F(MountBelowTest, IsNeverEnteredWhenAFillIsEmptied) {
  fs::create_directory(to_);
  FaultySys sys(RealSys());
  sys.Before("LinkAt", [&] { Bind(origin_, to_ + "/sub"); });
  sys.Fail("LinkAt", EIO, {.nth = 2});
  Request request = Asking(Into::kFill, dir_ / "from", to_);
  request.methods = {kHardlink};
  EXPECT_THAT(std::string(Materialize(request, sys).status().message()),
              AllOf(HasSubstr(strerror(EIO)), HasSubstr("not emptied again"),
                    HasSubstr(to_ + "/sub")));
  Unbind(to_ + "/sub");
}

// Row C11.

class NotAtomicTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!CanMount()) GTEST_SKIP() << "needs root";
    REQUIRE_LAB("ext4");
    dir_.emplace(TempDir::In(Lab("ext4")));
    from_ = dir() + "/from";
    to_ = dir() + "/to";
    fs::permissions(dir(), fs::perms(0755));
    ASSERT_OK(ArrangeTree(from_, "a \"a\"\nd/b \"b\""));
  }
  const std::string& dir() const { return *dir_; }

  // Refused for `error` before the first file, and with the mode that works.
  void ExpectRefused(const std::string& to, int error,
                     std::vector<Into> intos = {Into::kNew, Into::kSwap}) {
    const std::string before = TreeText(to);
    for (const Into into : intos) {
      Watch sys;
      EXPECT_THAT(Materialize(Asking(into, from_, to), sys),
                  StatusIs(absl::StatusCode::kFailedPrecondition,
                           AllOf(HasSubstr(to), HasSubstr(strerror(error)),
                                 HasSubstr("--into=fill"))));
      EXPECT_EQ(sys.FilesMade(), 0);
      EXPECT_EQ(TreeText(to), before);
      EXPECT_THAT(Leftovers(fs::path(to).parent_path()), IsEmpty());
    }
  }
  void ExpectFills(const std::string& to) {
    ASSERT_OK(Materialize(Asking(Into::kFill, from_, to)).status());
    EXPECT_EQ(TreeText(to), TreeText(from_));
  }

  std::optional<TempDir> dir_;
  std::string from_, to_;
};

// Row C11.
TEST_F(NotAtomicTest, AMountPoint) {
  const ScopedMount mounted = ScopedMount::Tmpfs(to_);
  ExpectRefused(to_, EBUSY);
  fs::create_symlink("to", dir() + "/link");
  Watch sys;
  EXPECT_THAT(Materialize(FromTo(from_, dir() + "/link"), sys),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("--into=fill")));
  EXPECT_EQ(sys.FilesMade(), 0);
  ExpectFills(to_);
}

// Row C11.
TEST_F(NotAtomicTest, ALowerDirectoryOfAnOverlay) {
  ASSERT_OK(ArrangeTree(dir() + "/o/lower", "empty/\nfull/old \"old\""));
  const ScopedMount overlay = ScopedMount::Overlay(dir() + "/o");
  ExpectRefused(overlay.path() + "/full", EXDEV, {Into::kSwap});
  ExpectRefused(overlay.path() + "/empty", EXDEV);
  ExpectFills(overlay.path() + "/empty");
}

constexpr uid_t kNobody = 65534;

// What a run as somebody else answers, and how many files it made.
std::string PlacedAs(uid_t user, const Request& request) {
  return RunAs(user, [&] {
    Watch sys;
    const absl::Status status = Materialize(request, sys).status();
    if (status.ok()) return std::string("OK");
    return absl::StrCat(std::string(status.message()), " [", sys.FilesMade(),
                        " made]");
  });
}

// Row C11.
TEST_F(NotAtomicTest, AnotherUsersInAStickyParent) {
  constexpr uid_t kOwner = 12345;
  const std::string parent = dir() + "/sticky";
  to_ = parent + "/to";
  fs::create_directories(to_);
  fs::permissions(parent, fs::perms(01777));
  fs::permissions(to_, fs::perms(0777));
  ASSERT_EQ(chown(to_.c_str(), kOwner, kOwner), 0);
  for (const Into into : {Into::kNew, Into::kSwap}) {
    EXPECT_THAT(PlacedAs(kNobody, Asking(into, from_, to_)),
                AllOf(HasSubstr(to_), HasSubstr(strerror(EPERM)),
                      HasSubstr("--into=fill"), HasSubstr("[0 made]")));
    EXPECT_TRUE(fs::is_empty(to_));
    EXPECT_THAT(Leftovers(parent), IsEmpty());
  }
  EXPECT_EQ(PlacedAs(kNobody, Asking(Into::kFill, from_, to_)), "OK");
  EXPECT_EQ(TreeText(to_, {.root = false}), TreeText(from_, {.root = false}));
}

// Row C11.
TEST_F(NotAtomicTest, AParentThatCannotBeWritten) {
  const std::string parent = dir() + "/closed";
  to_ = parent + "/to";
  fs::create_directories(to_);
  ASSERT_EQ(chown(to_.c_str(), kNobody, kNobody), 0);
  fs::permissions(parent, fs::perms(0555));
  for (const Into into : {Into::kNew, Into::kSwap}) {
    EXPECT_THAT(PlacedAs(kNobody, Asking(into, from_, to_)),
                AllOf(HasSubstr(parent), HasSubstr(strerror(EACCES)),
                      HasSubstr("--into=fill"), HasSubstr("[0 made]")));
    EXPECT_TRUE(fs::is_empty(to_));
  }
  EXPECT_EQ(PlacedAs(kNobody, Asking(Into::kFill, from_, to_)), "OK");
  EXPECT_EQ(TreeText(to_), TreeText(from_));
}

// Row C11: what a link names is meant, by one look; the link stays.
TEST_F(NotAtomicTest, ALinkAsTheDestinationStaysALink) {
  ASSERT_OK(ArrangeTree(dir(), R"(
    real/
    one -> real/to
    two -> one
    three -> )" + dir() + "/two"));
  for (const char* link : {"one", "two", "three", "three/"}) {
    for (const Into into : {Into::kNew, Into::kSwap, Into::kFill}) {
      SCOPED_TRACE(link);
      fs::remove_all(dir() + "/real/to");
      if (into == Into::kFill) fs::create_directory(dir() + "/real/to");
      if (into == Into::kSwap) {
        ASSERT_OK(ArrangeTree(dir() + "/real/to", "old \"old\""));
      }
      ASSERT_OK_AND_ASSIGN(
          const Report report,
          Materialize(Asking(into, from_, dir() + "/" + link)));
      EXPECT_EQ(report.destination, dir() + "/real/to");
      EXPECT_EQ(TreeText(dir() + "/real/to"), TreeText(from_));
      EXPECT_EQ(ReadLink(dir() + "/one"), "real/to");
      EXPECT_EQ(ReadLink(dir() + "/two"), "one");
      EXPECT_THAT(Leftovers(dir() + "/real"), IsEmpty());
      EXPECT_THAT(Leftovers(dir()), IsEmpty());
    }
  }
}

// Row C11: once. Who turns the link elsewhere meanwhile changes nothing.
TEST_F(NotAtomicTest, ALinkTurnedElsewhereMeanwhileIsNotFollowedAgain) {
  ASSERT_OK(ArrangeTree(dir(), "real/\nother/\nlink -> real/to"));
  FaultySys sys(RealSys());
  sys.Before("LinkAt", [&] {
    fs::remove(dir() + "/link");
    fs::create_symlink("other/to", dir() + "/link");
  });
  ASSERT_OK(
      Materialize(FromTo(from_, dir() + "/link", {kHardlink}), sys).status());
  EXPECT_EQ(TreeText(dir() + "/real/to"), TreeText(from_));
  EXPECT_TRUE(fs::is_empty(dir() + "/other"));
}

}  // namespace
}  // namespace materialize
