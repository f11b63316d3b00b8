// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "tests/filesystems/calls.h"

#include <filesystem>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/rows/files.h"
#include "tests/testing/faulty_sys.h"
#include "tests/testing/lab.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"
#include "tests/testing/tree_text.h"

namespace materialize {
namespace {

// One listing has them all.
constexpr int kFew = 100;
constexpr int kMany = 300;

int CallsFor(int files, const std::string& place, const std::string& entry,
             const Counted& before, const Counted& counted) {
  const TempDir dir = TempDir::In(Lab(place));
  const CountedTree tree = {.directory = dir.path()};
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
}

}  // namespace

absl::Status PlaceCounted(Request request, Sys& sys) {
  request.jobs = 1;
  return Materialize(request, sys).status();
}

Counted PlacingBut(std::vector<Method> methods, Change change) {
  return [methods = std::move(methods), change = std::move(change)](
             const CountedTree& tree, Sys& sys) {
    Request request = FromTo(tree.source(), tree.target(), methods);
    if (change) change(request, tree);
    return PlaceCounted(std::move(request), sys);
  };
}

Counted UpdatingBut(std::vector<Method> methods, Change change) {
  return PlacingBut(
      std::move(methods),
      [change = std::move(change)](Request& request, const CountedTree& tree) {
        request.into = Into::kMerge;
        if (change) change(request, tree);
      });
}

Counted Placing(std::vector<Method> methods) {
  return PlacingBut(std::move(methods), nullptr);
}

Counted Updating(std::vector<Method> methods) {
  return UpdatingBut(std::move(methods), nullptr);
}

Counted PlacingOthers() {
  return [](const CountedTree& tree, Sys& sys) {
    absl::Status status = Placing({Method::kCopy})(tree, sys);
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(tree.target())) {
      if (entry.is_regular_file()) WriteFile(entry.path(), "other");
    }
    return status;
  };
}

double CallsPerFile(const std::string& place, const std::string& entry,
                    const Counted& before, const Counted& counted) {
  return (CallsFor(kMany, place, entry, before, counted) -
          CallsFor(kFew, place, entry, before, counted)) /
         double{kMany - kFew};
}

void CallsTest::SetUp() {
  REQUIRE_LAB("ext4");
  REQUIRE_LAB("xfs");
  REQUIRE_LAB("btrfs");
  REQUIRE_LAB("tmpfs");
  REQUIRE_LAB("overlay-ext4");
}

}  // namespace materialize
