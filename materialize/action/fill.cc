// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/action/fill.h"

#include <cerrno>
#include <cstddef>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "materialize/action/action_request.h"
#include "materialize/action/config_file.h"
#include "materialize/action/layout.h"
#include "materialize/action/request_file.h"
#include "materialize/action/sharing.h"
#include "materialize/action/yarn_mirror.h"
#include "materialize/materialize.h"
#include "materialize/os/io.h"
#include "materialize/os/status.h"
#include "materialize/report.h"
#include "materialize/request.h"

namespace materialize {
namespace {

constexpr absl::string_view kUsageText =
    "usage: materialize_action REQUEST_FILE OUTPUT_DIRECTORY\n"
    "       materialize_action CONFIG.json [WORKSPACE]\n"
    "       materialize_action @FILE, which holds such arguments, one a line\n"
    "       materialize_action --persistent_worker\n";

// Bazel makes the directory for some actions and not for others.
absl::Status MakeOutput(Sys& sys, const char* path) {
  const int result = sys.MakeDirectoryAt(AT_FDCWD, path, 0777);
  if (result == 0 || result == -EEXIST) return absl::OkStatus();
  return ErrnoStatus(-result, "mkdir", path);
}

// `second` is the second argument, null when there is none.
absl::StatusOr<ActionRequest> ReadRequest(const std::string& text,
                                          const std::string* second) {
  if (LooksLikeConfig(text))
    return ParseConfig(text, second == nullptr ? "" : *second);
  if (second == nullptr)
    return absl::InvalidArgumentError(
        "not a config, and no OUTPUT_DIRECTORY follows");
  absl::StatusOr<ActionRequest> request = ParseActionRequest(text);
  if (request.ok()) request->destination = *second;
  return request;
}

class Action {
 public:
  Action(Sys& sys, Capabilities& capabilities)
      : sys_(sys), capabilities_(capabilities) {}

  absl::Status Run(const std::string& file, const std::string* second);
  void Say(absl::string_view line) {
    absl::StrAppend(&output_, "materialize: ", line, "\n");
  }
  std::string TakeOutput() { return std::move(output_); }

 private:
  absl::Status Fill(const ActionRequest& wanted);
  void Tell(const Report& report);

  Sys& sys_;
  Capabilities& capabilities_;
  std::string output_;
};

void Action::Tell(const Report& report) {
  Say(SummaryText(report));
  if (const std::string line = DowngradeLine(report); !line.empty()) Say(line);
}

absl::Status Action::Fill(const ActionRequest& wanted) {
  Request request;
  absl::StatusOr<std::vector<Method>> methods = MethodsOf(wanted);
  if (!methods.ok()) return methods.status();
  request.methods = *std::move(methods);
  absl::StatusOr<std::vector<ManifestEntry>> entries =
      wanted.yarn_lock.empty() ? LayOut(wanted, sys_)
                               : LayOutYarnMirror(wanted, sys_);
  if (!entries.ok()) return entries.status();
  absl::Status status = CheckPrivate(*entries, request.methods);
  if (status.ok()) status = MakeOutput(sys_, wanted.destination.c_str());
  if (!status.ok()) return status;

  request.entries = *entries;
  request.destination = wanted.destination;
  request.into = Into::kFill;
  request.symlinks = Symlinks::kFollow;
  request.plain_directories = true;
  request.count_bytes = wanted.verbose;
  request.capabilities = &capabilities_;
  const absl::StatusOr<Report> report = Materialize(request, sys_);
  if (!report.ok()) return WithLabel(report.status(), *entries);
  for (const Warning& warning : report->warnings)
    Say(absl::StrCat("warning: ", warning.text));
  if (wanted.verbose) Tell(*report);
  return absl::OkStatus();
}

absl::Status Action::Run(const std::string& file, const std::string* second) {
  const absl::StatusOr<std::string> text = ReadFile(sys_, file);
  if (!text.ok()) return text.status();
  const absl::StatusOr<ActionRequest> wanted = ReadRequest(*text, second);
  if (!wanted.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat(file, ": ", wanted.status().message()));
  }
  if (wanted->hardlink == Hardlink::kOn) {
    Say("warning: hardlink = \"on\" means \"auto\": a hardlinked source "
        "would lose its write bits");
  }
  return Fill(*wanted);
}

// Bazel writes the arguments into a file for a tool that may be a worker.
absl::StatusOr<std::vector<std::string>> Expand(
    Sys& sys, const std::vector<std::string>& arguments) {
  if (arguments.size() != 1 || !absl::StartsWith(arguments[0], "@"))
    return arguments;
  const absl::StatusOr<std::string> text =
      ReadFile(sys, arguments[0].substr(1));
  if (!text.ok()) return text.status();
  std::vector<std::string> expanded =
      absl::StrSplit(absl::StripSuffix(*text, "\n"), '\n');
  return expanded;
}

}  // namespace

ActionEnd RunAction(Sys& sys, const std::vector<std::string>& arguments,
                    Capabilities& capabilities) {
  Action action(sys, capabilities);
  const absl::StatusOr<std::vector<std::string>> expanded =
      Expand(sys, arguments);
  absl::Status status = expanded.status();
  if (expanded.ok()) {
    const size_t count = expanded->size();
    if (count != 1 && count != 2)
      return {.exit_code = kActionUsage, .output = std::string(kUsageText)};
    status =
        action.Run(expanded->front(), count == 2 ? &expanded->back() : nullptr);
  }
  if (status.ok()) return {.exit_code = 0, .output = action.TakeOutput()};
  action.Say(status.message());
  // What the kernel refuses is no wrong request.
  const bool is_wrong =
      absl::IsInvalidArgument(status) && !ErrnoOf(status).has_value();
  return {.exit_code = is_wrong ? kActionUsage : kActionFailed,
          .output = action.TakeOutput()};
}

}  // namespace materialize
