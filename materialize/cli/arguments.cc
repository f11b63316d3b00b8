// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/cli/arguments.h"

#include <algorithm>
#include <cstdlib>
#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "materialize/cli/nearest.h"

namespace materialize::cli {
namespace {

absl::Status Unknown(absl::string_view kind, absl::string_view typed,
                     absl::string_view prefix,
                     const std::vector<absl::string_view>& known) {
  std::string text = absl::StrCat("unknown ", kind, " ", typed);
  const absl::string_view nearest =
      Nearest(absl::StripPrefix(typed, prefix), known);
  absl::StrAppend(&text, " (", nearest.empty() ? "see " : "did you mean ",
                  nearest.empty() ? "--help" : prefix, nearest,
                  nearest.empty() ? ")" : "?)");
  return absl::InvalidArgumentError(text);
}

std::vector<absl::string_view> CommandNames() {
  std::vector<absl::string_view> names;
  for (const Command& command : Commands()) names.push_back(command.name);
  return names;
}

std::vector<absl::string_view> FlagNames() {
  std::vector<absl::string_view> names = {"help", "version"};
  for (const Flag& flag : Flags()) names.push_back(flag.name);
  return names;
}

// Reads word by word; each step may take the next word as a value.
class Parser {
 public:
  explicit Parser(const std::vector<std::string>& words) : words_(words) {}

  absl::StatusOr<Arguments> Parse() {
    for (; at_ < words_.size(); ++at_) {
      if (const absl::Status status = Word(words_[at_]); !status.ok())
        return status;
    }
    if (const absl::Status status = Finish(); !status.ok()) return status;
    return std::move(result_);
  }

 private:
  absl::Status Word(const std::string& word) {
    const bool plain =
        flags_ended_ || word == "-" || !absl::StartsWith(word, "-");
    if (plain) {
      plain_.push_back(word);
      return absl::OkStatus();
    }
    if (word == "--") {
      flags_ended_ = true;
      return absl::OkStatus();
    }
    if (word == "-h") {
      result_.help = true;
      return absl::OkStatus();
    }
    return FlagWord(word);
  }

  absl::Status FlagWord(const std::string& word) {
    const size_t equals = word.find('=');
    const std::string typed = word.substr(0, equals);
    std::optional<std::string> value;
    if (equals != std::string::npos) value = word.substr(equals + 1);
    std::string name = typed.substr(std::min<size_t>(2, typed.size()));
    std::replace(name.begin(), name.end(), '-', '_');
    const bool long_form = absl::StartsWith(typed, "--");
    if (long_form && !value.has_value() && Standalone(name))
      return absl::OkStatus();
    const Flag* flag = long_form ? FindFlag(name) : nullptr;
    if (flag == nullptr) return Unknown("flag", typed, "--", FlagNames());
    return Set(*flag, typed, std::move(value));
  }

  // --help, --version, --noswitch.
  bool Standalone(const std::string& name) {
    if (name == "help") return result_.help = true;
    if (name == "version") return result_.version = true;
    if (!absl::StartsWith(name, "no") || FindFlag(name) != nullptr)
      return false;
    const Flag* flag = FindFlag(name.substr(2));
    if (flag == nullptr || flag->takes_value()) return false;
    result_.settings.emplace_back(flag, "false");
    return true;
  }

  absl::Status Set(const Flag& flag, absl::string_view typed,
                   std::optional<std::string> value) {
    if (!value.has_value() && !flag.takes_value()) value = "true";
    if (!value.has_value()) {
      if (++at_ == words_.size()) {
        return absl::InvalidArgumentError(
            absl::StrCat(typed, " needs a value: ", typed, "=", flag.form));
      }
      value = words_[at_];
    }
    result_.settings.emplace_back(&flag, *std::move(value));
    return absl::OkStatus();
  }

  absl::Status Finish() {
    if (plain_.empty()) {
      if (result_.help || result_.version) return absl::OkStatus();
      return absl::InvalidArgumentError("no command given (see --help)");
    }
    result_.command = FindCommand(plain_[0]);
    if (result_.command == nullptr)
      return Unknown("command", plain_[0], "", CommandNames());
    result_.positional.assign(plain_.begin() + 1, plain_.end());
    for (const auto& [flag, value] : result_.settings) {
      if (flag->taken_by(*result_.command)) continue;
      return absl::InvalidArgumentError(absl::StrCat(
          "--", flag->name, " is no flag of \"", result_.command->name, "\""));
    }
    return absl::OkStatus();
  }

  const std::vector<std::string>& words_;
  size_t at_ = 0;
  bool flags_ended_ = false;
  std::vector<std::string> plain_;
  Arguments result_;
};

}  // namespace

absl::Status Arguments::CheckPlaces(absl::string_view names, size_t least,
                                    size_t most) const {
  const size_t got = positional.size();
  if (got < least || got > most) {
    return absl::InvalidArgumentError(
        absl::StrCat(command->name, " takes ", names, ", not ", got,
                     got == 1 ? " argument" : " arguments"));
  }
  if (std::find(positional.begin(), positional.end(), "") != positional.end()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "an empty name for ",
        absl::StrReplaceAll(names, {{" and ", " or "}, {"[", ""}, {"]", ""}})));
  }
  return absl::OkStatus();
}

std::vector<std::string> Arguments::Values(absl::string_view flag) const {
  std::vector<std::string> values;
  for (const auto& [set, value] : settings) {
    if (set->name == flag) values.push_back(value);
  }
  return values;
}

absl::StatusOr<Arguments> ParseArguments(
    const std::vector<std::string>& words) {
  return Parser(words).Parse();
}

absl::Status ApplyFlags(const Arguments& arguments) {
  for (const Flag& flag : Flags()) {
    const std::string variable(EnvironmentOf(flag));
    if (variable.empty() || !flag.taken_by(*arguments.command)) continue;
    const char* value = std::getenv(variable.c_str());
    if (value == nullptr || *value == '\0') continue;
    if (const absl::Status status = SetFlag(flag, value, variable);
        !status.ok())
      return status;
  }
  for (const auto& [flag, value] : arguments.settings) {
    if (const absl::Status status =
            SetFlag(*flag, value, absl::StrCat("--", flag->name));
        !status.ok())
      return status;
  }
  return absl::OkStatus();
}

}  // namespace materialize::cli
