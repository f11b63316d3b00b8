// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/cli/entries.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "materialize/plan/vis.h"
#include "materialize/progress.h"

namespace materialize::cli {

absl::Status TellEntries(const Listing& listing, const std::string& report,
                         bool with_entries) {
  // The object's own end comes after the entries: they are never in memory
  // together.
  const absl::string_view end = with_entries ? "\n}" : "";
  if (listing.json != nullptr) {
    listing.json->Append(
        absl::string_view(report).substr(0, report.size() - end.size()));
    if (with_entries) listing.json->Append(",\n  \"entries\": [");
  }
  absl::string_view separator = "\n    ";
  const auto tell = [&](const LoggedEntry& entry) {
    if (listing.lines != nullptr)
      listing.lines->Append(absl::StrCat(EntryText(entry), "\n"));
    if (listing.json != nullptr && with_entries)
      listing.json->Append(absl::StrCat(separator, EntryJson(entry)));
    separator = ",\n    ";
    return absl::OkStatus();
  };
  absl::Status status =
      listing.log == nullptr ? absl::OkStatus() : listing.log->ForEach(tell);
  if (listing.json != nullptr)
    listing.json->Append(absl::StrCat(with_entries ? "\n  ]" : "", end, "\n"));
  return status;
}

absl::StatusOr<int64_t> TellDifferences(EntryLog& log, Output* people) {
  int64_t count = 0;
  const auto tell = [&](const LoggedEntry& entry) {
    if (entry.how == How::kNoop || entry.how == How::kSkipped)
      return absl::OkStatus();
    ++count;
    people->Append(
        absl::StrCat(entry.how == How::kDeleted ? "surplus  " : "differs  ",
                     VisEncode(entry.path), "\n"));
    return absl::OkStatus();
  };
  absl::Status status = log.ForEach(tell);
  if (!status.ok()) return status;
  return count;
}

}  // namespace materialize::cli
