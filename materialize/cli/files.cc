// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/cli/files.h"

#include <unistd.h>

#include <cerrno>
#include <utility>

#include "materialize/os/fd.h"
#include "materialize/os/io.h"
#include "materialize/os/status.h"

namespace materialize::cli {
namespace {

constexpr size_t kBufferSize = 64 * 1024;

}  // namespace

absl::StatusOr<std::string> ReadInput(Sys& sys, const std::string& path) {
  Fd opened;
  if (path != "-") {
    opened =
        Fd(sys, sys.OpenAt(AT_FDCWD, path.c_str(), O_RDONLY | O_CLOEXEC, 0));
    if (opened.get() == -EINTR) return absl::CancelledError("interrupted");
    if (!opened.ok()) return ErrnoStatus(-opened.get(), "open", path);
  }
  const int fd = path == "-" ? STDIN_FILENO : opened.get();
  std::string text;
  std::string buffer(kBufferSize, '\0');
  for (;;) {
    const int64_t got = sys.Read(fd, buffer.data(), buffer.size());
    if (got == 0) return text;
    // Nothing but a request to stop interrupts (main.cc).
    if (got == -EINTR) return absl::CancelledError("interrupted");
    if (got < 0)
      return ErrnoStatus(static_cast<int>(-got), "read",
                         path == "-" ? "standard input" : path);
    text.append(buffer, 0, static_cast<size_t>(got));
  }
}

absl::StatusOr<Output> Output::Open(Sys& sys, const std::string& path) {
  if (path == "-") return Standard(sys, STDOUT_FILENO);
  absl::StatusOr<std::unique_ptr<WholeFile>> file =
      WholeFile::Create(sys, path);
  if (!file.ok()) return file.status();
  return Output(sys, -1, *std::move(file));
}

void Output::Append(absl::string_view text) {
  if (file_ != nullptr) {
    status_.Update(file_->Write(text));
    return;
  }
  buffer_.append(text.data(), text.size());
  if (buffer_.size() >= kBufferSize) Flush();
}

void Output::Flush() {
  const char* name =
      fd_ == STDOUT_FILENO ? "standard output" : "standard error";
  if (status_.ok()) {
    const int result = WriteAll(*sys_, fd_, buffer_);
    if (result < 0) status_ = ErrnoStatus(-result, "write", name);
  }
  buffer_.clear();
}

absl::Status Output::Commit() {
  if (file_ == nullptr) Flush();
  if (!status_.ok() || file_ == nullptr) return status_;
  return file_->Commit();
}

}  // namespace materialize::cli
