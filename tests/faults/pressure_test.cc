// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Faults that are no errno of one call: descriptors that run short, calls that
// do less than asked, sources that change while they are read.

#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <filesystem>
#include <fstream>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/faults/scene.h"
#include "tests/testing/faulty_sys.h"
#include "tests/testing/lab.h"
#include "tests/testing/status_matchers.h"

namespace materialize {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr char kTree[] = R"(
  first size=300K
  sub/middle 0755 size=8K
  sub/deep/last 0600 size=70K
)";

TEST(PressureTest, DescriptorsThatRunShortForAWhileAreWaitedFor) {
  const Scene scene("", kTree);
  for (const int error : {EMFILE, ENFILE}) {
    FaultySys sys(RealSys());
    for (int nth = 1; nth < 60; nth += 7)
      sys.Fail("OpenAt", error, {.nth = nth, .count = 3});
    EXPECT_OK(scene.Run(sys, {Method::kCopy}));
    EXPECT_GE(sys.Calls("OpenAt"), 20);
    scene.ExpectPlaced();
    scene.Clear();
  }
}

TEST(PressureTest, DescriptorsThatStayShortAreAnErrorWithinSeconds) {
  const Scene scene("", kTree);
  for (const char* file : {"/from/first", "/tree/sub/deep/last"}) {
    FaultySys sys(RealSys());
    sys.Fail("OpenAt", EMFILE, {.path = file});
    const auto start = std::chrono::steady_clock::now();
    const absl::StatusOr<Report> report = scene.Run(sys, {Method::kCopy});
    EXPECT_LT(std::chrono::steady_clock::now() - start,
              std::chrono::seconds(5));
    ASSERT_FALSE(report.ok());
    EXPECT_THAT(std::string(report.status().message()),
                HasSubstr("Too many open files"));
    scene.ExpectNothingLeft();
    scene.ExpectSourceUntouched(Scene::Times::kSame);
  }
}

// Row H2.
TEST(PressureTest, ShortCallsAreRepeatedToTheEnd) {
  const Scene scene("", kTree);
  for (const size_t bytes : {1000UL, 4096UL, 262143UL}) {
    FaultySys sys(RealSys());
    sys.Shorten("CopyRange", bytes);
    EXPECT_OK(scene.Run(sys, {Method::kCopy}));
    scene.ExpectPlaced();
    scene.Clear();
    FaultySys by_hand(RealSys());
    by_hand.Fail("CopyRange", ENOSYS);
    by_hand.Shorten("Read", bytes);
    by_hand.Shorten("Write", bytes / 3 + 1);
    EXPECT_OK(scene.Run(by_hand, {Method::kCopy}));
    EXPECT_GT(by_hand.Calls("Write"), by_hand.Calls("Read"));
    scene.ExpectPlaced();
    scene.Clear();
  }
}

// Row H5: nothing, where there should be something.
TEST(PressureTest, ACopyRangeThatGivesNothingIsReadAndWritten) {
  const Scene scene("", kTree);
  FaultySys sys(RealSys());
  sys.Return("CopyRange", 0);
  ASSERT_OK_AND_ASSIGN(const Report report, scene.Run(sys, {Method::kCopy}));
  EXPECT_EQ(report.of(Method::kCopy).files, 3);
  EXPECT_GT(sys.Calls("Write"), 0);
  scene.ExpectPlaced();
}

struct Change {
  const char* what;
  void (*make)(const std::string& path);
};
constexpr Change kChanges[] = {
    {"shrinks",
     [](const std::string& path) {
       std::filesystem::resize_file(path, 100 << 10);
     }},
    {"is emptied",
     [](const std::string& path) { std::filesystem::resize_file(path, 0); }},
    {"grows",
     [](const std::string& path) {
       std::ofstream(path, std::ios::app) << "more";
     }},
};

// Row H2: what was copied is what was there, or nothing is.
TEST(PressureTest, ASourceThatChangesWhileItIsReadIsAnError) {
  for (const Change& change : kChanges) {
    for (const char* call : {"CopyRange", "Read"}) {
      SCOPED_TRACE(std::string(change.what) + " at " + call);
      const Scene scene("", kTree);
      const std::string file = scene.source() + "/first";
      FaultySys sys(RealSys());
      if (std::string_view(call) == "Read") sys.Fail("CopyRange", ENOSYS);
      sys.Shorten(call, 64 << 10);
      sys.Before(call, [&] { change.make(file); },
                 {.nth = 3, .count = 1, .path = "/from/first"});
      const absl::StatusOr<Report> report = scene.Run(sys, {Method::kCopy});
      ASSERT_FALSE(report.ok());
      EXPECT_THAT(std::string(report.status().message()),
                  AllOf(HasSubstr("copy " + file + " -> "),
                        HasSubstr("the source changed")));
      scene.ExpectNothingLeft();
    }
  }
}

TEST(PressureTest, ASparseSourceThatChangesIsAnErrorToo) {
  for (const Change& change : kChanges) {
    SCOPED_TRACE(change.what);
    const Scene scene("", "first \"head\" hole=1M");
    FaultySys sys(RealSys());
    sys.Before("Truncate", [&] { change.make(scene.source() + "/first"); });
    EXPECT_FALSE(scene.Run(sys, {Method::kCopy}).ok());
    scene.ExpectNothingLeft();
  }
}

// A file that takes the name of another kind of thing while the run is on its
// way to it is not opened as if nothing were.
TEST(PressureTest, AFileThatBecomesAFifoIsNoHang) {
  const Scene scene("", kTree);
  FaultySys sys(RealSys());
  sys.Before("OpenAt",
             [&] {
               const std::string path = scene.source() + "/sub/middle";
               std::filesystem::remove(path);
               ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
             },
             {.count = 1, .path = "/from/sub/middle"});
  const absl::StatusOr<Report> report = scene.Run(sys, {Method::kCopy});
  ASSERT_FALSE(report.ok());
  EXPECT_THAT(std::string(report.status().message()),
              HasSubstr("no longer a regular file"));
  scene.ExpectNothingLeft();
}

}  // namespace
}  // namespace materialize
