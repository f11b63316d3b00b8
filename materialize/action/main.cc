// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// What the rules' actions run, in one of two forms:
//   materialize_action REQUEST_FILE OUTPUT_DIRECTORY    our own rules
//   materialize_action CONFIG.json [WORKSPACE]          bazel-lib's
// Fills the directory, says nothing on stdout (Bazel keeps and replays it) and
// one line on stderr when it fails. Its exit codes are the command's.

#include <cerrno>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "materialize/action/action_request.h"
#include "materialize/action/config_file.h"
#include "materialize/action/layout.h"
#include "materialize/action/request_file.h"
#include "materialize/action/sharing.h"
#include "materialize/action/yarn_mirror.h"
#include "materialize/materialize.h"
#include "materialize/os/fd.h"
#include "materialize/os/io.h"
#include "materialize/os/status.h"
#include "materialize/os/sys.h"
#include "materialize/report.h"
#include "materialize/request.h"

namespace materialize {
namespace {

constexpr int kFailed = 1;
constexpr int kUsage = 2;

// Bazel makes the directory for some actions and not for others.
absl::Status MakeOutput(Sys& sys, const char* path) {
  const int result = sys.MakeDirectoryAt(AT_FDCWD, path, 0777);
  if (result == 0 || result == -EEXIST) return absl::OkStatus();
  return ErrnoStatus(-result, "mkdir", path);
}

// `second` is the second argument, null when there is none.
absl::StatusOr<ActionRequest> ReadRequest(const std::string& text,
                                          const char* second) {
  if (LooksLikeConfig(text))
    return ParseConfig(text, second == nullptr ? "" : second);
  if (second == nullptr)
    return absl::InvalidArgumentError(
        "not a config, and no OUTPUT_DIRECTORY follows");
  absl::StatusOr<ActionRequest> request = ParseActionRequest(text);
  if (request.ok()) request->destination = second;
  return request;
}

void Say(absl::string_view line) {
  std::fprintf(stderr, "materialize: %s\n", std::string(line).c_str());
}

void Tell(const Report& report) {
  Say(SummaryText(report));
  for (const std::string& line : DowngradeText(report)) Say(line);
}

absl::Status Fill(const ActionRequest& wanted, Sys& sys) {
  Request request;
  absl::StatusOr<std::vector<Method>> methods = MethodsOf(wanted);
  if (!methods.ok()) return methods.status();
  request.methods = *std::move(methods);
  absl::StatusOr<std::vector<ManifestEntry>> entries =
      wanted.yarn_lock.empty() ? LayOut(wanted, sys)
                               : LayOutYarnMirror(wanted, sys);
  if (!entries.ok()) return entries.status();
  absl::Status status = CheckPrivate(*entries, request.methods);
  if (status.ok()) status = MakeOutput(sys, wanted.destination.c_str());
  if (!status.ok()) return status;

  request.entries = *entries;
  request.destination = wanted.destination;
  request.into = Into::kFill;
  request.symlinks = Symlinks::kFollow;
  request.count_bytes = wanted.verbose;
  const absl::StatusOr<Report> report = Materialize(request, sys);
  if (!report.ok()) return WithLabel(report.status(), *entries);
  if (wanted.verbose) Tell(*report);
  return absl::OkStatus();
}

absl::Status Run(const char* file, const char* second) {
  Sys& sys = RealSys();
  const absl::StatusOr<std::string> text = ReadFile(sys, file);
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
  return Fill(*wanted, sys);
}

}  // namespace
}  // namespace materialize

int main(int argc, char** argv) {
  if (argc != 2 && argc != 3) {
    std::fputs(
        "usage: materialize_action REQUEST_FILE OUTPUT_DIRECTORY\n"
        "       materialize_action CONFIG.json [WORKSPACE]\n",
        stderr);
    return materialize::kUsage;
  }
  const absl::Status status =
      materialize::Run(argv[1], argc == 3 ? argv[2] : nullptr);
  if (status.ok()) return 0;
  materialize::Say(status.message());
  return status.code() == absl::StatusCode::kInvalidArgument
             ? materialize::kUsage
             : materialize::kFailed;
}
