// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// The texts of --help and --version, made from the tables of commands and
// flags.

#ifndef MATERIALIZE_CLI_HELP_H_
#define MATERIALIZE_CLI_HELP_H_

#include <string>

#include "materialize/cli/commands.h"

namespace materialize::cli {

// Lists the commands.
std::string OverviewText();

// One command: arguments, flags with defaults, two examples, exit codes.
std::string HelpText(const Command& command);

// "materialize 0.1.0".
std::string VersionText();

}  // namespace materialize::cli

#endif  // MATERIALIZE_CLI_HELP_H_
