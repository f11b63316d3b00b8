// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/uninstall/removal.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "absl/strings/str_cat.h"
#include "materialize/exec/list_names.h"
#include "materialize/os/fd.h"
#include "materialize/os/status.h"
#include "materialize/plan/entry_path.h"
#include "materialize/plan/source.h"
#include "materialize/verify/compare.h"

namespace materialize {
namespace {

int64_t GrainAt(Sys& sys, int root) {
  FilesystemStat facts;
  return sys.StatFilesystem(root, &facts) < 0 ? 1 : TimeGrain(facts.magic);
}

int64_t NamedIn(const std::vector<const Expected*>& entries) {
  return std::count_if(entries.begin(), entries.end(),
                       [](const Expected* one) { return !one->implied; });
}

}  // namespace

Removal::Removal(Sys& sys, const UninstallRequest& request,
                 const std::vector<Expected>& entries, int root,
                 std::string root_path, Progress* progress)
    : sys_(sys),
      request_(request),
      entries_(entries),
      root_path_(std::move(root_path)),
      progress_(progress),
      ways_(sys, entries, root,
            request.dry_run ? Closed::kLeave : Closed::kOpenUp),
      judge_(sys, GrainAt(sys, root), request.cancel) {}

absl::Status Removal::Run(UninstallReport* report) {
  report_ = report;
  if (const int result = ways_.Start(); result < 0)
    return ErrnoStatus(-result, "stat", root_path_);
  for (const Group& group : Groups()) {
    if (cancelled()) break;
    Do(group);
  }
  for (const DeferredModes::Refused& refused : ways_.CloseAgain(root_path_))
    Fail(refused.path, refused.status);
  for (auto* const list : {&report->changed, &report->failures}) {
    std::sort(list->begin(), list->end(),
              [](const Failure& a, const Failure& b) {
                return EntryPathLess(a.path, b.path);
              });
  }
  report->files_read = judge_.files_read();
  report->bytes_read = judge_.bytes_read();
  return cancelled() ? absl::CancelledError(
                           "interrupted (the same command again does the rest)")
                     : absl::OkStatus();
}

// What is below a directory comes before it.
std::vector<Removal::Group> Removal::Groups() const {
  std::map<absl::string_view, std::vector<const Expected*>,
           decltype(&EntryPathLess)>
      directories(&EntryPathLess);
  for (const Expected& expected : entries_) {
    const std::string& path = expected.said.entry.path;
    if (!path.empty()) directories[DirectoryOf(path)].push_back(&expected);
  }
  std::vector<Group> groups;
  groups.reserve(directories.size());
  for (auto& [directory, entries] : directories)
    groups.push_back({.directory = directory, .entries = std::move(entries)});
  std::reverse(groups.begin(), groups.end());
  return groups;
}

void Removal::Do(const Group& group) {
  const int64_t bytes_before = judge_.bytes_read();
  const int64_t named = NamedIn(group.entries);
  if (IsUnreached(group.directory)) {
    report_->unreached += named;
    return;
  }
  const Fd dir = ways_.Open(group.directory);
  if (dir.get() == -ENOENT) {
    report_->gone += named;
    return;
  }
  if (!dir.ok()) return GiveUp(group, -dir.get());
  for (const Expected* expected : group.entries) {
    if (cancelled()) return;
    if (!expected->implied) Take(dir.get(), group.directory, *expected);
  }
  if (progress_ != nullptr)
    progress_->Advanced(0, named, judge_.bytes_read() - bytes_before);
}

// Tells once, of the topmost directory that is in the way; or leaves that to
// the directory's own turn, which comes after what is below it.
void Removal::GiveUp(const Group& group, int error) {
  report_->unreached += NamedIn(group.entries);
  const Obstacle obstacle = ways_.FirstObstacle(group.directory, error);
  const std::string& path = obstacle.path;
  const bool is_told_later = obstacle.error == ENOTDIR && ways_.IsNamed(path);
  unreached_[path] = !is_told_later;
  if (is_told_later) return;
  if (obstacle.error == ENOTDIR) {
    Change(path,
           absl::StrCat("its type is ", TypeName(obstacle.mode), ", not dir"));
  } else if (obstacle.error == EXDEV) {
    FailMounted(path);
  } else {
    Fail(path, ErrnoStatus(obstacle.error, "open", Named(path)));
  }
}

bool Removal::IsUnreached(absl::string_view directory) const {
  if (unreached_.empty()) return false;
  while (!directory.empty()) {
    if (unreached_.find(directory) != unreached_.end()) return true;
    directory = DirectoryOf(directory);
  }
  return false;
}

void Removal::Take(int dir, absl::string_view directory,
                   const Expected& expected) {
  const MtreeEntry& said = expected.said;
  const std::string& path = said.entry.path;
  const NameIn at = {
      .dir = dir,
      .name = path.c_str() + (directory.empty() ? 0 : directory.size() + 1)};
  if (said.entry.kind == Kind::kDirectory)
    TakeDirectory(at, directory, said);
  else
    TakeEntry(at, directory, said);
}

void Removal::TakeEntry(const NameIn& at, absl::string_view directory,
                        const MtreeEntry& said) {
  const std::string& path = said.entry.path;
  const Judgement judgement = judge_.Look(at, said, Named(path));
  if (judgement.sight == Sight::kGone) {
    ++report_->gone;
    return;
  }
  if (judgement.sight == Sight::kUnknown) {
    report_->failures.push_back({.path = path, .text = judgement.why});
    return;
  }
  const Stat& facts = judgement.facts;
  if (!ways_.IsOnMount(facts)) return FailMounted(path);
  const bool may_go = judgement.sight == Sight::kSame ||
                      (request_.changed == Changed::kRemove &&
                       facts.kind() != Kind::kDirectory);
  if (!may_go) return Change(path, judgement.why);
  const int result = request_.dry_run ? 0 : Unlink(at, directory, 0);
  if (result == 0) return Count(at, directory, facts);
  if (result == -ENOENT) {
    ++report_->gone;
  } else {
    Fail(path, ErrnoStatus(-result, "unlink", Named(path)));
  }
}

void Removal::TakeDirectory(const NameIn& at, absl::string_view directory,
                            const MtreeEntry& said) {
  const std::string& path = said.entry.path;
  if (const auto blocked = unreached_.find(path);
      blocked != unreached_.end() && blocked->second)
    return;
  const int result = RemoveDirectory(at, directory, path);
  Stat facts;
  switch (-result) {
    case 0:
      facts.mode = S_IFDIR;
      return Count(at, directory, facts);
    case ENOENT:
      ++report_->gone;
      return;
    case ENOTEMPTY:
    case EEXIST:
      ++report_->kept_directories;
      return;
    case ENOTDIR:
    case ELOOP:
      return TakeEntry(at, directory, said);
    case EBUSY:
    case EXDEV:
      return FailMounted(path);
    default:
      return Fail(path, ErrnoStatus(-result, "rmdir", Named(path)));
  }
}

int Removal::RemoveDirectory(const NameIn& at, absl::string_view directory,
                             const std::string& path) {
  if (request_.dry_run) return RehearseDirectory(path);
  const int result = Unlink(at, directory, AT_REMOVEDIR);
  if (result == 0) ways_.Forget(path);
  return result;
}

// What rmdir(2) would say after all that would go.
int Removal::RehearseDirectory(const std::string& path) {
  const Fd fd = ways_.Open(path);
  if (!fd.ok()) return fd.get();
  const auto names = ListNames(sys_, fd.get(), path);
  if (!names.ok()) return -ErrnoOf(names.status()).value_or(EIO);
  const auto goes = would_go_.find(path);
  const size_t count = goes == would_go_.end() ? 0 : goes->second;
  return names->size() == count ? 0 : -ENOTEMPTY;
}

int Removal::Unlink(const NameIn& at, absl::string_view directory, int flags) {
  const int result = sys_.UnlinkAt(at.dir, at.name, flags);
  if (result != -EACCES) return result;
  ways_.OpenUp(std::string(directory));
  return sys_.UnlinkAt(at.dir, at.name, flags);
}

void Removal::Count(const NameIn& at, absl::string_view directory,
                    const Stat& facts) {
  const Kind kind = facts.kind();
  if (kind == Kind::kDirectory) {
    ++report_->directories;
  } else if (kind == Kind::kSymlink) {
    ++report_->symlinks;
  } else {
    ++report_->files;
    if (kind == Kind::kFile) report_->bytes += facts.size;
  }
  if (request_.dry_run) ++would_go_[std::string(directory)];
  if (progress_ == nullptr || !progress_->wants_entries()) return;
  progress_->Placed(0, {.directory = directory,
                        .name = at.name,
                        .how = How::kDeleted,
                        .kind = kind,
                        .facts = &facts});
}

void Removal::Change(const std::string& path, absl::string_view why) {
  report_->changed.push_back(
      {.path = path, .text = absl::StrCat("left ", Named(path), ": ", why)});
}

void Removal::Fail(const std::string& path, const absl::Status& status) {
  report_->failures.push_back(
      {.path = path, .text = std::string(status.message())});
}

void Removal::FailMounted(const std::string& path) {
  report_->failures.push_back(
      {.path = path,
       .text = absl::StrCat("remove ", Named(path),
                            ": something is mounted here; left as it is")});
}

std::string Removal::Named(absl::string_view path) const {
  return JoinPath(root_path_, path);
}

}  // namespace materialize
