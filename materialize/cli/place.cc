// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// materialize place: see run.h.

#include <unistd.h>

#include <optional>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "materialize/cli/entries.h"
#include "materialize/cli/files.h"
#include "materialize/cli/flags.h"
#include "materialize/cli/place_request.h"
#include "materialize/cli/run.h"
#include "materialize/cli/tell.h"
#include "materialize/cli/terminal.h"
#include "materialize/entry_log.h"
#include "materialize/fan_out.h"
#include "materialize/materialize.h"
#include "materialize/os/status.h"
#include "materialize/quantity.h"
#include "materialize/report.h"

namespace materialize::cli {
namespace {

// Who looks on: nobody, where nobody asked.
class Watchers {
 public:
  Watchers(Sys& sys, const Request& request) {
    if (WantsProgressLine()) fan_out_.Add(&line_.emplace(STDERR_FILENO));
    if (request.dry_run || FLAGS_report_entries)
      fan_out_.Add(&log_.emplace(sys, request.jobs));
  }
  Progress* progress() { return fan_out_.empty() ? nullptr : &fan_out_; }
  EntryLog* log() { return log_.has_value() ? &*log_ : nullptr; }
  void Stop() {
    if (line_.has_value()) line_->Stop();
  }

 private:
  std::optional<ProgressLine> line_;
  std::optional<EntryLog> log_;
  FanOut fan_out_;
};

std::string OrderText(const Request& request) {
  const std::vector<Method> methods =
      request.methods.empty() ? AutoMethods() : request.methods;
  return absl::StrJoin(methods, ", ", [](std::string* out, Method method) {
    absl::StrAppend(out, MethodName(method));
  });
}

// What --explain prints: the choice there was, and where the first could not be
// had.
std::string ExplainText(const Request& request, const Report& report) {
  if (request.snapshot) return "one snapshot, whatever is in it\n";
  std::string text =
      absl::StrCat("methods in order of preference: ", OrderText(request),
                   request.methods.empty() ? " (auto)" : "", "\n");
  if (report.downgrades.empty())
    absl::StrAppend(
        &text, "every file was placed by the first that may be used for it\n");
  for (const std::string& line : DowngradeText(report))
    absl::StrAppend(&text, line, "\n");
  return text;
}

void ComplainOf(Sys& sys, const Report& report) {
  if (!FLAGS_quiet && !FLAGS_explain) {
    for (const std::string& line : DowngradeText(report))
      Complain(sys, absl::StrCat("note: ", line));
  }
  Warn(sys, report.warnings);
  for (const Failure& failure : report.failures) {
    const bool named = absl::StrContains(failure.text, failure.path);
    Complain(sys, named ? failure.text
                        : absl::StrCat(failure.path, ": ", failure.text));
  }
}

void TellPeople(const Request& request, const Report& report, Output* people) {
  if (FLAGS_explain) people->Append(ExplainText(request, report));
  if (FLAGS_quiet) return;
  people->Append(absl::StrCat(request.dry_run ? "dry run: " : "",
                              SummaryText(report), "\n"));
}

// What was found, instead of what would be done.
absl::StatusOr<Completion> TellCheck(const Report& report, EntryLog* log,
                                     Output* people,
                                     std::optional<Output>* json) {
  const absl::StatusOr<int64_t> differences = TellDifferences(*log, people);
  if (!differences.ok()) return differences.status();
  if (!FLAGS_quiet)
    people->Append(absl::StrCat(
        CountText(*differences, "difference", "differences"), "\n"));
  if (json->has_value())
    (*json)->Append(absl::StrCat(ReportJson(report), "\n"));
  if (report.partial()) return Finish(people, json, Completion::kPartial);
  return Finish(people, json,
                *differences > 0 ? Completion::kDiffers : Completion::kWhole);
}

}  // namespace

absl::StatusOr<Completion> Place(const Run& run) {
  absl::StatusOr<Request> request = PlaceRequest(run.sys, run.arguments);
  if (!request.ok()) return request.status();
  request->cancel = &run.cancel;
  absl::StatusOr<std::optional<Output>> json = OpenReport(run.sys);
  if (!json.ok()) return json.status();

  Watchers watchers(run.sys, *request);
  const absl::StatusOr<Report> report =
      Materialize(*request, run.sys, watchers.progress());
  watchers.Stop();
  if (!report.ok()) return report.status();

  ComplainOf(run.sys, *report);
  Output people = PeopleOutput(run.sys);
  if (request->check != Check::kNo)
    return TellCheck(*report, watchers.log(), &people, &*json);
  const absl::Status status =
      TellEntries({.log = watchers.log(),
                   .lines = request->dry_run ? &people : nullptr,
                   .json = json->has_value() ? &**json : nullptr},
                  json->has_value() ? ReportJson(*report) : std::string(),
                  FLAGS_report_entries);
  if (!status.ok()) return status;
  TellPeople(*request, *report, &people);
  const absl::StatusOr<Completion> finished =
      Finish(&people, &*json,
             report->partial() ? Completion::kPartial : Completion::kWhole);
  if (finished.ok() || request->dry_run) return finished;
  return WithHint(finished.status(),
                  "the files are in their place, only this report of it is "
                  "not written");
}

}  // namespace materialize::cli
