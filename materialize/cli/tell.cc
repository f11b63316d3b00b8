// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/cli/tell.h"

#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "materialize/cli/flags.h"

namespace materialize::cli {

absl::StatusOr<std::optional<Output>> OpenReport(Sys& sys) {
  if (FLAGS_report.empty()) return std::nullopt;
  absl::StatusOr<Output> output = Output::Open(sys, FLAGS_report);
  if (!output.ok()) return output.status();
  return std::optional<Output>(*std::move(output));
}

Output PeopleOutput(Sys& sys) {
  return Output::Standard(sys,
                          FLAGS_report == "-" ? STDERR_FILENO : STDOUT_FILENO);
}

void Complain(Sys& sys, absl::string_view text) {
  Output output = Output::Standard(sys, STDERR_FILENO);
  output.Append(absl::StrCat("materialize: ", text, "\n"));
  (void)output.Commit();  // Where to complain about that?
}

absl::StatusOr<Completion> Finish(Output* people, std::optional<Output>* report,
                                  Completion completion) {
  absl::Status status = people->Commit();
  if (report->has_value()) status.Update((*report)->Commit());
  if (!status.ok()) return status;
  return completion;
}

}  // namespace materialize::cli
