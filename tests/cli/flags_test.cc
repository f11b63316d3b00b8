// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// The table of flags against what gflags knows, what --help shows and what can
// be typed.

#include "materialize/cli/flags.h"

#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gflags/gflags.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "materialize/cli/arguments.h"
#include "materialize/cli/help.h"

namespace materialize::cli {
namespace {

using ::testing::HasSubstr;

std::string SomeValue(const Flag& flag) {
  if (flag.type == FlagType::kNumber) return "1";
  if (flag.type == FlagType::kSwitch) return "true";
  return std::string(flag.fallback.empty()
                         ? flag.form.substr(0, flag.form.find('|'))
                         : flag.fallback);
}

TEST(FlagsTest, EveryFlagIsInTheHelpOfItsCommandsAndInNoOther) {
  for (const Flag& flag : Flags()) {
    for (const Command& command : Commands()) {
      const std::string line = absl::StrCat(
          "\n  --", flag.name, flag.form.empty() ? "" : "=", flag.form);
      const std::string help = HelpText(command);
      EXPECT_EQ(absl::StrContains(help, line + "\n") ||
                    absl::StrContains(help, line + " "),
                flag.taken_by(command))
          << flag.name << " of " << command.name;
    }
  }
}

TEST(FlagsTest, EveryFlagCanBeTypedForItsCommandsOnly) {
  for (const Flag& flag : Flags()) {
    const gflags::FlagSaver saver;
    for (const Command& command : Commands()) {
      const auto arguments =
          ParseArguments({std::string(command.name),
                          absl::StrCat("--", flag.name, "=", SomeValue(flag))});
      ASSERT_EQ(arguments.ok(), flag.taken_by(command))
          << flag.name << " of " << command.name;
      if (!arguments.ok()) continue;
      EXPECT_TRUE(ApplyFlags(*arguments).ok()) << flag.name;
      EXPECT_FALSE(
          gflags::GetCommandLineFlagInfoOrDie(std::string(flag.name).c_str())
              .is_default &&
          SomeValue(flag) != flag.fallback)
          << flag.name;
    }
  }
}

TEST(FlagsTest, EveryFlagHasHelpAndACommand) {
  for (const Flag& flag : Flags()) {
    EXPECT_FALSE(flag.help.empty()) << flag.name;
    EXPECT_NE(flag.commands & kEvery, 0u) << flag.name;
    EXPECT_EQ(flag.takes_value(), !flag.form.empty()) << flag.name;
    EXPECT_EQ(FindFlag(flag.name), &flag);
  }
}

TEST(FlagsTest, TheDefaultShownIsTheDefault) {
  for (const Flag& flag : Flags()) {
    if (flag.type == FlagType::kSwitch) continue;
    const auto known =
        gflags::GetCommandLineFlagInfoOrDie(std::string(flag.name).c_str());
    EXPECT_EQ(known.default_value, std::string(flag.fallback)) << flag.name;
  }
}

// Whatever is linked into the command and is not of the table would be a flag
// that nobody can see.
TEST(FlagsTest, NoFlagIsDefinedOutsideTheTable) {
  const std::set<std::string> kOfGflags = {
      "flagfile",
      "fromenv",
      "tryfromenv",
      "undefok",
      "tab_completion_word",
      "tab_completion_columns",
      "help",
      "helpfull",
      "helpshort",
      "helpon",
      "helpmatch",
      "helppackage",
      "helpxml",
      "version",
  };
  std::vector<gflags::CommandLineFlagInfo> all;
  gflags::GetAllFlags(&all);
  size_t ours = 0;
  for (const auto& known : all) {
    if (kOfGflags.count(known.name) > 0 ||
        absl::StartsWith(known.name, "gtest_") ||
        absl::StartsWith(known.name, "gmock_")) {
      continue;
    }
    ++ours;
    EXPECT_NE(FindFlag(known.name), nullptr)
        << known.name << " of " << known.filename;
  }
  EXPECT_EQ(ours, Flags().size());
}

TEST(HelpTest, FitsATerminal) {
  std::vector<std::string> texts = {OverviewText()};
  for (const Command& command : Commands()) texts.push_back(HelpText(command));
  for (const std::string& text : texts) {
    size_t start = 0;
    for (size_t end = text.find('\n'); end != std::string::npos;
         end = text.find('\n', start)) {
      EXPECT_LE(end - start, 80u) << text.substr(start, end - start);
      start = end + 1;
    }
  }
}

TEST(HelpTest, ShowsArgumentsDefaultsExamplesAndExitCodes) {
  const std::string help = HelpText(*FindCommand("place"));
  for (const char* part :
       {"materialize place [FLAGS] SRC DST", "--manifest=FILE DST",
        "Default: auto, or", "MATERIALIZE_METHODS", "Default: keep.",
        "Examples:", "Exit codes:", "130 interrupted"}) {
    EXPECT_THAT(help, HasSubstr(part));
  }
}

TEST(HelpTest, ExamplesAreUnderstood) {
  for (const Command& command : Commands()) {
    for (const absl::string_view example : command.examples) {
      std::vector<std::string> words;
      size_t start = 0;
      const std::string text(example);
      while (start <= text.size()) {
        const size_t end = std::min(text.find(' ', start), text.size());
        words.push_back(text.substr(start, end - start));
        start = end + 1;
      }
      ASSERT_EQ(words.front(), "materialize");
      words.erase(words.begin());
      const auto arguments = ParseArguments(words);
      ASSERT_TRUE(arguments.ok()) << arguments.status();
      EXPECT_EQ(arguments->command, &command);
    }
  }
}

TEST(HelpTest, OverviewListsEveryCommand) {
  for (const Command& command : Commands()) {
    EXPECT_THAT(OverviewText(),
                HasSubstr(absl::StrCat("materialize ", command.name, " ")));
  }
}

}  // namespace
}  // namespace materialize::cli
