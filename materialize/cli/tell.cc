// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/cli/tell.h"

#include <unistd.h>

#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "materialize/cli/flags.h"
#include "materialize/cli/terminal.h"

namespace materialize::cli {

namespace {

// Names in it may hold what would move a terminal's cursor, or end the line.
std::string Printable(absl::string_view text) {
  std::string printable;
  for (const char c : text) {
    if (absl::ascii_iscntrl(static_cast<unsigned char>(c))) {
      absl::StrAppendFormat(&printable, "\\%03o",
                            static_cast<unsigned char>(c));
    } else {
      printable.push_back(c);
    }
  }
  return printable;
}

}  // namespace

absl::StatusOr<std::optional<Output>> OpenReport(Sys& sys) {
  if (FLAGS_report.empty()) return std::nullopt;
  absl::StatusOr<Output> output = Output::Open(sys, FLAGS_report);
  if (!output.ok()) return output.status();
  return std::optional<Output>(*std::move(output));
}

bool WantsProgressLine() {
  if (FLAGS_progress != "auto") return FLAGS_progress == "always";
  return !FLAGS_quiet && IsTerminal(STDERR_FILENO);
}

Output PeopleOutput(Sys& sys) {
  return Output::Standard(sys,
                          FLAGS_report == "-" ? STDERR_FILENO : STDOUT_FILENO);
}

void Complain(Sys& sys, absl::string_view text) {
  Output output = Output::Standard(sys, STDERR_FILENO);
  output.Append(absl::StrCat("materialize: ", Printable(text), "\n"));
  (void)output.Commit();  // Where to complain about that?
}

void Warn(Sys& sys, const std::vector<Warning>& warnings) {
  for (const Warning& warning : warnings)
    Complain(sys, absl::StrCat("warning: ", warning.text));
}

absl::StatusOr<Completion> Finish(Output* people, std::optional<Output>* report,
                                  Completion completion) {
  absl::Status status = people->Commit();
  if (report->has_value()) status.Update((*report)->Commit());
  if (!status.ok()) return status;
  return completion;
}

}  // namespace materialize::cli
