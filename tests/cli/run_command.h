// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Runs the real binary and keeps what it said.

#ifndef MATERIALIZE_TESTS_CLI_RUN_COMMAND_H_
#define MATERIALIZE_TESTS_CLI_RUN_COMMAND_H_

#include <sys/types.h>

#include <functional>
#include <string>
#include <vector>

namespace materialize::cli {

struct Said {
  int code = -1;  // exit code, or 1000 + the signal that killed it
  std::string out;
  std::string err;
};

struct Surroundings {
  std::string input = {};                     // of its standard input
  std::vector<std::string> environment = {};  // NAME=VALUE, beside the caller's
  std::string directory = {};                 // to run in; empty: the caller's
  std::function<void(pid_t)> while_running = {};
};

// The command under test; absolute.
std::string Binary();

Said RunCommand(const std::vector<std::string>& words,
                const Surroundings& surroundings = {});

// Any program: `words` begins with its path.
Said RunProgram(const std::vector<std::string>& words,
                const Surroundings& surroundings = {});

}  // namespace materialize::cli

#endif  // MATERIALIZE_TESTS_CLI_RUN_COMMAND_H_
