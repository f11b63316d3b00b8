// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// materialize uninstall: see run.h.

#include "materialize/uninstall.h"

#include <unistd.h>

#include <optional>

#include "absl/strings/str_cat.h"
#include "materialize/cli/entries.h"
#include "materialize/cli/files.h"
#include "materialize/cli/flags.h"
#include "materialize/cli/run.h"
#include "materialize/cli/tell.h"
#include "materialize/cli/terminal.h"
#include "materialize/entry_log.h"
#include "materialize/fan_out.h"
#include "materialize/os/status.h"
#include "materialize/uninstall_report.h"

namespace materialize::cli {
namespace {

absl::StatusOr<UninstallRequest> RequestOf(const Run& run) {
  const std::vector<std::string>& places = run.arguments.positional;
  absl::Status status = run.arguments.CheckPlaces("RECEIPT and DST", 2, 2);
  if (!status.ok()) return status;
  return UninstallRequest{
      .receipt = places.front(),
      .destination = places.back(),
      .changed = FLAGS_force ? Changed::kRemove : Changed::kLeave,
      .busy = FLAGS_no_wait ? Busy::kFail : Busy::kWait,
      .dry_run = FLAGS_dry_run,
      .cancel = &run.cancel};
}

void ComplainOf(Sys& sys, const UninstallReport& report) {
  Warn(sys, report.warnings);
  for (const Failure& failure : report.changed)
    Complain(sys, absl::StrCat("warning: ", failure.text));
  for (const Failure& failure : report.failures) Complain(sys, failure.text);
  if (report.changed.empty() || FLAGS_force || FLAGS_quiet) return;
  Complain(sys, "note: --force removes what was changed as well");
}

}  // namespace

absl::StatusOr<Completion> Uninstall(const Run& run) {
  const absl::StatusOr<UninstallRequest> request = RequestOf(run);
  if (!request.ok()) return request.status();
  absl::StatusOr<std::optional<Output>> json = OpenReport(run.sys);
  if (!json.ok()) return json.status();

  std::optional<ProgressLine> line;
  std::optional<EntryLog> log;
  FanOut watchers;
  if (WantsProgressLine()) watchers.Add(&line.emplace(STDERR_FILENO));
  if (request->dry_run) watchers.Add(&log.emplace(run.sys, /*jobs=*/1));
  const absl::StatusOr<UninstallReport> report = materialize::Uninstall(
      *request, run.sys, watchers.empty() ? nullptr : &watchers);
  if (line.has_value()) line->Stop();
  if (!report.ok()) return report.status();

  ComplainOf(run.sys, *report);
  Output people = PeopleOutput(run.sys);
  if (log.has_value()) {
    const absl::Status told = TellEntries(
        {.log = &*log, .lines = &people, .json = nullptr}, "", false);
    if (!told.ok()) return told;
  }
  if (!FLAGS_quiet) {
    people.Append(absl::StrCat(request->dry_run ? "dry run: " : "",
                               UninstallText(*report), "\n"));
  }
  if (json->has_value())
    (*json)->Append(absl::StrCat(UninstallJson(*report), "\n"));
  const absl::StatusOr<Completion> finished =
      Finish(&people, &*json,
             report->partial() ? Completion::kPartial : Completion::kWhole);
  if (finished.ok() || request->dry_run) return finished;
  return WithHint(finished.status(),
                  "all is removed that was to be, only this report of it is "
                  "not written");
}

}  // namespace materialize::cli
