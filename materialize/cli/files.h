// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Files that a command line names beside trees: lists to read, reports to
// write. "-" is a standard stream.

#ifndef MATERIALIZE_CLI_FILES_H_
#define MATERIALIZE_CLI_FILES_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "materialize/os/fd.h"
#include "materialize/os/sys.h"

namespace materialize::cli {

// The whole of `path`; "-" is standard input.
absl::StatusOr<std::string> ReadInput(Sys& sys, const std::string& path);

// Writes to standard output ("-"), to a pipe or device, or to a file that
// appears under its name only when all of it is there.
class Output {
 public:
  static absl::StatusOr<Output> Open(Sys& sys, const std::string& path);
  // Standard output (1) or standard error (2).
  static Output Standard(Sys& sys, int fd);

  Output(Output&& other) noexcept;
  Output& operator=(Output&&) = delete;
  ~Output();  // What was not committed is gone.

  // Buffered; the first error stays and comes with Commit().
  void Append(absl::string_view text);
  absl::Status Commit();

 private:
  Output(Sys& sys, std::string path, int fd)
      : sys_(&sys), path_(std::move(path)), fd_(fd) {}

  void Flush();

  Sys* sys_;
  std::string path_;       // for error texts, and the final name
  std::string temporary_;  // empty: written in place
  int fd_;
  Fd owned_;
  std::string buffer_;
  absl::Status status_;
};

}  // namespace materialize::cli

#endif  // MATERIALIZE_CLI_FILES_H_
