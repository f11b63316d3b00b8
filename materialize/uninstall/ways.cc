// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/uninstall/ways.h"

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <utility>

#include "materialize/exec/rename.h"
#include "materialize/os/path.h"
#include "materialize/os/status.h"
#include "materialize/plan/entry_path.h"

namespace materialize {
namespace {

constexpr int kNoFollow = AT_SYMLINK_NOFOLLOW;

// "a", "a/b", "a/b/c" of "a/b/c".
std::vector<std::string> Steps(absl::string_view path) {
  std::vector<std::string> steps;
  if (path.empty()) return steps;
  for (size_t slash = path.find('/'); slash != absl::string_view::npos;
       slash = path.find('/', slash + 1))
    steps.emplace_back(path.substr(0, slash));
  steps.emplace_back(path);
  return steps;
}

}  // namespace

int Ways::Start() {
  Stat facts;
  const int result = sys_.StatAt(root_, "", 0, &facts);
  mount_id_ = facts.mount_id;
  return result;
}

Fd Ways::Open(absl::string_view directory) {
  Fd fd(sys_, OpenDirectoryBeneath(sys_, root_, directory));
  if (fd.get() == -EACCES && closed_ == Closed::kOpenUp) {
    OpenUp("");
    for (const std::string& step : Steps(directory)) OpenUp(step);
    fd = Fd(sys_, OpenDirectoryBeneath(sys_, root_, directory));
  }
  if (!fd.ok()) return fd;
  Stat facts;
  if (const int result = sys_.StatAt(fd.get(), "", 0, &facts); result < 0)
    return Fd(sys_, result);
  return IsOnMount(facts) ? std::move(fd) : Fd(sys_, -EXDEV);
}

Obstacle Ways::FirstObstacle(absl::string_view directory, int error) const {
  for (const std::string& step : Steps(directory)) {
    const Fd holder(sys_, OpenDirectoryBeneath(sys_, root_, DirectoryOf(step)));
    Stat facts;
    const int result =
        holder.ok()
            ? sys_.StatAt(holder.get(), std::string(NameOf(step)).c_str(),
                          kNoFollow, &facts)
            : holder.get();
    if (result < 0) return {.path = step, .error = -result};
    if (facts.kind() != Kind::kDirectory)
      return {.path = step, .error = ENOTDIR, .mode = facts.mode};
    if (!IsOnMount(facts)) return {.path = step, .error = EXDEV};
    if (!Fd(sys_, OpenDirectoryBeneath(sys_, root_, step)).ok())
      return {.path = step, .error = error};
  }
  return {.path = std::string(directory), .error = error};
}

// Whatever does not work here, the next call tells.
void Ways::OpenUp(const std::string& path) {
  if (!IsNamed(path)) return;
  const bool is_root = path.empty();
  const Fd holder(sys_, OpenDirectoryBeneath(sys_, root_, DirectoryOf(path)));
  const std::string name(NameOf(path));
  const NameIn at = {.dir = is_root ? root_ : holder.get(),
                     .name = name.c_str()};
  Stat facts;
  if (at.dir < 0 || sys_.StatAt(at.dir, at.name, kNoFollow, &facts) < 0) return;
  const bool is_closed = facts.kind() == Kind::kDirectory && IsOnMount(facts) &&
                         (facts.mode & S_IRWXU) != S_IRWXU;
  if (!is_closed) return;
  const mode_t opened = facts.permissions() | S_IRWXU;
  const int result = is_root ? sys_.ChangeMode(root_, opened)
                             : sys_.ChangeModeAt(at.dir, at.name, opened);
  if (result == 0) opened_up_.Add(path, facts.permissions());
}

std::vector<DeferredModes::Refused> Ways::CloseAgain(
    const std::string& root_path) {
  std::vector<DeferredModes::Refused> refused =
      opened_up_.Apply(sys_, root_, root_path);
  // What somebody else took away needs no mode.
  std::erase_if(refused, [](const DeferredModes::Refused& one) {
    return ErrnoOf(one.status) == ENOENT;
  });
  return refused;
}

bool Ways::IsNamed(absl::string_view path) const {
  const auto found =
      std::lower_bound(entries_.begin(), entries_.end(), path,
                       [](const Expected& one, absl::string_view wanted) {
                         return EntryPathLess(one.said.entry.path, wanted);
                       });
  return found != entries_.end() && found->said.entry.path == path &&
         !found->implied;
}

}  // namespace materialize
