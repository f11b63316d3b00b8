// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// What a data set client needs of its cache, which is filled again and again
// and must not be written through: rows G13, G14 and G15 in a merge.

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/rows/files.h"
#include "tests/testing/faulty_sys.h"
#include "tests/testing/lab.h"
#include "tests/testing/run_as.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"
#include "tests/testing/tree_text.h"

namespace materialize {
namespace {

using ::testing::IsEmpty;
namespace fs = std::filesystem;
using enum Method;

constexpr uid_t kNobody = 65534;
const std::vector<Method> kInsideACache = {kHardlink, kSymlink, kCopy};

class GypsumCacheTest : public testing::Test {
 protected:
  void SetUp() override {
    REQUIRE_LAB("ext4");
    dir_.emplace(TempDir::In(Lab("ext4")));
    fs::permissions(dir(), fs::perms(0755));
    cache_ = dir() + "/cache";
    to_ = dir() + "/to";
    ASSERT_OK(ArrangeTree(
        cache_, "one 0644 \"1\"\nd/tool 0755 \"22\"\nd/closed 0440 \"333\""));
  }
  const std::string& dir() const { return *dir_; }

  std::optional<TempDir> dir_;
  std::string cache_, to_;
};

// What changes names or makes files.
int Changes(const FaultySys& sys) {
  int changes = 0;
  for (const char* call :
       {"LinkAt", "SymlinkAt", "CloneFile", "CopyRange", "MakeDirectoryAt",
        "RenameAt", "UnlinkAt", "SetTimesAt", "ChangeMode"})
    changes += sys.Calls(call);
  return changes;
}

// Row G13.
TEST_F(GypsumCacheTest, HardlinkThenSymlinkThenCopyAndTheSecondRunDoesNothing) {
  REQUIRE_LAB("xfs");
  const TempDir other = TempDir::In(Lab("xfs"));
  struct Case {
    std::string to;
    int symlink_error;
    Method used;
  };
  for (const Case& c : {Case{to_, 0, kHardlink},
                        {other / "links", 0, kSymlink},
                        {other / "copies", EPERM, kCopy}}) {
    SCOPED_TRACE(c.to);
    ASSERT_OK(ArrangeTree(c.to, "one \"old\"\nmine \"mine\""));
    const Request request = Merging(cache_, c.to, kInsideACache);
    FaultySys sys(RealSys());
    if (c.symlink_error != 0) sys.Fail("SymlinkAt", c.symlink_error);
    ASSERT_OK_AND_ASSIGN(Report report, Materialize(request, sys));
    EXPECT_EQ(report.of(c.used).files, 3);
    EXPECT_EQ(ReadFile(c.to + "/d/closed"), "333");
    FaultySys second(RealSys());
    ASSERT_OK_AND_ASSIGN(report, Materialize(request, second));
    EXPECT_EQ(report.unchanged.files, 3);
    EXPECT_EQ(report.files(), 3);
    EXPECT_EQ(Changes(second), 0);
    EXPECT_EQ(ReadFile(c.to + "/mine"), "mine");
  }
}

// Row G13: only what is new in the cache is placed.
TEST_F(GypsumCacheTest, OnlyWhatChangedIsPlacedAgain) {
  for (const Method method : {kHardlink, kSymlink, kCopy}) {
    SCOPED_TRACE(MethodName(method));
    const std::string to = to_ + std::string(MethodName(method));
    const Request request = Merging(cache_, to, {method});
    ASSERT_OK(Materialize(request).status());
    fs::remove(cache_ + "/one");
    ASSERT_OK(ArrangeTree(cache_, "one \"another\""));
    ASSERT_OK_AND_ASSIGN(const Report report, Materialize(request));
    // A link by name leads to the new one as it is.
    EXPECT_EQ(report.unchanged.files, method == kSymlink ? 3 : 2);
    EXPECT_EQ(ReadFile(to + "/one"), "another");
    fs::remove(cache_ + "/one");
    ASSERT_OK(ArrangeTree(cache_, "one \"1\""));
  }
}

// Row G14: planted before the run, or in the middle of it.
TEST_F(GypsumCacheTest, NothingIsWrittenThroughALinkInTheDestination) {
  Request request = Merging("", to_, {kCopy});
  request.entries = {
      {.path = "a/b/new", .kind = Kind::kFile, .content = cache_ + "/one"},
      {.path = "beside", .kind = Kind::kFile, .content = cache_ + "/one"}};
  ASSERT_OK(ArrangeTree(dir(), "victim/b/mine \"mine\"\nvictim/mine \"mine\""));
  const std::string before = TreeText(dir() + "/victim");
  for (const bool deletes : {false, true}) {
    for (const char* plant : {"a -> ../victim", "a/b -> ../../victim"}) {
      for (const bool meanwhile : {false, true}) {
        SCOPED_TRACE(plant);
        fs::remove_all(to_);
        const auto put = [&] {
          fs::remove_all(to_ + "/a");
          ASSERT_OK(ArrangeTree(to_, plant));
        };
        meanwhile ? (void)ArrangeTree(to_, "a/b/ 0755") : put();
        request.deletion.enabled = deletes;
        FaultySys sys(RealSys());
        if (meanwhile)
          sys.Before("OpenBeneath", put, {.count = 1, .path = to_});
        const absl::StatusOr<Report> report = Materialize(request, sys);
        EXPECT_EQ(TreeText(dir() + "/victim"), before);
        ASSERT_OK(report.status());
        EXPECT_EQ(ReadFile(to_ + "/beside"), "1");
        // What stood there gave way to a directory, or was refused.
        if (report->failures.empty()) {
          EXPECT_EQ(StatOf(to_ + "/a").kind(), Kind::kDirectory);
          EXPECT_EQ(StatOf(to_ + "/a/b").kind(), Kind::kDirectory);
          EXPECT_EQ(ReadFile(to_ + "/a/b/new"), "1");
        }
        EXPECT_THAT(Leftovers(dir()), IsEmpty());
      }
    }
  }
}

// Row G14: a destination whose parents are links of a manifest's own.
TEST_F(GypsumCacheTest, AManifestThatPassesThroughItsOwnLinkIsRefused) {
  ASSERT_OK(ArrangeTree(to_, "mine \"mine\""));
  const std::string before = TreeText(to_);
  for (const char* path : {"../x", "/x", "link/x"}) {
    Request request = Merging("", to_);
    request.entries = {
        {.path = "link", .kind = Kind::kSymlink, .target = dir()},
        {.path = path, .kind = Kind::kFile, .content = cache_ + "/one"}};
    FaultySys sys(RealSys());
    EXPECT_THAT(Materialize(request, sys),
                StatusIs(absl::StatusCode::kInvalidArgument));
    EXPECT_EQ(Changes(sys), 0);
    EXPECT_EQ(TreeText(to_), before);
    EXPECT_FALSE(Exists(dir() + "/x"));
  }
}

// Row G15.
TEST_F(GypsumCacheTest, ProtectedFilesCannotBeWrittenThroughTheirLinks) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root, to be somebody else";
  for (const char* name : {"", "/one", "/d", "/d/tool", "/d/closed"})
    ASSERT_EQ(chown((cache_ + name).c_str(), kNobody, kNobody), 0);
  const auto written = [&](const std::string& path) {
    return RunAs(kNobody, [&] {
      const int fd = open(path.c_str(), O_WRONLY | O_CLOEXEC);
      return std::string(fd < 0 ? strerror(errno) : "written");
    });
  };
  ASSERT_EQ(written(cache_ + "/one"), "written");
  for (const Method method : {kHardlink, kSymlink}) {
    SCOPED_TRACE(MethodName(method));
    const std::string to = to_ + std::string(MethodName(method));
    for (const char* name : {"/one", "/d/tool"})
      fs::permissions(cache_ + name, fs::perms(name[1] == 'o' ? 0644 : 0755));
    const Time mtime = StatOf(cache_ + "/one").mtime;
    ASSERT_OK(ArrangeTree(to, "one \"old\""));
    Request request = Merging(cache_, to, {method});
    request.protect = true;
    ASSERT_OK(Materialize(request).status());
    const auto expect = [&] {
      // Write bits go; the rest of the mode, and the time, stay.
      EXPECT_EQ(StatOf(cache_ + "/one").permissions(), 0444u);
      EXPECT_EQ(StatOf(cache_ + "/d/tool").permissions(), 0555u);
      EXPECT_EQ(StatOf(cache_ + "/d/closed").permissions(), 0440u);
      EXPECT_EQ(StatOf(cache_ + "/d").permissions(), 0755u);
      EXPECT_EQ(StatOf(cache_ + "/one").mtime, mtime);
      for (const char* name : {"/one", "/d/tool"})
        EXPECT_EQ(written(to + name), strerror(EACCES));
    };
    expect();
    ASSERT_OK_AND_ASSIGN(Report report, Materialize(request));
    EXPECT_EQ(report.unchanged.files, 3);
    // Opened up again, or linked before anybody asked for protection.
    fs::permissions(cache_ + "/one", fs::perms(0644));
    ASSERT_OK_AND_ASSIGN(report, Materialize(request));
    EXPECT_EQ(report.unchanged.files, 2);
    expect();
    EXPECT_THAT(Leftovers(dir()), IsEmpty());
  }
}

// Row G15: who has a copy of his own may write to it, and nobody is hindered.
TEST_F(GypsumCacheTest, WhereNothingIsSharedNothingIsProtected) {
  Request request = Merging(cache_, to_, {kHardlink, kCopy});
  request.protect = true;
  request.private_entries = {"**"};
  const std::string before = TreeText(cache_);
  ASSERT_OK_AND_ASSIGN(const Report report, Materialize(request));
  EXPECT_EQ(report.of(kCopy).files, 3);
  EXPECT_EQ(TreeText(cache_), before);
  EXPECT_EQ(TreeText(to_), before);
}

}  // namespace
}  // namespace materialize
