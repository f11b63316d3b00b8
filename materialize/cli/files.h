// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Files that a command line names beside trees: lists to read, reports to
// write. "-" is a standard stream.

#ifndef MATERIALIZE_CLI_FILES_H_
#define MATERIALIZE_CLI_FILES_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "materialize/os/sys.h"
#include "materialize/whole_file.h"

namespace materialize::cli {

// The whole of `path`; "-" is standard input.
absl::StatusOr<std::string> ReadInput(Sys& sys, const std::string& path);

// A WholeFile, or a standard stream.
class Output {
 public:
  // "-" is standard output.
  static absl::StatusOr<Output> Open(Sys& sys, const std::string& path);
  // Standard output (1) or standard error (2).
  static Output Standard(Sys& sys, int fd) { return Output(sys, fd, nullptr); }

  // Buffered; the first error stays and comes with Commit().
  void Append(absl::string_view text);
  absl::Status Commit();

 private:
  Output(Sys& sys, int fd, std::unique_ptr<WholeFile> file)
      : sys_(&sys), fd_(fd), file_(std::move(file)) {}

  void Flush();

  Sys* sys_;
  int fd_;
  std::unique_ptr<WholeFile> file_;  // null: a standard stream
  std::string buffer_;
  absl::Status status_;
};

}  // namespace materialize::cli

#endif  // MATERIALIZE_CLI_FILES_H_
