// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/whole_file.h"

#include <cerrno>
#include <cstddef>
#include <utility>

#include "absl/strings/str_cat.h"
#include "materialize/digest.h"
#include "materialize/os/io.h"
#include "materialize/os/path.h"
#include "materialize/os/status.h"

namespace materialize {
namespace {

constexpr size_t kBufferBytes = size_t{64} * 1024;
constexpr mode_t kFileMode = 0666;  // & ~umask
constexpr int kMostNames = 100;

// Short whatever `name` is, and other for another name.
std::string TemporaryName(absl::string_view name, int attempt) {
  return absl::StrCat(".materialize-file-", Sha256(name).substr(0, 16), "-",
                      attempt);
}

}  // namespace

WholeFile::WholeFile(Sys& sys, absl::string_view path)
    : sys_(sys), path_(path), name_(Split(path).name) {}

WholeFile::~WholeFile() {
  if (temporary_.empty()) return;
  // The name stays if this fails; nobody can act on it here.
  (void)sys_.UnlinkAt(directory_.get(), temporary_.c_str(), 0);
}

absl::Status WholeFile::Fail(int result, absl::string_view call) const {
  return ErrnoStatus(-result, call, path_);
}

absl::StatusOr<std::unique_ptr<WholeFile>> WholeFile::Create(
    Sys& sys, absl::string_view path) {
  std::unique_ptr<WholeFile> file(new WholeFile(sys, path));
  absl::Status status = file->Open();
  if (!status.ok()) return status;
  return file;
}

absl::Status WholeFile::Open() {
  Stat facts;
  const int result = sys_.StatAt(AT_FDCWD, path_.c_str(), 0, &facts);
  if (result == 0 && facts.kind() == Kind::kDirectory) {
    return Fail(-EISDIR, "write");
  }
  if (result == 0 && facts.kind() != Kind::kFile) {
    file_ = Fd(sys_, OpenPatiently(sys_, AT_FDCWD, path_.c_str(), O_WRONLY, 0));
    return file_.ok() ? absl::OkStatus() : Fail(file_.get(), "open");
  }
  const std::string parent = Split(path_).directory;
  directory_ = Fd(sys_, OpenPatiently(sys_, AT_FDCWD, parent.c_str(),
                                      O_RDONLY | O_DIRECTORY, 0));
  if (!directory_.ok()) return ErrnoStatus(-directory_.get(), "open", parent);
  return OpenTemporary();
}

absl::Status WholeFile::OpenTemporary() {
  file_ = Fd(sys_, OpenPatiently(sys_, directory_.get(), ".",
                                 O_TMPFILE | O_WRONLY, kFileMode));
  int result = file_.get();
  if (result != -EOPNOTSUPP && result != -EISDIR) {
    return file_.ok() ? absl::OkStatus() : Fail(result, "open");
  }
  for (int attempt = 0; attempt < kMostNames; ++attempt) {
    std::string name = TemporaryName(name_, attempt);
    result = OpenPatiently(sys_, directory_.get(), name.c_str(),
                           O_CREAT | O_EXCL | O_WRONLY, kFileMode);
    if (result == -EEXIST) continue;
    file_ = Fd(sys_, result);
    if (!file_.ok()) break;
    temporary_ = std::move(name);
    return absl::OkStatus();
  }
  return Fail(result, "open");
}

// rename(2) needs a name to start from.
absl::Status WholeFile::NameTemporary() {
  const std::string self = absl::StrCat("/proc/self/fd/", file_.get());
  int result = 0;
  for (int attempt = 0; attempt < kMostNames; ++attempt) {
    std::string name = TemporaryName(name_, attempt);
    result = sys_.LinkAt(AT_FDCWD, self.c_str(), directory_.get(), name.c_str(),
                         AT_SYMLINK_FOLLOW);
    if (result == -EEXIST) continue;
    if (result < 0) break;
    temporary_ = std::move(name);
    return absl::OkStatus();
  }
  return Fail(result, "link");
}

absl::Status WholeFile::Write(absl::string_view bytes) {
  absl::StrAppend(&buffer_, bytes);
  return buffer_.size() < kBufferBytes ? absl::OkStatus() : Flush();
}

absl::Status WholeFile::Flush() {
  const int result = WriteAll(sys_, file_.get(), buffer_);
  if (result < 0) return Fail(result, "write");
  buffer_.clear();
  return absl::OkStatus();
}

absl::Status WholeFile::Commit() {
  if (absl::Status status = Flush(); !status.ok()) return status;
  if (directory_.ok()) {
    if (temporary_.empty()) {
      if (absl::Status status = NameTemporary(); !status.ok()) return status;
    }
    const int result = sys_.RenameAt(directory_.get(), temporary_.c_str(),
                                     directory_.get(), name_.c_str(), 0);
    if (result < 0) return Fail(result, "rename");
    temporary_.clear();
  }
  const int result = file_.Close();
  return result < 0 ? Fail(result, "close") : absl::OkStatus();
}

}  // namespace materialize
