// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// What a data set client needs that puts links into a tree people work in, and
// files into a cache that is filled again and again: rows G1 to G5 and G13 to
// G15 in a merge.

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

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
namespace fs = std::filesystem;
using enum Method;

constexpr uid_t kNobody = 65534;
const std::vector<Method> kLinksFirst = {kSymlink, kHardlink, kCopy};

class GypsumMergeTest : public testing::Test {
 protected:
  void SetUp() override {
    REQUIRE_LAB("ext4");
    dir_.emplace(TempDir::In(Lab("ext4")));
    fs::permissions(dir(), fs::perms(0755));
    cache_ = dir() + "/cache";
    to_ = dir() + "/to";
    ASSERT_OK(ArrangeTree(cache_, "one \"1\"\ntwo \"22\""));
  }
  const std::string& dir() const { return *dir_; }

  // Two files of the cache, one of them in a directory that nobody names.
  Request TwoFiles(std::vector<Method> methods) const {
    Request request = Merging("", to_, std::move(methods));
    request.entries = {
        {.path = "a/first", .kind = Kind::kFile, .content = cache_ + "/one"},
        {.path = "second", .kind = Kind::kFile, .content = cache_ + "/two"}};
    return request;
  }
  void ExpectLinks() {
    EXPECT_EQ(ReadLink(to_ + "/a/first"), cache_ + "/one");
    EXPECT_EQ(ReadLink(to_ + "/second"), cache_ + "/two");
    EXPECT_THAT(Leftovers(dir()), IsEmpty());
  }

  std::optional<TempDir> dir_;
  std::string cache_, to_;
};

// Rows G1, G3.
TEST_F(GypsumMergeTest, AbsoluteLinksReplaceWhatWasThere) {
  for (const char* there :
       {"a/first \"mine\"", "a/first -> gone", "a/first -> ../mine",
        "a/first ->  ../../cache/one", "a/first/ 0755"}) {
    SCOPED_TRACE(there);
    fs::remove_all(to_);
    ASSERT_OK(ArrangeTree(to_, std::string("mine \"mine\"\n") + there));
    const Request request = TwoFiles({kSymlink});
    ASSERT_OK_AND_ASSIGN(Report report, Materialize(request));
    EXPECT_EQ(report.of(kSymlink).files, 2);
    EXPECT_THAT(report.failures, IsEmpty());
    ExpectLinks();
    EXPECT_EQ(ReadFile(to_ + "/mine"), "mine");
    EXPECT_EQ(StatOf(cache_ + "/one").kind(), Kind::kFile);
    EXPECT_FALSE(Exists(to_ + "/a/gone"));
    ASSERT_OK_AND_ASSIGN(report, Materialize(request));
    EXPECT_EQ(report.unchanged.files, 2);
  }
}

// Row G2: the link that is there already is no reason not to ask.
TEST_F(GypsumMergeTest, LinksToNothingAreMadeOnlyOnRequest) {
  Request request = TwoFiles({kSymlink});
  ASSERT_OK(Materialize(request).status());
  fs::remove(cache_ + "/one");
  EXPECT_THAT(Materialize(request), StatusIs(absl::StatusCode::kNotFound,
                                             HasSubstr(cache_ + "/one")));
  request.allow_dangling = true;
  for (const int64_t unchanged : {2, 1}) {
    ASSERT_OK_AND_ASSIGN(const Report report, Materialize(request));
    EXPECT_EQ(report.unchanged.files, unchanged);
    EXPECT_EQ(report.of(kSymlink).files, 2 - unchanged);
    ExpectLinks();
    fs::remove(to_ + "/a/first");
  }
}

// Row G3.
TEST_F(GypsumMergeTest, ADirectoryIsAnErrorThatNamesItAndTheRestIsDone) {
  ASSERT_OK(ArrangeTree(to_, "a/first/mine \"mine\"\nsecond \"old\""));
  for (const Method method : {kSymlink, kHardlink, kCopy}) {
    ASSERT_OK_AND_ASSIGN(const Report report, Materialize(TwoFiles({method})));
    ASSERT_THAT(report.failures, SizeIs(1));
    EXPECT_EQ(report.failures[0].path, "a/first");
    EXPECT_THAT(report.failures[0].text,
                AllOf(HasSubstr("place " + to_ + "/a/first: "),
                      HasSubstr(strerror(EISDIR)), HasSubstr("--delete")));
    EXPECT_EQ(ReadFile(to_ + "/a/first/mine"), "mine");
    EXPECT_EQ(ReadFile(to_ + "/second"), "22");
  }
}

// Row G3: what is excluded, or cannot be read, is in it all the same.
TEST_F(GypsumMergeTest, ADirectoryThatOnlyLooksEmptyIsOneToo) {
  ASSERT_OK(ArrangeTree(to_, "a/first/kept.log \"kept\""));
  for (const bool deletes : {false, true}) {
    Request request = TwoFiles({kSymlink});
    request.exclude = {"*.log"};
    request.deletion.enabled = deletes;
    ASSERT_OK_AND_ASSIGN(const Report report, Materialize(request));
    EXPECT_THAT(report.failures, SizeIs(1));
    EXPECT_EQ(ReadFile(to_ + "/a/first/kept.log"), "kept");
  }
  if (geteuid() != 0) return;
  fs::permissions(to_ + "/a/first", fs::perms(0));
  for (const char* name : {"", "/a", "/a/first", "/a/first/kept.log"})
    ASSERT_EQ(chown((to_ + name).c_str(), kNobody, kNobody), 0);
  EXPECT_EQ(RunAs(kNobody,
                  [&] {
                    const auto report = Materialize(TwoFiles({kSymlink}));
                    if (!report.ok())
                      return std::string(report.status().message());
                    return std::to_string(report->failures.size());
                  }),
            "1");
  EXPECT_EQ(ReadFile(to_ + "/a/first/kept.log"), "kept");
}

// Row G4.
TEST_F(GypsumMergeTest, WithoutSymlinksItHardlinksAndThenCopies) {
  ASSERT_OK(ArrangeTree(to_, "second \"old\""));
  FaultySys sys(RealSys());
  sys.Fail("SymlinkAt", EPERM);
  ASSERT_OK_AND_ASSIGN(Report report, Materialize(TwoFiles(kLinksFirst), sys));
  EXPECT_TRUE(IsOneInode(to_ + "/second", cache_ + "/two"));
  EXPECT_EQ(report.of(kHardlink).files, 2);
  ASSERT_THAT(report.downgrades, SizeIs(1));
  EXPECT_EQ(report.downgrades[0].error, EPERM);
  EXPECT_EQ(report.downgrades[0].used, kHardlink);
  sys.Fail("LinkAt", EXDEV);
  fs::remove(to_ + "/second");
  ASSERT_OK(ArrangeTree(to_, "second \"old\""));
  ASSERT_OK_AND_ASSIGN(report, Materialize(TwoFiles(kLinksFirst), sys));
  EXPECT_EQ(report.of(kCopy).files, 1);
  EXPECT_EQ(report.unchanged.files, 1);
  EXPECT_FALSE(IsOneInode(to_ + "/second", cache_ + "/two"));
  EXPECT_EQ(ReadFile(to_ + "/second"), "22");
  EXPECT_THAT(Leftovers(dir()), IsEmpty());
}

// Row G5: one entry that fails is told; a full disk is the end of the run.
TEST_F(GypsumMergeTest, ErrorsNameTargetAndDestination) {
  for (const auto& [call, verb] :
       {std::pair("SymlinkAt", "symlink "), std::pair("RenameAt", "rename ")}) {
    ASSERT_OK(ArrangeTree(to_, "second \"old\""));
    const std::string text =
        verb + cache_ + "/two -> " + to_ + "/second: " + strerror(EACCES);
    FaultySys sys(RealSys());
    sys.Fail(call, EACCES);
    Request request = TwoFiles({kSymlink});
    request.entries.erase(request.entries.begin());
    ASSERT_OK_AND_ASSIGN(const Report report, Materialize(request, sys));
    ASSERT_THAT(report.failures, SizeIs(1));
    EXPECT_THAT(report.failures[0].text, HasSubstr(text));
    sys.Fail(call, ENOSPC);
    EXPECT_THAT(std::string(Materialize(request, sys).status().message()),
                AllOf(HasSubstr(cache_ + "/two -> " + to_ + "/second: "),
                      HasSubstr(strerror(ENOSPC))));
    EXPECT_EQ(ReadFile(to_ + "/second"), "old");
    EXPECT_THAT(Leftovers(dir()), IsEmpty());
    fs::remove(to_ + "/second");
  }
}

}  // namespace
}  // namespace materialize
