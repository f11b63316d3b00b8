// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// What package managers need that put packages into a tree that is there: row
// P1, units. That they survive a kill at any moment is told elsewhere.

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>

#include "absl/strings/str_cat.h"
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

class UnitsTest : public testing::Test {
 protected:
  void SetUp() override { Use("ext4"); }
  void Use(const std::string& place) {
    REQUIRE_LAB(place);
    dir_.emplace(TempDir::In(Lab(place)));
    store_ = dir() + "/store";
    to_ = dir() + "/modules";
    fs::permissions(dir(), fs::perms(0755));
    ASSERT_OK(ArrangeTree(store_, R"(
      a/index.js "a"
      a/lib/deep.js "deep"
      b/bin/tool 0755 "b"
      b/link -> bin/tool
    )"));
  }
  const std::string& dir() const { return *dir_; }

  Request Units(const std::vector<std::string>& names,
                std::vector<Method> methods = {kHardlink, kCopy}) const {
    Request request = Merging("", to_, std::move(methods));
    for (const std::string& name : names) {
      request.entries.push_back({.path = name,
                                 .kind = Kind::kDirectory,
                                 .content = store_ + "/" + name,
                                 .unit = true});
    }
    return request;
  }
  void ExpectSame(const std::string& name) {
    EXPECT_EQ(TreeText(to_ + "/" + name), TreeText(store_ + "/" + name));
    EXPECT_THAT(Leftovers(dir()), IsEmpty());
  }

  std::optional<TempDir> dir_;
  std::string store_, to_;
};

// Row P1.
TEST_F(UnitsTest, NewOnesComeWholeAndPresentOnesAreLeft) {
  for (const char* place : {"ext4", "xfs", "btrfs", "tmpfs"}) {
    for (const Method method : {kHardlink, kCopy, kReflink}) {
      if (!LabPlace(place)) continue;
      SCOPED_TRACE(absl::StrCat(place, " ", MethodName(method)));
      Use(place);
      ASSERT_OK(ArrangeTree(to_, "mine \"mine\""));
      const Request request = Units({"a", "b"}, {method, kCopy});
      FaultySys sys(RealSys());
      sys.Before(
          "RenameAt",
          [&] {
            // Not a name of it before all of it.
            EXPECT_FALSE(Exists(to_ + "/a") && !Exists(to_ + "/a/lib/deep.js"));
            EXPECT_FALSE(Exists(to_ + "/b") && !Exists(to_ + "/b/bin/tool"));
          },
          {});
      ASSERT_OK_AND_ASSIGN(Report report, Materialize(request, sys));
      EXPECT_EQ(report.units, 2);
      EXPECT_EQ(report.units_unchanged, 0);
      EXPECT_GE(sys.Calls("RenameAt"), 2);
      for (const char* name : {"a", "b"}) ExpectSame(name);
      EXPECT_EQ(ReadFile(to_ + "/mine"), "mine");
      const uint64_t inode = StatOf(to_ + "/a").inode;
      FaultySys second(RealSys());
      ASSERT_OK_AND_ASSIGN(report, Materialize(request, second));
      EXPECT_EQ(report.units, 0);
      EXPECT_EQ(report.units_unchanged, 2);
      EXPECT_EQ(report.unchanged.files, 3);
      EXPECT_EQ(StatOf(to_ + "/a").inode, inode);
      EXPECT_EQ(second.Calls("MakeDirectoryAt") + second.Calls("RenameAt"), 0);
    }
  }
}

// Row P1: another file, one less, one more; never a mixture.
TEST_F(UnitsTest, ChangedOnesAreExchangedWhole) {
  for (const char* place : {"ext4", "xfs", "btrfs", "tmpfs"}) {
    if (!LabPlace(place)) continue;
    SCOPED_TRACE(place);
    Use(place);
    const Request request = Units({"a", "b"}, {kCopy});
    ASSERT_OK(Materialize(request).status());
    const uint64_t a = StatOf(to_ + "/a").inode;
    const uint64_t b = StatOf(to_ + "/b").inode;
    const std::string before = TreeText(to_ + "/a");
    fs::remove_all(store_ + "/a");
    ASSERT_OK(ArrangeTree(store_, R"(
      a/index.js "another"
      a/lib -> gone
      a/new/f "new"
    )"));
    const std::string after = TreeText(store_ + "/a");
    FaultySys sys(RealSys());
    int looks = 0;
    for (const char* call : {"OpenAt", "RenameAt", "UnlinkAt", "Close"}) {
      const auto look = [&] {
        const std::string now =
            TreeText(to_ + "/a", {.root = false});  // its time comes last
        EXPECT_TRUE(before.ends_with(now) || after.ends_with(now)) << now;
        ++looks;
      };
      sys.Before(call, look, {});
    }
    ASSERT_OK_AND_ASSIGN(const Report report, Materialize(request, sys));
    EXPECT_GT(looks, 5);
    EXPECT_EQ(report.units, 1);
    EXPECT_EQ(report.units_unchanged, 1);
    EXPECT_NE(StatOf(to_ + "/a").inode, a);
    EXPECT_EQ(StatOf(to_ + "/b").inode, b);
    ExpectSame("a");
    ASSERT_OK_AND_ASSIGN(const Report again, Materialize(request));
    EXPECT_EQ(again.units_unchanged, 2);
  }
}

// Row P1: also without --delete: a unit is what the store has, and no more.
TEST_F(UnitsTest, WhatSomebodyPutIntoOneGoesWithIt) {
  ASSERT_OK(Materialize(Units({"a", "b"})).status());
  ASSERT_OK(ArrangeTree(to_, "a/lib/mine \"mine\"\nbeside/mine \"mine\""));
  ASSERT_OK_AND_ASSIGN(const Report report, Materialize(Units({"a", "b"})));
  EXPECT_EQ(report.units, 1);
  ExpectSame("a");
  EXPECT_EQ(ReadFile(to_ + "/beside/mine"), "mine");
}

// Row P1.
TEST_F(UnitsTest, PresentOnesAreSkippedOrFailOnRequest) {
  ASSERT_OK(ArrangeTree(to_, "a/mine \"mine\""));
  Request request = Units({"a", "b"});
  request.present = Present::kFail;
  ASSERT_OK_AND_ASSIGN(Report report, Materialize(request));
  ASSERT_THAT(report.failures, SizeIs(1));
  EXPECT_EQ(report.failures[0].path, "a");
  EXPECT_THAT(report.failures[0].text, AllOf(HasSubstr("place " + to_ + "/a"),
                                             HasSubstr(strerror(EEXIST))));
  EXPECT_EQ(report.units, 1);
  ExpectSame("b");
  request.present = Present::kSkip;
  ASSERT_OK_AND_ASSIGN(report, Materialize(request));
  EXPECT_EQ(report.present_skipped, 2);
  EXPECT_EQ(report.units, 0);
  EXPECT_EQ(ReadFile(to_ + "/a/mine"), "mine");
  EXPECT_FALSE(Exists(to_ + "/a/index.js"));
}

// Row P1.
TEST_F(UnitsTest, TakeThePlaceOfFilesAndLinks) {
  ASSERT_OK(ArrangeTree(dir(), "victim/mine \"mine\""));
  const std::string victim = TreeText(dir() + "/victim");
  ASSERT_OK(ArrangeTree(to_, "a \"file\"\nb -> ../victim"));
  ASSERT_OK_AND_ASSIGN(const Report report, Materialize(Units({"a", "b"})));
  EXPECT_EQ(report.units, 2);
  for (const char* name : {"a", "b"}) ExpectSame(name);
  EXPECT_EQ(TreeText(dir() + "/victim"), victim);
}

// Row P1.
TEST_F(UnitsTest, AThousandInOneRun) {
  constexpr int kMany = 1000;
  std::string tree;
  std::vector<std::string> names;
  for (int i = 0; i < kMany; ++i) {
    names.push_back(absl::StrCat("@scope", i % 7, "/p", i));
    absl::StrAppend(&tree, names.back(), "/index.js \"", i, "\"\n",
                    names.back(), "/lib/x \"x\"\n");
  }
  ASSERT_OK(ArrangeTree(store_, tree));
  ASSERT_OK(ArrangeTree(to_, "@scope0/mine/f \"mine\"\n@scope1/p1/old \"\""));
  const Request request = Units(names);
  ASSERT_OK_AND_ASSIGN(Report report, Materialize(request));
  EXPECT_EQ(report.units, kMany);
  EXPECT_EQ(ReadFile(to_ + "/@scope0/mine/f"), "mine");
  for (const std::string& name : names)
    ASSERT_EQ(TreeText(to_ + "/" + name), TreeText(store_ + "/" + name));
  fs::remove(store_ + "/@scope3/p3/lib/x");
  ASSERT_OK_AND_ASSIGN(report, Materialize(request));
  EXPECT_EQ(report.units, 1);
  EXPECT_EQ(report.units_unchanged, kMany - 1);
  ExpectSame("@scope3/p3");
}

// Row P1: the old one is whole, the others are done, and it is said.
TEST_F(UnitsTest, OneThatFailsLeavesTheOldOneWhole) {
  for (const char* what : {"special", "call"}) {
    SCOPED_TRACE(what);
    Use("ext4");
    ASSERT_OK(ArrangeTree(to_, "a/index.js \"old\"\na/mine \"mine\""));
    const std::string before = TreeText(to_ + "/a");
    FaultySys sys(RealSys());
    if (what == std::string("special")) {
      ASSERT_OK(ArrangeTree(store_, "a/lib/fifo |"));
    } else {
      sys.Fail("OpenAt", EACCES, {.path = store_ + "/a/lib/deep.js"});
    }
    const Request request = Units({"a", "b"}, {kCopy});
    ASSERT_OK_AND_ASSIGN(const Report report, Materialize(request, sys));
    ASSERT_THAT(report.failures, SizeIs(1));
    EXPECT_EQ(report.failures[0].path, "a");
    EXPECT_THAT(report.failures[0].text, HasSubstr(store_ + "/a/lib/"));
    EXPECT_EQ(TreeText(to_ + "/a"), before);
    EXPECT_EQ(report.units, 1);
    EXPECT_EQ(report.files(), 1);  // what was staged in vain is not counted
    ExpectSame("b");
  }
}

// Row P1: as a user, out of a store that nobody may write.
TEST_F(UnitsTest, ReadOnlyDirectoriesAreExchangedByTheirOwner) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root, to be somebody else";
  ASSERT_OK(ArrangeTree(to_, "mine \"mine\""));
  const auto close = [&] {
    for (const char* name : {"/a", "/a/lib"})
      fs::permissions(store_ + name, fs::perms(0555));
  };
  close();
  for (const char* name : {"", "/mine"})
    ASSERT_EQ(chown((to_ + name).c_str(), kNobody, kNobody), 0);
  fs::create_directory(dir() + "/mine");
  ASSERT_EQ(chown(dir().c_str(), kNobody, kNobody), 0);
  const auto run = [&] {
    return RunAs(kNobody, [&] {
      const absl::StatusOr<Report> report =
          Materialize(Units({"a", "b"}, {kCopy}));
      if (!report.ok()) return std::string(report.status().message());
      if (report->partial()) return report->failures[0].text;
      return absl::StrCat(report->units, " ", report->units_unchanged);
    });
  };
  EXPECT_EQ(run(), "2 0");
  ExpectSame("a");
  EXPECT_EQ(run(), "0 2");
  fs::permissions(store_ + "/a/lib", fs::perms(0755));
  ASSERT_OK(ArrangeTree(store_, "a/lib/new.js \"new\""));
  close();
  EXPECT_EQ(run(), "1 1");
  for (const char* name : {"a", "b"}) ExpectSame(name);
}

}  // namespace
}  // namespace materialize
