// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Where a command's results go: text for people, JSON for programs.

#ifndef MATERIALIZE_CLI_TELL_H_
#define MATERIALIZE_CLI_TELL_H_

#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "materialize/cli/files.h"
#include "materialize/cli/run.h"
#include "materialize/os/sys.h"
#include "materialize/report.h"

namespace materialize::cli {

// The file of --report, if there is to be one. Opened before the work, so that
// a wrong name costs nothing.
absl::StatusOr<std::optional<Output>> OpenReport(Sys& sys);

// Whether --progress asks for the line that counts along (terminal.h).
bool WantsProgressLine();

// Standard output, or standard error where --report takes that.
Output PeopleOutput(Sys& sys);

// One line on standard error: "materialize: <text>", control characters as
// \ooo.
void Complain(Sys& sys, absl::string_view text);

// The same of each: "warning: <text>".
void Warn(Sys& sys, const std::vector<Warning>& warnings);

// Commits both; the first error, or `completion`.
absl::StatusOr<Completion> Finish(Output* people, std::optional<Output>* report,
                                  Completion completion);

}  // namespace materialize::cli

#endif  // MATERIALIZE_CLI_TELL_H_
