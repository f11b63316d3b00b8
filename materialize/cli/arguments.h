// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// What was typed, read against the tables of commands and flags. gflags sees
// only what is known and valid.

#ifndef MATERIALIZE_CLI_ARGUMENTS_H_
#define MATERIALIZE_CLI_ARGUMENTS_H_

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "materialize/cli/commands.h"
#include "materialize/cli/flags.h"

namespace materialize::cli {

struct Arguments {
  const Command* command =
      nullptr;  // null: none was given (with `help` or `version` only)
  std::vector<std::string> positional;
  std::vector<std::pair<const Flag*, std::string>>
      settings;  // in order, repeated ones too
  bool help = false;
  bool version = false;

  // Everything given for a flag that may be repeated.
  std::vector<std::string> Values(absl::string_view flag) const;

  // InvalidArgument unless `least` to `most` positional ones were given, none
  // of them empty. `names`: what help calls them, as in "SRC and DST".
  absl::Status CheckPlaces(absl::string_view names, size_t least,
                           size_t most) const;
};

// `words`: without the program's name. Flags may stand anywhere, as
// --flag=value, --flag value, --switch or
// --noswitch, with - for _; what follows "--" is no flag. InvalidArgument names
// what is unknown and the nearest known name. Touches no flag.
absl::StatusOr<Arguments> ParseArguments(const std::vector<std::string>& words);

// Gives the flags of this run their values: from the environment, then from the
// arguments.
absl::Status ApplyFlags(const Arguments& arguments);

}  // namespace materialize::cli

#endif  // MATERIALIZE_CLI_ARGUMENTS_H_
