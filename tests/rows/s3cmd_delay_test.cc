// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// --delay_updates: while what is there is not yet all as it was, everything new
// is on the filesystem. Looked at before every single call of a run.

#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/rows/files.h"
#include "tests/testing/faulty_sys.h"
#include "tests/testing/lab.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/sys_wrapper.h"
#include "tests/testing/temp_dir.h"
#include "tests/testing/tree_text.h"

namespace materialize {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// Content and link targets of all files below `root`.
std::set<std::string> Contents(const std::string& root) {
  std::set<std::string> contents;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(root)) {
    if (entry.is_symlink()) {
      contents.insert("-> " + ReadLink(entry.path()));
    } else if (entry.is_regular_file()) {
      contents.insert(ReadFile(entry.path()));
    }
  }
  return contents;
}

constexpr char kOld[] = R"(
  a "older a"
  d/b "older b"
  d/link -> old
  d/to-file -> old
  d/to-link "old to-link"
  same "same"
  to-dir "old to-dir"
)";
constexpr char kNew[] = R"(
  a "new a"
  d/b "new b"
  d/fresh/c "new c"
  d/link -> new
  d/to-file "new to-file"
  d/to-link -> new-target
  same "same"
  to-dir/inner "new inner"
  z "new z"
)";
constexpr const char* kOldNames[] = {"/a",         "/d/b",       "/d/link",
                                     "/d/to-file", "/d/to-link", "/to-dir"};

class DelayTest : public testing::Test {
 protected:
  void SetUp() override {
    REQUIRE_LAB("xfs");
    dir_.emplace(TempDir::In(Lab("xfs")));
    from_ = *dir_ / "from";
    to_ = *dir_ / "to";
    ASSERT_OK(ArrangeTree(from_, kNew));
    ASSERT_OK(ArrangeTree(to_, kOld));
    old_ = States();
    request_ = FromTo(from_, to_);
    request_.into = Into::kMerge;
    request_.delay_updates = true;
  }
  // Of the names that are to change.
  std::vector<std::string> States() const {
    std::vector<std::string> states;
    for (const char* name : kOldNames) states.push_back(TreeText(to_ + name));
    return states;
  }
  bool IsOld() const { return States() == old_; }
  // In its place, or waiting for it.
  std::set<std::string> Missing() const {
    std::set<std::string> missing = Contents(from_);
    std::set<std::string> there = Contents(to_);
    for (const std::string& name : Leftovers(*dir_))
      there.merge(Contents(*dir_ / name));
    for (const std::string& content : there) missing.erase(content);
    return missing;
  }

  void ExpectEqualTrees() const {
    EXPECT_EQ(TreeText(to_, {.root = false}), TreeText(from_, {.root = false}));
    EXPECT_THAT(Leftovers(*dir_), IsEmpty());
  }

  std::optional<TempDir> dir_;
  std::string from_, to_;
  std::vector<std::string> old_;
  Request request_;
};

// Before any call, while what is there is still whole or all that is new is on
// the filesystem; kills the process at one of them.
class Watch : public SysWrapper {
 public:
  Watch() : SysWrapper(RealSys()) {}
  std::function<void()> before;
  int kill_at = -1;

 private:
  int64_t Around(const Call& call, const RealCall& real) override {
    if (seen_++ == kill_at) _exit(9);
    if (before) before();
    return SysWrapper::Around(call, real);
  }
  int seen_ = 0;
};

// Row S11.
TEST_F(DelayTest, NothingChangesBeforeAllIsThere) {
  request_.jobs = 1;
  Watch watch;
  int at_work = 0;  // moments between the first change and the last
  watch.before = [&] {
    if (IsOld()) return;
    ++at_work;
    EXPECT_THAT(Missing(), IsEmpty());
  };
  const auto report = Materialize(request_, watch);
  ASSERT_OK(report.status());
  EXPECT_GE(at_work, 12);
  EXPECT_EQ(report->files(), 7);
  ExpectEqualTrees();
}

// Row S11: a run that dies, at any call.
TEST_F(DelayTest, ADeadRunLeavesAllAsItWasOrNothingMissing) {
  request_.jobs = 1;
  int kept = 0;
  int changed = 0;
  for (int nth = 0;; nth += 3) {
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      Watch watch;
      watch.kill_at = nth;
      (void)Materialize(request_, watch);
      _exit(0);
    }
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    if (status == 0) break;
    if (IsOld()) {
      ++kept;
    } else {
      ++changed;
      EXPECT_THAT(Missing(), IsEmpty()) << nth;
    }
    ASSERT_OK(Materialize(request_));
    ExpectEqualTrees();
    (void)RemoveTree(to_);
    ASSERT_OK(ArrangeTree(to_, kOld));
  }
  EXPECT_GE(kept, 20);
  EXPECT_GE(changed, 5);
}

// Row S11: or fails.
TEST_F(DelayTest, AFailedRunLeavesAllAsItWas) {
  for (const char* call : {"CloneFile", "MakeDirectoryAt", "SymlinkAt"}) {
    for (int nth = 1; nth < 20; ++nth) {
      FaultySys sys(RealSys());
      sys.Fail(call, ENOSPC, {.nth = nth, .count = 1});
      const absl::Status status = Materialize(request_, sys).status();
      if (status.ok()) break;
      EXPECT_THAT(std::string(status.message()), HasSubstr("No space left"));
      EXPECT_TRUE(IsOld()) << call << nth << TreeText(to_);
      EXPECT_THAT(Leftovers(*dir_), IsEmpty());
    }
    ExpectEqualTrees();
    (void)RemoveTree(to_);
    ASSERT_OK(ArrangeTree(to_, kOld));
  }
}

// Row S11: what cannot be given its name fails alone.
TEST_F(DelayTest, WhatCannotHaveItsNameIsAnEntryThatFailed) {
  for (const char* name : kOldNames) {
    for (const int error : {EBUSY, EPERM, EXDEV, ENOSPC}) {
      SCOPED_TRACE(std::string(name) + " " + std::to_string(error));
      FaultySys sys(RealSys());
      sys.Fail("RenameAt", error, {.path = to_ + name});
      const auto report = Materialize(request_, sys);
      const std::string why = "rename " + to_ + name + ": " + strerror(error);
      if (error == ENOSPC) {  // the run has failed, but not in the middle
        EXPECT_THAT(std::string(report.status().message()), HasSubstr(why));
      } else {
        ASSERT_OK(report.status());
        ASSERT_THAT(report->failures, SizeIs(1));
        EXPECT_EQ("/" + report->failures[0].path, name);
        EXPECT_EQ(report->failures[0].text, why);
      }
      for (size_t i = 0; i < old_.size(); ++i) {
        EXPECT_EQ(States()[i] == old_[i], kOldNames[i] == name) << kOldNames[i];
      }
      ASSERT_OK(Materialize(request_));
      ExpectEqualTrees();
      (void)RemoveTree(to_);
      ASSERT_OK(ArrangeTree(to_, kOld));
    }
  }
}

// Row S11: nothing can be renamed into a directory of another project id, so
// what is there is not put off.
TEST_F(DelayTest, WhatCannotBeRenamedToIsDoneAtOnce) {
  REQUIRE_LAB("xfs/project");
  const TempDir project = TempDir::In(Lab("xfs/project"));
  for (const std::string& root : {from_, to_}) {
    const std::string letter = root == from_ ? "new" : "older";
    ASSERT_OK(ArrangeTree(root, "p/x \"" + letter + "\"\np/link -> " + letter +
                                    "\nq \"" + letter + "\""));
  }
  (void)RemoveTree(to_ + "/p");
  ASSERT_OK(ArrangeTree(project / "p", "x \"older\"\nlink -> older\nin/"));
  ASSERT_OK(ArrangeTree(from_, "p/in \"file\""));
  std::filesystem::rename(project / "p", to_ + "/p");  // and keeps its project
  ASSERT_OK_AND_ASSIGN(const Report report, Materialize(request_));
  EXPECT_THAT(report.failures, IsEmpty());
  EXPECT_EQ(report.symlinks, 3);
  ExpectEqualTrees();
}

}  // namespace
}  // namespace materialize
