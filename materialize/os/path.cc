// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/os/path.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <climits>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace materialize {
namespace {

constexpr int kDirectoryFlags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW;
constexpr size_t kLongestPath = PATH_MAX - 1;

// Opens relative to a descriptor that is given up; -errno passes through.
class Descent {
 public:
  Descent(Sys& sys, int root) : sys_(sys), at_(root) {}

  template <typename Open>
  bool Step(const std::string& piece, Open open) {
    const int next = open(at_, piece.c_str());
    if (held_)
      (void)sys_.Close(
          at_);  // A directory opened for reading: close has nothing to tell.
    held_ = next >= 0;
    at_ = next;
    return held_;
  }
  int get() const { return at_; }

 private:
  Sys& sys_;
  int at_;
  bool held_ = false;
};

int OpenByComponents(Sys& sys, int root, absl::string_view path) {
  Descent descent(sys, root);
  for (const absl::string_view name :
       absl::StrSplit(path, '/', absl::SkipEmpty())) {
    const auto open = [&](int at, const char* piece) {
      return OpenPatiently(sys, at, piece, kDirectoryFlags, 0);
    };
    if (!descent.Step(std::string(name), open)) break;
  }
  return descent.get();
}

int OpenByPieces(Sys& sys, int root, absl::string_view path) {
  Descent descent(sys, root);
  while (!path.empty()) {
    size_t length = path.size();
    if (length > kLongestPath) length = path.substr(0, kLongestPath).rfind('/');
    if (length == absl::string_view::npos) return -ENAMETOOLONG;
    const auto open = [&](int at, const char* piece) {
      return sys.OpenBeneath(at, piece, kDirectoryFlags);
    };
    if (!descent.Step(std::string(path.substr(0, length)), open)) break;
    path.remove_prefix(std::min(length + 1, path.size()));
  }
  return descent.get();
}

bool IsShortage(int result) { return result == -EMFILE || result == -ENFILE; }

std::vector<std::string> Components(absl::string_view path) {
  std::vector<std::string> components;
  for (const absl::string_view name :
       absl::StrSplit(path, '/', absl::SkipEmpty())) {
    if (name == ".") continue;
    if (name == "..") {
      if (!components.empty()) components.pop_back();
      continue;
    }
    components.emplace_back(name);
  }
  return components;
}

}  // namespace

int OpenDirectoryBeneath(Sys& sys, int root, absl::string_view path) {
  if (path.empty()) return OpenPatiently(sys, root, ".", kDirectoryFlags, 0);
  constexpr int kTries = 100;
  for (int attempt = 0; attempt < kTries; ++attempt) {
    const int fd = OpenByPieces(sys, root, path);
    // EAGAIN: something was renamed while the kernel walked (openat2(2)).
    // EPERM: seccomp filters that know it not.
    if (fd == -ENOSYS || fd == -EPERM) return OpenByComponents(sys, root, path);
    if (fd != -EAGAIN && fd != -EINTR && !IsShortage(fd)) return fd;
    if (IsShortage(fd))
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return OpenByComponents(sys, root, path);
}

int OpenDirectoryIn(Sys& sys, int dir, absl::string_view name) {
  return OpenPatiently(sys, dir, std::string(name).c_str(), kDirectoryFlags, 0);
}

int OpenFileBeneath(Sys& sys, int root, absl::string_view path) {
  constexpr int kFlags = O_RDONLY | O_NONBLOCK | O_NOCTTY;
  const int fd = sys.OpenBeneath(root, std::string(path).c_str(), kFlags);
  const bool piecewise = fd == -ENOSYS || fd == -EPERM || fd == -ENAMETOOLONG;
  if (!piecewise && fd != -EAGAIN && fd != -EINTR && !IsShortage(fd)) return fd;
  const SplitPath split = Split(path);
  const int directory = OpenDirectoryBeneath(
      sys, root, split.directory == "." ? "" : split.directory);
  if (directory < 0) return directory;
  const int file =
      OpenPatiently(sys, directory, split.name.c_str(), kFlags | O_NOFOLLOW, 0);
  (void)sys.Close(directory);  // Opened for reading: nothing to tell.
  return file;
}

int OpenPatiently(Sys& sys, int dir, const char* path, int flags, mode_t mode) {
  constexpr int kTries = 100;
  int fd = -EMFILE;
  for (int attempt = 0; attempt < kTries; ++attempt) {
    fd = sys.OpenAt(dir, path, flags, mode);
    if (fd != -EINTR && !IsShortage(fd)) return fd;
    if (IsShortage(fd))
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return fd;
}

std::string PathOfFd(Sys& sys, int fd) {
  char buffer[PATH_MAX];
  const std::string link = absl::StrCat("/proc/self/fd/", fd);
  const int64_t length =
      sys.ReadLinkAt(AT_FDCWD, link.c_str(), buffer, sizeof(buffer));
  if (length <= 0 || buffer[0] != '/') return "";
  return std::string(buffer, static_cast<size_t>(length));
}

SplitPath Split(absl::string_view path) {
  while (!path.empty() && path.back() == '/') path.remove_suffix(1);
  const size_t slash = path.rfind('/');
  if (slash == absl::string_view::npos)
    return {.directory = path.empty() ? "/" : ".", .name = std::string(path)};
  absl::string_view directory = path.substr(0, slash);
  while (!directory.empty() && directory.back() == '/')
    directory.remove_suffix(1);
  return {.directory = directory.empty() ? "/" : std::string(directory),
          .name = std::string(path.substr(slash + 1))};
}

std::string AbsolutePath(absl::string_view path) {
  std::string whole(path);
  if (path.empty() || path.front() != '/') {
    char cwd[PATH_MAX];
    if (getcwd(cwd, sizeof(cwd)) == nullptr) return whole;
    whole = absl::StrCat(cwd, "/", path);
  }
  return absl::StrCat("/", absl::StrJoin(Components(whole), "/"));
}

std::string RelativePath(absl::string_view from, absl::string_view to) {
  const std::vector<std::string> base = Components(from);
  const std::vector<std::string> target = Components(to);
  const auto [at, shared_end] =
      std::mismatch(base.begin(), base.end(), target.begin(), target.end());
  std::vector<std::string> steps(static_cast<size_t>(base.end() - at), "..");
  steps.insert(steps.end(), shared_end, target.end());
  return steps.empty() ? "." : absl::StrJoin(steps, "/");
}

}  // namespace materialize
