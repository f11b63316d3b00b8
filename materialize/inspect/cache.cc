// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/inspect/cache.h"

#include <algorithm>
#include <cerrno>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "materialize/os/fd.h"
#include "materialize/os/path.h"
#include "materialize/os/status.h"
#include "materialize/plan/source.h"

namespace materialize {
namespace {

// O_PATH opens nothing: no FIFO waits, no device acts.
constexpr int kLookOnly = O_PATH | O_NOCTTY;

bool HasParentSteps(absl::string_view path) {
  const std::vector<absl::string_view> steps = absl::StrSplit(path, '/');
  return std::find(steps.begin(), steps.end(), "..") != steps.end();
}

// What `path` is below `directory`, both absolute and plain.
std::optional<std::string> Below(absl::string_view path,
                                 absl::string_view directory) {
  if (path == directory) return ".";
  if (!absl::ConsumePrefix(&path, directory)) return std::nullopt;
  if (!absl::EndsWith(directory, "/") && !absl::ConsumePrefix(&path, "/"))
    return std::nullopt;
  return std::string(path);
}

std::string JoinEntry(const std::string& directory, const std::string& name) {
  return directory == "." ? name : JoinPath(directory, name);
}

// "." , ".." or nothing: what comes before is a directory as a whole.
bool IsStep(absl::string_view name) {
  return name.empty() || name == "." || name == "..";
}

}  // namespace

std::string RealPath(Sys& sys, const std::string& path) {
  const Fd fd(sys, OpenPatiently(sys, AT_FDCWD, path.c_str(), kLookOnly, 0));
  if (fd.ok()) {
    const std::string real = PathOfFd(sys, fd.get());
    return real.empty() ? AbsolutePath(path) : real;
  }
  const SplitPath split = Split(path);
  if (split.name.empty() || split.directory == path) return AbsolutePath(path);
  const std::string parent = RealPath(sys, split.directory);
  return AbsolutePath(JoinPath(parent, split.name));
}

absl::StatusOr<Cache> Cache::Find(Sys& sys, const std::string& path) {
  Cache cache(sys);
  Stat facts;
  const int result = sys.StatAt(AT_FDCWD, path.c_str(), 0, &facts);
  if (result < 0 && result != -ENOENT && result != -ENOTDIR)
    return ErrnoStatus(-result, "stat", path);
  if (result >= 0 && facts.kind() != Kind::kDirectory)
    return ErrnoStatus(ENOTDIR, "open", path);
  if (result >= 0) cache.identity_ = IdentityOf(facts);
  cache.real_ = RealPath(sys, path);
  if (!HasParentSteps(path)) cache.spelled_ = AbsolutePath(path);
  return cache;
}

std::optional<std::string> Cache::Within(const std::string& path) {
  if (auto entry = Below(path, real_); entry.has_value()) return entry;
  // The same directory may be mounted elsewhere too.
  for (std::string at = path; identity_.has_value() && at != "/";) {
    Stat facts;
    if (sys_.StatAt(AT_FDCWD, at.c_str(), 0, &facts) >= 0 &&
        IdentityOf(facts) == *identity_) {
      return Below(path, at);
    }
    at = Split(at).directory;
    if (at == ".") break;  // no absolute path
  }
  return std::nullopt;
}

std::optional<std::string> Cache::EntryOfDirectory(
    const std::string& directory) {
  const auto [at, is_new] = known_.try_emplace(directory);
  if (is_new) at->second = Within(RealPath(sys_, directory));
  return at->second;
}

std::optional<std::string> Cache::EntryAsSpelled(
    const std::string& path) const {
  if (spelled_.empty() || HasParentSteps(path)) return std::nullopt;
  return Below(AbsolutePath(path), spelled_);
}

std::optional<std::string> Cache::EntryOf(const std::string& directory,
                                          const std::string& target) {
  const std::string path =
      absl::StartsWith(target, "/") ? target : JoinPath(directory, target);
  const SplitPath split = Split(path);
  // An entry of the cache may be a link itself: it is meant, not what it leads
  // to.
  if (!IsStep(split.name)) {
    const auto parent = EntryOfDirectory(split.directory);
    if (parent.has_value()) return JoinEntry(*parent, split.name);
  }
  if (auto entry = EntryAsSpelled(path); entry.has_value()) return entry;
  return Within(RealPath(sys_, path));
}

}  // namespace materialize
