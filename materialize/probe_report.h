// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// What a probe found: a plain struct, and its forms for people and for
// programs.

#ifndef MATERIALIZE_PROBE_REPORT_H_
#define MATERIALIZE_PROBE_REPORT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "materialize/method.h"

namespace materialize {

enum class Answer : uint8_t { kYes, kNo, kNotTried };

// One thing tried.
struct Trial {
  std::string
      name;  // "reflink", "hardlink", "symlink", "copy", "exchange", "tmpfile"
  Answer answer = Answer::kNotTried;
  int error = 0;            // errno, for kNo
  double microseconds = 0;  // the median try, for kYes
  int tries = 0;
  std::string note;  // why not tried, or what else to know; may be empty
};

struct ProbedPlace {
  std::string path;   // the directory that was looked at
  std::string mount;  // "<filesystem>:<mount id>"
};

struct ProbeReport {
  ProbedPlace from;
  ProbedPlace to;
  std::string sample;  // what the methods were tried with: "unnamed file", or a
                       // path below `from`
  int64_t sample_bytes = 0;
  std::vector<Trial> trials;
  bool case_sensitive = true;      // names in `to`
  std::vector<Method> order;       // what `auto` would use here
  std::vector<std::string> notes;  // why, one sentence each
};

// Null when `name` was none of the trials.
const Trial* FindTrial(const ProbeReport& report, absl::string_view name);

// A table, and the order of `auto` with its reasons; lines ended by newlines.
std::string ProbeText(const ProbeReport& report);

// The whole report as one JSON object; paths vis(3)-encoded.
std::string ProbeJson(const ProbeReport& report);

}  // namespace materialize

#endif  // MATERIALIZE_PROBE_REPORT_H_
