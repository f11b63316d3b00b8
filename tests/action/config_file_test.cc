// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/action/config_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace materialize {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::string Error(const std::string& text) {
  const auto request = ParseConfig(text, "");
  EXPECT_FALSE(request.ok());
  return std::string(request.status().message());
}

// As bazel-lib 3.7.2's rule writes it.
constexpr char kConfig[] = R"({
  "allow_overwrites": true,
  "dst": "bazel-out/k8-fastbuild/bin/app/tree",
  "exclude_srcs_packages": ["app/not"],
  "exclude_srcs_patterns": ["**/*.map"],
  "files": [
    {"hardlink": false, "package": "app", "path": "app/a b",
     "root_path": "", "short_path": "app/a b", "workspace": "",
     "workspace_path": "app/a b"},
    {"hardlink": true, "package": "", "workspace": "ext",
     "path": "bazel-out/k8-fastbuild/bin/external/ext/lib/é",
     "root_path": "bazel-out/k8-fastbuild/bin",
     "short_path": "../ext/lib/é", "workspace_path": "lib/é"}
  ],
  "include_external_repositories": ["ext"],
  "include_srcs_packages": ["**"],
  "include_srcs_patterns": ["a*", "lib/**"],
  "preserve_mtime": true,
  "replace_prefixes": {"lib": "share", "a": ""},
  "root_paths": ["app"],
  "verbose": true
})";

TEST(ConfigFileTest, ReadsWhatTheRuleWrites) {
  const auto request = ParseConfig(kConfig, "main");
  ASSERT_TRUE(request.ok()) << request.status();
  EXPECT_EQ(request->repository, "main");
  EXPECT_EQ(request->destination, "bazel-out/k8-fastbuild/bin/app/tree");
  EXPECT_FALSE(request->package.has_value());
  EXPECT_THAT(request->root_paths, ElementsAre("app"));
  EXPECT_THAT(request->include_external_repositories, ElementsAre("ext"));
  EXPECT_THAT(request->include_srcs_packages, ElementsAre("**"));
  EXPECT_THAT(request->exclude_srcs_packages, ElementsAre("app/not"));
  EXPECT_THAT(request->include_srcs_patterns, ElementsAre("a*", "lib/**"));
  EXPECT_THAT(request->exclude_srcs_patterns, ElementsAre("**/*.map"));
  ASSERT_EQ(request->replace_prefixes.size(), 2u);
  EXPECT_EQ(request->replace_prefixes[1].prefix, "lib");
  EXPECT_EQ(request->replace_prefixes[1].replacement, "share");
  EXPECT_TRUE(request->allow_overwrites);
  EXPECT_TRUE(request->verbose);
  EXPECT_EQ(request->hardlink, Hardlink::kAuto);
  ASSERT_EQ(request->sources.size(), 2u);
  const ActionSource& first = request->sources[0];
  EXPECT_EQ(first.path, "app/a b");
  EXPECT_EQ(first.WorkspacePath(), "app/a b");
  EXPECT_EQ(first.Label(), "//app:a b");
  EXPECT_FALSE(first.is_generated);
  const ActionSource& second = request->sources[1];
  EXPECT_EQ(second.WorkspacePath(), "lib/é");
  EXPECT_EQ(second.Label(), "@ext//:lib/é");
  EXPECT_TRUE(second.is_generated);
}

TEST(ConfigFileTest, WhatIsAbsentIsOffAndEmpty) {
  const auto request = ParseConfig(R"({"dst": "out", "later": {"x": 1}})", "");
  ASSERT_TRUE(request.ok()) << request.status();
  EXPECT_THAT(request->sources, IsEmpty());
  EXPECT_THAT(request->include_srcs_patterns, IsEmpty());
  EXPECT_FALSE(request->allow_overwrites);
  EXPECT_FALSE(request->verbose);
}

// "on": the rule asks for hardlinks to source files. Row Z1.
TEST(ConfigFileTest, AHardlinkToASourceIsWarnedOfAndNotMade) {
  const auto request = ParseConfig(
      R"({"dst": "o", "files": [{"path": "p/a", "workspace_path": "p/a",
          "hardlink": true, "root_path": "", "package": "p"}]})",
      "");
  ASSERT_TRUE(request.ok()) << request.status();
  EXPECT_EQ(request->hardlink, Hardlink::kOn);
  EXPECT_FALSE(request->sources[0].is_generated);
}

TEST(ConfigFileTest, HardlinkOffIsSaidFileByFile) {
  const auto request = ParseConfig(
      R"({"dst": "o", "files": [{"path": "bazel-out/b/a", "workspace_path": "a",
          "hardlink": false, "root_path": "bazel-out/b"}]})",
      "");
  ASSERT_TRUE(request.ok()) << request.status();
  EXPECT_FALSE(request->sources[0].is_generated);
}

TEST(ConfigFileTest, AnErrorNamesTheKey) {
  EXPECT_EQ(Error("{"), "not a JSON object");
  EXPECT_EQ(Error("[]"), "not a JSON object");
  EXPECT_EQ(Error("{}"), "dst: not there");
  EXPECT_EQ(Error(R"({"dst": 3})"), "dst: not a string");
  EXPECT_EQ(Error(R"({"dst": "o", "root_paths": "a"})"),
            "root_paths: not a list");
  EXPECT_EQ(Error(R"({"dst": "o", "root_paths": ["a", 1]})"),
            "root_paths[1]: not a string");
  EXPECT_EQ(Error(R"({"dst": "o", "verbose": "yes"})"),
            "verbose: neither true nor false");
  EXPECT_EQ(Error(R"({"dst": "o", "preserve_mtime": 1})"),
            "preserve_mtime: neither true nor false");
  EXPECT_EQ(Error(R"({"dst": "o", "replace_prefixes": []})"),
            "replace_prefixes: not an object");
  EXPECT_EQ(Error(R"({"dst": "o", "replace_prefixes": {"a": 1}})"),
            "replace_prefixes.a: not a string");
  EXPECT_EQ(Error(R"({"dst": "o", "files": {}})"), "files: not a list");
  EXPECT_EQ(Error(R"({"dst": "o", "files": [1]})"), "files[0]: not an object");
  EXPECT_EQ(Error(R"({"dst": "o", "files": [{"path": 1}]})"),
            "files[0].path: not a string");
  EXPECT_EQ(Error(R"({"dst": "o", "files": [{}]})"),
            "files[0].path: not there");
  EXPECT_EQ(Error(R"({"dst": "o", "files": [{"path": "a"}]})"),
            "files[0].workspace_path: not there");
}

TEST(ConfigFileTest, AConfigBeginsWithABrace) {
  EXPECT_TRUE(LooksLikeConfig("{}"));
  EXPECT_TRUE(LooksLikeConfig(" \n{"));
  EXPECT_FALSE(LooksLikeConfig(""));
  EXPECT_FALSE(LooksLikeConfig("materialize_tree\t1\n"));
}

}  // namespace
}  // namespace materialize
