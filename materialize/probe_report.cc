// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/probe_report.h"

#include <cstring>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "materialize/plan/vis.h"
#include "materialize/quantity.h"
#include "nlohmann/json.hpp"

namespace materialize {
namespace {

using Json = nlohmann::ordered_json;

// Indexed by Answer.
constexpr const char* kAnswers[] = {"yes", "no", "not tried"};

std::string ErrnoName(int error) {
  const char* name = strerrorname_np(error);
  return name == nullptr ? absl::StrCat(error) : name;
}

std::string MethodsText(const std::vector<Method>& methods) {
  return absl::StrJoin(methods, ", ", [](std::string* out, Method method) {
    absl::StrAppend(out, MethodName(method));
  });
}

// "EXDEV, Invalid cross-device link".
std::string RemarkText(const Trial& trial) {
  std::vector<std::string> parts;
  if (trial.error != 0) {
    parts.push_back(
        absl::StrCat(ErrnoName(trial.error), ", ", strerror(trial.error)));
  }
  if (!trial.note.empty()) parts.push_back(trial.note);
  return absl::StrJoin(parts, "; ");
}

void AppendRow(const Trial& trial, std::string* text) {
  const std::string time = trial.answer == Answer::kYes
                               ? absl::StrFormat("%.1f", trial.microseconds)
                               : "-";
  std::string row = absl::StrFormat("  %-9s %-9s %8s  %s", trial.name,
                                    kAnswers[static_cast<size_t>(trial.answer)],
                                    time, RemarkText(trial));
  row.erase(row.find_last_not_of(' ') + 1);
  absl::StrAppend(text, row, "\n");
}

Json PlaceJson(const ProbedPlace& place) {
  return {{"path", VisEncode(place.path)}, {"mount", place.mount}};
}

Json TrialJson(const Trial& trial) {
  const bool worked = trial.answer == Answer::kYes;
  return {
      {"name", trial.name},
      {"answer", kAnswers[static_cast<size_t>(trial.answer)]},
      {"errno",
       trial.error == 0 ? Json(nullptr) : Json(ErrnoName(trial.error))},
      {"microseconds", worked ? Json(trial.microseconds) : Json(nullptr)},
      {"tries", trial.tries},
      {"note", trial.note},
  };
}

}  // namespace

const Trial* FindTrial(const ProbeReport& report, absl::string_view name) {
  for (const Trial& trial : report.trials) {
    if (trial.name == name) return &trial;
  }
  return nullptr;
}

std::string ProbeText(const ProbeReport& report) {
  std::string text = absl::StrCat(
      VisEncode(report.from.path), " (", report.from.mount, ") -> ",
      VisEncode(report.to.path), " (", report.to.mount, ")\n");
  if (!report.sample.empty()) {
    absl::StrAppend(&text, "tried with ", report.sample, " of ",
                    BytesText(report.sample_bytes), "\n");
  }
  absl::StrAppendFormat(&text, "\n  %-9s %-9s %8s\n", "method", "works", "us");
  for (const Trial& trial : report.trials) AppendRow(trial, &text);
  absl::StrAppend(&text, "\nnames are case-",
                  report.case_sensitive ? "sensitive" : "insensitive", "\n");
  absl::StrAppend(&text, "auto here: ", MethodsText(report.order), "\n");
  for (const std::string& note : report.notes)
    absl::StrAppend(&text, "  ", note, "\n");
  return text;
}

std::string ProbeJson(const ProbeReport& report) {
  Json trials = Json::array();
  for (const Trial& trial : report.trials) trials.push_back(TrialJson(trial));
  Json order = Json::array();
  for (const Method method : report.order)
    order.push_back(std::string(MethodName(method)));
  const Json json = {
      {"from", PlaceJson(report.from)},
      {"to", PlaceJson(report.to)},
      {"sample", report.sample},
      {"sample_bytes", report.sample_bytes},
      {"trials", trials},
      {"case_sensitive", report.case_sensitive},
      {"auto", order},
      {"notes", report.notes},
  };
  return json.dump(2, ' ', false, Json::error_handler_t::replace);
}

}  // namespace materialize
