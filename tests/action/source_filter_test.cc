// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Attributes of materialize_tree against paths, packages and repositories.

#include "materialize/action/source_filter.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>

namespace materialize {
namespace {

ActionRequest Defaults() {
  ActionRequest request;
  request.package = "app";
  request.root_paths = {"."};
  request.include_srcs_packages = {"**"};
  request.include_srcs_patterns = {"**"};
  return request;
}

SourceFilter FilterOf(const ActionRequest& request) {
  absl::StatusOr<SourceFilter> filter = SourceFilter::Create(request);
  EXPECT_TRUE(filter.ok()) << filter.status();
  return *std::move(filter);
}

std::optional<std::string> PlaceWith(const ActionRequest& request,
                                     const std::string& path) {
  return FilterOf(request).PlaceOfFile(path);
}

bool Wants(const ActionRequest& request, const std::string& repository,
           const std::string& package) {
  return FilterOf(request).Wants({.path = "x",
                                  .short_path = "x",
                                  .package = package,
                                  .repository = repository,
                                  .name = "x"});
}

TEST(SourceFilterTest, ThePackageIsTheRootByDefault) {
  EXPECT_EQ(PlaceWith(Defaults(), "app/x/y"), "x/y");
  EXPECT_EQ(PlaceWith(Defaults(), "application/y"), "application/y");
  EXPECT_EQ(PlaceWith(Defaults(), "other/y"), "other/y");
  ActionRequest top = Defaults();
  top.package = "";
  EXPECT_EQ(PlaceWith(top, "app/x/y"), "app/x/y");
}

TEST(SourceFilterTest, APackageNameIsNoPattern) {
  ActionRequest request = Defaults();
  request.package = "a[b]*";
  EXPECT_EQ(PlaceWith(request, "a[b]*/x"), "x");
  EXPECT_EQ(PlaceWith(request, "abc/x"), "abc/x");
}

TEST(SourceFilterTest, TheLongestRootCounts) {
  ActionRequest request = Defaults();
  request.root_paths = {"a", "a/*/c"};
  EXPECT_EQ(PlaceWith(request, "a/b/c/d/e"), "d/e");
  EXPECT_EQ(PlaceWith(request, "a/b/d"), "b/d");
  request.root_paths = {"**"};
  EXPECT_EQ(PlaceWith(request, "a/b/c"), "c");
  EXPECT_EQ(PlaceWith(request, "c"), "c");
}

TEST(SourceFilterTest, ARootIsAParentNotTheFile) {
  ActionRequest request = Defaults();
  request.root_paths = {"a/b"};
  EXPECT_EQ(PlaceWith(request, "a/b"), "a/b");
}

TEST(SourceFilterTest, PatternsSeeThePathInTheOutput) {
  ActionRequest request = Defaults();
  request.include_srcs_patterns = {"*.js", "lib/**"};
  request.exclude_srcs_patterns = {"**/*.{map,ts}"};
  EXPECT_EQ(PlaceWith(request, "app/a.js"), "a.js");
  EXPECT_EQ(PlaceWith(request, "app/x/a.js"), std::nullopt);
  EXPECT_EQ(PlaceWith(request, "app/lib/x/a"), "lib/x/a");
  EXPECT_EQ(PlaceWith(request, "app/lib/x/a.map"), std::nullopt);
  EXPECT_EQ(PlaceWith(request, "app/lib/a.ts"), std::nullopt);
  request.include_srcs_patterns = {};
  EXPECT_EQ(PlaceWith(request, "app/a.js"), std::nullopt);
}

TEST(SourceFilterTest, ExternalRepositoriesComeWhenNamed) {
  ActionRequest request = Defaults();
  EXPECT_TRUE(Wants(request, "", "any"));
  EXPECT_FALSE(Wants(request, "npm", ""));
  request.include_external_repositories = {"n*"};
  EXPECT_TRUE(Wants(request, "npm", ""));
  EXPECT_FALSE(Wants(request, "other", ""));
  request.repository = "other";
  EXPECT_TRUE(Wants(request, "other", ""));
}

TEST(SourceFilterTest, PackagesAreGlobs) {
  ActionRequest request = Defaults();
  request.include_srcs_packages = {".", "lib/*"};
  request.exclude_srcs_packages = {"lib/secret"};
  EXPECT_TRUE(Wants(request, "", "app"));
  EXPECT_FALSE(Wants(request, "", "app/sub"));
  EXPECT_TRUE(Wants(request, "", "lib/x"));
  EXPECT_FALSE(Wants(request, "", "lib/secret"));
  EXPECT_FALSE(Wants(request, "", ""));
  request.include_srcs_packages = {""};
  EXPECT_TRUE(Wants(request, "", ""));
}

TEST(SourceFilterTest, AFirstDotOfAPackagePatternIsThePackage) {
  ActionRequest request = Defaults();
  request.include_srcs_packages = {"./lib"};
  request.exclude_srcs_packages = {"./lib/not"};
  EXPECT_TRUE(Wants(request, "", "app/lib"));
  EXPECT_FALSE(Wants(request, "", "app/lib/not"));
  EXPECT_FALSE(Wants(request, "", "lib"));
  request.package = "";
  EXPECT_TRUE(Wants(request, "", "lib"));
  // A config says what it means: bazel-lib's rule has put the package in.
  request.package = std::nullopt;
  request.include_srcs_packages = {".hidden"};
  EXPECT_TRUE(Wants(request, "", ".hidden"));
}

// As doublestar has it, checked against bazel-lib's own tool.
TEST(SourceFilterTest, StarsMatchNothingWhereDoublestarDoes) {
  ActionRequest request = Defaults();
  request.include_srcs_packages = {"lib/**"};
  EXPECT_TRUE(Wants(request, "", "lib"));
  EXPECT_TRUE(Wants(request, "", "lib/x/y"));
  request.include_srcs_packages = {"*"};
  EXPECT_TRUE(Wants(request, "", ""));
  EXPECT_FALSE(Wants(request, "", "a/b"));
  request.include_srcs_packages = {"**/**"};
  EXPECT_FALSE(Wants(request, "", ""));
  EXPECT_TRUE(Wants(request, "", "a/b"));
}

TEST(SourceFilterTest, PrivatePatternsSeeTheFinalPath) {
  ActionRequest request = Defaults();
  EXPECT_FALSE(FilterOf(request).IsPrivate("a"));
  request.private_patterns = {"etc/**", "*.conf"};
  EXPECT_TRUE(FilterOf(request).IsPrivate("etc/x/y"));
  EXPECT_TRUE(FilterOf(request).IsPrivate("a.conf"));
  EXPECT_FALSE(FilterOf(request).IsPrivate("lib/a.conf"));
}

TEST(SourceFilterTest, AnErrorNamesTheAttribute) {
  ActionRequest request = Defaults();
  request.exclude_srcs_patterns = {"a["};
  const auto filter = SourceFilter::Create(request);
  ASSERT_FALSE(filter.ok());
  EXPECT_EQ(filter.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(filter.status().message().find("exclude_srcs_patterns: pattern"),
            0u);
}

}  // namespace
}  // namespace materialize
