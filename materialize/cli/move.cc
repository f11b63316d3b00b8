// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// materialize move: see run.h.

#include "materialize/move.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "materialize/cli/entries.h"
#include "materialize/cli/files.h"
#include "materialize/cli/flags.h"
#include "materialize/cli/run.h"
#include "materialize/cli/tell.h"
#include "materialize/entry_log.h"
#include "materialize/os/status.h"
#include "materialize/plan/vis.h"

namespace materialize::cli {
namespace {

struct ForkName {
  absl::string_view name;
  Fork fork;
};
constexpr ForkName kForks[] = {
    {"none", Fork::kNone},       {"hardlink", Fork::kHardlink},
    {"reflink", Fork::kReflink}, {"copy", Fork::kCopy},
    {"symlink", Fork::kSymlink}, {"empty", Fork::kEmpty},
};

// The flag table has let nothing else pass.
Fork ForkOf(absl::string_view name) {
  for (const ForkName& row : kForks) {
    if (row.name == name) return row.fork;
  }
  return Fork::kNone;
}

absl::StatusOr<MoveRequest> RequestOf(const Run& run) {
  const std::vector<std::string>& places = run.arguments.positional;
  absl::Status status = run.arguments.CheckPlaces("SRC and DST", 2, 2);
  if (!status.ok()) return status;
  return MoveRequest{
      .source = places.front(),
      .destination = places.back(),
      .existing = FLAGS_force ? Existing::kReplace : Existing::kRefuse,
      .fork = ForkOf(FLAGS_fork),
      .busy = FLAGS_no_wait ? Busy::kFail : Busy::kWait,
      .durable = FLAGS_durable,
      .count_bytes = !FLAGS_report.empty(),
      .dry_run = FLAGS_dry_run,
      .jobs = FLAGS_jobs,
      .cancel = &run.cancel};
}

void ComplainOf(Sys& sys, const MoveReport& report) {
  Warn(sys, report.placed.warnings);
  Warn(sys, report.warnings);
  for (const Failure& failure : report.left) Complain(sys, failure.text);
}

// What a dry run would do: the one rename, or all that is laid out.
absl::Status TellSteps(const MoveReport& report, EntryLog* log,
                       Output* people) {
  if (report.how == Moved::kRenamed) {
    people->Append(absl::StrCat("rename    ", VisEncode(report.source), " -> ",
                                VisEncode(report.destination), "\n"));
  }
  if (report.how != Moved::kAcross) return absl::OkStatus();
  return TellEntries({.log = log, .lines = people, .json = nullptr}, "", false);
}

}  // namespace

absl::StatusOr<Completion> Move(const Run& run) {
  const absl::StatusOr<MoveRequest> request = RequestOf(run);
  if (!request.ok()) return request.status();
  absl::StatusOr<std::optional<Output>> json = OpenReport(run.sys);
  if (!json.ok()) return json.status();
  std::optional<EntryLog> log;
  if (request->dry_run) log.emplace(run.sys, request->jobs);
  const absl::StatusOr<MoveReport> report =
      materialize::Move(*request, run.sys, log.has_value() ? &*log : nullptr);
  if (!report.ok()) return report.status();

  ComplainOf(run.sys, *report);
  Output people = PeopleOutput(run.sys);
  if (log.has_value()) {
    const absl::Status told = TellSteps(*report, &*log, &people);
    if (!told.ok()) return told;
  }
  if (!FLAGS_quiet) {
    people.Append(absl::StrCat(request->dry_run ? "dry run: " : "",
                               MoveText(*report), "\n"));
  }
  if (json->has_value()) (*json)->Append(absl::StrCat(MoveJson(*report), "\n"));
  const absl::StatusOr<Completion> finished =
      Finish(&people, &*json,
             report->partial() ? Completion::kPartial : Completion::kWhole);
  if (finished.ok() || request->dry_run) return finished;
  return WithHint(finished.status(),
                  "the move is done, only its report is not");
}

}  // namespace materialize::cli
