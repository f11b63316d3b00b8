// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/cli/files.h"

#include <unistd.h>

#include <cerrno>
#include <utility>

#include "absl/strings/str_cat.h"
#include "materialize/os/path.h"
#include "materialize/os/status.h"

namespace materialize::cli {
namespace {

constexpr size_t kBufferSize = 64 * 1024;

// Pipes and devices are written in place; they have no other name to be renamed
// to.
bool IsStream(Sys& sys, const std::string& path) {
  Stat stat;
  return sys.StatAt(AT_FDCWD, path.c_str(), 0, &stat) == 0 &&
         stat.kind() == Kind::kSpecial;
}

}  // namespace

absl::StatusOr<std::string> ReadInput(Sys& sys, const std::string& path) {
  Fd opened;
  if (path != "-") {
    opened =
        Fd(sys, sys.OpenAt(AT_FDCWD, path.c_str(), O_RDONLY | O_CLOEXEC, 0));
    if (!opened.ok()) return ErrnoStatus(-opened.get(), "open", path);
  }
  const int fd = path == "-" ? STDIN_FILENO : opened.get();
  std::string text;
  std::string buffer(kBufferSize, '\0');
  for (;;) {
    const int64_t got = sys.Read(fd, buffer.data(), buffer.size());
    if (got == 0) return text;
    if (got == -EINTR) continue;
    if (got < 0)
      return ErrnoStatus(static_cast<int>(-got), "read",
                         path == "-" ? "standard input" : path);
    text.append(buffer, 0, static_cast<size_t>(got));
  }
}

Output Output::Standard(Sys& sys, int fd) {
  return Output(sys, fd == STDOUT_FILENO ? "standard output" : "standard error",
                fd);
}

absl::StatusOr<Output> Output::Open(Sys& sys, const std::string& path) {
  if (path == "-") return Standard(sys, STDOUT_FILENO);
  Output output(sys, path, -1);
  const bool stream = IsStream(sys, path);
  if (!stream)
    output.temporary_ =
        absl::StrCat(Split(path).directory, "/.materialize-report-", getpid());
  const std::string& name = stream ? path : output.temporary_;
  const int flags = O_WRONLY | O_CLOEXEC | (stream ? 0 : O_CREAT | O_EXCL);
  output.owned_ = Fd(sys, sys.OpenAt(AT_FDCWD, name.c_str(), flags, 0666));
  output.fd_ = output.owned_.get();
  if (output.owned_.ok()) return output;
  output.temporary_.clear();
  return ErrnoStatus(-output.fd_, "open", name);
}

Output::Output(Output&& other) noexcept
    : sys_(other.sys_),
      path_(std::move(other.path_)),
      temporary_(std::exchange(other.temporary_, "")),
      fd_(other.fd_),
      owned_(std::move(other.owned_)),
      buffer_(std::move(other.buffer_)),
      status_(std::move(other.status_)) {}

Output::~Output() {
  // A leftover of our own is all that can remain, and nobody is left to tell.
  if (!temporary_.empty())
    (void)sys_->UnlinkAt(AT_FDCWD, temporary_.c_str(), 0);
}

void Output::Append(absl::string_view text) {
  buffer_.append(text.data(), text.size());
  if (buffer_.size() >= kBufferSize) Flush();
}

void Output::Flush() {
  size_t done = 0;
  while (done < buffer_.size() && status_.ok()) {
    const int64_t wrote =
        sys_->Write(fd_, buffer_.data() + done, buffer_.size() - done);
    if (wrote == -EINTR) continue;
    if (wrote < 0)
      status_ = ErrnoStatus(static_cast<int>(-wrote), "write", path_);
    if (wrote > 0) done += static_cast<size_t>(wrote);
  }
  buffer_.clear();
}

absl::Status Output::Commit() {
  Flush();
  if (!status_.ok() || temporary_.empty()) return status_;
  if (const int error = owned_.Close(); error < 0)
    return ErrnoStatus(-error, "close", path_);
  const int error =
      sys_->RenameAt(AT_FDCWD, temporary_.c_str(), AT_FDCWD, path_.c_str(), 0);
  if (error < 0) return ErrnoStatus(-error, "rename", temporary_, path_);
  temporary_.clear();
  return absl::OkStatus();
}

}  // namespace materialize::cli
