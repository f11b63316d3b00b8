// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/uninstall_report.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "materialize/plan/vis.h"
#include "materialize/quantity.h"
#include "materialize/report_json.h"

namespace materialize {
namespace {

std::string RemovedText(const UninstallReport& report) {
  std::string text = CountText(report.files, "file");
  if (report.files > 0)
    absl::StrAppend(&text, " (", BytesText(report.bytes), ")");
  absl::StrAppend(&text, ", ", CountText(report.symlinks, "link"), " and ",
                  CountText(report.directories, "directory", "directories"),
                  " removed");
  return text;
}

}  // namespace

std::string UninstallText(const UninstallReport& report) {
  struct Part {
    int64_t count;
    absl::string_view singular;
    absl::string_view plural;
  };
  const Part parts[] = {
      {report.gone, "was gone", "were gone"},
      {report.kept_directories, "directory is not empty",
       "directories are not empty"},
      {static_cast<int64_t>(report.changed.size()), "changed since and left",
       "changed since and left"},
      {static_cast<int64_t>(report.failures.size()), "failed", "failed"},
      {report.unreached, "not looked at", "not looked at"},
  };
  std::string text = RemovedText(report);
  for (const Part& part : parts) {
    if (part.count > 0) {
      absl::StrAppend(&text, "; ",
                      CountText(part.count, part.singular, part.plural));
    }
  }
  absl::StrAppendFormat(&text, "; %.1f s", report.seconds);
  return text;
}

std::string UninstallJson(const UninstallReport& report) {
  const Json json = {
      {"receipt", VisEncode(report.receipt)},
      {"destination", VisEncode(report.destination)},
      {"dry_run", report.dry_run},
      {"entries", report.entries},
      {"files", report.files},
      {"symlinks", report.symlinks},
      {"directories", report.directories},
      {"bytes", report.bytes},
      {"gone", report.gone},
      {"kept_directories", report.kept_directories},
      {"unreached", report.unreached},
      {"files_read", report.files_read},
      {"bytes_read", report.bytes_read},
      {"seconds", report.seconds},
      {"changed", FailuresJson(report.changed)},
      {"failures", FailuresJson(report.failures)},
      {"warnings", WarningsJson(report.warnings)},
  };
  return JsonText(json);
}

}  // namespace materialize
