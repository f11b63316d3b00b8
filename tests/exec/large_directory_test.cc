// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Two workers fill one large directory, of which one lists it.

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "materialize/materialize.h"
#include "tests/testing/faulty_sys.h"
#include "tests/testing/lab.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"
#include "tests/testing/tree_text.h"

namespace materialize {
namespace {

constexpr auto kLong = std::chrono::seconds(10);

// The other worker is held in its half of the first block until the owner is in
// the second one; and the owner there, until the other has some of it as well.
class Turns {
 public:
  void Watch(FaultySys& sys) {
    sys.Before("ReadDirectory", [this] { Listing(); }, {.path = "/from"});
    sys.Before("LinkAt", [this] { Link(); }, {.path = "/from"});
  }
  // Whether the other had begun with the first block.
  bool were_two() const { return were_two_; }
  bool shared_the_second() const { return shared_; }

 private:
  void Listing() {
    const std::lock_guard<std::mutex> lock(mutex_);
    owner_ = std::this_thread::get_id();
    if (half_ > 0 || owners_ == 0) return;
    half_ = owners_;  // this is the second block
    were_two_ = others_ > 0;
  }
  void Link() {
    std::unique_lock<std::mutex> lock(mutex_);
    const bool is_owner = std::this_thread::get_id() == owner_;
    ++(is_owner ? owners_ : others_);
    changed_.notify_all();
    if (!is_owner && others_ == 1) {
      changed_.wait_for(lock, kLong,
                        [this] { return half_ > 0 && owners_ > half_; });
    }
    // Both halves are equal, but for one.
    if (is_owner && were_two_ && owners_ == half_ + 1) {
      shared_ = changed_.wait_for(lock, kLong,
                                  [this] { return others_ > half_ + 1; });
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::thread::id owner_;
  int owners_ = 0;  // links
  int others_ = 0;
  int half_ = 0;  // of the owner in the first block
  bool were_two_ = false;
  bool shared_ = false;
};

TEST(LargeDirectoryTest, WhoeverIsBusyWithAPartGetsTheNextOne) {
  REQUIRE_LAB("ext4");
  TempDir dir = TempDir::In(Lab("ext4"));
  std::string tree;
  for (int file = 0; file < 4000; ++file)
    absl::StrAppend(&tree, "file-with-a-longer-name-", file, "\n");
  ASSERT_OK(ArrangeTree(dir / "from", tree));
  Request request;
  request.source = dir / "from";
  request.destination = dir / "to";
  request.methods = {Method::kHardlink};
  request.jobs = 2;
  // The other worker may come too late for the first block: then again.
  for (int nth = 0; nth < 200; ++nth) {
    (void)RemoveTree(dir / "to");
    FaultySys sys(RealSys());
    Turns turns;
    turns.Watch(sys);
    ASSERT_OK(Materialize(request, sys).status());
    ASSERT_EQ(TreeText(dir / "to"), TreeText(dir / "from"));
    if (!turns.were_two()) continue;
    EXPECT_TRUE(turns.shared_the_second());
    return;
  }
  FAIL() << "no other worker came in two hundred runs";
}

}  // namespace
}  // namespace materialize
