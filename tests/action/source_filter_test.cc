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

TEST(SourceFilterTest, ADirectoryGoesAsAWholeWhereNothingDependsOnItsFiles) {
  ActionRequest request = Defaults();
  EXPECT_EQ(FilterOf(request).PlaceOfDirectory("app/t"), "t");
  request.root_paths = {"app/t"};
  EXPECT_EQ(FilterOf(request).PlaceOfDirectory("app/t"), "");
  EXPECT_EQ(FilterOf(request).PlaceOfDirectory("app/tt"), "app/tt");
  request.root_paths = {"app/t/sub"};
  EXPECT_EQ(FilterOf(request).PlaceOfDirectory("app/t"), std::nullopt);
  request.root_paths = {"app/*"};
  EXPECT_EQ(FilterOf(request).PlaceOfDirectory("app/t"), std::nullopt);
  request = Defaults();
  request.exclude_srcs_patterns = {"t/x"};
  EXPECT_EQ(FilterOf(request).PlaceOfDirectory("app/t"), std::nullopt);
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
