// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Files that can be cloned, where a copy is faster: as of a store that was
// written a second ago.

#include <unistd.h>

#include <cerrno>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "materialize/materialize.h"
#include "materialize/strategy/race.h"
#include "tests/testing/faulty_sys.h"
#include "tests/testing/lab.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"
#include "tests/testing/tree_text.h"

namespace materialize {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

constexpr int kSmallFiles = 60;
constexpr int kLargeFiles = 3;

class SlowClonesTest : public testing::Test {
 protected:
  void SetUp() override {
    REQUIRE_LAB("xfs");
    dir_.emplace(TempDir::In(Lab("xfs")));
    std::string tree;
    for (int i = 0; i < kSmallFiles; ++i)
      absl::StrAppend(&tree, "small-", i, " size=5000\n");
    for (int i = 0; i < kLargeFiles; ++i)
      absl::StrAppend(&tree, "large-", i, " size=", Race::kSmall + 1, "\n");
    ASSERT_OK(ArrangeTree(*dir_ / "from", tree));
    sync();
    sys_.emplace(RealSys());
  }
  void SlowDown() {
    sys_->Before("CloneFile", [] { usleep(3000); }, {});
  }
  Request Wanted() const {
    Request request;
    request.source = *dir_ / "from";
    request.destination = *dir_ / "to";
    request.into = Into::kSwap;
    request.jobs = 1;
    return request;
  }
  Report Place(std::vector<Method> methods) {
    Request request = Wanted();
    request.methods = std::move(methods);
    const absl::StatusOr<Report> report = Materialize(request, *sys_);
    EXPECT_OK(report.status());
    EXPECT_EQ(TreeText(*dir_ / "to"), TreeText(*dir_ / "from"));
    return report.value_or(Report());
  }

  std::optional<TempDir> dir_;
  std::optional<FaultySys> sys_;
};

TEST_F(SlowClonesTest, AreFewAndTheRestIsCopied) {
  SlowDown();
  const Report report = Place({});
  const int64_t cloned = report.of(Method::kReflink).files;
  // Large ones, and small ones before it is known; in whatever order they come.
  EXPECT_EQ(cloned, kLargeFiles + Race::kSample);
  EXPECT_EQ(report.of(Method::kCopy).files, kSmallFiles - Race::kSample);
  EXPECT_EQ(report.of(Method::kHardlink).files, 0);
  // Which would clone as slowly.
  EXPECT_EQ(sys_->Calls("CopyRange"), 0);
  EXPECT_THAT(
      DowngradeText(report),
      UnorderedElementsAre(
          HasSubstr("8 files copied, not reflinked"),
          HasSubstr("a copy is faster, as of files that were just written; "
                    "--methods=copy does not try, --methods=reflink does "
                    "it all the same")));
}

TEST_F(SlowClonesTest, AreMadeWhereTheyAreAskedFor) {
  SlowDown();
  for (const auto& methods : std::vector<std::vector<Method>>{
           {Method::kReflink}, {Method::kReflink, Method::kCopy}}) {
    const Report report = Place(methods);
    EXPECT_EQ(report.of(Method::kReflink).files, kSmallFiles + kLargeFiles);
    EXPECT_THAT(report.downgrades, IsEmpty());
  }
}

TEST_F(SlowClonesTest, AreBetterThanNoSpaceForACopy) {
  SlowDown();
  sys_->Fail("Write", ENOSPC);
  const Report report = Place({});
  EXPECT_EQ(report.of(Method::kReflink).files, kSmallFiles + kLargeFiles);
  EXPECT_EQ(report.of(Method::kCopy).files, 0);
}

TEST_F(SlowClonesTest, DuplicatesShareAllTheSame) {
  std::string tree;
  for (int i = 0; i < kSmallFiles; ++i)
    absl::StrAppend(&tree, "twin-", i, " \"", std::string(3000, 'x'), "\"\n");
  ASSERT_OK(ArrangeTree(*dir_ / "from", tree));
  SlowDown();
  Request request = Wanted();
  request.dedupe = true;
  ASSERT_OK_AND_ASSIGN(const Report report, Materialize(request, *sys_));
  EXPECT_EQ(report.duplicates.files, kSmallFiles - 1);
}

}  // namespace
}  // namespace materialize
