// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "tests/faults/scene.h"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "materialize/exec/staging.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/tree_text.h"

namespace materialize {

namespace fs = std::filesystem;
using ::testing::IsEmpty;

std::vector<std::string> Leftovers(const std::string& directory) {
  std::vector<std::string> names;
  if (!fs::exists(directory)) return names;
  for (const auto& entry : fs::directory_iterator(directory)) {
    const std::string name = entry.path().filename();
    if (name.starts_with(kStagingPrefix)) names.push_back(name);
  }
  return names;
}

std::string Ctimes(const std::string& root) {
  std::vector<std::string> lines;
  const auto add = [&](const std::string& path) {
    struct stat facts;
    if (lstat(path.c_str(), &facts) != 0) return;
    lines.push_back(absl::StrCat(path, " ", facts.st_ctim.tv_sec, ".",
                                 facts.st_ctim.tv_nsec, " ", facts.st_nlink));
  };
  add(root);
  for (const auto& entry : fs::recursive_directory_iterator(root)) {
    add(entry.path());
  }
  std::sort(lines.begin(), lines.end());
  return absl::StrJoin(lines, "\n");
}

int OpenDescriptors() {
  // The listing's own descriptor is always one of them.
  return static_cast<int>(
      std::distance(fs::directory_iterator("/proc/self/fd"), {}));
}

Scene::Scene(std::string_view place, std::string_view tree)
    : dir_(place.empty() ? TempDir() : TempDir::In(place)) {
  EXPECT_OK(ArrangeTree(source(), tree));
  tree_ = TreeText(source());
  ctimes_ = Ctimes(source());
  descriptors_ = OpenDescriptors();
}

Request Scene::RequestBy(std::vector<Method> methods) const {
  Request request;
  request.source = source();
  request.destination = destination();
  request.methods = std::move(methods);
  request.jobs = 1;
  return request;
}

absl::StatusOr<Report> Scene::Run(Sys& sys, std::vector<Method> methods) const {
  return Materialize(RequestBy(std::move(methods)), sys);
}

void Scene::ExpectSourceUntouched(Times times) const {
  EXPECT_EQ(TreeText(source()), tree_);
  if (times == Times::kSame) {
    EXPECT_EQ(Ctimes(source()), ctimes_);
  }
}

void Scene::ExpectNothingLeft() const {
  EXPECT_FALSE(fs::exists(dir_ / "made"))
      << TreeText(dir_ / "made", {.times = false});
  EXPECT_EQ(OpenDescriptors(), descriptors_);
}

void Scene::ExpectPlaced() const {
  EXPECT_EQ(TreeText(destination()), tree_);
  EXPECT_THAT(Leftovers(dir_ / "made/parent"), IsEmpty());
  EXPECT_EQ(OpenDescriptors(), descriptors_);
}

void Scene::Clear() const { (void)RemoveTree(dir_ / "made"); }

}  // namespace materialize
