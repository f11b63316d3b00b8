// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/report.h"

#include <algorithm>
#include <cstring>
#include <map>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "materialize/plan/vis.h"
#include "materialize/quantity.h"
#include "materialize/report_json.h"

namespace materialize {
namespace {

struct Count {
  int64_t number;
  absl::string_view words;
  absl::string_view of_many = words;
};

// "139,697 reflinked"; nothing for zero.
void AppendCount(const Count& count, std::vector<std::string>* parts) {
  if (count.number == 0) return;
  parts->push_back(CountText(count.number, count.words, count.of_many));
}

std::string WhatText(const Report& report) {
  std::string text = CountText(report.files(), "file");
  if (report.symlinks > 0) {
    absl::StrAppend(&text, " and ", CountText(report.symlinks, "symlink"));
  }
  if (report.directories > 0) {
    absl::StrAppend(&text, " in ",
                    CountText(report.directories, "directory", "directories"));
  }
  return text;
}

std::string HowText(const Report& report) {
  std::vector<std::string> parts;
  for (const Method method : kAllMethods) {
    if (method == Method::kCopy) continue;
    AppendCount({report.of(method).files, MethodDone(method)}, &parts);
  }
  AppendCount({report.created_empty.files, "created empty"}, &parts);
  AppendCount({report.unchanged.files, "unchanged"}, &parts);
  parts.push_back(
      absl::StrCat(CountText(report.of(Method::kCopy).files), " copied"));
  return absl::StrJoin(parts, ", ");
}

// What else happened to a tree that was there.
std::string MergeText(const Report& report) {
  std::vector<std::string> parts;
  AppendCount({report.present_skipped, "left as it was", "left as they were"},
              &parts);
  if (report.units > 0)
    parts.push_back(absl::StrCat(CountText(report.units, "unit"), " placed"));
  if (report.units_unchanged > 0) {
    parts.push_back(
        absl::StrCat(CountText(report.units_unchanged, "unit"), " unchanged"));
  }
  AppendCount({report.deleted, "deleted"}, &parts);
  if (report.duplicates.files > 0) {
    parts.push_back(
        absl::StrCat(CountText(report.duplicates.files, "duplicate"),
                     " shared (", BytesText(report.duplicates.bytes), ")"));
  }
  return absl::StrJoin(parts, ", ");
}

// Empty where nobody looked at the sizes.
std::string SizesText(const Report& report) {
  if (!report.bytes_exact) return "";
  std::vector<std::string> parts;
  for (const Method method : kAllMethods) {
    const int64_t bytes = report.of(method).bytes;
    if (bytes == 0) continue;
    parts.push_back(absl::StrCat(BytesText(bytes), " ", MethodDone(method)));
  }
  return absl::StrJoin(parts, ", ");
}

std::string LeftOutText(const Report& report) {
  const Count counts[] = {
      {report.excluded, "excluded"},
      {report.symlinks_skipped, "symlink skipped", "symlinks skipped"},
      {report.special_skipped, "special file skipped", "special files skipped"},
      {static_cast<int64_t>(report.failures.size()), "failed"},
  };
  std::vector<std::string> parts;
  for (const Count& count : counts) AppendCount(count, &parts);
  return absl::StrJoin(parts, ", ");
}

std::string ReasonText(const Downgrade& downgrade) {
  if (downgrade.error == 0) return downgrade.reason;
  const char* kernel = strerror(downgrade.error);
  if (downgrade.reason.empty()) return kernel;
  if (absl::StrContains(downgrade.reason, kernel)) return downgrade.reason;
  return absl::StrCat(downgrade.reason, ": ", kernel);
}

// The list of methods that gives the same result without the vain try.
std::string WithoutText(const Downgrade& downgrade) {
  const absl::string_view used = MethodName(downgrade.used);
  if (downgrade.used == Method::kCopy) return std::string(used);
  return absl::StrCat(used, ",", MethodName(Method::kCopy));
}

// "EXDEV"; null where a rule decided and not the kernel.
Json ErrnoJson(int error) {
  if (error == 0) return nullptr;
  const char* name = strerrorname_np(error);
  return name == nullptr ? absl::StrCat(error) : std::string(name);
}

std::string Path(absl::string_view path) { return VisEncode(path); }

Json TallyJson(const Tally& tally) {
  return {{"files", tally.files}, {"bytes", tally.bytes}};
}

Json MethodsJson(const Report& report) {
  Json methods = Json::object();
  for (const Method method : kAllMethods) {
    methods[std::string(MethodName(method))] = TallyJson(report.of(method));
  }
  return methods;
}

Json DowngradesJson(const std::vector<Downgrade>& downgrades) {
  return ListJson(downgrades, [](const Downgrade& downgrade) -> Json {
    return {
        {"from", downgrade.from},
        {"to", downgrade.to},
        {"method", std::string(MethodName(downgrade.method))},
        {"used", std::string(MethodName(downgrade.used))},
        {"errno", ErrnoJson(downgrade.error)},
        {"reason", ReasonText(downgrade)},
        {"example", Path(downgrade.example)},
        {"files", downgrade.files},
    };
  });
}

Json SecondsJson(const Report& report) {
  return {
      {"prepare", report.phases.prepare},
      {"place", report.phases.place},
      {"commit", report.phases.commit},
      {"total", report.seconds()},
  };
}

}  // namespace

int64_t Report::files() const {
  int64_t sum = created_empty.files + unchanged.files;
  for (const Tally& tally : by_method) sum += tally.files;
  return sum;
}

std::string SummaryText(const Report& report) {
  std::string text =
      report.snapshot ? "a snapshot of the whole subvolume"
                      : absl::StrCat(WhatText(report), ": ", HowText(report));
  for (const std::string& part :
       {MergeText(report), SizesText(report), LeftOutText(report)}) {
    if (!part.empty()) absl::StrAppend(&text, "; ", part);
  }
  absl::StrAppendFormat(&text, "; %.1f s", report.seconds());
  return text;
}

std::string DowngradeLine(const Report& report) {
  if (report.downgrades.empty()) return "";
  // A file that could be had by none of two methods counts once.
  std::map<Method, int64_t> files;
  std::vector<std::string> reasons;
  absl::string_view used = MethodDone(report.downgrades.front().used);
  for (const Downgrade& downgrade : report.downgrades) {
    files[downgrade.method] += downgrade.files;
    if (MethodDone(downgrade.used) != used) used = "placed";
    std::string reason = absl::StrCat("not ", MethodDone(downgrade.method),
                                      " (", ReasonText(downgrade), ")");
    if (std::find(reasons.begin(), reasons.end(), reason) == reasons.end())
      reasons.push_back(std::move(reason));
  }
  int64_t most = 0;
  for (const auto& [method, count] : files) most = std::max(most, count);
  return absl::StrCat(CountText(most, "file"), " ", used, ", ",
                      absl::StrJoin(reasons, ", "), ", the first is ",
                      Path(report.downgrades.front().example));
}

std::vector<std::string> DowngradeText(const Report& report) {
  std::vector<std::string> lines;
  for (const Downgrade& downgrade : report.downgrades) {
    lines.push_back(absl::StrCat(
        CountText(downgrade.files, "file"), " ", MethodDone(downgrade.used),
        ", not ", MethodDone(downgrade.method), " (", downgrade.from, " -> ",
        downgrade.to, ", first ", Path(downgrade.example),
        "): ", ReasonText(downgrade), "; --methods=", WithoutText(downgrade),
        " does not try, --methods=", MethodName(downgrade.method),
        downgrade.error == 0 ? " does it all the same" : " fails instead"));
  }
  return lines;
}

std::string ReportJson(const Report& report) {
  const Json json = {
      {"destination", Path(report.destination)},
      {"snapshot", report.snapshot},
      {"files", report.files()},
      {"directories", report.directories},
      {"symlinks", report.symlinks},
      {"methods", MethodsJson(report)},
      {"created_empty", TallyJson(report.created_empty)},
      {"unchanged", TallyJson(report.unchanged)},
      {"duplicates", TallyJson(report.duplicates)},
      {"present_skipped", report.present_skipped},
      {"units", report.units},
      {"units_unchanged", report.units_unchanged},
      {"deleted", report.deleted},
      {"excluded", report.excluded},
      {"symlinks_skipped", report.symlinks_skipped},
      {"special_skipped", report.special_skipped},
      {"bytes_exact", report.bytes_exact},
      {"apparent_bytes", report.apparent_bytes},
      {"allocated_bytes", report.allocated_bytes},
      {"downgrades", DowngradesJson(report.downgrades)},
      {"warnings", WarningsJson(report.warnings)},
      {"failures", FailuresJson(report.failures)},
      {"seconds", SecondsJson(report)},
  };
  return JsonText(json);
}

}  // namespace materialize
