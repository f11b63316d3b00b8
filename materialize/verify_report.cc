// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/verify_report.h"

#include <cstddef>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "materialize/plan/vis.h"
#include "materialize/quantity.h"
#include "materialize/report_json.h"

namespace materialize {
namespace {

// Indexed by Aspect.
constexpr absl::string_view kNames[] = {
    "missing",    "extra",  "type",
    "user",       "gid",    "permissions",
    "link count", "size",   "modification time",
    "link ref",   "md5",    "sha1",
    "sha256",     "sha384", "sha512",
};

std::string PathText(absl::string_view path) {
  return path.empty() ? "." : absl::StrCat("./", VisEncode(path));
}

Json DifferenceJson(const Difference& difference) {
  Json json = PathJson(difference.path);
  json["what"] = std::string(AspectName(difference.aspect));
  if (difference.aspect != Aspect::kExtra)
    json["wanted"] = VisEncode(difference.wanted);
  if (difference.aspect != Aspect::kMissing)
    json["found"] = VisEncode(difference.found);
  return json;
}

}  // namespace

absl::string_view AspectName(Aspect aspect) {
  return kNames[static_cast<size_t>(aspect)];
}

Aspect AspectOf(DigestAlgorithm algorithm) {
  return static_cast<Aspect>(static_cast<size_t>(Aspect::kMd5) +
                             static_cast<size_t>(algorithm));
}

std::string DifferenceText(const Difference& difference) {
  const std::string path = PathText(difference.path);
  const absl::string_view name = AspectName(difference.aspect);
  if (difference.aspect == Aspect::kMissing ||
      difference.aspect == Aspect::kExtra)
    return absl::StrCat(name, ": ", path);
  return absl::StrCat(path, ": ", name, " (", VisEncode(difference.wanted),
                      ", ", VisEncode(difference.found), ")");
}

std::string VerifySummary(const VerifyReport& report) {
  std::string text = CountText(report.entries, "entry", "entries");
  if (report.files_read > 0) {
    absl::StrAppend(&text, ", ", CountText(report.files_read, "file"),
                    " read (", BytesText(report.bytes_read), ")");
  }
  const auto differences = static_cast<int64_t>(report.differences.size());
  const auto failures = static_cast<int64_t>(report.failures.size());
  if (report.equal()) absl::StrAppend(&text, ": equal");
  if (differences > 0)
    absl::StrAppend(&text, ": ", CountText(differences, "difference"));
  if (failures > 0)
    absl::StrAppend(&text, ": ", CountText(failures, "entry", "entries"),
                    " not looked at");
  absl::StrAppendFormat(&text, "; %.1f s", report.seconds);
  return text;
}

std::string VerifyJson(const VerifyReport& report) {
  const Json json = {
      {"manifest", VisEncode(report.manifest)},
      {"destination", VisEncode(report.destination)},
      {"format", report.format},
      {"equal", report.equal()},
      {"entries", report.entries},
      {"files_read", report.files_read},
      {"bytes_read", report.bytes_read},
      {"seconds", report.seconds},
      {"differences", ListJson(report.differences, DifferenceJson)},
      {"failures", FailuresJson(report.failures)},
  };
  return JsonText(json);
}

}  // namespace materialize
