// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Every single system call of a run fails once, by count: whatever it was for,
// the run ends with the whole tree in its place, or with an error and nothing
// left. What the verdicts are is errno_test's.

#include <cerrno>
#include <cstring>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/faults/scene.h"
#include "tests/testing/faulty_sys.h"
#include "tests/testing/lab.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/tree_text.h"

namespace materialize {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kTree[] = R"(
  first size=8K
  link -> first
  sub/ 0750
  sub/middle 0755 size=8K
  sub/deep/last 0600 size=8K
  sub/deep/hole hole=1M
  sub/deep/empty ""
)";

constexpr const char* kCalls[] = {
    "OpenAt",
    "OpenBeneath",
    "Close",
    "StatAt",
    "StatFilesystem",
    "ReadDirectory",
    "ReadLinkAt",
    "LinkAt",
    "SymlinkAt",
    "MakeDirectoryAt",
    "UnlinkAt",
    "RenameAt",
    "CloneFile",
    "CopyRange",
    "Read",
    "Write",
    "Seek",
    "Truncate",
    "ChangeMode",
    "ChangeModeAt",
    "ChangeOwnerAt",
    "SetTimesAt",
    "GetXattr",
    "RemoveXattr",
    "Sync",
    "SyncFilesystem",
    "Lock",
    "FileHandle",
    "ClearThreadUmask",
};

struct Way {
  const char* name;
  const char* place;
  Method method;
  Into into = Into::kNew;
  bool durable = false;
  bool without_copy_range = false;
  bool preserve_owner = false;
};

class EveryCallTest : public testing::TestWithParam<Way> {
 protected:
  Request MakeRequest(const Scene& scene) const {
    Request request = scene.RequestBy({GetParam().method});
    request.into = GetParam().into;
    request.durable = GetParam().durable;
    request.preserve.owner = GetParam().preserve_owner;
    return request;
  }
  // What must be there before, and where the run failed is there again.
  void Prepare(const Scene& scene) const {
    if (GetParam().into == Into::kNew) return;
    const bool swaps = GetParam().into == Into::kSwap;
    ASSERT_OK(ArrangeTree(scene.destination(), swaps ? "old \"old\"" : ""));
  }
  void ExpectAsBefore(const Scene& scene) const {
    if (GetParam().into == Into::kNew) return scene.ExpectNothingLeft();
    const bool swaps = GetParam().into == Into::kSwap;
    EXPECT_EQ(TreeText(scene.destination(), {.root = swaps, .times = swaps}),
              TreeTextOf(swaps ? "old \"old\"" : "",
                         {.root = swaps, .times = swaps}));
    EXPECT_THAT(Leftovers(scene.dir() / "made/parent"), IsEmpty());
  }
  void Arm(FaultySys& sys) const {
    if (GetParam().without_copy_range) sys.Fail("CopyRange", ENOSYS);
  }
  // A run with the `nth` call of `call` failing.
  void FailOnce(const Scene& scene, const std::string& call, int nth,
                int error) const;
};

void EveryCallTest::FailOnce(const Scene& scene, const std::string& call,
                             int nth, int error) const {
  SCOPED_TRACE(absl::StrCat(call, " ", nth, ": ", strerror(error)));
  Prepare(scene);
  FaultySys sys(RealSys());
  Arm(sys);
  sys.Fail(call, error, {.nth = nth, .count = 1});
  const absl::StatusOr<Report> report = Materialize(MakeRequest(scene), sys);
  scene.ExpectSourceUntouched(GetParam().method == Method::kHardlink
                                  ? Scene::Times::kLinked
                                  : Scene::Times::kSame);
  if (!report.ok()) {
    EXPECT_THAT(std::string(report.status().message()),
                HasSubstr(strerror(error)));
    const bool in_place =
        absl::StrContains(report.status().message(), "(all is in its place");
    in_place ? scene.ExpectPlaced() : ExpectAsBefore(scene);
  } else if (report->warnings.empty()) {
    scene.ExpectPlaced();
  } else {  // The old tree could not be removed: the next run does.
    EXPECT_EQ(TreeText(scene.destination()), TreeText(scene.source()));
    Request again = MakeRequest(scene);
    again.into = Into::kSwap;
    EXPECT_OK(Materialize(again));
    scene.ExpectPlaced();
  }
  scene.Clear();
}

// Rows R7, R10, H4.
TEST_P(EveryCallTest, LeavesTheWholeTreeOrNothing) {
  REQUIRE_LAB(GetParam().place);
  const Scene scene(Lab(GetParam().place), kTree);
  Prepare(scene);
  FaultySys counting(RealSys());
  Arm(counting);
  ASSERT_OK(Materialize(MakeRequest(scene), counting));
  scene.ExpectPlaced();
  scene.Clear();
  for (const char* call : kCalls) {
    for (int nth = 1; nth <= counting.Calls(call); ++nth)
      FailOnce(scene, call, nth, EIO);
  }
}

// EINTR is no answer: every call is made again.
TEST_P(EveryCallTest, IsMadeAgainWhenInterrupted) {
  REQUIRE_LAB(GetParam().place);
  const Scene scene(Lab(GetParam().place), kTree);
  for (const char* call : kCalls) {
    SCOPED_TRACE(call);
    if (std::string_view(call) == "Close") continue;  // close(2): it is closed
    Prepare(scene);
    FaultySys sys(RealSys());
    Arm(sys);
    for (int nth = 1; nth < 100; nth += 3)
      sys.Fail(call, EINTR, {.nth = nth, .count = 2});
    EXPECT_OK(Materialize(MakeRequest(scene), sys));
    scene.ExpectPlaced();
    scene.Clear();
  }
}

constexpr Way kWays[] = {
    {.name = "ReflinkNew", .place = "xfs", .method = Method::kReflink},
    {.name = "HardlinkNew", .place = "ext4", .method = Method::kHardlink},
    {.name = "CopyNew", .place = "ext4", .method = Method::kCopy},
    {.name = "ReadAndWriteNew",
     .place = "tmpfs",
     .method = Method::kCopy,
     .without_copy_range = true},
    {.name = "ReflinkSwap",
     .place = "btrfs",
     .method = Method::kReflink,
     .into = Into::kSwap},
    {.name = "CopySwapDurable",
     .place = "tmpfs",
     .method = Method::kCopy,
     .into = Into::kSwap,
     .durable = true,
     .preserve_owner = true},
    {.name = "CopyFill",
     .place = "xfs",
     .method = Method::kCopy,
     .into = Into::kFill},
};

INSTANTIATE_TEST_SUITE_P(Ways, EveryCallTest, testing::ValuesIn(kWays),
                         [](const auto& way) { return way.param.name; });

}  // namespace
}  // namespace materialize
