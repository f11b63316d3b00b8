// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/exec/dry_run.h"

#include <cerrno>
#include <climits>
#include <deque>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "materialize/exec/destination.h"
#include "materialize/exec/rules.h"
#include "materialize/exec/tally.h"
#include "materialize/os/fd.h"
#include "materialize/os/io.h"
#include "materialize/os/path.h"
#include "materialize/os/status.h"
#include "materialize/plan/entry_path.h"

namespace materialize {
namespace {

// "8:1" of each mount id: the superblock's, so that all subvolumes of one btrfs
// have the same. Of one line: proc(5).
std::string SuperblockOf(absl::string_view mountinfo, uint64_t mount_id) {
  constexpr size_t kDevice = 2;
  const std::string id = absl::StrCat(mount_id);
  for (const absl::string_view line :
       absl::StrSplit(mountinfo, '\n', absl::SkipEmpty())) {
    const std::vector<absl::string_view> fields =
        absl::StrSplit(line, absl::MaxSplits(' ', kDevice + 1));
    if (fields.size() > kDevice && fields[0] == id)
      return std::string(fields[kDevice]);
  }
  return "";
}

// Surely: then the kernel answers EXDEV to a clone, whatever both can do.
bool AreTwoFilesystems(Sys& sys, const MountKey& a, const MountKey& b) {
  if (a.mount_id == b.mount_id) return false;
  const std::string text = ReadFile(sys, "/proc/self/mountinfo").value_or("");
  const std::string one = SuperblockOf(text, a.mount_id);
  const std::string other = SuperblockOf(text, b.mount_id);
  return !one.empty() && !other.empty() && one != other;
}

}  // namespace

absl::Status Rehearsal::All(Source& source) {
  waiting_.push_back(source.Root());
  while (!waiting_.empty()) {
    // Depth first and in listing order, as people read.
    const std::unique_ptr<Directory> next = std::move(waiting_.front());
    waiting_.pop_front();
    if (absl::Status status = List(*next); !status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status Rehearsal::List(Directory& directory) {
  Stat facts;
  if (absl::Status status = directory.Open(sys_, &facts); !status.ok())
    return status;
  tally_.Count(How::kDirectory, nullptr);
  Pass(directory, "", How::kDirectory, Kind::kDirectory, &facts, "");
  Batch batch;
  std::vector<std::unique_ptr<Directory>> children;
  while (true) {
    if (options_.cancelled()) return absl::CancelledError("interrupted");
    const absl::StatusOr<bool> more = directory.Next(sys_, &batch);
    if (!more.ok()) return more.status();
    if (!*more) break;
    for (const Entry& entry : batch.entries) {
      if (absl::Status status = Tell(directory, facts, entry); !status.ok())
        return status;
    }
    for (auto& child : batch.children) children.push_back(std::move(child));
  }
  tally_.counts.excluded += directory.counts().excluded;
  waiting_.insert(waiting_.begin(), std::make_move_iterator(children.begin()),
                  std::make_move_iterator(children.end()));
  return absl::OkStatus();
}

absl::Status Rehearsal::Tell(const Directory& directory, const Stat& facts,
                             const Entry& entry) {
  if (entry.kind == Kind::kDirectory)
    return absl::OkStatus();  // told when it is listed
  if (entry.kind == Kind::kSymlink) return TellLink(directory, entry);
  Stat own = {.mode = S_IFREG | 0644};
  if (entry.source != nullptr) {
    const int flags = entry.follow ? 0 : AT_SYMLINK_NOFOLLOW;
    const int result = sys_.StatAt(directory.from(), entry.source, flags, &own);
    if (result == -ENOENT && options_.allow_dangling) {
      tally_.Count(How::kSymlink, nullptr);
      Pass(directory, entry.name, How::kSymlink, Kind::kSymlink, nullptr, "");
      return absl::OkStatus();
    }
    if (result < 0)
      return ErrnoStatus(-result, "stat", directory.SourcePath(entry.source));
  }
  if (own.kind() == Kind::kSymlink) return TellLink(directory, entry);
  if (own.kind() != Kind::kFile) {
    if (options_.special == Special::kError)
      return SpecialRefused(directory.SourcePath(entry.source));
    ++tally_.counts.special_skipped;
    return absl::OkStatus();
  }
  const absl::StatusOr<How> how = Predict(directory, facts, entry, own);
  if (!how.ok()) return how.status();
  tally_.Count(*how, &own);
  Pass(directory, entry.name, *how, Kind::kFile, &own, "");
  return absl::OkStatus();
}

absl::Status Rehearsal::TellLink(const Directory& directory,
                                 const Entry& entry) {
  if (options_.symlinks == Symlinks::kSkip) {
    ++tally_.counts.symlinks_skipped;
    return absl::OkStatus();
  }
  char buffer[PATH_MAX];
  absl::string_view target = entry.target == nullptr ? "" : entry.target;
  if (entry.target == nullptr) {
    const int64_t length =
        sys_.ReadLinkAt(directory.from(), entry.source, buffer, sizeof(buffer));
    if (length < 0)
      return ErrnoStatus(static_cast<int>(-length), "readlink",
                         directory.SourcePath(entry.source));
    target = absl::string_view(buffer, static_cast<size_t>(length));
  }
  tally_.Count(How::kKept, nullptr);
  Pass(directory, entry.name, How::kKept, Kind::kSymlink, nullptr, target);
  return absl::OkStatus();
}

absl::StatusOr<const Mount*> Rehearsal::MountOf(const Directory& directory,
                                                const Stat& above,
                                                const Entry& entry,
                                                const Stat& facts) {
  // Each may be on another mount then.
  const bool alone = directory.from() == AT_FDCWD || entry.follow;
  Fd fd;
  if (alone)
    fd = Fd(sys_,
            OpenPatiently(sys_, directory.from(), entry.source, O_PATH, 0));
  int error = alone ? fd.get() : 0;
  const Mount* const mount =
      alone && !fd.ok() ? nullptr
                        : mounts_.Find(alone ? fd.get() : directory.from(),
                                       alone ? facts : above, &error);
  if (mount == nullptr)
    return ErrnoStatus(-error, "statfs", directory.SourcePath(entry.source));
  return mount;
}

const Pair& Rehearsal::PairFrom(const Mount& from) {
  Pair& pair = mounts_.Between(from, to_);
  if (known_.insert(&pair).second && pair.Allows(Operation::kClone) &&
      AreTwoFilesystems(sys_, from.key, to_.key))
    pair.Demote(Operation::kClone, EXDEV);
  return pair;
}

absl::StatusOr<How> Rehearsal::Predict(const Directory& directory,
                                       const Stat& above, const Entry& entry,
                                       const Stat& facts) {
  if (entry.source == nullptr) return How::kEmpty;
  const absl::StatusOr<const Mount*> mount =
      MountOf(directory, above, entry, facts);
  if (!mount.ok()) return mount.status();
  const Pair& pair = PairFrom(**mount);
  const bool is_own = entry.is_private || (entry.wanted != nullptr &&
                                           WantsOther(*entry.wanted, facts));
  std::optional<Passed> last;
  for (const Method method : options_.methods) {
    if (SharesInode(method) && is_own) continue;
    if (!Allows(pair, method)) {
      last = {.method = method, .error = pair.Error(OperationOf(method))};
      continue;
    }
    if (method == Method::kHardlink && options_.choice == Choice::kAuto &&
        options_.user == 0 && facts.uid != 0) {
      last = {.method = method, .reason = Reason::kForeignOwner};
      continue;
    }
    return method == Method::kReflink && facts.size == 0 ? How::kEmpty
                                                         : HowOf(method);
  }
  return NoMethodLeft(
      last.has_value() ? &*last : nullptr, directory.SourcePath(entry.source),
      JoinPath(options_.final_path, JoinPath(directory.path(), entry.name)));
}

void Rehearsal::Pass(const Directory& directory, const char* name, How how,
                     Kind kind, const Stat* facts, absl::string_view target) {
  if (progress_ == nullptr || !progress_->wants_entries()) return;
  const absl::string_view path = directory.path();
  const bool is_listing = *name == '\0';
  progress_->Placed(
      worker_, {.directory = is_listing ? DirectoryOf(path) : path,
                .name = is_listing ? NameOf(path) : absl::string_view(name),
                .how = how,
                .kind = kind,
                .target = target,
                .facts = facts});
}

absl::Status DryRun(Sys& sys, const ExecOptions& options, Source& source,
                    const Mount& to, MountTable& mounts,
                    const Telling& telling) {
  Rehearsal rehearsal(sys, options, to, mounts, telling.progress,
                      /*worker=*/0);
  if (absl::Status status = rehearsal.All(source); !status.ok()) return status;
  telling.report->bytes_exact = true;
  rehearsal.tally().AddTo(telling.report);
  return absl::OkStatus();
}

absl::StatusOr<const Mount*> NearestMount(Sys& sys, const std::string& path,
                                          MountTable& mounts) {
  const absl::StatusOr<NearestDirectory> nearest = OpenNearest(sys, path);
  if (!nearest.ok()) return nearest.status();
  Stat facts;
  if (const int result = sys.StatAt(nearest->fd.get(), "", 0, &facts);
      result < 0) {
    return ErrnoStatus(-result, "stat", nearest->path);
  }
  int error = 0;
  const Mount* mount = mounts.Find(nearest->fd.get(), facts, &error);
  if (mount == nullptr) return ErrnoStatus(-error, "statfs", nearest->path);
  return mount;
}

}  // namespace materialize
