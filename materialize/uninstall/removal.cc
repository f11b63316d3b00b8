// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/uninstall/removal.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "absl/strings/str_cat.h"
#include "materialize/exec/list_names.h"
#include "materialize/os/path.h"
#include "materialize/os/status.h"
#include "materialize/plan/entry_path.h"
#include "materialize/plan/source.h"
#include "materialize/verify/compare.h"

namespace materialize {
namespace {

constexpr int kNoFollow = AT_SYMLINK_NOFOLLOW;

SplitPath SplitEntry(absl::string_view path) {
  const size_t slash = path.rfind('/');
  if (slash == absl::string_view::npos)
    return {.directory = "", .name = std::string(path)};
  return {.directory = std::string(path.substr(0, slash)),
          .name = std::string(path.substr(slash + 1))};
}

absl::string_view DirectoryOf(absl::string_view path) {
  const size_t slash = path.rfind('/');
  return slash == absl::string_view::npos ? "" : path.substr(0, slash);
}

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
      root_(root),
      root_path_(std::move(root_path)),
      progress_(progress),
      judge_(sys, GrainAt(sys, root), request.cancel) {}

absl::Status Removal::Run(UninstallReport* report) {
  report_ = report;
  Stat facts;
  if (const int result = sys_.StatAt(root_, "", 0, &facts); result < 0)
    return ErrnoStatus(-result, "stat", root_path_);
  mount_id_ = facts.mount_id;
  for (const Group& group : Groups()) {
    if (cancelled()) break;
    Do(group);
  }
  for (const DeferredModes::Refused& refused :
       opened_up_.Apply(sys_, root_, root_path_)) {
    if (ErrnoOf(refused.status) != ENOENT) Fail(refused.path, refused.status);
  }
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
  for (auto each = directories.rbegin(); each != directories.rend(); ++each)
    groups.push_back(
        {.directory = each->first, .entries = std::move(each->second)});
  return groups;
}

void Removal::Do(const Group& group) {
  const int64_t bytes_before = judge_.bytes_read();
  const int64_t named = NamedIn(group.entries);
  if (IsUnreached(group.directory)) {
    report_->unreached += named;
    return;
  }
  const Fd dir = Open(group.directory);
  Stat facts;
  const int result =
      dir.ok() ? sys_.StatAt(dir.get(), "", 0, &facts) : dir.get();
  if (result == -ENOENT) {
    report_->gone += named;
    return;
  }
  if (result < 0 || facts.mount_id != mount_id_) return GiveUp(group, -result);
  for (const Expected* expected : group.entries) {
    if (cancelled()) return;
    if (!expected->implied) Take(dir.get(), group.directory, *expected);
  }
  if (progress_ != nullptr)
    progress_->Advanced(0, named, judge_.bytes_read() - bytes_before);
}

// A directory of ours may be closed to us.
Fd Removal::Open(absl::string_view directory) {
  Fd fd(sys_, OpenDirectoryBeneath(sys_, root_, directory));
  if (fd.get() != -EACCES || request_.dry_run) return fd;
  OpenUp(directory);
  return Fd(sys_, OpenDirectoryBeneath(sys_, root_, directory));
}

void Removal::OpenUp(absl::string_view directory) {
  OpenUpOne("");
  for (const std::string& step : Steps(directory)) OpenUpOne(step);
}

// Whatever does not work here, opening it tells.
void Removal::OpenUpOne(const std::string& path) {
  const Expected* const expected = Find(path);
  if (expected == nullptr || expected->implied) return;
  const SplitPath split = SplitEntry(path);
  const bool is_root = path.empty();
  const Fd holder(sys_, OpenDirectoryBeneath(sys_, root_, split.directory));
  const NameIn at = {.dir = is_root ? root_ : holder.get(),
                     .name = split.name.c_str()};
  Stat facts;
  if (at.dir < 0 || sys_.StatAt(at.dir, at.name, kNoFollow, &facts) < 0) return;
  const bool is_closed_directory = facts.kind() == Kind::kDirectory &&
                                   facts.mount_id == mount_id_ &&
                                   (facts.mode & S_IRWXU) != S_IRWXU;
  if (!is_closed_directory) return;
  const mode_t opened = facts.permissions() | S_IRWXU;
  const int result = is_root ? sys_.ChangeMode(root_, opened)
                             : sys_.ChangeModeAt(at.dir, at.name, opened);
  if (result == 0) opened_up_.Add(path, facts.permissions());
}

// Tells once, of the topmost directory that is in the way.
void Removal::GiveUp(const Group& group, int error) {
  report_->unreached += NamedIn(group.entries);
  for (const std::string& step : Steps(group.directory)) {
    if (!Reach(step, error)) return;
  }
  Fail(std::string(group.directory),
       ErrnoStatus(error == 0 ? EXDEV : error, "open", Named(group.directory)));
}

// Whether one step of a way that ended with `error` is passable. The steps
// before it are.
bool Removal::Reach(const std::string& path, int error) {
  const SplitPath split = SplitEntry(path);
  const Fd holder(sys_, OpenDirectoryBeneath(sys_, root_, split.directory));
  Stat facts;
  const int result = holder.ok() ? sys_.StatAt(holder.get(), split.name.c_str(),
                                               kNoFollow, &facts)
                                 : holder.get();
  if (result < 0) {
    Fail(path, ErrnoStatus(-result, "stat", Named(path)));
  } else if (facts.kind() != Kind::kDirectory) {
    const Expected* const expected = Find(path);
    const bool is_told_later = expected != nullptr && !expected->implied;
    unreached_[path] = !is_told_later;
    if (!is_told_later)
      Change(path,
             absl::StrCat("its type is ", TypeName(facts.mode), ", not dir"));
    return false;
  } else if (facts.mount_id != mount_id_) {
    FailMounted(path);
  } else {
    const Fd fd(sys_, OpenDirectoryBeneath(sys_, root_, path));
    if (fd.ok()) return true;
    Fail(path, ErrnoStatus(error, "open", Named(path)));
  }
  unreached_[path] = true;
  return false;
}

bool Removal::IsUnreached(absl::string_view directory) const {
  if (unreached_.empty()) return false;
  while (!directory.empty()) {
    if (unreached_.find(directory) != unreached_.end()) return true;
    directory = DirectoryOf(directory);
  }
  return false;
}

const Expected* Removal::Find(absl::string_view path) const {
  const auto found =
      std::lower_bound(entries_.begin(), entries_.end(), path,
                       [](const Expected& one, absl::string_view wanted) {
                         return EntryPathLess(one.said.entry.path, wanted);
                       });
  return found != entries_.end() && found->said.entry.path == path ? &*found
                                                                   : nullptr;
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
  if (facts.mount_id != mount_id_) return FailMounted(path);
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
      return FailMounted(path);
    default:
      return Fail(path, ErrnoStatus(-result, "rmdir", Named(path)));
  }
}

int Removal::RemoveDirectory(const NameIn& at, absl::string_view directory,
                             const std::string& path) {
  if (request_.dry_run) return RehearseDirectory(path);
  const int result = Unlink(at, directory, AT_REMOVEDIR);
  if (result == 0) opened_up_.Forget(path);
  return result;
}

// What rmdir(2) would say after all that would go.
int Removal::RehearseDirectory(const std::string& path) {
  const Fd fd(sys_, OpenDirectoryBeneath(sys_, root_, path));
  if (!fd.ok()) return fd.get();
  Stat facts;
  if (const int result = sys_.StatAt(fd.get(), "", 0, &facts); result < 0)
    return result;
  if (facts.mount_id != mount_id_) return -EBUSY;
  const auto names = ListNames(sys_, fd.get(), path);
  if (!names.ok()) return -ErrnoOf(names.status()).value_or(EIO);
  const auto goes = would_go_.find(path);
  const size_t count = goes == would_go_.end() ? 0 : goes->second;
  return names->size() == count ? 0 : -ENOTEMPTY;
}

int Removal::Unlink(const NameIn& at, absl::string_view directory, int flags) {
  const int result = sys_.UnlinkAt(at.dir, at.name, flags);
  if (result != -EACCES) return result;
  OpenUpOne(std::string(directory));
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

bool Removal::cancelled() const {
  return request_.cancel != nullptr && request_.cancel->load();
}

}  // namespace materialize
