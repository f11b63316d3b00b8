// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// What a synchronizer looks at and what it says: before a merge, of it, and
// when entries of it fail.

#include <cerrno>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/cli/run_command.h"
#include "tests/rows/files.h"
#include "tests/testing/faulty_sys.h"
#include "tests/testing/lab.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"
#include "tests/testing/tree_text.h"

namespace materialize {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class MergeTest : public testing::Test {
 protected:
  void SetUp() override {
    REQUIRE_LAB("xfs");
    dir_.emplace(TempDir::In(Lab("xfs")));
    from_ = *dir_ / "from";
    to_ = *dir_ / "to";
  }
  Request Merging(std::vector<Method> methods = {}) const {
    Request request = FromTo(from_, to_, std::move(methods));
    request.into = Into::kMerge;
    return request;
  }
  void ExpectEqualTrees() const {
    EXPECT_EQ(TreeText(to_, {.root = false}), TreeText(from_, {.root = false}));
    EXPECT_THAT(Leftovers(*dir_), IsEmpty());
  }

  std::optional<TempDir> dir_;
  std::string from_, to_;
};

// How often each name below from/d and to/d was looked at, by whatever call.
std::map<std::string, int> Stats(const FaultySys& sys) {
  std::map<std::string, int> stats;
  for (const std::string& line : sys.Log()) {
    if (!absl::StartsWith(line, "StatAt ")) continue;
    const std::string path = line.substr(sizeof("StatAt"));
    if (absl::StrContains(path, "/d/")) ++stats[path];
  }
  return stats;
}

// Row S15.
TEST_F(MergeTest, AtMostOneStatOfAFileAndSide) {
  ASSERT_OK(ArrangeTree(from_, R"(
    d/changed "changed now"
    d/empty ""
    d/link -> gone
    d/linked -> now
    d/mode 0755 "mode"
    d/new "new"
    d/same size=8K
    d/same2 "short"
    d/time @1600000009 "time"
  )"));
  for (const auto& methods :
       {std::vector<Method>{}, {Method::kCopy}, {Method::kHardlink}}) {
    ASSERT_OK(ArrangeTree(to_, R"(
      d/changed "was"
      d/empty ""
      d/extra "extra"
      d/link -> gone
      d/linked -> before
      d/mode "mode"
      d/same size=8K
      d/same2 "short"
      d/time "time"
    )"));
    Request request = Merging(methods);
    request.jobs = 1;
    request.deletion.enabled = true;
    for (const bool again : {false, true}) {
      FaultySys sys(RealSys());
      sys.StartLog();
      ASSERT_OK_AND_ASSIGN(const Report report, Materialize(request, sys));
      EXPECT_EQ(report.unchanged.files, again ? 7 : 3);
      for (const auto& [path, count] : Stats(sys)) {
        // What replaces a file that is there is looked at when it is compared,
        // and once more when it is open: that is what is placed.
        const bool replaces = !again && absl::StartsWith(path, from_) &&
                              methods != std::vector{Method::kHardlink} &&
                              !absl::EndsWith(path, "/new");
        EXPECT_LE(count, replaces ? 2 : 1) << path << " " << again;
      }
    }
    ExpectEqualTrees();
    (void)RemoveTree(to_);
  }
}

constexpr char kNew[] = R"(
  changed "changed now"
  dir-to-file "file"
  empty-to-file "file"
  file-to-dir/inner "inner"
  file-to-link -> target
  full-to-file "file"
  fresh/deep/new "new"
  fresh/link -> new
  link-to-dir/inner "inner"
  link-to-file "file"
  linked -> now
  same size=8K
  same-link -> same
  sub/none ""
)";
constexpr char kOld[] = R"(
  changed "was"
  dir-to-file/in/deep "deep"
  empty-to-file/
  extra/deep/e "e"
  extra/link -> e
  file-to-dir "file"
  file-to-link "file"
  full-to-file/in "in"
  gone "gone"
  kept.me "kept"
  link-to-dir -> extra
  link-to-file -> gone
  linked -> before
  same size=8K
  same-link -> same
  sub/extra "e"
)";

// Row S18.
TEST_F(MergeTest, ADryRunListsEveryActionAndWritesNothing) {
  ASSERT_OK(ArrangeTree(from_, kNew));
  ASSERT_OK(ArrangeTree(to_, kOld));
  const std::string before = TreeText(*dir_);
  const Stat parent = StatOf(*dir_);
  const Stat root = StatOf(to_);
  Request request = Merging();
  request.deletion.enabled = true;
  request.exclude = {"kept.me"};
  request.dry_run = true;
  Recorder said;
  FaultySys sys(RealSys());
  ASSERT_OK_AND_ASSIGN(const Report told, Materialize(request, sys, &said));
  EXPECT_EQ(TreeText(*dir_), before);
  EXPECT_EQ(StatOf(*dir_).ctime, parent.ctime);
  EXPECT_EQ(StatOf(to_).ctime, root.ctime);
  for (const char* call :
       {"MakeDirectoryAt", "LinkAt", "SymlinkAt", "RenameAt", "UnlinkAt",
        "CloneFile", "CopyRange", "Write", "SetTimesAt", "ChangeMode",
        "ChangeModeAt", "ChangeOwnerAt", "Truncate", "Lock", "SetXattr"}) {
    EXPECT_EQ(sys.Calls(call), 0) << call;
  }
  EXPECT_THAT(
      said.Lines(),
      ElementsAre(
          "directory .", "reflink changed", "reflink dir-to-file",
          "deleted dir-to-file/in", "deleted dir-to-file/in/deep",
          "reflink empty-to-file", "deleted extra", "deleted extra/deep",
          "deleted extra/deep/e", "deleted extra/link", "directory file-to-dir",
          "reflink file-to-dir/inner", "kept file-to-link", "directory fresh",
          "directory fresh/deep", "reflink fresh/deep/new", "kept fresh/link",
          "reflink full-to-file", "deleted full-to-file/in", "deleted gone",
          "directory link-to-dir", "reflink link-to-dir/inner",
          "reflink link-to-file", "kept linked", "noop same", "kept same-link",
          "directory sub", "deleted sub/extra", "empty sub/none"));
  // And that is what happens.
  request.dry_run = false;
  Recorder done;
  ASSERT_OK_AND_ASSIGN(const Report report,
                       Materialize(request, RealSys(), &done));
  EXPECT_EQ(done.Lines(), said.Lines());
  EXPECT_EQ(report.files(), told.files());
  EXPECT_EQ(report.unchanged.files, told.unchanged.files);
  EXPECT_EQ(report.directories, told.directories);
  EXPECT_EQ(report.symlinks, told.symlinks);
  EXPECT_EQ(report.deleted, told.deleted);
  EXPECT_EQ(report.deleted, 9);
  EXPECT_EQ(report.apparent_bytes, told.apparent_bytes);
  EXPECT_EQ(report.of(Method::kReflink).bytes, told.of(Method::kReflink).bytes);
  EXPECT_EQ(SummaryText(report).substr(0, SummaryText(report).rfind(';')),
            SummaryText(told).substr(0, SummaryText(told).rfind(';')));
  EXPECT_EQ(ReadFile(to_ + "/kept.me"), "kept");
}

// Row S18: failures and refusals are foretold, too.
TEST_F(MergeTest, ADryRunTellsWhatWouldFail) {
  ASSERT_OK(ArrangeTree(from_, "d \"d\"\nfull \"f\"\nnew \"n\""));
  ASSERT_OK(ArrangeTree(to_, "d \"d\"\nfull/in \"in\"\nx \"x\"\ny \"y\""));
  const std::string before = TreeText(*dir_, {.root = false});
  for (const std::optional<int64_t> limit :
       {std::optional<int64_t>(), std::optional<int64_t>(1)}) {
    for (const Present present : {Present::kUpdate, Present::kFail}) {
      Request request = Merging();
      request.present = present;
      request.deletion.enabled = limit.has_value();
      request.deletion.limit = limit;
      request.dry_run = true;
      ASSERT_OK_AND_ASSIGN(const Report told, Materialize(request));
      EXPECT_EQ(TreeText(*dir_, {.root = false}), before);
      request.dry_run = false;
      ASSERT_OK_AND_ASSIGN(const Report report, Materialize(request));
      EXPECT_TRUE(told.partial());
      ASSERT_EQ(told.failures.size(), report.failures.size());
      for (size_t i = 0; i < told.failures.size(); ++i) {
        EXPECT_EQ(told.failures[i].path, report.failures[i].path);
        EXPECT_EQ(told.failures[i].text, report.failures[i].text);
      }
      EXPECT_EQ(told.files(), report.files());
      EXPECT_EQ(report.deleted, 0);
      std::filesystem::remove(to_ + "/new");
      ASSERT_OK(ArrangeTree(to_, "./ 0755"));
    }
  }
}

// Row S19.
TEST_F(MergeTest, CountsAreOfWhatWasDoneAndNotOfWhatFailed) {
  ASSERT_OK(ArrangeTree(from_, R"(
    bad "12345"
    bad-dir "1234567"
    bad-link -> x
    d/bad "123"
    d/good "12345678901"
    good "123456789012345678"
    good-link -> y
    same "1"
    void ""
  )"));
  ASSERT_OK(ArrangeTree(to_, R"(
    bad "old"
    bad-dir/
    bad-link -> old
    d/gone "gone"
    good "old"
    same "1"
    sticks "s"
  )"));
  for (const auto& methods : {std::vector<Method>{}, {Method::kCopy}}) {
    Request request = Merging(methods);
    request.deletion.enabled = true;
    request.count_bytes = true;
    FaultySys sys(RealSys());
    for (const char* name : {"/bad", "/bad-dir", "/bad-link", "/d/bad"})
      sys.Fail("RenameAt", EACCES, {.path = to_ + name});
    sys.Fail("UnlinkAt", EACCES, {.path = to_ + "/sticks"});
    ASSERT_OK_AND_ASSIGN(const Report report, Materialize(request, sys));
    EXPECT_THAT(report.failures, SizeIs(5));
    const Method method = methods.empty() ? Method::kReflink : Method::kCopy;
    const bool copies = method == Method::kCopy;
    EXPECT_EQ(report.of(method).files, copies ? 3 : 2);
    EXPECT_EQ(report.of(method).bytes, 29);
    EXPECT_EQ(report.created_empty.files, copies ? 0 : 1);
    EXPECT_EQ(report.unchanged.files, 1);
    EXPECT_EQ(report.unchanged.bytes, 1);
    EXPECT_EQ(report.apparent_bytes, 30);
    EXPECT_EQ(report.files(), 4);
    EXPECT_EQ(report.symlinks, 1);
    EXPECT_EQ(report.directories, 2);
    EXPECT_EQ(report.deleted, 1);
    EXPECT_EQ(ReadFile(to_ + "/bad"), "old");
    EXPECT_TRUE(Exists(to_ + "/sticks"));
    EXPECT_THAT(Leftovers(*dir_), IsEmpty());
    ASSERT_OK(Materialize(request).status());
    ExpectEqualTrees();
    (void)RemoveTree(to_);
    ASSERT_OK(ArrangeTree(to_, R"(
      bad "old"
      bad-dir/
      bad-link -> old
      d/gone "gone"
      good "old"
      same "1"
      sticks "s"
    )"));
  }
}

}  // namespace
}  // namespace materialize
