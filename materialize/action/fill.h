// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// One action from its arguments to its exit code.

#ifndef MATERIALIZE_ACTION_FILL_H_
#define MATERIALIZE_ACTION_FILL_H_

#include <string>
#include <vector>

#include "materialize/capabilities.h"
#include "materialize/os/sys.h"

namespace materialize {

constexpr int kActionFailed = 1;
constexpr int kActionUsage = 2;  // a wrong request

struct ActionEnd {
  int exit_code = 0;   // of the above, as the command's; 0: done
  std::string output;  // whole lines for people
};

// `arguments` are REQUEST_FILE OUTPUT_DIRECTORY, or CONFIG.json [WORKSPACE], or
// @FILE alone, which holds one of the two, an argument a line.
ActionEnd RunAction(Sys& sys, const std::vector<std::string>& arguments,
                    Capabilities& capabilities);

}  // namespace materialize

#endif  // MATERIALIZE_ACTION_FILL_H_
