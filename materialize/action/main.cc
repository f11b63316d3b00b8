// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// materialize_action REQUEST_FILE OUTPUT_DIRECTORY: what the rules' actions
// run. Fills the directory, says nothing on stdout (Bazel keeps and replays it)
// and one line on stderr when it fails. Its exit codes are the command's.

#include <cerrno>
#include <cstdio>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "materialize/action/layout.h"
#include "materialize/action/request_file.h"
#include "materialize/materialize.h"
#include "materialize/os/fd.h"
#include "materialize/os/io.h"
#include "materialize/os/status.h"
#include "materialize/os/sys.h"
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

absl::Status Run(const char* request_file, const char* output) {
  Sys& sys = RealSys();
  const absl::StatusOr<std::string> text = ReadFile(sys, request_file);
  if (!text.ok()) return text.status();
  const absl::StatusOr<ActionRequest> wanted = ParseActionRequest(*text);
  if (!wanted.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat(request_file, ": ", wanted.status().message()));
  }
  absl::StatusOr<std::vector<ManifestEntry>> entries = LayOut(*wanted, sys);
  if (!entries.ok()) return entries.status();
  if (absl::Status made = MakeOutput(sys, output); !made.ok()) return made;

  Request request;
  request.entries = *std::move(entries);
  request.destination = output;
  request.into = Into::kFill;
  request.symlinks = Symlinks::kFollow;
  // Never a hardlink: Bazel changes the mode of outputs, and so of a source
  // file that shares the inode.
  request.methods = {Method::kReflink, Method::kCopy};
  return Materialize(request, sys).status();
}

}  // namespace
}  // namespace materialize

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fputs("usage: materialize_action REQUEST_FILE OUTPUT_DIRECTORY\n",
               stderr);
    return materialize::kUsage;
  }
  const absl::Status status = materialize::Run(argv[1], argv[2]);
  if (status.ok()) return 0;
  std::fprintf(stderr, "materialize: %s\n",
               std::string(status.message()).c_str());
  return status.code() == absl::StatusCode::kInvalidArgument
             ? materialize::kUsage
             : materialize::kFailed;
}
