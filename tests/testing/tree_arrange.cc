// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// ArrangeTree(): makes the tree of a tree text. TreeText() is in tree_text.cc.

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <map>
#include <system_error>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/testing/tree_line.h"
#include "tests/testing/tree_text.h"

namespace materialize {
namespace {

absl::Status Failed(std::string_view call, const std::string& path) {
  return absl::InternalError(
      absl::StrCat(std::string(call), " ", path, ": ", std::strerror(errno)));
}

// The same for the same name and size: a linear congruential sequence.
std::string GeneratedBytes(const std::string& name, int64_t size) {
  uint64_t state = std::hash<std::string>()(name) + static_cast<uint64_t>(size);
  std::string bytes(static_cast<size_t>(size), '\0');
  for (char& byte : bytes) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    byte = static_cast<char>(state >> 56);
  }
  return bytes;
}

bool WriteAll(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(fd, bytes.data(), bytes.size());
    if (written < 0) return false;
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return true;
}

absl::Status MakeFile(const std::string& path, const TreeLine& line) {
  const std::string bytes = line.content + GeneratedBytes(line.name, line.size);
  const int fd =
      open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) return Failed("open", path);
  const off_t size = static_cast<off_t>(bytes.size()) + line.hole;
  const bool written = WriteAll(fd, bytes) && ftruncate(fd, size) == 0;
  absl::Status status = written ? absl::OkStatus() : Failed("write", path);
  close(fd);
  return status;
}

absl::Status MakeSocket(const std::string& path) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  const std::string directory = path.substr(0, path.rfind('/'));
  const int dir = open(directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  // A socket's address holds 107 bytes; the descriptor makes any path short.
  const std::string name =
      absl::StrCat("/proc/self/fd/", dir, path.substr(path.rfind('/')));
  name.copy(address.sun_path, sizeof address.sun_path - 1);
  const bool bound = bind(fd, reinterpret_cast<const sockaddr*>(&address),
                          sizeof address) == 0;
  absl::Status status = bound ? absl::OkStatus() : Failed("bind", path);
  close(fd);
  close(dir);
  return status;
}

absl::Status Answer(int result, std::string_view call,
                    const std::string& path) {
  return result == 0 ? absl::OkStatus() : Failed(call, path);
}

absl::Status MakeDirectories(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  errno = error.value();
  return Answer(error ? -1 : 0, "mkdir", path);
}

absl::Status MakeEntry(const std::string& root, const TreeLine& line) {
  const std::string path = root + "/" + line.name;
  switch (line.kind) {
    case LineKind::kDirectory:
      return MakeDirectories(path);
    case LineKind::kFile:
      return MakeFile(path, line);
    case LineKind::kSymlink:
      return Answer(symlink(line.target.c_str(), path.c_str()), "symlink",
                    path);
    case LineKind::kTwin:
      return Answer(link((root + "/" + line.target).c_str(), path.c_str()),
                    "link", path);
    case LineKind::kFifo:
      return Answer(mkfifo(path.c_str(), 0600), "mkfifo", path);
    case LineKind::kSocket:
      return MakeSocket(path);
    case LineKind::kDevice:  // That of /dev/null.
      return Answer(mknod(path.c_str(), S_IFCHR | 0600, makedev(1, 3)), "mknod",
                    path);
  }
  return absl::InternalError("no such kind");
}

absl::Status SetModeAndTime(const std::string& path, const TreeLine& line) {
  if (line.kind == LineKind::kTwin)
    return absl::OkStatus();  // The file's own line says.
  if (line.kind != LineKind::kSymlink && chmod(path.c_str(), line.mode) != 0)
    return Failed("chmod", path);
  const timespec times[] = {line.mtime, line.mtime};
  return Answer(utimensat(AT_FDCWD, path.c_str(), times, AT_SYMLINK_NOFOLLOW),
                "utimensat", path);
}

std::string ParentOf(const std::string& name) {
  const size_t slash = name.rfind('/');
  return slash == name.npos ? "." : name.substr(0, slash);
}

// Directories that no line names get one of their own, the root among them.
void AddParents(std::vector<TreeLine>* lines) {
  std::map<std::string, TreeLine> parents;
  for (const TreeLine& line : *lines) {
    for (std::string name = ParentOf(line.name);; name = ParentOf(name)) {
      parents[name] = {.name = name,
                       .kind = LineKind::kDirectory,
                       .mode = 0755,
                       .mtime = {kDefaultTime, 0}};
      if (name == ".") break;
    }
  }
  for (const TreeLine& line : *lines) parents.erase(line.name);
  for (const auto& [name, line] : parents) lines->push_back(line);
}

absl::StatusOr<std::vector<TreeLine>> ParseLines(std::string_view text) {
  std::vector<TreeLine> lines = {};
  while (!text.empty()) {
    const size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
    if (line.find_first_not_of(" \t") == line.npos) continue;
    absl::StatusOr<TreeLine> parsed = ParseTreeLine(line);
    if (!parsed.ok()) return parsed.status();
    lines.push_back(*std::move(parsed));
  }
  AddParents(&lines);
  return lines;
}

// Directories, then files, then further names of them; parents before what is
// in them.
int Order(const TreeLine& line) {
  return line.kind == LineKind::kDirectory ? 0
         : line.kind == LineKind::kTwin    ? 2
                                           : 1;
}

}  // namespace

absl::Status ArrangeTree(const std::string& root, std::string_view text) {
  absl::StatusOr<std::vector<TreeLine>> lines = ParseLines(text);
  if (!lines.ok()) return lines.status();
  std::stable_sort(lines->begin(), lines->end(),
                   [](const TreeLine& a, const TreeLine& b) {
                     return std::pair(Order(a), std::string_view(a.name)) <
                            std::pair(Order(b), std::string_view(b.name));
                   });
  absl::Status status = MakeDirectories(root);
  for (auto line = lines->begin(); status.ok() && line != lines->end(); ++line)
    status = MakeEntry(root, *line);
  // Backwards: what is inside before its directory, whose time or missing
  // permission it would meet.
  for (auto line = lines->rbegin(); status.ok() && line != lines->rend();
       ++line) {
    status = SetModeAndTime(root + "/" + line->name, *line);
  }
  return status;
}

}  // namespace materialize
