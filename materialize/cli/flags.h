// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Every flag of the command, as a table and as variables. The rows are in
// flags.inc; nothing else defines a flag.

#ifndef MATERIALIZE_CLI_FLAGS_H_
#define MATERIALIZE_CLI_FLAGS_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "gflags/gflags_declare.h"
#include "materialize/cli/commands.h"

// FLAGS_<name>, as gflags has them. Of a repeated flag gflags keeps the last
// value: see Arguments::Values().
#define MATERIALIZE_DECLARE_TEXT DECLARE_string
#define MATERIALIZE_DECLARE_LIST DECLARE_string
#define MATERIALIZE_DECLARE_NUMBER DECLARE_int32
#define MATERIALIZE_DECLARE_SWITCH DECLARE_bool
#define MATERIALIZE_FLAG(type, name, ...) MATERIALIZE_DECLARE_##type(name);
#include "materialize/cli/flags.inc"
#undef MATERIALIZE_FLAG

namespace materialize::cli {

enum class FlagType : uint8_t { kText, kList, kNumber, kSwitch };
enum class FlagGroup : uint8_t { kWhat, kHow, kWhere, kTelling };

struct Flag {
  FlagType type;
  absl::string_view name;
  absl::string_view fallback;  // the default, as text; empty: none
  uint32_t commands;           // CommandSet
  FlagGroup group;
  absl::string_view form;  // of the value: "FILE", or "keep|follow|skip" where
                           // nothing else is allowed
  absl::string_view help;

  bool takes_value() const { return type != FlagType::kSwitch; }
  bool taken_by(const Command& command) const {
    return (commands & command.bit) != 0;
  }
};

absl::Span<const Flag> Flags();
const Flag* FindFlag(absl::string_view name);

// The environment variable that gives a flag another default; empty: none.
absl::string_view EnvironmentOf(const Flag& flag);

// Sets FLAGS_<name>. InvalidArgument, beginning with `origin` ("--jobs",
// "MATERIALIZE_JOBS"), when the value is none of the flag's.
absl::Status SetFlag(const Flag& flag, const std::string& value,
                     absl::string_view origin);

}  // namespace materialize::cli

#endif  // MATERIALIZE_CLI_FLAGS_H_
