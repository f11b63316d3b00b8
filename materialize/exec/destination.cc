// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//

#include "materialize/exec/destination.h"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <set>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "materialize/exec/sync.h"
#include "materialize/os/dents.h"
#include "materialize/os/path.h"
#include "materialize/os/status.h"
#include "materialize/plan/source.h"

namespace materialize {
namespace {

constexpr int kMostLinks = 40;  // as the kernel: path_resolution(7)
constexpr mode_t kParentMode = 0777;

absl::Status NotADestination(absl::string_view path, absl::string_view why) {
  return absl::InvalidArgumentError(
      absl::StrCat("destination \"", path, "\": ", why));
}

int OpenDirectory(Sys& sys, int dir, const char* path) {
  const int fd = OpenPatiently(sys, dir, path, O_RDONLY | O_DIRECTORY, 0);
  // Search permission is enough for all that is done here but syncing.
  return fd == -EACCES ? OpenPatiently(sys, dir, path, O_PATH | O_DIRECTORY, 0)
                       : fd;
}

// "." and ".." and what ends in them: by the name that the kernel has for it.
absl::StatusOr<std::string> RealName(Sys& sys, const std::string& path) {
  const Fd fd(
      sys, OpenPatiently(sys, AT_FDCWD, path.c_str(), O_PATH | O_DIRECTORY, 0));
  if (!fd.ok()) return ErrnoStatus(-fd.get(), "open", path);
  return PathOfFd(sys, fd.get());
}

// The directory that holds `dir`. Where ".." may not be searched, as in a home
// directory that sudo left in the environment, its name leads there as well.
int OpenAbove(Sys& sys, int dir) {
  const int above = OpenPatiently(sys, dir, "..", O_PATH | O_DIRECTORY, 0);
  if (above != -EACCES) return above;
  const std::string path = PathOfFd(sys, dir);
  return path.empty()
             ? above
             : OpenPatiently(sys, AT_FDCWD, Split(path).directory.c_str(),
                             O_PATH | O_DIRECTORY, 0);
}

// Visits `fd` and what is above it, up to the root or until `found` says true.
absl::StatusOr<bool> Climb(Sys& sys, int fd,
                           absl::FunctionRef<bool(const Identity&)> found) {
  Fd held;
  Identity below;
  for (int at = fd;;) {
    Stat facts;
    if (const int result = sys.StatAt(at, "", 0, &facts); result < 0)
      return ErrnoStatus(-result, "stat", "..");
    const Identity here = IdentityOf(facts);
    if (here == below) return false;  // the root is its own parent
    if (found(here)) return true;
    below = here;
    Fd above(sys, OpenAbove(sys, at));
    if (!above.ok()) {
      return ErrnoStatus(-above.get(), "open",
                         JoinPath(PathOfFd(sys, at), ".."));
    }
    held = std::move(above);
    at = held.get();
  }
}

}  // namespace

absl::StatusOr<bool> IsEmptyDirectory(Sys& sys, int dir,
                                      const std::string& name,
                                      const std::string& path) {
  const Fd fd(sys, OpenPatiently(sys, dir, name.c_str(),
                                 O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0));
  if (!fd.ok()) return ErrnoStatus(-fd.get(), "open", path);
  char buffer[4096];
  bool empty = true;
  while (empty) {
    const int64_t bytes = sys.ReadDirectory(fd.get(), buffer, sizeof(buffer));
    if (bytes < 0) return ErrnoStatus(static_cast<int>(-bytes), "list", path);
    if (bytes == 0) break;
    ForEachDent(buffer, static_cast<size_t>(bytes),
                [&](const Dent&) { empty = false; });
  }
  return empty;
}

absl::StatusOr<Destination> Destination::Resolve(Sys& sys,
                                                 absl::string_view path,
                                                 Parents parents,
                                                 LastLink link) {
  if (path.empty()) return NotADestination(path, "is empty");
  Destination destination(sys);
  std::string whole(path);
  for (int links = 0; links <= kMostLinks; ++links) {
    SplitPath split = Split(whole);
    if (split.name == "." || split.name == "..") {
      absl::StatusOr<std::string> real = RealName(sys, whole);
      if (!real.ok()) return real.status();
      split = Split(*real);
    }
    if (split.name.empty())
      return NotADestination(path, "is the root directory");
    char target[PATH_MAX];
    const int64_t length =
        link == LastLink::kKeep
            ? -EINVAL
            : sys.ReadLinkAt(AT_FDCWD,
                             JoinPath(split.directory, split.name).c_str(),
                             target, PATH_MAX);
    if (length < 0) {  // no symlink, or nothing at all
      destination.name_ = split.name;
      if (absl::Status status =
              destination.OpenParent(split.directory, parents);
          !status.ok())
        return status;
      return destination;
    }
    const absl::string_view text(target, static_cast<size_t>(length));
    whole = absl::StartsWith(text, "/") ? std::string(text)
                                        : JoinPath(split.directory, text);
  }
  return ErrnoStatus(ELOOP, "open", path);
}

absl::Status Destination::OpenParent(const std::string& directory,
                                     Parents parents) {
  if (name_.size() > NAME_MAX)
    return ErrnoStatus(ENAMETOOLONG, "open", JoinPath(directory, name_));
  int fd = OpenDirectory(*sys_, AT_FDCWD, directory.c_str());
  if (fd == -ENOENT && parents == Parents::kMake) {
    if (const int made = MakeParents(directory); made < 0) {
      RemoveMadeParents();
      return ErrnoStatus(-made, "mkdir", directory);
    }
    fd = OpenDirectory(*sys_, AT_FDCWD, directory.c_str());
  }
  if (fd < 0) {
    RemoveMadeParents();
    return ErrnoStatus(-fd, "open", directory);
  }
  parent_ = Fd(*sys_, fd);
  parent_path_ = PathOfFd(*sys_, fd);
  if (parent_path_.empty()) parent_path_ = AbsolutePath(directory);
  return absl::OkStatus();
}

int Destination::MakeParents(const std::string& directory) {
  const int result =
      sys_->MakeDirectoryAt(AT_FDCWD, directory.c_str(), kParentMode);
  if (result == 0) made_.push_back(directory);
  if (result == 0 || result == -EEXIST) return 0;
  if (result != -ENOENT || Split(directory).directory == directory)
    return result;
  if (const int above = MakeParents(Split(directory).directory); above < 0)
    return above;
  const int again =
      sys_->MakeDirectoryAt(AT_FDCWD, directory.c_str(), kParentMode);
  if (again == 0) made_.push_back(directory);
  return again == -EEXIST ? 0 : again;
}

void Destination::RemoveMadeParents() {
  for (; !made_.empty(); made_.pop_back()) {
    // Somebody may have put something there meanwhile: then it stays.
    if (sys_->UnlinkAt(AT_FDCWD, made_.back().c_str(), AT_REMOVEDIR) < 0)
      return;
  }
}

absl::Status Destination::Sync() const {
  absl::Status status = SyncOne(*sys_, parent(), parent_path_);
  for (const std::string& made : made_) {
    const std::string holder = Split(made).directory;
    const Fd fd(*sys_, OpenPatiently(*sys_, AT_FDCWD, holder.c_str(),
                                     O_RDONLY | O_DIRECTORY, 0));
    if (status.ok() && !fd.ok())
      status = ErrnoStatus(-fd.get(), "open", holder);
    if (status.ok()) status = SyncOne(*sys_, fd.get(), holder);
  }
  return status;
}

std::string Destination::path() const { return JoinPath(parent_path_, name_); }

absl::StatusOr<Presence> Destination::Look(Stat* facts) const {
  Stat found;
  const int result =
      sys_->StatAt(parent(), name_.c_str(), AT_SYMLINK_NOFOLLOW, &found);
  if (result == -ENOENT) return Presence::kAbsent;
  if (result < 0) return ErrnoStatus(-result, "stat", path());
  if (facts != nullptr) *facts = found;
  if (found.kind() != Kind::kDirectory) return Presence::kOther;
  const absl::StatusOr<bool> empty =
      IsEmptyDirectory(*sys_, parent(), name_, path());
  if (!empty.ok()) return empty.status();
  return *empty ? Presence::kEmptyDirectory : Presence::kDirectory;
}

absl::StatusOr<bool> IsAtOrAbove(Sys& sys, const Identity& identity, int fd) {
  return Climb(sys, fd,
               [&identity](const Identity& here) { return here == identity; });
}

bool IsNameOf(Sys& sys, const std::string& path,
              const Destination& destination) {
  Stat parent;
  if (sys.StatAt(destination.parent(), "", 0, &parent) < 0) return false;
  const auto is_here = [&](const std::string& name) {
    const SplitPath split = Split(name);
    Stat holder;
    return split.name == destination.name() &&
           sys.StatAt(AT_FDCWD, split.directory.c_str(), 0, &holder) == 0 &&
           IdentityOf(holder) == IdentityOf(parent);
  };
  if (is_here(path)) return true;
  const Fd fd(sys, OpenPatiently(sys, AT_FDCWD, path.c_str(), O_PATH, 0));
  return fd.ok() && is_here(PathOfFd(sys, fd.get()));
}

absl::Status RefusePrecious(Sys& sys, const Destination& destination,
                            const std::vector<std::string>& inputs) {
  Stat facts;
  const int found = sys.StatAt(destination.parent(), destination.name().c_str(),
                               AT_SYMLINK_NOFOLLOW, &facts);
  if (found < 0 || facts.kind() != Kind::kDirectory) return absl::OkStatus();
  const Identity own = IdentityOf(facts);
  const auto refuse = [&](absl::string_view what) {
    return NotADestination(destination.path(),
                           absl::StrCat("refused, for it is or holds ", what));
  };
  Stat precious;
  if (sys.StatAt(AT_FDCWD, "/", 0, &precious) == 0 &&
      IdentityOf(precious) == own)
    return refuse("the root directory");
  // What is not there cannot be held; any other error leaves it open, so it is
  // an error.
  const auto check = [&](const std::string& path,
                         const std::string& what) -> absl::Status {
    const Fd fd(sys, OpenPatiently(sys, AT_FDCWD, path.c_str(),
                                   O_PATH | O_DIRECTORY, 0));
    if (fd.get() == -ENOENT || fd.get() == -ENOTDIR) return absl::OkStatus();
    if (!fd.ok()) return ErrnoStatus(-fd.get(), "open", path);
    const absl::StatusOr<bool> holds = IsAtOrAbove(sys, own, fd.get());
    if (!holds.ok()) return holds.status();
    return *holds ? refuse(what) : absl::OkStatus();
  };
  const char* home = std::getenv("HOME");
  if (home != nullptr && *home != '\0') {
    if (absl::Status status = check(home, "the home directory"); !status.ok())
      return status;
  }
  if (absl::Status status = check(".", "the working directory"); !status.ok())
    return status;
  std::set<std::string> directories;
  for (const std::string& input : inputs) {
    Stat input_facts;
    const bool is_directory =
        sys.StatAt(AT_FDCWD, input.c_str(), 0, &input_facts) == 0 &&
        input_facts.kind() == Kind::kDirectory;
    const std::string directory = is_directory ? input : Split(input).directory;
    if (!directories.insert(directory).second) continue;
    if (absl::Status status =
            check(directory, absl::StrCat("the input ", input));
        !status.ok())
      return status;
  }
  return absl::OkStatus();
}

absl::StatusOr<NearestDirectory> OpenNearest(Sys& sys,
                                             const std::string& path) {
  NearestDirectory nearest = {.fd = Fd(), .path = path};
  do {
    nearest.path = Split(nearest.path).directory;
    nearest.fd = Fd(sys, OpenPatiently(sys, AT_FDCWD, nearest.path.c_str(),
                                       O_PATH | O_DIRECTORY, 0));
  } while (nearest.fd.get() == -ENOENT && nearest.path != "/");
  if (!nearest.fd.ok())
    return ErrnoStatus(-nearest.fd.get(), "open", nearest.path);
  return nearest;
}

absl::Status LeaveOut(Sys& sys, const Destination& destination,
                      const std::vector<std::string>& directories, int staging,
                      std::vector<Identity>* left_out) {
  const auto add = [&](int dir, const char* name) {
    Stat facts;
    if (sys.StatAt(dir, name, AT_SYMLINK_NOFOLLOW, &facts) == 0)
      left_out->push_back(IdentityOf(facts));
  };
  std::vector<Identity> above;
  const auto remember = [&above](const Identity& here) {
    above.push_back(here);
    return false;
  };
  absl::StatusOr<bool> climbed = false;
  for (const std::string& path : directories) {
    Stat facts;
    if (sys.StatAt(AT_FDCWD, path.c_str(), 0, &facts) < 0) continue;
    if (above.empty()) climbed = Climb(sys, destination.parent(), remember);
    const Identity own = IdentityOf(facts);
    if (std::find(above.begin(), above.end(), own) != above.end()) {
      add(destination.parent(), destination.name().c_str());
      if (staging >= 0) add(staging, "");
      if (!destination.made().empty())
        add(AT_FDCWD, destination.made().c_str());
      return absl::OkStatus();
    }
    if (!climbed.ok()) return climbed.status();
  }
  return absl::OkStatus();
}

bool IsBaseError(const absl::Status& status) {
  switch (ErrnoOf(status).value_or(0)) {
    case EACCES:
    case ENOENT:
    case ENOTDIR:
    case EPERM:
    case EROFS:
      return true;
    default:
      return false;
  }
}

}  // namespace materialize
