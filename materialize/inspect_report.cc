// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/inspect_report.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "materialize/plan/vis.h"
#include "materialize/quantity.h"
#include "materialize/report_json.h"

namespace materialize {
namespace {

template <typename T>
int64_t SizeOf(const std::vector<T>& list) {
  return static_cast<int64_t>(list.size());
}

std::string WhatText(const InspectReport& report) {
  std::string text =
      absl::StrCat(CountText(SizeOf(report.files), "file"), ", ",
                   CountText(SizeOf(report.links), "link"), " into the cache");
  if (!report.linked_directories.empty()) {
    absl::StrAppend(&text, ", ",
                    CountText(SizeOf(report.linked_directories),
                              "linked directory", "linked directories"));
  }
  if (!report.special.empty()) {
    absl::StrAppend(&text, ", ",
                    CountText(SizeOf(report.special), "special file"));
  }
  return absl::StrCat(
      text, " in ", CountText(report.directories, "directory", "directories"));
}

std::string DifferencesText(const InspectReport& report) {
  std::string text =
      absl::StrCat("; ", CountText(SizeOf(report.modified)), " modified, ",
                   CountText(SizeOf(report.missing)), " missing, ",
                   CountText(SizeOf(report.added)), " added");
  if (report.proven > 0)
    absl::StrAppend(&text, ", ", CountText(report.proven), " proven unchanged");
  if (report.unproven > 0) {
    absl::StrAppend(&text, ", ", CountText(report.unproven),
                    " probably unchanged");
  }
  if (!report.repaired.empty() || !report.failures.empty()) {
    absl::StrAppend(&text, "; ", CountText(SizeOf(report.repaired)),
                    " repaired, ", CountText(SizeOf(report.failures)),
                    " failed");
  }
  return text;
}

void AppendRow(absl::string_view what, absl::string_view path,
               absl::string_view remark, std::string* text) {
  absl::StrAppendFormat(text, "%-10s %s", what, VisEncode(path));
  absl::StrAppend(text, remark.empty() ? "" : "  ", remark, "\n");
}

std::string RemarkText(const Modified& modified) {
  std::string text = absl::StrJoin(modified.what, ", ");
  if (!modified.entry.empty()) {
    absl::StrAppend(&text, "; the same inode as ", VisEncode(modified.entry),
                    " in the cache");
  }
  return text;
}

Json FileJson(const InspectedFile& file) {
  Json json = PathJson(file.path);
  json["size"] = file.size;
  if (!file.target.empty()) json["target"] = VisEncode(file.target);
  if (!file.sha256.empty()) json["sha256"] = file.sha256;
  return json;
}

Json LinkJson(const InspectedLink& link) {
  Json json = PathJson(link.path);
  json["entry"] = VisEncode(link.entry);
  json["how"] = std::string(MethodName(link.how));
  json["kind"] = link.dangling       ? "dangling"
                 : link.is_directory ? "directory"
                                     : "file";
  return json;
}

Json LinkedDirectoryJson(const LinkedDirectory& directory) {
  Json json = PathJson(directory.path);
  json["target"] = VisEncode(directory.target);
  json["entry"] = nullptr;
  if (directory.entry.has_value()) json["entry"] = VisEncode(*directory.entry);
  return json;
}

Json ModifiedJson(const Modified& modified) {
  Json json = PathJson(modified.path);
  json["what"] = modified.what;
  if (!modified.entry.empty()) json["entry"] = VisEncode(modified.entry);
  return json;
}

Json RepairedJson(const Repaired& repaired) {
  Json json = PathJson(repaired.path);
  if (!repaired.entry.empty()) json["entry"] = VisEncode(repaired.entry);
  return json;
}

}  // namespace

std::string InspectSummary(const InspectReport& report) {
  std::string text = WhatText(report);
  if (report.against.empty()) return text;
  absl::StrAppend(&text, DifferencesText(report));
  if (!report.checksum && report.unproven > 0)
    absl::StrAppend(&text, " (--checksum proves it)");
  return text;
}

std::string InspectText(const InspectReport& report) {
  std::string text;
  for (const Modified& modified : report.modified)
    AppendRow("modified", modified.path, RemarkText(modified), &text);
  for (const std::string& path : report.missing)
    AppendRow("missing", path, "", &text);
  for (const std::string& path : report.added)
    AppendRow("added", path, "", &text);
  for (const InspectedLink& link : report.links) {
    if (!link.dangling) continue;
    AppendRow("dangling", link.path,
              absl::StrCat("-> ", VisEncode(link.entry), " in the cache"),
              &text);
  }
  for (const LinkedDirectory& directory : report.linked_directories) {
    AppendRow(
        "directory", directory.path,
        absl::StrCat("-> ", VisEncode(directory.target), ", not looked into"),
        &text);
  }
  for (const std::string& path : report.special)
    AppendRow("special", path, "", &text);
  for (const Repaired& repaired : report.repaired) {
    AppendRow(
        "repaired", repaired.path,
        repaired.entry.empty()
            ? ""
            : absl::StrCat("from ", VisEncode(repaired.entry), " in the cache"),
        &text);
  }
  return text;
}

std::string InspectJson(const InspectReport& report) {
  const Json json = {
      {"destination", VisEncode(report.destination)},
      {"cache", VisEncode(report.cache)},
      {"against", report.against.empty() ? Json(nullptr)
                                         : Json(VisEncode(report.against))},
      {"checksum", report.checksum},
      {"directories", report.directories},
      {"files", ListJson(report.files, FileJson)},
      {"links", ListJson(report.links, LinkJson)},
      {"linked_directories",
       ListJson(report.linked_directories, LinkedDirectoryJson)},
      {"special", ListJson(report.special, PathJson)},
      {"modified", ListJson(report.modified, ModifiedJson)},
      {"missing", ListJson(report.missing, PathJson)},
      {"added", ListJson(report.added, PathJson)},
      {"unchanged", {{"proven", report.proven}, {"probably", report.unproven}}},
      {"repaired", ListJson(report.repaired, RepairedJson)},
      {"failures", FailuresJson(report.failures)},
      {"warnings", WarningsJson(report.warnings)},
  };
  return JsonText(json);
}

}  // namespace materialize
