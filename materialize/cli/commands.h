// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// The commands as a table: what they are called, take and show. Not what they
// do (main.cc knows who does it).

#ifndef MATERIALIZE_CLI_COMMANDS_H_
#define MATERIALIZE_CLI_COMMANDS_H_

#include <cstdint>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace materialize::cli {

// Bits, so that a flag can name several.
enum CommandSet : uint32_t {
  kPlace = 1 << 0,
  kProbe = 1 << 1,
  kVerify = 1 << 2,
  kStatus = 1 << 3,
  kMove = 1 << 4,
  kUninstall = 1 << 5,
  kEvery = kPlace | kProbe | kVerify | kStatus | kMove | kUninstall,
};

enum class ExitCode : int {
  kDone = 0,
  kFailed = 1,
  kUsage = 2,
  kDiffers = 3,
  kPartial = 4,
  kNotFound = 5,
  kInterrupted = 130,
};

struct Usage {
  absl::string_view arguments;
  absl::string_view meaning;
};

struct Command {
  CommandSet bit;
  absl::string_view name;
  absl::string_view summary;
  Usage usages[2];  // the second may be empty
  absl::string_view about;
  absl::string_view examples[2];
  absl::string_view exit_codes;
};

absl::Span<const Command> Commands();
const Command* FindCommand(absl::string_view name);

}  // namespace materialize::cli

#endif  // MATERIALIZE_CLI_COMMANDS_H_
