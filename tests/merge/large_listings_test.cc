// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// A large directory that is there: one worker lists it while another lists what
// is to be in it, up to 32 blocks ahead.

#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
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

using ::testing::HasSubstr;

// With names of this length more than 32 blocks.
constexpr int kFiles = 9000;
constexpr int kMostAhead = 32;

std::string NameOf(int file) {
  return absl::StrCat(std::string(220, 'x'), file);
}

// Holds whoever lists on in the destination until the other side is as far as
// is asked for. Where one worker does both it holds nobody.
class Sides {
 public:
  void Watch(FaultySys& sys, int ahead) {
    ahead_ = ahead;
    sys.Before("ReadDirectory", [this] { First(); },
               {.count = 1, .path = "/to/large"});
    sys.Before("ReadDirectory", [this] { GoesOn(); },
               {.nth = 2, .count = 1, .path = "/to/large"});
    sys.Before("ReadDirectory", [this] { ToBe(); }, {.path = "/from/large"});
  }
  bool are_two() const { return are_two_; }
  // Blocks of the source that were listed before the destination was.
  int listed_ahead() const { return listed_ahead_; }

 private:
  void First() { owner_ = std::this_thread::get_id(); }
  void GoesOn() {
    if (std::this_thread::get_id() == owner_) return;
    std::unique_lock<std::mutex> lock(mutex_);
    constexpr auto kLong = std::chrono::seconds(10);
    are_two_ =
        changed_.wait_for(lock, kLong, [this] { return to_be_ >= ahead_; });
    // Were there nothing that stops it, it would go on now.
    constexpr auto kShort = std::chrono::milliseconds(20);
    changed_.wait_for(lock, kShort, [this] { return to_be_ > ahead_; });
    listed_ahead_ = to_be_;
  }
  void ToBe() {
    const std::lock_guard<std::mutex> lock(mutex_);
    ++to_be_;
    changed_.notify_all();
  }

  int ahead_ = 0;
  std::thread::id owner_;
  std::mutex mutex_;
  std::condition_variable changed_;
  int to_be_ = 0;
  bool are_two_ = false;
  int listed_ahead_ = 0;
};

class LargeListingsTest : public testing::Test {
 protected:
  void SetUp() override {
    REQUIRE_LAB("ext4");
    dir_.emplace(TempDir::In(Lab("ext4")));
    std::string tree = "beside\n";
    for (int file = 0; file < kFiles; ++file)
      absl::StrAppend(&tree, "large/", NameOf(file), "\n");
    ASSERT_OK(ArrangeTree(from_(), tree));
    ASSERT_OK(Materialize(MergeOf()).status());
  }
  std::string from_() const { return *dir_ / "from"; }
  std::string to_() const { return *dir_ / "to"; }
  Request MergeOf(bool deletes = false) const {
    Request request = Merging(from_(), to_(), {Method::kHardlink});
    request.jobs = 2;
    request.deletion.enabled = deletes;
    return request;
  }
  // The other worker may come too late to have anything of it: then again.
  // `prepare` also says what is to go wrong.
  absl::StatusOr<Report> MergeAhead(
      const Request& request, int ahead,
      const std::function<void(FaultySys&)>& prepare = [](FaultySys&) {}) {
    for (int nth = 0; nth < 200; ++nth) {
      FaultySys sys(RealSys());
      Sides sides;
      prepare(sys);
      sides.Watch(sys, ahead);
      absl::StatusOr<Report> report = Materialize(request, sys);
      listed_ahead_ = sides.listed_ahead();
      if (sides.are_two()) return report;
    }
    return absl::InternalError("no other worker came in two hundred runs");
  }
  void ExpectTheSame() const { EXPECT_EQ(TreeText(to_()), TreeText(from_())); }

  std::optional<TempDir> dir_;
  int listed_ahead_ = 0;
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

TEST_F(LargeListingsTest, SomeBlocksAheadAndNoMore) {
  const absl::StatusOr<Report> report = MergeAhead(MergeOf(), kMostAhead);
  ASSERT_OK(report.status());
  EXPECT_EQ(listed_ahead_, kMostAhead);
  EXPECT_EQ(report->unchanged.files, kFiles + 1);
}

TEST_F(LargeListingsTest, WhatDiffersIsFound) {
  const absl::StatusOr<Report> report =
      MergeAhead(MergeOf(/*deletes=*/true), 2, [&](FaultySys&) {
        for (const int file : {0, kFiles / 2, kFiles - 1}) {
          const std::string name = "large/" + NameOf(file);
          (void)unlink(absl::StrCat(to_(), "/", name).c_str());
          ASSERT_OK(ArrangeTree(to_(), name + " \"other\""));
        }
        ASSERT_OK(ArrangeTree(to_(), "large/surplus"));
      });
  ASSERT_OK(report.status());
  EXPECT_EQ(report->of(Method::kHardlink).files, 3);
  EXPECT_EQ(report->deleted, 1);
  ExpectTheSame();
}

TEST_F(LargeListingsTest, WhatIsThereCannotBeListedToItsEnd) {
  ASSERT_OK(ArrangeTree(from_(), "other/file\nlarge/new"));
  const absl::StatusOr<Report> report =
      MergeAhead(MergeOf(), 2, [&](FaultySys& sys) {
        sys.Fail("ReadDirectory", EACCES, {.nth = 3, .path = "/to/large"});
      });
  ASSERT_OK(report.status());
  ASSERT_EQ(report->failures.size(), 1);
  EXPECT_THAT(report->failures[0].text, HasSubstr("list"));
  EXPECT_THAT(report->failures[0].text, HasSubstr("to/large"));
  EXPECT_EQ(ReadFile(to_() + "/other/file"), "");
  EXPECT_FALSE(Exists(to_() + "/large/new"));  // nothing was placed there
  ASSERT_OK(Materialize(MergeOf()).status());
  ExpectTheSame();
}

TEST_F(LargeListingsTest, WhatIsToBeThereCannotBeListedToItsEnd) {
  ASSERT_OK(ArrangeTree(to_(), "large/surplus"));
  const absl::StatusOr<Report> report =
      MergeAhead(MergeOf(/*deletes=*/true), 3, [&](FaultySys& sys) {
        sys.Fail("ReadDirectory", EACCES, {.nth = 3, .path = "/from/large"});
      });
  ASSERT_OK(report.status());
  EXPECT_EQ(listed_ahead_, 3);  // the last of them in vain
  ASSERT_EQ(report->failures.size(), 1);
  EXPECT_THAT(report->failures[0].text, HasSubstr("from/large"));
  EXPECT_GT(report->unchanged.files, 100);  // what was listed before
  EXPECT_LT(report->unchanged.files, kFiles);
  EXPECT_TRUE(Exists(to_() + "/large/surplus"));  // who knows what was meant
}

}  // namespace
}  // namespace materialize
