// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// 3,000 levels: placed, synced, left unfinished and removed with few open
// files.

#include "tests/exec/deep_tree.h"

#include <cerrno>
#include <filesystem>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "materialize/exec/remove.h"
#include "materialize/materialize.h"
#include "materialize/os/fd.h"
#include "tests/testing/faulty_sys.h"
#include "tests/testing/lab.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"

namespace materialize {
namespace {

using ::testing::HasSubstr;

constexpr int kLevels = 3000;
constexpr rlim_t kFew = 200;

class DeepTreeTest : public testing::Test {
 protected:
  void SetUp() override {
    REQUIRE_LAB("xfs");
    dir_.emplace(TempDir::In(Lab("xfs")));
    MakeDeepTree(*dir_ / "from", kLevels);
    text_ = DeepTreeText(*dir_ / "from");
  }
  void TearDown() override {
    if (!dir_.has_value()) return;
    Remove("from");
    Remove("to");
  }
  absl::StatusOr<Report> Place(Method method, Into into = Into::kNew,
                               bool durable = false, Sys& sys = RealSys()) {
    const FewDescriptors few(kFew);
    Request request;
    request.source = *dir_ / "from";
    request.destination = *dir_ / "to";
    request.into = into;
    request.methods = {method};
    request.durable = durable;
    return Materialize(request, sys);
  }
  void Remove(const char* name) {
    const Fd dir(RealSys(), open(dir_->path().c_str(), O_RDONLY | O_DIRECTORY));
    const FewDescriptors few(kFew);
    ASSERT_OK(RemoveTree(RealSys(), dir.get(), name, dir_->path()));
    EXPECT_FALSE(std::filesystem::exists(*dir_ / name));
  }

  std::optional<TempDir> dir_;
  std::string text_;
};

TEST_F(DeepTreeTest, EveryMethodPlacesIt) {
  EXPECT_EQ(text_,
            "500:file 1000:file 1500:file 2000:file 2500:file 3000:file 3000");
  for (const Method method :
       {Method::kReflink, Method::kHardlink, Method::kCopy}) {
    ASSERT_OK_AND_ASSIGN(const Report report, Place(method));
    EXPECT_EQ(report.of(method).files, 6);
    EXPECT_EQ(report.directories, kLevels + 1);
    EXPECT_EQ(DeepTreeText(*dir_ / "to"), text_);
    Remove("to");
  }
}

// The text of a link cannot be longer than PATH_MAX.
TEST_F(DeepTreeTest, ASymlinkCannotNameIt) {
  EXPECT_THAT(std::string(Place(Method::kSymlink).status().message()),
              HasSubstr("File name too long"));
  EXPECT_FALSE(std::filesystem::exists(*dir_ / "to"));
}

TEST_F(DeepTreeTest, SwapAndDurableTakeItAway) {
  ASSERT_OK(Place(Method::kHardlink, Into::kNew, /*durable=*/true));
  ASSERT_OK_AND_ASSIGN(const Report report,
                       Place(Method::kCopy, Into::kSwap, /*durable=*/true));
  EXPECT_TRUE(report.warnings.empty());
  EXPECT_EQ(DeepTreeText(*dir_ / "to"), text_);
}

TEST_F(DeepTreeTest, AnErrorAtTheBottomLeavesNothing) {
  FaultySys sys(RealSys());
  sys.Fail("CloneFile", EIO, {.nth = 6});
  EXPECT_FALSE(Place(Method::kReflink, Into::kNew, false, sys).ok());
  int names = 0;
  for (const auto& entry : std::filesystem::directory_iterator(dir_->path()))
    names += !entry.path().empty();
  EXPECT_EQ(names, 1);
}

}  // namespace
}  // namespace materialize
