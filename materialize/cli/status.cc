// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// materialize status: see run.h.

#include <unistd.h>

#include <optional>

#include "absl/strings/str_cat.h"
#include "materialize/cli/files.h"
#include "materialize/cli/flags.h"
#include "materialize/cli/run.h"
#include "materialize/cli/tell.h"
#include "materialize/inspect.h"

namespace materialize::cli {
namespace {

struct LinksChoice {
  absl::string_view name;
  CacheLinks links;
};

constexpr LinksChoice kLinks[] = {{"auto", CacheLinks::kAuto},
                                  {"always", CacheLinks::kAlways},
                                  {"never", CacheLinks::kNever}};

// The flag table has let nothing else pass.
CacheLinks LinksOf(absl::string_view name) {
  for (const LinksChoice& choice : kLinks) {
    if (choice.name == name) return choice.links;
  }
  return CacheLinks::kAuto;
}

absl::StatusOr<InspectRequest> RequestOf(const Run& run) {
  const std::vector<std::string>& places = run.arguments.positional;
  absl::Status status = run.arguments.CheckPlaces("DST", 1, 1);
  if (!status.ok()) return status;
  if (FLAGS_cache.empty())
    return absl::InvalidArgumentError("status needs --cache=DIR");
  if (FLAGS_repair && FLAGS_against.empty())
    return absl::InvalidArgumentError("--repair needs --against");
  return InspectRequest{
      .destination = places.front(),
      .cache = FLAGS_cache,
      .links = LinksOf(FLAGS_links),
      .hidden = FLAGS_hidden == "skip" ? Hidden::kSkip : Hidden::kInclude,
      .against = FLAGS_against,
      .checksum = FLAGS_checksum,
      .repair = FLAGS_repair,
      .cancel = &run.cancel};
}

void ComplainOf(Sys& sys, const InspectReport& report) {
  Warn(sys, report.warnings);
  for (const Failure& failure : report.failures)
    Complain(sys, absl::StrCat(failure.path, ": ", failure.text));
}

Completion CompletionOf(const InspectReport& report) {
  if (!report.failures.empty()) return Completion::kPartial;
  return report.differs() ? Completion::kDiffers : Completion::kWhole;
}

// JSON is this command's answer: without --report it goes to standard output,
// and the summary alone to standard error.
bool AnswersInJson() { return FLAGS_report.empty() || FLAGS_report == "-"; }

}  // namespace

absl::StatusOr<Completion> Status(const Run& run) {
  const absl::StatusOr<InspectRequest> request = RequestOf(run);
  if (!request.ok()) return request.status();
  absl::StatusOr<std::optional<Output>> json = OpenReport(run.sys);
  if (!json.ok()) return json.status();
  if (!json->has_value()) *json = Output::Standard(run.sys, STDOUT_FILENO);
  const absl::StatusOr<InspectReport> report = Inspect(*request, run.sys);
  if (!report.ok()) return report.status();

  ComplainOf(run.sys, *report);
  Output people = Output::Standard(
      run.sys, AnswersInJson() ? STDERR_FILENO : STDOUT_FILENO);
  if (!AnswersInJson()) people.Append(InspectText(*report));
  if (!FLAGS_quiet) people.Append(absl::StrCat(InspectSummary(*report), "\n"));
  (*json)->Append(absl::StrCat(InspectJson(*report), "\n"));
  return Finish(&people, &*json, CompletionOf(*report));
}

}  // namespace materialize::cli
