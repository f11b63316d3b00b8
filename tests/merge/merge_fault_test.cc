// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Every single call of a merge fails once. A full disk stops the run; what is
// of one entry is told of that entry, and the rest is done. Either way every
// file is old or new, and the next run makes all of it new.

#include <array>
#include <cerrno>
#include <cstring>
#include <map>
#include <optional>
#include <ostream>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/merge/merge_scene.h"
#include "tests/testing/faulty_sys.h"
#include "tests/testing/lab.h"
#include "tests/testing/status_matchers.h"

namespace materialize {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::testing::StartsWith;

// What takes space, or may.
constexpr std::array kWrites = {"OpenAt",          "Write",    "CopyRange",
                                "CloneFile",       "LinkAt",   "SymlinkAt",
                                "MakeDirectoryAt", "RenameAt", "Truncate"};
constexpr std::array kCalls = {
    "OpenAt",          "OpenBeneath",   "StatAt",     "StatFilesystem",
    "ReadDirectory",   "ReadLinkAt",    "LinkAt",     "SymlinkAt",
    "MakeDirectoryAt", "UnlinkAt",      "RenameAt",   "CloneFile",
    "CopyRange",       "Read",          "Write",      "Truncate",
    "ChangeMode",      "ChangeOwnerAt", "SetTimesAt", "RemoveXattr"};

struct Case {
  const char* place;
  MergeWay way;
};
void PrintTo(const Case& c, std::ostream* out) {
  *out << c.place << ", " << c.way.name;
}

class MergeFaultTest : public testing::TestWithParam<Case> {
 protected:
  void SetUp() override {
    REQUIRE_LAB(GetParam().place);
    setenv("XDG_CACHE_HOME", cache_.path().c_str(), 1);
    scene_.emplace(Lab(GetParam().place), GetParam().way);
    FaultySys counting(RealSys());
    ASSERT_OK(Materialize(scene_->MakeRequest(), counting));
    scene_->ExpectDone();
    for (const char* call : kCalls) calls_[call] = counting.Calls(call);
  }
  // The old tree, and a run in which the `nth` call of `call` fails.
  absl::StatusOr<Report> FailOnce(const char* call, int nth, int error) const {
    scene_->Prepare();
    FaultySys sys(RealSys());
    sys.Fail(call, error, {.nth = nth, .count = 1});
    return Materialize(scene_->MakeRequest(), sys);
  }
  void ExpectNextRunFinishes() const {
    ASSERT_OK_AND_ASSIGN(const Report report,
                         Materialize(scene_->MakeRequest()));
    EXPECT_FALSE(report.partial());
    scene_->ExpectDone();
  }

  TempDir cache_;
  std::optional<MergeScene> scene_;
  std::map<std::string, int> calls_;
};

// What cannot be deleted keeps the directories it is in.
std::set<std::string> Failed(const std::vector<Failure>& failures) {
  std::set<std::string> failed;
  for (const Failure& failure : failures) {
    const bool is_deletion = absl::StartsWith(failure.text, "delete ");
    failed.insert(is_deletion ? "a deletion" : failure.text);
  }
  return failed;
}

// Rows S17, C8.
TEST_P(MergeFaultTest, AFullDiskStopsTheRun) {
  int stopped = 0;
  int left = 0;
  for (const int error : {ENOSPC, EDQUOT, EIO}) {
    for (const char* call : kWrites) {
      // Of the other two only every third.
      for (int nth = 1; nth <= calls_[call]; nth += error == ENOSPC ? 1 : 3) {
        SCOPED_TRACE(absl::StrCat(call, " ", nth, ": ", strerror(error)));
        const absl::StatusOr<Report> report = FailOnce(call, nth, error);
        scene_->ExpectOldOrNew();
        if (report.ok()) {  // it was done in another way, or deletes less
          for (const Failure& failure : report->failures)
            EXPECT_THAT(failure.text, StartsWith("delete "));
          scene_->ExpectDoneBut(report->failures);
          if (HasFailure()) return;
          continue;
        }
        ++stopped;
        left += !AllLeftovers(scene_->destination()).empty();
        EXPECT_THAT(std::string(report.status().message()),
                    HasSubstr(strerror(error)));
        ExpectNextRunFinishes();
        if (HasFailure()) return;
      }
    }
  }
  EXPECT_GE(stopped, 100);
  EXPECT_LE(left, 3);  // where it was the removal that failed
}

// Rows S16, C5.
TEST_P(MergeFaultTest, ARefusalIsOfOneEntry) {
  int partial = 0;
  for (const int error : {EACCES, EPERM}) {
    for (const char* call : kCalls) {
      for (int nth = error == EPERM ? 2 : 1; nth <= calls_[call]; nth += 2) {
        SCOPED_TRACE(absl::StrCat(call, " ", nth, ": ", strerror(error)));
        const absl::StatusOr<Report> report = FailOnce(call, nth, error);
        if (!report.ok()) {  // it was of the whole
          scene_->ExpectOldOrNew();
        } else if (report->partial()) {
          ++partial;
          EXPECT_THAT(Failed(report->failures), SizeIs(1));
          scene_->ExpectDoneBut(report->failures);
        } else {
          scene_->ExpectDoneBut({});
        }
        ExpectNextRunFinishes();
        if (HasFailure()) return;
      }
    }
  }
  EXPECT_GE(partial, 20);
}

const Case kCases[] = {
    {"ext4", {.name = "copy", .methods = {Method::kCopy}, .hardlinks = true}},
    {"ext4", {.name = "hardlink", .methods = {Method::kHardlink}}},
    {"xfs", {.name = "reflink", .methods = {Method::kReflink}}},
    {"tmpfs",
     {.name = "delayed", .methods = {Method::kCopy}, .delay_updates = true}},
    {"btrfs", {.name = "dedupe", .dedupe = true}},
    {"tmpfs", {.name = "units", .units = true}},
};
INSTANTIATE_TEST_SUITE_P(Ways, MergeFaultTest, testing::ValuesIn(kCases),
                         [](const auto& test) {
                           return absl::StrCat(test.param.place, "_",
                                               test.param.way.name);
                         });

}  // namespace
}  // namespace materialize
