// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// What the rule writes is read back, and nothing else is.

#include "materialize/action/request_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace materialize {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char kHead[] = "materialize_tree\t1\n";

std::string ErrorOf(const std::string& text) {
  return std::string(ParseActionRequest(text).status().message());
}

TEST(RequestFileTest, ReadsAttributesAndSources) {
  const auto request = ParseActionRequest(
      std::string(kHead) +
      "repository\t\n"
      "package\tapp/web\n"
      "root_paths\t.\n"
      "root_paths\tbin/*\n"
      "exclude_srcs_patterns\t**/*.map\n"
      "file\tapp/web/a b\tapp/web/a b\tapp/web\t\ta b\n"
      "directory\tbazel-out/x/bin/external/r/t\t../r/t\t\tr\tt\n");
  ASSERT_TRUE(request.ok()) << request.status();
  EXPECT_EQ(request->package, "app/web");
  EXPECT_THAT(request->root_paths, ElementsAre(".", "bin/*"));
  EXPECT_THAT(request->exclude_srcs_patterns, ElementsAre("**/*.map"));
  ASSERT_EQ(request->sources.size(), 2u);
  EXPECT_EQ(request->sources[0].path, "app/web/a b");
  EXPECT_EQ(request->sources[0].Label(), "//app/web:a b");
  EXPECT_EQ(request->sources[0].WorkspacePath(), "app/web/a b");
  EXPECT_EQ(request->sources[1].Label(), "@r//:t");
  EXPECT_EQ(request->sources[1].WorkspacePath(), "t");
}

TEST(RequestFileTest, ReadsHowFilesArePlaced) {
  const auto request = ParseActionRequest(
      std::string(kHead) +
      "hardlink\toff\nmethods\treflink\nmethods\tcopy\nstrict\t1\n"
      "yarn_lock\tweb/yarn.lock\n"
      "private\tetc/**\nallow_overwrites\t1\nverbose\t1\n"
      "replace_prefixes\ta\tb\nreplace_prefixes\tc\t\n"
      "file\ta\ta\t\t\ta\ngenerated_file\tb\tb\t\t\tb\n"
      "generated_directory\tc\tc\t\t\tc\n");
  ASSERT_TRUE(request.ok()) << request.status();
  EXPECT_EQ(request->hardlink, Hardlink::kOff);
  EXPECT_EQ(request->yarn_lock, "web/yarn.lock");
  EXPECT_THAT(request->methods, ElementsAre("reflink", "copy"));
  EXPECT_THAT(request->private_patterns, ElementsAre("etc/**"));
  EXPECT_TRUE(request->strict);
  EXPECT_TRUE(request->allow_overwrites);
  EXPECT_TRUE(request->verbose);
  ASSERT_EQ(request->replace_prefixes.size(), 2u);
  EXPECT_EQ(request->replace_prefixes[0].prefix, "a");
  EXPECT_EQ(request->replace_prefixes[0].replacement, "b");
  EXPECT_EQ(request->replace_prefixes[1].replacement, "");
  EXPECT_FALSE(request->sources[0].is_generated);
  EXPECT_TRUE(request->sources[1].is_generated);
  EXPECT_TRUE(request->sources[2].is_generated);
}

TEST(RequestFileTest, SwitchesAreOffByDefault) {
  const auto request = ParseActionRequest(kHead);
  ASSERT_TRUE(request.ok()) << request.status();
  EXPECT_EQ(request->hardlink, Hardlink::kAuto);
  EXPECT_FALSE(request->strict);
  EXPECT_FALSE(request->allow_overwrites);
  EXPECT_FALSE(request->verbose);
  EXPECT_FALSE(request->package.has_value());
}

TEST(RequestFileTest, EscapedBytesComeBack) {
  const auto request = ParseActionRequest(
      std::string(kHead) + "file\ta\\tb\\nc\\\\d\t@#'\"\xc3\xa4\tp\t\tn\n");
  ASSERT_TRUE(request.ok()) << request.status();
  EXPECT_EQ(request->sources[0].path, "a\tb\nc\\d");
  EXPECT_EQ(request->sources[0].short_path, "@#'\"\xc3\xa4");
}

TEST(RequestFileTest, AnErrorNamesTheLine) {
  EXPECT_EQ(ErrorOf(""), "line 1: not there");
  EXPECT_THAT(ErrorOf("materialize_tree\t2\n"), HasSubstr("line 1: not a"));
  EXPECT_THAT(ErrorOf(std::string(kHead) + "package\tx"),
              HasSubstr("line 2: has no end"));
  EXPECT_THAT(ErrorOf(std::string(kHead) + "colour\tred\n"),
              HasSubstr("line 2: unknown word \"colour\""));
  EXPECT_THAT(ErrorOf(std::string(kHead) + "package\ta\tb\n"),
              HasSubstr("line 2: \"package\" has one field, not 2"));
  EXPECT_THAT(ErrorOf(std::string(kHead) + "replace_prefixes\ta\n"),
              HasSubstr("line 2: \"replace_prefixes\" has 2 fields, not 1"));
  EXPECT_THAT(ErrorOf(std::string(kHead) + "hardlink\tyes\n"),
              HasSubstr("line 2: \"hardlink\" is auto, off or on, not"));
  EXPECT_THAT(ErrorOf(std::string(kHead) + "file\tonly\n"),
              HasSubstr("line 2: a source has 5 fields, not 1"));
  EXPECT_THAT(ErrorOf(std::string(kHead) + "package\ta\\x\n"),
              HasSubstr("line 2: a backslash"));
  EXPECT_THAT(ErrorOf(std::string(kHead) + "package\ta\\\n"),
              HasSubstr("line 2: a backslash"));
  EXPECT_THAT(ErrorOf(std::string(kHead) + "\n"),
              HasSubstr("line 2: \"\" has one field, not 0"));
}

}  // namespace
}  // namespace materialize
