// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// materialize verify: see run.h.

#include "materialize/verify.h"

#include <unistd.h>

#include <optional>

#include "absl/strings/str_cat.h"
#include "materialize/cli/files.h"
#include "materialize/cli/flags.h"
#include "materialize/cli/run.h"
#include "materialize/cli/tell.h"
#include "materialize/cli/terminal.h"
#include "materialize/verify_report.h"

namespace materialize::cli {
namespace {

absl::StatusOr<VerifyRequest> RequestOf(const Run& run) {
  const std::vector<std::string>& places = run.arguments.positional;
  absl::Status status = run.arguments.CheckPlaces("MANIFEST and DST", 2, 2);
  if (!status.ok()) return status;
  return VerifyRequest{.manifest = places.front(),
                       .destination = places.back(),
                       .jobs = FLAGS_jobs,
                       .cancel = &run.cancel};
}

Completion CompletionOf(const VerifyReport& report) {
  if (!report.failures.empty()) return Completion::kFailed;
  return report.equal() ? Completion::kWhole : Completion::kDiffers;
}

}  // namespace

absl::StatusOr<Completion> Verify(const Run& run) {
  const absl::StatusOr<VerifyRequest> request = RequestOf(run);
  if (!request.ok()) return request.status();
  absl::StatusOr<std::optional<Output>> json = OpenReport(run.sys);
  if (!json.ok()) return json.status();

  std::optional<ProgressLine> line;
  if (WantsProgressLine()) line.emplace(STDERR_FILENO);
  const absl::StatusOr<VerifyReport> report = materialize::Verify(
      *request, run.sys, line.has_value() ? &*line : nullptr);
  if (line.has_value()) line->Stop();
  if (!report.ok()) return report.status();

  for (const Failure& failure : report->failures)
    Complain(run.sys, failure.text);
  Output people = PeopleOutput(run.sys);
  for (const Difference& difference : report->differences)
    people.Append(absl::StrCat(DifferenceText(difference), "\n"));
  if (!FLAGS_quiet) people.Append(absl::StrCat(VerifySummary(*report), "\n"));
  if (json->has_value())
    (*json)->Append(absl::StrCat(VerifyJson(*report), "\n"));
  return Finish(&people, &*json, CompletionOf(*report));
}

}  // namespace materialize::cli
