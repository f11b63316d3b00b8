// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/cli/help.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "materialize/cli/flags.h"

namespace materialize::cli {
namespace {

constexpr absl::string_view kVersion = "0.1.0";  // as in MODULE.bazel
constexpr size_t kWidth = 80;
constexpr size_t kFlagIndent = 30;

struct Group {
  FlagGroup group;
  absl::string_view title;
};

constexpr Group kGroups[] = {
    {FlagGroup::kWhat, "What"},
    {FlagGroup::kHow, "How"},
    {FlagGroup::kWhere, "Where"},
    {FlagGroup::kTelling, "Telling"},
};

// Appends words to `text`, whose last line is `column` wide, in lines that
// start at `indent`.
void Wrap(absl::string_view words, size_t column, size_t indent,
          std::string* text) {
  bool first = true;
  for (const absl::string_view word : absl::StrSplit(words, ' ')) {
    if (!first && column + 1 + word.size() > kWidth) {
      absl::StrAppend(text, "\n", std::string(indent, ' '));
      column = indent;
    } else if (!first) {
      text->push_back(' ');
      ++column;
    }
    absl::StrAppend(text, word);
    column += word.size();
    first = false;
  }
  text->push_back('\n');
}

// "; default keep", "; default auto, or $MATERIALIZE_METHODS".
std::string DefaultText(const Flag& flag) {
  if (flag.fallback.empty()) return "";
  std::string text = absl::StrCat(" Default: ", flag.fallback);
  if (const absl::string_view variable = EnvironmentOf(flag);
      !variable.empty()) {
    absl::StrAppend(&text, ", or what ", variable, " says");
  }
  return text + ".";
}

void AppendFlag(absl::string_view name, absl::string_view form,
                absl::string_view help, std::string* text) {
  std::string head = absl::StrCat("  --", name, form.empty() ? "" : "=", form);
  absl::StrAppend(text, head);
  if (head.size() + 2 > kFlagIndent) {
    text->push_back('\n');
    head.clear();
  }
  text->append(kFlagIndent - head.size(), ' ');
  Wrap(help, kFlagIndent, kFlagIndent, text);
}

void AppendGroup(const Command& command, const Group& group,
                 std::string* text) {
  bool titled = false;
  for (const Flag& flag : Flags()) {
    if (flag.group != group.group || !flag.taken_by(command)) continue;
    if (!titled) absl::StrAppend(text, "\n", group.title, ":\n");
    titled = true;
    AppendFlag(flag.name, flag.form, absl::StrCat(flag.help, DefaultText(flag)),
               text);
  }
}

}  // namespace

std::string OverviewText() {
  std::string text = "Usage: materialize COMMAND [FLAGS] ARGUMENTS\n\n";
  Wrap(
      "Lays out file trees by reflink, hardlink or copy, chosen per filesystem "
      "and remembered per mount.",
      0, 0, &text);
  absl::StrAppend(&text, "\nCommands:\n");
  for (const Command& command : Commands()) {
    for (const Usage& usage : command.usages) {
      if (usage.arguments.empty()) continue;
      absl::StrAppendFormat(&text, "  materialize %s %s\n", command.name,
                            usage.arguments);
    }
    absl::StrAppendFormat(&text, "      %s\n", command.summary);
  }
  absl::StrAppend(&text,
                  "\nmaterialize COMMAND --help tells the rest; materialize "
                  "--version, which this is.\n");
  return text;
}

std::string HelpText(const Command& command) {
  std::string text = absl::StrCat(command.summary, "\n\n");
  for (const Usage& usage : command.usages) {
    if (usage.arguments.empty()) continue;
    absl::StrAppendFormat(&text, "  materialize %s [FLAGS] %s\n      %s\n",
                          command.name, usage.arguments, usage.meaning);
  }
  text.push_back('\n');
  Wrap(command.about, 0, 0, &text);
  for (const Group& group : kGroups) AppendGroup(command, group, &text);
  text.push_back('\n');
  AppendFlag("help", "",
             "This text. Flags may stand anywhere; what follows -- is none.",
             &text);
  absl::StrAppend(&text, "\nExamples:\n");
  for (const absl::string_view example : command.examples)
    absl::StrAppend(&text, "  ", example, "\n");
  absl::StrAppend(&text, "\nExit codes:\n  ");
  Wrap(command.exit_codes, 2, 2, &text);
  return text;
}

std::string VersionText() {
  return absl::StrCat("materialize ", kVersion, "\n");
}

}  // namespace materialize::cli
