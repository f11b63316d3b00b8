// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Somebody changes names while a tree is laid out: no link is followed, and
// nothing outside the destination is touched.

#include <sys/resource.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/rows/files.h"
#include "tests/testing/faulty_sys.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"
#include "tests/testing/tree_text.h"

namespace materialize {
namespace {

using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
namespace fs = std::filesystem;

// How a directory is opened: by its name in the one above it, which is open; by
// the way from the root, where too few descriptors may stay open; or piece by
// piece, where the kernel is too old for that.
enum class Opens { kByName, kByWay, kByPieces };
constexpr Opens kAllOpens[] = {Opens::kByName, Opens::kByWay, Opens::kByPieces};

// So few that no directory stays open for those in it.
class FewDescriptors {
 public:
  explicit FewDescriptors(Opens opens) {
    EXPECT_EQ(getrlimit(RLIMIT_NOFILE, &usual_), 0);
    rlimit few = usual_;
    few.rlim_cur = kFew;
    if (opens != Opens::kByName) {
      EXPECT_EQ(setrlimit(RLIMIT_NOFILE, &few), 0);
    }
  }
  ~FewDescriptors() { EXPECT_EQ(setrlimit(RLIMIT_NOFILE, &usual_), 0); }
  FewDescriptors(const FewDescriptors&) = delete;
  FewDescriptors& operator=(const FewDescriptors&) = delete;

  static constexpr int kFew = 32;
  static constexpr int kJobs = kFew / 8;  // execution.h: MostHeld()

 private:
  rlimit usual_;
};

class ConfinementTest : public testing::Test {
 protected:
  // Calls `hook` before any call that may open the directory `path`.
  static void BeforeOpening(FaultySys& sys, Opens opens,
                            const std::string& path,
                            const std::function<void()>& hook) {
    if (opens == Opens::kByPieces) sys.Fail("OpenBeneath", ENOSYS);
    const char* call = opens == Opens::kByName ? "OpenAt" : "OpenBeneath";
    sys.Before(call, hook, {.path = path});
  }
  void SetUp() override {
    ASSERT_OK(ArrangeTree(from_, "d/e/x \"x\"\nf \"f\""));
    ASSERT_OK(ArrangeTree(outside_, "secret 0600 \"secret\"\ne/mine \"mine\""));
    outside_before_ = TreeText(outside_);
    from_before_ = TreeText(from_);
  }
  void TearDown() override { EXPECT_EQ(TreeText(outside_), outside_before_); }

  // The tree that is being built now.
  std::string Building(Into into) const {
    return into == Into::kFill ? to_ : dir_ / Leftovers(dir_).at(0) + "/tree";
  }
  static void Plant(const std::string& name, const std::string& target) {
    fs::remove_all(name);
    fs::create_symlink(target, name);
  }

  const TempDir dir_;
  const std::string from_ = dir_ / "from";
  const std::string to_ = dir_ / "to";
  const std::string outside_ = dir_ / "outside";
  std::string outside_before_, from_before_;
};

// Row C11's neighbour in DESIGN: never through a planted symlink.
TEST_F(ConfinementTest, ALinkPlantedForADirectoryOfTheDestinationIsRefused) {
  for (const Into into : {Into::kNew, Into::kFill}) {
    for (const char* name : {"/d", "/d/e"}) {
      for (const Opens opens : kAllOpens) {
        SCOPED_TRACE(name);
        fs::remove_all(to_);
        if (into == Into::kFill) fs::create_directory(to_);
        FaultySys sys(RealSys());
        bool planted = false;
        // The source's directory of that name is opened right before.
        BeforeOpening(sys, opens, name, [&] {
          const std::string place = Building(into) + name;
          if (planted || !Exists(place)) return;
          planted = true;
          Plant(place, outside_);
        });
        Request request = FromTo(from_, to_, {Method::kCopy});
        request.into = into;
        request.jobs = FewDescriptors::kJobs;
        const FewDescriptors few(opens);
        const absl::Status status = Materialize(request, sys).status();
        EXPECT_TRUE(planted);
        EXPECT_THAT(std::string(status.message()),
                    AllOf(HasSubstr("open " + to_ + name),
                          AnyOf(HasSubstr(strerror(ELOOP)),
                                HasSubstr(strerror(ENOTDIR)))));
        EXPECT_EQ(Exists(to_), into == Into::kFill);
        EXPECT_THAT(Leftovers(dir_), IsEmpty());
        EXPECT_EQ(TreeText(from_), from_before_);
      }
    }
  }
}

TEST_F(ConfinementTest, ALinkPlantedForAFileIsNotWrittenThrough) {
  fs::create_directory(to_);
  FaultySys sys(RealSys());
  sys.Before("OpenAt", [&] { Plant(to_ + "/f", outside_ + "/secret"); },
             {.count = 1, .path = to_ + "/f"});
  Request request = FromTo(from_, to_, {Method::kCopy});
  request.into = Into::kFill;
  EXPECT_THAT(std::string(Materialize(request, sys).status().message()),
              AllOf(HasSubstr(to_ + "/f: "), HasSubstr(strerror(EEXIST))));
  EXPECT_TRUE(fs::is_empty(to_));
}

TEST_F(ConfinementTest, ASourceDirectorySwappedForALinkIsNotFollowed) {
  for (const char* name : {"/d", "/d/e"}) {
    for (const Opens opens : kAllOpens) {
      FaultySys sys(RealSys());
      bool swapped = false;
      BeforeOpening(sys, opens, from_ + name, [&] {
        if (std::exchange(swapped, true)) return;
        fs::rename(from_ + name, dir_ / "aside");
        fs::create_symlink(outside_, from_ + name);
      });
      Request request = FromTo(from_, to_);
      request.jobs = FewDescriptors::kJobs;
      const FewDescriptors few(opens);
      EXPECT_THAT(std::string(Materialize(request, sys).status().message()),
                  HasSubstr("open " + from_ + name));
      EXPECT_TRUE(swapped);
      EXPECT_FALSE(Exists(to_));
      EXPECT_THAT(Leftovers(dir_), IsEmpty());
      fs::remove(from_ + name);
      fs::rename(dir_ / "aside", from_ + name);
    }
  }
}

TEST_F(ConfinementTest, ASourceFileSwappedForALinkIsNotFollowed) {
  for (const Method method : {Method::kCopy, Method::kHardlink}) {
    FaultySys sys(RealSys());
    const char* call = method == Method::kCopy ? "OpenAt" : "LinkAt";
    sys.Before(call, [&] { Plant(from_ + "/f", outside_ + "/secret"); },
               {.count = 1, .path = from_ + "/f"});
    const absl::StatusOr<Report> report =
        Materialize(FromTo(from_, to_, {method}), sys);
    if (report.ok()) {
      // A second name of the link itself: nothing of what it leads to.
      EXPECT_EQ(StatOf(to_ + "/f").kind(), Kind::kSymlink);
    } else {
      EXPECT_THAT(std::string(report.status().message()),
                  HasSubstr(strerror(ELOOP)));
    }
    EXPECT_EQ(StatOf(outside_ + "/secret").links, 1u);
    fs::remove_all(to_);
    fs::remove(from_ + "/f");
    std::ofstream(from_ + "/f") << "f";
  }
}

TEST_F(ConfinementTest, ASourceFileSwappedForAFifoIsNoWait) {
  FaultySys sys(RealSys());
  sys.Before("OpenAt",
             [&] {
               fs::remove(from_ + "/f");
               ASSERT_OK(ArrangeTree(from_, "f |"));
             },
             {.count = 1, .path = from_ + "/f"});
  EXPECT_THAT(std::string(Materialize(FromTo(from_, to_, {Method::kCopy}), sys)
                              .status()
                              .message()),
              HasSubstr("no longer a regular file"));
  EXPECT_FALSE(Exists(to_));
}

TEST_F(ConfinementTest, ALinkInThePlaceOfTheStagingIsRefused) {
  std::string staging;
  {
    FaultySys sys(RealSys());
    sys.Before("LinkAt", [&] { staging = dir_ / Leftovers(dir_).at(0); });
    ASSERT_OK(
        Materialize(FromTo(from_, to_, {Method::kHardlink}), sys).status());
    fs::remove_all(to_);
  }
  fs::create_symlink(outside_, staging);
  EXPECT_THAT(
      Materialize(FromTo(from_, to_)),
      StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr(staging)));
  EXPECT_FALSE(Exists(to_));
}

// The old tree that is removed after a swap may hold anything.
TEST_F(ConfinementTest, RemovingAnOldTreeFollowsNoLink) {
  for (const char* name : {"/link", "/deep/link"}) {
    ASSERT_OK(ArrangeTree(to_, "deep/old \"old\""));
    fs::create_symlink(outside_, to_ + name);
    Request request = FromTo(from_, to_);
    request.into = Into::kSwap;
    ASSERT_OK(Materialize(request).status());
    EXPECT_EQ(TreeText(to_), from_before_);
    EXPECT_THAT(Leftovers(dir_), IsEmpty());
  }
}

TEST_F(ConfinementTest, ADirectorySwappedForALinkWhileItIsRemovedIsNotEntered) {
  ASSERT_OK(ArrangeTree(to_, "deep/er/old \"old\""));
  Request request = FromTo(from_, to_);
  request.into = Into::kSwap;
  FaultySys sys(RealSys());
  bool planted = false;
  sys.Before("OpenAt",
             [&] {
               const std::string place = Building(Into::kSwap) + "/deep";
               if (planted || !Exists(place)) return;
               planted = true;
               Plant(place, outside_);
             },
             {.path = "/deep"});
  (void)Materialize(request, sys);  // May tell of it, or not.
  EXPECT_TRUE(planted);
  EXPECT_EQ(TreeText(to_), from_before_);
}

// A whole run, seen from outside: the source and all beside it are as before.
TEST_F(ConfinementTest, NothingOutsideTheDestinationIsTouched) {
  ASSERT_OK(ArrangeTree(from_, "up -> ../outside\nabs -> " + outside_));
  for (const Into into : {Into::kNew, Into::kSwap, Into::kFill}) {
    const TreeTextOptions options = {.symlink_times = true};
    const std::string source_before = TreeText(from_, options);
    Request request = FromTo(from_, to_, {Method::kReflink, Method::kCopy});
    request.into = into;
    fs::remove_all(to_);
    if (into == Into::kFill) fs::create_directory(to_);
    const Stat file = StatOf(from_ + "/f");
    ASSERT_OK(Materialize(request).status());
    EXPECT_EQ(TreeText(from_, options), source_before);
    EXPECT_EQ(StatOf(from_ + "/f").ctime, file.ctime);
    EXPECT_EQ(TreeText(to_), TreeText(from_));
  }
}

}  // namespace
}  // namespace materialize
