// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// materialize probe: see run.h.

#include "materialize/probe.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "materialize/cli/files.h"
#include "materialize/cli/flags.h"
#include "materialize/cli/run.h"
#include "materialize/cli/tell.h"

namespace materialize::cli {
namespace {

absl::StatusOr<ProbeRequest> RequestOf(const Run& run) {
  const std::vector<std::string>& places = run.arguments.positional;
  absl::Status status = run.arguments.CheckPlaces("[SRC] and DST", 1, 2);
  if (!status.ok()) return status;
  return ProbeRequest{.source = places.front(),
                      .destination = places.back(),
                      .cancel = &run.cancel};
}

}  // namespace

absl::StatusOr<Completion> Probe(const Run& run) {
  const absl::StatusOr<ProbeRequest> request = RequestOf(run);
  if (!request.ok()) return request.status();
  absl::StatusOr<std::optional<Output>> json = OpenReport(run.sys);
  if (!json.ok()) return json.status();
  const absl::StatusOr<ProbeReport> report =
      materialize::Probe(*request, run.sys);
  if (!report.ok()) return report.status();

  Output people = PeopleOutput(run.sys);
  if (!FLAGS_quiet) people.Append(ProbeText(*report));
  if (json->has_value())
    (*json)->Append(absl::StrCat(ProbeJson(*report), "\n"));
  return Finish(&people, &*json, Completion::kWhole);
}

}  // namespace materialize::cli
