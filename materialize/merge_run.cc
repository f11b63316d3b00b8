// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Into::kMerge: into a tree that is there.

#include <cerrno>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "materialize/exec/executor.h"
#include "materialize/exec/install.h"
#include "materialize/exec/sync.h"
#include "materialize/exec/twins.h"
#include "materialize/hash_cache.h"
#include "materialize/os/path.h"
#include "materialize/os/status.h"
#include "materialize/run.h"

namespace materialize {
namespace {

bool IsRefused(const absl::Status& status) {
  return ErrnoOf(status) == EPERM;  // somebody else's directory
}

}  // namespace

absl::Status Run::Merge(Destination& destination) {
  const absl::StatusOr<Presence> presence = destination.Look(nullptr);
  if (!presence.ok()) return presence.status();
  if (absl::Status status = RefuseMerge(destination, *presence); !status.ok())
    return status;
  return !is_file() && *presence == Presence::kAbsent
             ? MergeIntoNothing(destination)
             : MergeInto(destination);
}

absl::Status Run::RefuseMerge(const Destination& destination,
                              Presence presence) const {
  const bool is_directory =
      presence == Presence::kDirectory || presence == Presence::kEmptyDirectory;
  if (is_file() && request_.deletion.enabled)
    return absl::InvalidArgumentError("--delete is for directories");
  if (is_file() && is_directory) {
    return absl::AlreadyExistsError(
        absl::StrCat("place ", destination.path(),
                     ": a directory is there, where a file is to go"));
  }
  if (!is_file() && presence == Presence::kOther) {
    return absl::AlreadyExistsError(
        absl::StrCat("place ", destination.path(),
                     ": a file is there, where a directory is to go; "
                     "--into=swap replaces it"));
  }
  return absl::OkStatus();
}

// What is not there appears whole; unless another run makes it meanwhile, or a
// dead one has left it aside.
absl::Status Run::MergeIntoNothing(Destination& destination) {
  const Report before = report_;
  absl::Status status = Stage(destination);
  if (!absl::IsAlreadyExists(status)) return status;
  const absl::StatusOr<Presence> presence = destination.Look(nullptr);
  if (!presence.ok()) return presence.status();
  if (*presence != Presence::kDirectory &&
      *presence != Presence::kEmptyDirectory)
    return status;
  report_ = before;
  absl::StatusOr<Input> again = OpenInputAgain();
  if (!again.ok()) return again.status();
  input_ = *std::move(again);
  return MergeInto(destination);
}

// Looks first, and only when something is to be changed takes the lock. Those
// who want to be told of entries are told once: then the lock comes first.
absl::Status Run::MergeInto(Destination& destination) {
  const Report before = report_;
  const bool told = progress_ != nullptr && progress_->wants_entries();
  if (!told && receipt_ == nullptr) {
    const absl::StatusOr<bool> done = MergeIfUnchanged(destination);
    if (!done.ok() || *done) return Tolerate(done.status());
    report_ = before;
    absl::StatusOr<Input> again = OpenInputAgain();
    if (!again.ok()) return again.status();
    input_ = *std::move(again);
  }
  while (true) {
    const absl::StatusOr<Fd> root = OpenRoot(destination);
    if (ErrnoOf(root.status()) == ENOENT && !is_file())  // since it was seen
      return MergeIntoNothing(destination);
    if (!root.ok()) return root.status();
    TreeLock lock(sys_, destination, root->get(), is_file(), request_.busy,
                  request_.cancel);
    if (absl::Status status = lock.Acquire(); !status.ok())
      return Tolerate(status);
    // Who held the lock before us may have put another tree there.
    if (lock.is_current()) return MergeLocked(destination, root->get(), lock);
    if (absl::Status status = lock.Release(); !status.ok()) return status;
  }
}

// False: the lock must be taken first, and the input opened anew.
absl::StatusOr<bool> Run::MergeIfUnchanged(const Destination& destination) {
  const absl::StatusOr<Fd> root = OpenRoot(destination);
  if (!root.ok()) return root.status();
  TreeLock lock(sys_, destination, root->get(), is_file(), request_.busy,
                request_.cancel);
  if (absl::Status status = LeaveOut(sys_, destination, input_.directories, -1,
                                     input_.left_out.get());
      !status.ok())
    return status;
  // The staging would turn up in a walk that has begun.
  if (!input_.left_out->empty() || !lock.Share()) return false;
  const absl::Status status = MergeLocked(destination, root->get(), lock);
  // A swap does not wait for those who look: what failed while nothing was
  // changed yet may have been taken away under us.
  const bool failed = !status.ok() || report_.partial();
  const bool is_void =
      lock.is_stale() || (failed && !lock.was_held() && !lock.is_current());
  if (!is_void) {
    if (status.ok()) return true;
    return status;
  }
  if (absl::Status removed = lock.Release(); !removed.ok()) return removed;
  return false;
}

// What is merged into: the tree, or the directory that holds the one file.
absl::StatusOr<Fd> Run::OpenRoot(const Destination& destination) {
  const char* const name = is_file() ? "." : destination.name().c_str();
  Fd root(sys_, OpenPatiently(sys_, destination.parent(), name,
                              O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0));
  if (!root.ok()) return ErrnoStatus(-root.get(), "open", destination.path());
  return root;
}

absl::Status Run::MergeLocked(const Destination& destination, int root,
                              TreeLock& lock) {
  if (lock.is_held()) {
    const absl::StatusOr<int> staging = lock.Get();
    if (!staging.ok()) return staging.status();
    if (absl::Status status = LeaveOut(sys_, destination, input_.directories,
                                       *staging, input_.left_out.get());
        !status.ok())
      return status;
  }
  MergeOptions options = MergeOptionsFor(destination, root);
  options.finds_leftovers = lock.is_inherited();
  materialize::Merge merge(sys_, std::move(options), lock);
  report_.phases.prepare = watch_.Lap();
  const absl::StatusOr<Stat> wanted = Lay(root, Hygiene::kExact, &merge);
  if (lock.is_stale()) return wanted.status();
  if (!wanted.ok()) {
    const bool changed = lock.is_held() && !is_file() && HasPlaced();
    (void)lock.Release();  // the next run does it
    return changed ? WithHint(wanted.status(),
                              "what is in place by now stays; the same command "
                              "again goes on from there")
                   : wanted.status();
  }
  if (const std::string text = merge.PrecisionText(); !text.empty())
    Warn(absl::StrCat(destination.path(), ": ", text));
  return EndMerge(destination, root, *wanted, lock);
}

// Whether anything of a run that failed is in its place.
bool Run::HasPlaced() const {
  return report_.files() > report_.unchanged.files || report_.symlinks > 0 ||
         report_.units > 0 || report_.deleted > 0;
}

absl::Status Run::EndMerge(const Destination& destination, int root,
                           const Stat& wanted, TreeLock& lock) {
  const bool changed = lock.is_held();
  if (const absl::Status removed = lock.Release(); !removed.ok())
    Warn(std::string(removed.message()));
  absl::Status status;
  Stat there;
  if (const int result = sys_.StatAt(root, "", 0, &there); result < 0)
    return ErrnoStatus(-result, "stat", destination.path());
  const bool sets_root =
      changed && staged() == Staged::kTree && wanted.mode != 0;
  if (sets_root && (wanted.permissions() != there.permissions() ||
                    wanted.mtime != there.mtime)) {
    status = SetRoot(sys_, root, wanted, owner(), report_.destination);
    if (IsRefused(status)) {
      Warn(std::string(status.message()));
      status = absl::OkStatus();
    }
  }
  if (status.ok() && request_.durable && changed)
    status = SyncTree(sys_, root, report_.files(), destination.path());
  if (status.ok()) status = WriteReceipt(root);
  return status;
}

// A destination may hold what is laid out into it. It is asked by name, so that
// a manifest of things elsewhere costs nothing.
std::vector<Identity> Run::InputsWithin(const Destination& destination) const {
  std::vector<Identity> inputs;
  if (is_file()) return inputs;
  const std::string within = destination.path() + "/";
  for (const std::string& path : input_.paths) {
    if (input_.paths.size() > 1 &&
        !absl::StartsWith(AbsolutePath(path), within))
      continue;
    Stat facts;
    const Fd fd(sys_, OpenPatiently(sys_, AT_FDCWD, path.c_str(), O_PATH, 0));
    if (fd.ok() && absl::StartsWith(PathOfFd(sys_, fd.get()), within) &&
        sys_.StatAt(fd.get(), "", 0, &facts) == 0)
      inputs.push_back(IdentityOf(facts));
  }
  return inputs;
}

MergeOptions Run::MergeOptionsFor(const Destination& destination, int root) {
  MergeOptions options = {.present = request_.present,
                          .compare = request_.compare,
                          .deletion = request_.deletion,
                          .delay_updates = request_.delay_updates,
                          .keep_times = request_.keep_times,
                          .selection = &input_.selection,
                          .deletable = &input_.deletable,
                          .inputs = InputsWithin(destination),
                          .is_one_file = is_file(),
                          .aside = StagingName(destination.name())};
  options.count_doomed = [this, options, root] {
    return CountDoomed(options, root);
  };
  return options;
}

absl::StatusOr<Input> Run::OpenInputAgain() const {
  absl::StatusOr<Input> again = OpenInput(
      sys_, request_, Split(request_.destination).name, input_.manifest);
  if (again.ok()) *again->left_out = *input_.left_out;
  return again;
}

absl::Status Run::FindTwins(int root) {
  // A rehearsal tells the method that would be tried for each file alone, and
  // leaves the user's cache as it is.
  if (!request_.dedupe || request_.dry_run || is_file())
    return absl::OkStatus();
  absl::StatusOr<Input> again = OpenInputAgain();
  if (!again.ok()) return again.status();
  const std::string& named =
      request_.source.empty() ? request_.manifest : request_.source;
  const std::unique_ptr<HashCache> cache =
      HashCache::Open(sys_, UserCacheDirectory(), AbsolutePath(named));
  absl::StatusOr<std::unique_ptr<Twins>> twins =
      Twins::Find(sys_, options_, *again->source, root, *cache);
  if (!twins.ok()) return twins.status();
  twins_ = *std::move(twins);
  options_.twins = twins_.get();
  const bool is_whole = request_.include.empty() && request_.exclude.empty() &&
                        !request_.only_files;
  const absl::Status saved =
      cache->Save(is_whole ? HashCache::Look::kWhole : HashCache::Look::kPart);
  if (!saved.ok())
    Warn(absl::StrCat(saved.message(), "; the next run reads more again"));
  return absl::OkStatus();
}

}  // namespace materialize
