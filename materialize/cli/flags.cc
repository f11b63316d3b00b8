// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/cli/flags.h"

#include <algorithm>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gflags/gflags.h"
#include "materialize/method.h"

#define MATERIALIZE_DEFINE_TEXT DEFINE_string
#define MATERIALIZE_DEFINE_LIST DEFINE_string
#define MATERIALIZE_DEFINE_NUMBER DEFINE_int32
#define MATERIALIZE_DEFINE_SWITCH DEFINE_bool
#define MATERIALIZE_FLAG(type, name, fallback, commands, group, form, help) \
  MATERIALIZE_DEFINE_##type(name, fallback, help);
#include "materialize/cli/flags.inc"
#undef MATERIALIZE_FLAG

namespace materialize::cli {
namespace {

// A default as --help shows it: nothing for "", 0 and false.
constexpr absl::string_view Shown(const char* text) { return text; }
constexpr absl::string_view Shown(int) { return "0"; }
constexpr absl::string_view Shown(bool) { return ""; }

#define MATERIALIZE_TYPE_TEXT FlagType::kText
#define MATERIALIZE_TYPE_LIST FlagType::kList
#define MATERIALIZE_TYPE_NUMBER FlagType::kNumber
#define MATERIALIZE_TYPE_SWITCH FlagType::kSwitch
#define MATERIALIZE_FLAG(type, name, fallback, commands, group, form, help) \
  {MATERIALIZE_TYPE_##type,                                                 \
   #name,                                                                   \
   Shown(fallback),                                                         \
   commands,                                                                \
   FlagGroup::group,                                                        \
   form,                                                                    \
   help},
constexpr Flag kFlags[] = {
#include "materialize/cli/flags.inc"
};
#undef MATERIALIZE_FLAG

struct Variable {
  absl::string_view flag;
  absl::string_view name;
};

constexpr Variable kEnvironment[] = {
    {"methods", "MATERIALIZE_METHODS"},
    {"jobs", "MATERIALIZE_JOBS"},
};

constexpr int kMaxJobs = 1024;

bool IsChoice(absl::string_view form) {
  return !form.empty() && absl::ascii_islower(form[0]);
}

// "a|b": one of them; "a,b": any of them, separated by commas.
absl::Status CheckChoice(absl::string_view form, absl::string_view value) {
  const bool any = absl::StrContains(form, ',');
  const std::vector<absl::string_view> choices =
      absl::StrSplit(form, any ? ',' : '|');
  const std::vector<absl::string_view> chosen =
      any ? absl::StrSplit(value, ',') : std::vector<absl::string_view>{value};
  for (const absl::string_view one : chosen) {
    if (std::find(choices.begin(), choices.end(), one) != choices.end())
      continue;
    return absl::InvalidArgumentError(
        absl::StrCat("\"", one, "\" is not one of ", form));
  }
  return absl::OkStatus();
}

absl::Status CheckValue(const Flag& flag, absl::string_view value) {
  if (IsChoice(flag.form)) return CheckChoice(flag.form, value);
  if (flag.form == "METHODS") {
    return value == kSnapshot ? absl::OkStatus() : ParseMethods(value).status();
  }
  if (flag.type == FlagType::kNumber) {
    int number = 0;
    if (absl::SimpleAtoi(value, &number) && number >= 0 && number <= kMaxJobs)
      return absl::OkStatus();
    return absl::InvalidArgumentError(
        absl::StrCat("\"", value, "\" is not a number from 0 to ", kMaxJobs));
  }
  if (flag.takes_value() && value.empty())
    return absl::InvalidArgumentError("an empty value");
  return absl::OkStatus();
}

}  // namespace

absl::Span<const Flag> Flags() { return kFlags; }

const Flag* FindFlag(absl::string_view name) {
  for (const Flag& flag : kFlags) {
    if (flag.name == name) return &flag;
  }
  return nullptr;
}

absl::string_view EnvironmentOf(const Flag& flag) {
  for (const Variable& variable : kEnvironment) {
    if (variable.flag == flag.name) return variable.name;
  }
  return "";
}

absl::Status SetFlag(const Flag& flag, const std::string& value,
                     absl::string_view origin) {
  absl::Status status = CheckValue(flag, value);
  if (status.ok() && gflags::SetCommandLineOption(
                         std::string(flag.name).c_str(), value.c_str())
                         .empty()) {
    status = absl::InvalidArgumentError(
        absl::StrCat("\"", value, "\" is not a value of this flag"));
  }
  if (status.ok()) return status;
  return absl::InvalidArgumentError(
      absl::StrCat(origin, ": ", status.message()));
}

}  // namespace materialize::cli
