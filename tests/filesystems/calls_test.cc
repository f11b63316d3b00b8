// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// System calls that one more file costs, on most ways that a file can go:
// whatever a directory or the whole run takes is the same with and without it.

#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "materialize/uninstall.h"
#include "materialize/verify.h"
#include "tests/rows/files.h"
#include "tests/testing/faulty_sys.h"
#include "tests/testing/lab.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"
#include "tests/testing/tree_text.h"

namespace materialize {
namespace {

using enum Method;

// One listing has them all.
constexpr int kFew = 100;
constexpr int kMany = 300;

class CallsTest : public testing::Test {
 protected:
  // A directory on a place of the lab, and what is in it.
  struct Tree {
    std::string directory;
    std::string source() const { return directory + "/from"; }
    std::string target() const { return directory + "/to"; }
    std::string receipt() const { return directory + "/receipt"; }
  };
  using Action = std::function<absl::Status(const Tree& tree, Sys& sys)>;

  void SetUp() override {
    REQUIRE_LAB("ext4");
    REQUIRE_LAB("xfs");
    REQUIRE_LAB("btrfs");
    REQUIRE_LAB("tmpfs");
    REQUIRE_LAB("overlay-ext4");
  }

  static Request One(Request request) {
    request.jobs = 1;
    return request;
  }
  static absl::Status Place(const Request& request, Sys& sys) {
    return Materialize(One(request), sys).status();
  }
  static Action Placing(std::vector<Method> methods) {
    return [methods](const Tree& tree, Sys& sys) {
      return Place(FromTo(tree.source(), tree.target(), methods), sys);
    };
  }
  static Action Merge(std::vector<Method> methods) {
    return [methods](const Tree& tree, Sys& sys) {
      return Place(Merging(tree.source(), tree.target(), methods), sys);
    };
  }
  static Action WithReceipt(std::vector<Method> methods) {
    return [methods](const Tree& tree, Sys& sys) {
      Request request = FromTo(tree.source(), tree.target(), methods);
      request.receipt = tree.receipt();
      return Place(request, sys);
    };
  }

  // What `counted` calls after `before` for one of the files; `entry`: what
  // each is, as ArrangeTree() takes it.
  static double PerFile(const std::string& place, const std::string& entry,
                        const Action& before, const Action& counted) {
    const auto calls = [&](int files) {
      const TempDir dir = TempDir::In(Lab(place));
      const Tree tree = {.directory = dir.path()};
      std::string text;
      for (int i = 0; i < files; ++i)
        absl::StrAppend(&text, "f", 1000 + i, entry, "\n");
      EXPECT_OK(ArrangeTree(tree.source(), text));
      if (before) {
        EXPECT_OK(before(tree, RealSys()));
      }
      FaultySys sys(RealSys());
      EXPECT_OK(counted(tree, sys));
      return sys.AllCalls();
    };
    return (calls(kMany) - calls(kFew)) / double{kMany - kFew};
  }
};

constexpr char kFile[] = " size=4000";

TEST_F(CallsTest, OfAFileThatIsNew) {
  struct Row {
    const char* place;
    std::vector<Method> methods;
    double calls;
  };
  for (const Row& row : std::vector<Row>{
           {"ext4", {kHardlink}, 1},
           {"xfs", {kHardlink}, 1},
           {"btrfs", {kHardlink}, 1},
           {"tmpfs", {kHardlink}, 1},
           {"ext4", {}, 2},  // root looks whose it is
           {"xfs", {kReflink}, 7},
           {"btrfs", {kReflink}, 7},
           {"ext4", {kCopy}, 7},
           {"xfs", {kCopy}, 8},  // read and write
           {"btrfs", {kCopy}, 7},
           {"tmpfs", {kCopy}, 7},
           {"ext4", {kSymlink}, 1},
           {"overlay-ext4", {}, 3},  // and in which layer it is
       }) {
    EXPECT_EQ(PerFile(row.place, kFile, nullptr, Placing(row.methods)),
              row.calls)
        << row.place;
  }
}

TEST_F(CallsTest, OfWhatIsNoFullFile) {
  EXPECT_EQ(PerFile("ext4", "", nullptr, Placing({kCopy})), 6);
  EXPECT_EQ(PerFile("xfs", "", nullptr, Placing({kReflink})), 6);
  EXPECT_EQ(PerFile("ext4", " -> target", nullptr, Placing({})), 4);
}

TEST_F(CallsTest, OfAFileThatIsThere) {
  const auto merged = [](std::vector<Method> methods) {
    return PerFile("xfs", kFile, Placing(methods), Merge(methods));
  };
  EXPECT_EQ(merged({kHardlink}), 0);
  EXPECT_EQ(merged({kReflink}), 2);
  EXPECT_EQ(merged({kCopy}), 2);
}

TEST_F(CallsTest, OfAFileThatIsReplaced) {
  const Action other = [](const Tree& tree, Sys& sys) {
    absl::Status status =
        Place(FromTo(tree.source(), tree.target(), {kCopy}), sys);
    for (const auto& file : std::filesystem::directory_iterator(tree.target()))
      WriteFile(file.path(), "other");
    return status;
  };
  EXPECT_EQ(PerFile("ext4", kFile, other, Merge({kHardlink})), 4);
  EXPECT_EQ(PerFile("ext4", kFile, other, Merge({kCopy})), 10);
}

TEST_F(CallsTest, OfAFileThatGoes) {
  const Action swap = [](const Tree& tree, Sys& sys) {
    Request request = FromTo(tree.source(), tree.target(), {kHardlink});
    request.into = Into::kSwap;
    return Place(request, sys);
  };
  EXPECT_EQ(PerFile("ext4", kFile, Placing({kHardlink}), swap), 1 + 1);
  const Action uninstall = [](const Tree& tree, Sys& sys) {
    return Uninstall({.receipt = tree.receipt(), .destination = tree.target()},
                     sys)
        .status();
  };
  EXPECT_EQ(PerFile("ext4", kFile, WithReceipt({kCopy}), uninstall), 2);
}

TEST_F(CallsTest, OfAFileThatIsLookedAt) {
  EXPECT_EQ(PerFile("ext4", kFile, nullptr, WithReceipt({kHardlink})), 2);
  const Action verify = [](const Tree& tree, Sys& sys) {
    return Verify({.manifest = tree.receipt(),
                   .destination = tree.target(),
                   .jobs = 1},
                  sys)
        .status();
  };
  // And the manifest has to be read.
  EXPECT_NEAR(PerFile("ext4", kFile, WithReceipt({kCopy}), verify), 1, 0.1);
  const Action dry_run = [](const Tree& tree, Sys& sys) {
    Request request = FromTo(tree.source(), tree.target());
    request.dry_run = true;
    return Place(request, sys);
  };
  EXPECT_EQ(PerFile("ext4", kFile, nullptr, dry_run), 1);
}

}  // namespace
}  // namespace materialize
