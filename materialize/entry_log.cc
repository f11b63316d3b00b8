// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/entry_log.h"

#include <algorithm>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "materialize/plan/source.h"
#include "materialize/plan/vis.h"
#include "nlohmann/json.hpp"

namespace materialize {
namespace {

// What a Request of 0 jobs may come to.
constexpr int kDefaultJobs = 4;

// The fixed part of a line; the target follows.
struct Line {
  int64_t bytes;
  How how;
  Kind kind;
};

SpoolOptions OptionsFor(int jobs) {
  return {.workers = std::max(jobs, kDefaultJobs), .directory = ""};
}

}  // namespace

EntryLog::EntryLog(Sys& sys, int jobs)
    : spool_(sys, OptionsFor(jobs)),
      scratch_(static_cast<size_t>(OptionsFor(jobs).workers)) {}

void EntryLog::Placed(int worker, const Outcome& outcome) {
  Scratch& scratch = scratch_[static_cast<size_t>(worker)];
  const bool sized = outcome.facts != nullptr && outcome.kind == Kind::kFile;
  const Line line = {.bytes = sized ? outcome.facts->size : -1,
                     .how = outcome.how,
                     .kind = outcome.kind};
  scratch.path = JoinPath(outcome.directory, outcome.name);
  scratch.line.assign(reinterpret_cast<const char*>(&line), sizeof(line));
  scratch.line.append(outcome.target.data(), outcome.target.size());
  spool_.Append(worker, scratch.path, scratch.line);
}

absl::Status EntryLog::ForEach(Visit visit) {
  return spool_.Merge([&](absl::string_view path, absl::string_view bytes) {
    Line line;
    std::memcpy(&line, bytes.data(), sizeof(line));
    return visit({.path = path.empty() ? "." : std::string(path),
                  .how = line.how,
                  .kind = line.kind,
                  .bytes = line.bytes,
                  .target = bytes.substr(sizeof(line))});
  });
}

std::string EntryText(const LoggedEntry& entry) {
  std::string text =
      absl::StrFormat("%-9s %s", HowName(entry.how), VisEncode(entry.path));
  if (!entry.target.empty())
    absl::StrAppend(&text, " -> ", VisEncode(entry.target));
  return text;
}

std::string EntryJson(const LoggedEntry& entry) {
  nlohmann::ordered_json json = {{"path", VisEncode(entry.path)},
                                 {"how", std::string(HowName(entry.how))}};
  if (entry.bytes >= 0) json["bytes"] = entry.bytes;
  if (!entry.target.empty()) json["target"] = VisEncode(entry.target);
  return json.dump();
}

}  // namespace materialize
