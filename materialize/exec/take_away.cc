// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/exec/take_away.h"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <set>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "materialize/exec/list_names.h"
#include "materialize/exec/rename.h"
#include "materialize/os/fd.h"
#include "materialize/os/path.h"
#include "materialize/os/status.h"
#include "materialize/plan/source.h"
#include "materialize/plan/walk.h"

namespace materialize {
namespace {

enum class Act : uint8_t { kLook, kRemove };

bool IsBefore(const Time& a, const Time& b) {
  return a.seconds != b.seconds ? a.seconds < b.seconds
                                : a.nanoseconds < b.nanoseconds;
}

// Whether a filesystem with coarse times may show `time` as `shown`: vfat has
// 2 s, some have 1 s, network and FUSE filesystems 1 us or 100 ns.
bool IsRounded(const Time& time, const Time& shown) {
  constexpr uint32_t kSteps[] = {100, 1000, 1000000, 1000000000};
  const bool is_even = shown.nanoseconds == 0 && shown.seconds % 2 == 0;
  if (is_even && shown.seconds + 1 == time.seconds) return true;
  return shown.seconds == time.seconds &&
         std::any_of(std::begin(kSteps), std::end(kSteps), [&](uint32_t step) {
           return time.nanoseconds / step * step == shown.nanoseconds;
         });
}

class Taker {
 public:
  Taker(Sys& sys, Act act, const std::optional<Time>& since)
      : sys_(sys), act_(act), since_(since) {}

  void Take(const MoveEnd& source, const MoveEnd& destination);
  std::vector<Failure> left() && { return std::move(left_); }

 private:
  // Each answers whether nothing is left of what it was called for.
  bool Directory(const std::string& relative, const std::string& path);
  bool Entry(const NameIn& from, const NameIn& to, const std::string& path,
             bool* is_directory);
  bool RemoveDirectories(const std::string& relative, const std::string& path,
                         const std::vector<std::string>& names);
  bool Remove(const NameIn& at, int flags, const std::string& path);

  bool IsSameFile(const Stat& mine, const Stat& theirs);
  bool IsSameLink(const NameIn& from, const NameIn& to) const;
  bool Keep(const std::string& path, absl::string_view why);
  bool Keep(const std::string& path, const absl::Status& status);
  bool stops() const { return act_ == Act::kLook && !left_.empty(); }

  Sys& sys_;
  const Act act_;
  const std::optional<Time> since_;
  int above_ = -1;  // holds the source, and is no part of it
  uint64_t mount_id_ = 0;
  Fd from_root_;
  Fd to_root_;
  std::set<Identity> seen_;  // files with several names, found unchanged
  std::vector<Failure> left_;
};

bool Taker::Keep(const std::string& path, absl::string_view why) {
  left_.push_back(
      {.path = path, .text = absl::StrCat("remove ", path, ": ", why)});
  return false;
}

bool Taker::Keep(const std::string& path, const absl::Status& status) {
  left_.push_back({.path = path, .text = std::string(status.message())});
  return false;
}

void Taker::Take(const MoveEnd& source, const MoveEnd& destination) {
  const NameIn from = {source.dir, source.name.c_str()};
  const NameIn to = {destination.dir, destination.name.c_str()};
  Stat facts;
  if (const int result =
          sys_.StatAt(from.dir, from.name, AT_SYMLINK_NOFOLLOW, &facts);
      result < 0) {
    Keep(source.path, ErrnoStatus(-result, "stat", source.path));
    return;
  }
  above_ = from.dir;
  mount_id_ = facts.mount_id;
  bool is_directory = false;
  if (!Entry(from, to, source.path, &is_directory) || !is_directory) return;
  constexpr int kFlags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW;
  from_root_ = Fd(sys_, OpenPatiently(sys_, from.dir, from.name, kFlags, 0));
  to_root_ = Fd(sys_, OpenPatiently(sys_, to.dir, to.name, kFlags, 0));
  if (Directory("", source.path)) Remove(from, AT_REMOVEDIR, source.path);
}

// One level open at a time: the path leads back to it from the root.
bool Taker::Directory(const std::string& relative, const std::string& path) {
  std::vector<std::string> directories;
  bool all = true;
  {
    const Fd from(sys_, OpenDirectoryBeneath(sys_, from_root_.get(), relative));
    const Fd to(sys_, OpenDirectoryBeneath(sys_, to_root_.get(), relative));
    if (!from.ok()) return Keep(path, ErrnoStatus(-from.get(), "open", path));
    if (!to.ok()) return Keep(path, "not to be seen where it was copied");
    const auto names = ListNames(sys_, from.get(), path);
    if (!names.ok()) return Keep(path, names.status());
    for (const std::string& name : *names) {
      bool is_directory = false;
      const bool gone =
          Entry({from.get(), name.c_str()}, {to.get(), name.c_str()},
                JoinPath(path, name), &is_directory);
      if (gone && is_directory) directories.push_back(name);
      all = all && gone;
      if (stops()) return false;
    }
  }
  std::vector<std::string> emptied;
  for (const std::string& name : directories) {
    const bool gone = Directory(JoinPath(relative, name), JoinPath(path, name));
    if (gone) emptied.push_back(name);
    all = all && gone;
    if (stops()) return false;
  }
  return RemoveDirectories(relative, path, emptied) && all;
}

bool Taker::RemoveDirectories(const std::string& relative,
                              const std::string& path,
                              const std::vector<std::string>& names) {
  if (names.empty() || act_ == Act::kLook) return true;
  const Fd from(sys_, OpenDirectoryBeneath(sys_, from_root_.get(), relative));
  if (!from.ok()) return Keep(path, ErrnoStatus(-from.get(), "open", path));
  bool all = true;
  for (const std::string& name : names) {
    all = Remove({from.get(), name.c_str()}, AT_REMOVEDIR,
                 JoinPath(path, name)) &&
          all;
  }
  return all;
}

// A directory is only looked at; everything else goes.
bool Taker::Entry(const NameIn& from, const NameIn& to, const std::string& path,
                  bool* is_directory) {
  Stat mine;
  Stat theirs;
  int result = sys_.StatAt(from.dir, from.name, AT_SYMLINK_NOFOLLOW, &mine);
  if (result == -ENOENT) return true;
  if (result < 0) return Keep(path, ErrnoStatus(-result, "stat", path));
  result = sys_.StatAt(to.dir, to.name, AT_SYMLINK_NOFOLLOW, &theirs);
  if (result == -ENOENT) return Keep(path, "came after it was copied");
  if (result < 0) return Keep(path, ErrnoStatus(-result, "stat", path));
  if (mine.mount_id != mount_id_)
    return Keep(path, "something is mounted here");
  *is_directory = mine.kind() == Kind::kDirectory;
  const bool is_same_kind = mine.kind() == theirs.kind();
  if (is_same_kind && *is_directory) return true;
  const bool is_same =
      is_same_kind &&
      ((mine.kind() == Kind::kFile && IsSameFile(mine, theirs)) ||
       (mine.kind() == Kind::kSymlink && IsSameLink(from, to)));
  if (!is_same) return Keep(path, "changed after it was copied");
  return Remove(from, 0, path);
}

bool Taker::IsSameFile(const Stat& mine, const Stat& theirs) {
  if (mine.size != theirs.size) return false;
  // Coarse times say less; then it takes a ctime to be sure.
  const bool is_same_time =
      mine.mtime == theirs.mtime ||
      (since_.has_value() && IsRounded(mine.mtime, theirs.mtime));
  if (!is_same_time) return false;
  if (!since_.has_value() || seen_.contains(IdentityOf(mine))) return true;
  if (!IsBefore(mine.ctime, *since_)) return false;
  if (mine.links > 1) seen_.insert(IdentityOf(mine));
  return true;
}

bool Taker::IsSameLink(const NameIn& from, const NameIn& to) const {
  char mine[PATH_MAX];
  char theirs[PATH_MAX];
  const int64_t length = sys_.ReadLinkAt(from.dir, from.name, mine, PATH_MAX);
  return length >= 0 &&
         sys_.ReadLinkAt(to.dir, to.name, theirs, PATH_MAX) == length &&
         std::equal(mine, mine + length, theirs);
}

bool Taker::Remove(const NameIn& at, int flags, const std::string& path) {
  if (act_ == Act::kLook) return true;
  int result = sys_.UnlinkAt(at.dir, at.name, flags);
  // A directory of the source that is ours but not to be written: that can be
  // changed.
  if (result == -EACCES && at.dir != above_ &&
      sys_.ChangeMode(at.dir, S_IRWXU) == 0)
    result = sys_.UnlinkAt(at.dir, at.name, flags);
  if (result == 0 || result == -ENOENT) return true;
  if (flags == AT_REMOVEDIR && (result == -ENOTEMPTY || result == -EEXIST))
    return Keep(path, "something came into it after it was copied");
  const bool is_directory = flags == AT_REMOVEDIR;
  return Keep(path,
              ErrnoStatus(-result, is_directory ? "rmdir" : "unlink", path));
}

}  // namespace

std::vector<Failure> TakeAway(Sys& sys, const MoveEnd& source,
                              const MoveEnd& destination,
                              const std::optional<Time>& since) {
  Taker taker(sys, Act::kRemove, since);
  taker.Take(source, destination);
  return std::move(taker).left();
}

bool IsAllThere(Sys& sys, const MoveEnd& source, const MoveEnd& destination,
                const std::optional<Time>& since) {
  Taker taker(sys, Act::kLook, since);
  taker.Take(source, destination);
  return std::move(taker).left().empty();
}

}  // namespace materialize
