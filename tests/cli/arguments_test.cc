// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// The reading of command lines: what is understood, what is refused, and with
// which words.

#include "materialize/cli/arguments.h"

#include <cstdlib>

#include "gflags/gflags.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace materialize::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Words = std::vector<std::string>;

std::string SettingsText(const Arguments& arguments) {
  std::string text;
  for (const auto& [flag, value] : arguments.settings) {
    text += (text.empty() ? "" : " ") + std::string(flag->name) + "=" + value;
  }
  return text;
}

struct Understood {
  Words words;
  const char* settings;
  Words positional;
};

TEST(ParseArgumentsTest, UnderstandsFlagsAnywhereAndInEveryForm) {
  const Understood kCases[] = {
      {{"place", "a", "b"}, "", {"a", "b"}},
      {{"place", "a", "b", "--methods=copy"}, "methods=copy", {"a", "b"}},
      {{"--methods", "copy", "place", "a", "b"}, "methods=copy", {"a", "b"}},
      {{"place", "--dry_run", "a", "b"}, "dry_run=true", {"a", "b"}},
      {{"place", "--dry-run", "a", "b"}, "dry_run=true", {"a", "b"}},
      {{"place", "--nodry_run", "a"}, "dry_run=false", {"a"}},
      {{"place", "--durable=false", "a"}, "durable=false", {"a"}},
      {{"place", "--no_wait", "a"}, "no_wait=true", {"a"}},
      {{"place", "--nono_wait", "a"}, "no_wait=false", {"a"}},
      {{"place", "--exclude=a=b", "--exclude", "-c", "x"},
       "exclude=a=b exclude=-c",
       {"x"}},
      {{"place", "-", "b"}, "", {"-", "b"}},
      {{"place", "--quiet", "--", "--durable", "-h"},
       "quiet=true",
       {"--durable", "-h"}},
      {{"probe", "x", "--report=-"}, "report=-", {"x"}},
  };
  for (const Understood& c : kCases) {
    const auto arguments = ParseArguments(c.words);
    ASSERT_TRUE(arguments.ok()) << arguments.status();
    EXPECT_EQ(SettingsText(*arguments), c.settings);
    EXPECT_EQ(arguments->positional, c.positional);
  }
}

struct Refused {
  Words words;
  const char* text;
};

TEST(ParseArgumentsTest, RefusesWhatIsUnknownAndNamesTheNearest) {
  const Refused kCases[] = {
      {{}, "no command given"},
      {{"plcae", "a", "b"}, "unknown command plcae (did you mean place?)"},
      {{"frobnicate"}, "unknown command frobnicate (see --help)"},
      {{"place", "--method=copy", "a", "b"},
       "unknown flag --method (did you mean --methods?)"},
      {{"place", "--exlude", "a"},
       "unknown flag --exlude (did you mean --exclude?)"},
      {{"place", "-methods=copy"},
       "unknown flag -methods (did you mean --methods?)"},
      {{"place", "--verison"},
       "unknown flag --verison (did you mean --version?)"},
      {{"place", "--zzzzzzzz"}, "unknown flag --zzzzzzzz (see --help)"},
      {{"place", "-x"}, "unknown flag -x (see --help)"},
      {{"place", "--nomethods"}, "unknown flag --nomethods"},
      {{"place", "--help=yes"}, "unknown flag --help"},
      {{"place", "a", "b", "--methods"},
       "--methods needs a value: --methods=METHODS"},
      {{"probe", "--durable", "a"}, "--durable is no flag of \"probe\""},
      {{"place", "--flagfile=x", "a", "b"}, "unknown flag --flagfile"},
      {{"place", "--fromenv=methods", "a", "b"}, "unknown flag --fromenv"},
      {{"place", "--tryfromenv=methods", "a", "b"},
       "unknown flag --tryfromenv"},
      {{"place", "--undefok=x", "a", "b"}, "unknown flag --undefok"},
      {{"place", "--helpfull"}, "unknown flag --helpfull"},
  };
  for (const Refused& c : kCases) {
    const auto arguments = ParseArguments(c.words);
    ASSERT_FALSE(arguments.ok()) << c.text;
    EXPECT_EQ(arguments.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(arguments.status().message()), HasSubstr(c.text));
  }
}

TEST(ParseArgumentsTest, AsksForHelpAndVersion) {
  for (const Words& words : {Words{"--help"}, Words{"-h"},
                             Words{"place", "--help"}, Words{"-h", "place"}}) {
    const auto arguments = ParseArguments(words);
    ASSERT_TRUE(arguments.ok()) << arguments.status();
    EXPECT_TRUE(arguments->help);
  }
  EXPECT_TRUE(ParseArguments({"--version"})->version);
}

TEST(ParseArgumentsTest, KeepsEveryValueOfARepeatedFlag) {
  const auto arguments =
      ParseArguments({"place", "--exclude=a,b", "--include=c", "--exclude=d"});
  ASSERT_TRUE(arguments.ok());
  EXPECT_THAT(arguments->Values("exclude"), ElementsAre("a,b", "d"));
  EXPECT_THAT(arguments->Values("include"), ElementsAre("c"));
  EXPECT_THAT(arguments->Values("private"), ElementsAre());
}

class ApplyFlagsTest : public testing::Test {
 protected:
  void TearDown() override {
    unsetenv("MATERIALIZE_METHODS");
    unsetenv("MATERIALIZE_JOBS");
  }
  absl::Status Apply(const Words& words) {
    arguments_ = ParseArguments(words);
    return arguments_.ok() ? ApplyFlags(*arguments_) : arguments_.status();
  }

 private:
  gflags::FlagSaver saver_;
  absl::StatusOr<Arguments> arguments_;
};

TEST_F(ApplyFlagsTest, TakesTheEnvironmentAsDefaultAndTheFlagBeforeIt) {
  setenv("MATERIALIZE_METHODS", "copy", 1);
  setenv("MATERIALIZE_JOBS", "3", 1);
  ASSERT_TRUE(Apply({"place", "a", "b"}).ok());
  EXPECT_EQ(FLAGS_methods, "copy");
  EXPECT_EQ(FLAGS_jobs, 3);
  ASSERT_TRUE(Apply({"place", "--methods=reflink", "a", "b"}).ok());
  EXPECT_EQ(FLAGS_methods, "reflink");
}

TEST_F(ApplyFlagsTest, AnEmptyVariableIsNone) {
  setenv("MATERIALIZE_METHODS", "", 1);
  ASSERT_TRUE(Apply({"place", "a", "b"}).ok());
  EXPECT_EQ(FLAGS_methods, "auto");
}

TEST_F(ApplyFlagsTest, NamesTheVariableThatIsWrong) {
  setenv("MATERIALIZE_METHODS", "teleport", 1);
  EXPECT_THAT(std::string(Apply({"place", "a", "b"}).message()),
              HasSubstr("MATERIALIZE_METHODS: unknown method \"teleport\""));
  setenv("MATERIALIZE_METHODS", "copy", 1);
  setenv("MATERIALIZE_JOBS", "many", 1);
  EXPECT_THAT(std::string(Apply({"place", "a", "b"}).message()),
              HasSubstr("MATERIALIZE_JOBS: \"many\""));
  EXPECT_TRUE(Apply({"probe", "a"}).ok()) << "probe has no --jobs";
}

TEST_F(ApplyFlagsTest, RefusesValuesThatAreNone) {
  const Refused kCases[] = {
      {{"place", "--into=mrege"},
       "--into: \"mrege\" is not one of new|swap|merge|fill"},
      {{"place", "--symlinks="},
       "--symlinks: \"\" is not one of keep|follow|skip"},
      {{"place", "--jobs=-1"}, "--jobs: \"-1\" is not a number from 0 to"},
      {{"place", "--jobs=2x"}, "--jobs: \"2x\""},
      {{"place", "--methods="}, "--methods: unknown method"},
      {{"place", "--methods=copy,copy"},
       "--methods: method \"copy\" is listed twice"},
      {{"place", "--durable=perhaps"}, "--durable: \"perhaps\""},
      {{"place", "--report="}, "--report: an empty value"},
      {{"place", "--preserve=acls,colour"},
       "--preserve: \"colour\" is not one of owner,hardlinks,xattrs,acls"},
  };
  for (const Refused& c : kCases) {
    const absl::Status status = Apply(c.words);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << c.text;
    EXPECT_THAT(std::string(status.message()), HasSubstr(c.text));
  }
}

}  // namespace
}  // namespace materialize::cli
