// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// A MoveReport for people and for programs.

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "materialize/move.h"
#include "materialize/plan/vis.h"
#include "materialize/quantity.h"
#include "materialize/report_json.h"

namespace materialize {
namespace {

// Indexed by Moved.
struct HowRow {
  absl::string_view name;
  absl::string_view text;
};
constexpr HowRow kHow[] = {
    {"nothing", "nothing to do: both names are one inode"},
    {"rename", "moved by rename"},
    {"across", "moved across filesystems"},
    {"finished", "moved: an interrupted run is finished"},
};

// Indexed by Fork.
struct ForkRow {
  absl::string_view name;
  absl::string_view text;
};
constexpr ForkRow kForks[] = {
    {"none", ""},
    {"hardlink", "hardlinks stay at the old path"},
    {"reflink", "reflinks stay at the old path"},
    {"copy", "a copy stays at the old path"},
    {"symlink", "a link stays at the old path"},
    {"empty", "an empty place stays at the old path"},
};

const HowRow& RowOf(Moved how) { return kHow[static_cast<size_t>(how)]; }
const ForkRow& RowOf(Fork fork) { return kForks[static_cast<size_t>(fork)]; }

// "12 files in 3 directories; 34 kB, 41 kB on disk"; empty where nobody looked.
std::string WhatText(const Report& placed) {
  if (!placed.bytes_exact) return "";
  std::string text = CountText(placed.files(), "file");
  if (placed.directories > 0) {
    absl::StrAppend(&text, " in ",
                    CountText(placed.directories, "directory", "directories"));
  }
  if (placed.symlinks > 0)
    absl::StrAppend(&text, ", ", CountText(placed.symlinks, "link"));
  return absl::StrCat(text, "; ", BytesText(placed.apparent_bytes), ", ",
                      BytesText(placed.allocated_bytes), " on disk");
}

}  // namespace

std::string MoveText(const MoveReport& report) {
  std::string text(RowOf(report.how).text);
  const bool moved =
      report.how == Moved::kRenamed || report.how == Moved::kAcross;
  const std::string what = moved ? WhatText(report.placed) : "";
  if (!what.empty()) absl::StrAppend(&text, ": ", what);
  if (report.fork != Fork::kNone)
    absl::StrAppend(&text, "; ", RowOf(report.fork).text);
  if (report.partial()) {
    absl::StrAppend(
        &text, "; ",
        CountText(static_cast<int64_t>(report.left.size()), "entry", "entries"),
        " could not be taken away from the old path");
  }
  absl::StrAppendFormat(&text, "; %.1f s", report.seconds);
  return text;
}

std::string MoveJson(const MoveReport& report) {
  const Json json = {
      {"source", VisEncode(report.source)},
      {"destination", VisEncode(report.destination)},
      {"how", std::string(RowOf(report.how).name)},
      {"fork", std::string(RowOf(report.fork).name)},
      {"apparent_bytes", report.placed.apparent_bytes},
      {"allocated_bytes", report.placed.allocated_bytes},
      {"placed", Json::parse(ReportJson(report.placed))},
      {"left", FailuresJson(report.left)},
      {"resumable", report.resumable},
      {"warnings", WarningsJson(report.warnings)},
      {"seconds", report.seconds},
  };
  return JsonText(json);
}

}  // namespace materialize
