// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// What the rules' actions run, in one of two forms:
//   materialize_action REQUEST_FILE OUTPUT_DIRECTORY    our own rules
//   materialize_action CONFIG.json [WORKSPACE]          bazel-lib's
// Fills the directory, says nothing on stdout (Bazel keeps and replays it) and
// one line on stderr when it fails. Its exit codes are the command's.
// With --persistent_worker it goes on, see worker.h.

#include <cstdio>
#include <iostream>
#include <string>
#include <vector>

#include "materialize/action/fill.h"
#include "materialize/action/worker.h"
#include "materialize/capabilities.h"
#include "materialize/os/sys.h"

int main(int argc, char** argv) {
  materialize::Sys& sys = materialize::RealSys();
  materialize::Capabilities capabilities(sys);
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  const auto run = [&](const std::vector<std::string>& given) {
    return materialize::RunAction(sys, given, capabilities);
  };
  if (arguments.size() == 1 && arguments[0] == "--persistent_worker") {
    std::ios::sync_with_stdio(false);  // its input is buffered then
    materialize::ServeRequests(std::cin, std::cout, run);
    return 0;
  }
  const materialize::ActionEnd end = run(arguments);
  std::fputs(end.output.c_str(), stderr);
  return end.exit_code;
}
