// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// A large directory that is there: one worker lists it while another lists what
// is to be in it.

#include <cerrno>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
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

constexpr int kFiles = 5000;  // of which a block holds some thousand

class LargeListingsTest : public testing::Test {
 protected:
  void SetUp() override {
    REQUIRE_LAB("ext4");
    dir_.emplace(TempDir::In(Lab("ext4")));
    std::string tree = "beside\n";
    for (int file = 0; file < kFiles; ++file)
      absl::StrAppend(&tree, "large/file-with-a-longer-name-", file, "\n");
    ASSERT_OK(ArrangeTree(from_(), tree));
    ASSERT_OK(Merge(MergeOf()).status());
  }
  std::string from_() const { return *dir_ / "from"; }
  std::string to_() const { return *dir_ / "to"; }
  Request MergeOf() const {
    Request request = Merging(from_(), to_(), {Method::kHardlink});
    request.jobs = 2;
    return request;
  }
  absl::StatusOr<Report> Merge(const Request& request) {
    return Materialize(request, sys_);
  }
  void ExpectTheSame() const { EXPECT_EQ(TreeText(to_()), TreeText(from_())); }

  std::optional<TempDir> dir_;
  FaultySys sys_{RealSys()};
};

TEST_F(LargeListingsTest, NothingIsToBeDone) {
  for (const int jobs : {1, 2, 4}) {
    Request request = MergeOf();
    request.jobs = jobs;
    FaultySys sys(RealSys());
    const absl::StatusOr<Report> report = Materialize(request, sys);
    ASSERT_OK(report.status());
    EXPECT_EQ(report->unchanged.files, kFiles + 1);
    EXPECT_EQ(sys.Calls("LinkAt"), 0);
  }
}

TEST_F(LargeListingsTest, EachSideByAWorkerOfItsOwn) {
  std::mutex mutex;
  std::set<std::thread::id> there;
  std::set<std::thread::id> to_be;
  const auto note = [&](std::set<std::thread::id>* readers) {
    return [&mutex, readers] {
      const std::lock_guard<std::mutex> lock(mutex);
      readers->insert(std::this_thread::get_id());
    };
  };
  const auto are_two = [&] {
    return there.size() == 1 && to_be.size() == 1 && there != to_be;
  };
  // The other worker may come too late to have anything of it.
  for (int nth = 0; nth < 100 && !are_two(); ++nth) {
    there.clear();
    to_be.clear();
    FaultySys sys(RealSys());
    // The first block tells how large it is.
    sys.Before("ReadDirectory", note(&there), {.nth = 2, .path = "/to/large"});
    sys.Before("ReadDirectory", note(&to_be), {.path = "/from/large"});
    ASSERT_OK(Materialize(MergeOf(), sys).status());
  }
  EXPECT_TRUE(are_two());
}

TEST_F(LargeListingsTest, WhatDiffersIsFound) {
  for (const int file : {0, kFiles / 2, kFiles - 1}) {
    const std::string name =
        absl::StrCat("/large/file-with-a-longer-name-", file);
    ASSERT_EQ(unlink((to_() + name).c_str()), 0);
    ASSERT_OK(ArrangeTree(*dir_, absl::StrCat("to", name, " \"other\"")));
  }
  ASSERT_OK(ArrangeTree(to_(), "large/surplus"));
  Request request = MergeOf();
  request.deletion.enabled = true;
  const absl::StatusOr<Report> report = Merge(request);
  ASSERT_OK(report.status());
  EXPECT_EQ(report->of(Method::kHardlink).files, 3);
  EXPECT_EQ(report->deleted, 1);
  ExpectTheSame();
}

TEST_F(LargeListingsTest, WhatIsThereCannotBeListedToItsEnd) {
  ASSERT_OK(ArrangeTree(from_(), "other/file\nlarge/new"));
  sys_.Fail("ReadDirectory", EACCES, {.nth = 3, .path = "/to/large"});
  const absl::StatusOr<Report> report = Merge(MergeOf());
  ASSERT_OK(report.status());
  ASSERT_EQ(report->failures.size(), 1);
  EXPECT_THAT(report->failures[0].text, HasSubstr("list"));
  EXPECT_THAT(report->failures[0].text, HasSubstr("to/large"));
  EXPECT_EQ(ReadFile(to_() + "/other/file"), "");
  EXPECT_FALSE(Exists(to_() + "/large/new"));  // nothing was placed there
  sys_.Heal();
  ASSERT_OK(Merge(MergeOf()).status());
  ExpectTheSame();
}

TEST_F(LargeListingsTest, WhatIsToBeThereCannotBeListedToItsEnd) {
  ASSERT_EQ(RemoveTree(to_() + "/large"), 0);
  ASSERT_OK(ArrangeTree(to_(), "large/surplus"));
  sys_.Fail("ReadDirectory", EACCES, {.nth = 3, .path = "/from/large"});
  Request request = MergeOf();
  request.deletion.enabled = true;
  const absl::StatusOr<Report> report = Merge(request);
  ASSERT_OK(report.status());
  ASSERT_EQ(report->failures.size(), 1);
  EXPECT_THAT(report->failures[0].text, HasSubstr("from/large"));
  EXPECT_TRUE(Exists(to_() + "/large/surplus"));  // who knows what was meant
}

}  // namespace
}  // namespace materialize
