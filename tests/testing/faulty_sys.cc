// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Rules in a list, looked through at every call.

#include "tests/testing/faulty_sys.h"

#include <algorithm>
#include <utility>

#include "gtest/gtest.h"

namespace materialize {
namespace {

constexpr std::string_view kCalls[] = {
    "OpenAt",        "OpenBeneath",     "Close",
    "Dup",           "StatAt",          "StatFilesystem",
    "ReadDirectory", "ReadLinkAt",      "LinkAt",
    "SymlinkAt",     "MakeDirectoryAt", "UnlinkAt",
    "RenameAt",      "CloneFile",       "CopyRange",
    "Read",          "Write",           "Seek",
    "Truncate",      "ChangeMode",      "ChangeModeAt",
    "ChangeOwnerAt", "SetTimesAt",      "GetXattr",
    "SetXattr",      "RemoveXattr",     "ListXattr",
    "Sync",          "SyncFilesystem",  "Lock",
    "FileHandle",    "EffectiveUser",   "ClearThreadUmask",
    "SnapshotAt",    "HasSubvolumes",
};

// A misspelt name would make a test that cannot fail.
void CheckName(std::string_view call) {
  if (std::find(std::begin(kCalls), std::end(kCalls), call) ==
      std::end(kCalls)) {
    ADD_FAILURE() << "Sys has no method " << call;
  }
}

struct Paths {
  std::string from, to;
  bool Contain(std::string_view part) const {
    return from.find(part) != std::string::npos ||
           to.find(part) != std::string::npos;
  }
};

Paths PathsOf(const Call& call) {
  return {AbsolutePath(call.from), AbsolutePath(call.to)};
}

std::string LogLine(const char* call, const Paths& paths) {
  std::string line = call;
  if (!paths.from.empty()) line += " " + paths.from;
  if (!paths.to.empty()) line += " -> " + paths.to;
  return line;
}

}  // namespace

void FaultySys::Fail(std::string_view call, int error, When when) {
  Return(call, -error, std::move(when));
}

void FaultySys::Return(std::string_view call, int64_t result, When when) {
  Add({.call = std::string(call),
       .when = std::move(when),
       .answers = true,
       .result = result,
       .hook = nullptr});
}

void FaultySys::Shorten(std::string_view call, size_t bytes, When when) {
  Add({.call = std::string(call),
       .when = std::move(when),
       .most = bytes,
       .hook = nullptr});
}

void FaultySys::Before(std::string_view call, std::function<void()> hook,
                       When when) {
  Add({.call = std::string(call),
       .when = std::move(when),
       .hook = std::move(hook)});
}

void FaultySys::Heal() {
  const std::lock_guard lock(mutex_);
  rules_.clear();
}

int FaultySys::Calls(std::string_view call) const {
  CheckName(call);
  const std::lock_guard lock(mutex_);
  const auto found = calls_.find(call);
  return found == calls_.end() ? 0 : found->second;
}

int FaultySys::AllCalls() const {
  const std::lock_guard lock(mutex_);
  int sum = 0;
  for (const auto& [call, count] : calls_) sum += count;
  return sum;
}

void FaultySys::StartLog() {
  const std::lock_guard lock(mutex_);
  logs_ = true;
}

std::vector<std::string> FaultySys::Log() const {
  const std::lock_guard lock(mutex_);
  return log_;
}

void FaultySys::Add(Rule rule) {
  CheckName(rule.call);
  const std::lock_guard lock(mutex_);
  rules_.push_back(std::move(rule));
}

FaultySys::Decision FaultySys::Decide(const Call& call) {
  const std::lock_guard lock(mutex_);
  ++calls_[call.name];
  const bool wants_paths =
      logs_ || std::any_of(rules_.begin(), rules_.end(), [&](const Rule& rule) {
        return rule.call == call.name && !rule.when.path.empty();
      });
  const Paths paths = wants_paths ? PathsOf(call) : Paths{};
  if (logs_) log_.push_back(LogLine(call.name, paths));

  Decision decision;
  for (Rule& rule : rules_) {
    if (rule.call != call.name ||
        !(rule.when.path.empty() || paths.Contain(rule.when.path)))
      continue;
    const int index = ++rule.seen - rule.when.nth;
    if (index < 0 || index >= rule.when.count) continue;
    if (rule.hook) decision.hooks.push_back(rule.hook);
    if (rule.answers) decision.answered = true, decision.result = rule.result;
    decision.most = std::min(decision.most, rule.most);
  }
  return decision;
}

int64_t FaultySys::Around(const Call& call, const RealCall& real) {
  const Decision decision = Decide(call);
  for (const auto& hook : decision.hooks) hook();
  if (call.size != nullptr) *call.size = std::min(*call.size, decision.most);
  if (!decision.answered) return real();
  if (std::string_view(call.name) == "Close")
    (void)real();  // The answer is the injected one.
  return decision.result;
}

}  // namespace materialize
