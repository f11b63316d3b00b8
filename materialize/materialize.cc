// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//

#include "materialize/materialize.h"

#include <cerrno>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "materialize/exec/attributes.h"
#include "materialize/exec/destination.h"
#include "materialize/exec/dry_run.h"
#include "materialize/exec/executor.h"
#include "materialize/exec/install.h"
#include "materialize/exec/remove.h"
#include "materialize/exec/rules.h"
#include "materialize/exec/staging.h"
#include "materialize/exec/sync.h"
#include "materialize/exec/uninterrupted.h"
#include "materialize/fan_out.h"
#include "materialize/input.h"
#include "materialize/os/path.h"
#include "materialize/os/status.h"
#include "materialize/plan/manifest_check.h"
#include "materialize/plan/selection.h"
#include "materialize/receipt.h"
#include "materialize/same.h"
#include "materialize/settle.h"
#include "materialize/stopwatch.h"

namespace materialize {
namespace {

// Passes on all but the directory that a single file was made in.
class WithoutDirectories final : public FanOut {
 public:
  void Placed(int worker, const Outcome& outcome) override {
    if (outcome.kind != Kind::kDirectory) FanOut::Placed(worker, outcome);
  }
};

// One call of Materialize().
class Run {
 public:
  Run(const Request& request, Sys& sys, Progress* progress, Receipt* receipt)
      : request_(request),
        sys_(sys),
        mounts_(sys),
        options_(OptionsOf(request, sys, progress)),
        progress_(progress),
        receipt_(receipt) {}

  absl::StatusOr<Report> Place();

 private:
  absl::Status PlaceAt(Destination& destination);
  absl::Status Stage(Destination& destination);
  absl::Status StageAndInstall(const Destination& destination,
                               Staging& staging);
  absl::Status Fill(const Destination& destination);
  absl::Status FillLocked(const Destination& destination, int fd);
  absl::Status Rehearse();

  absl::StatusOr<Stat> Lay(int fd, Hygiene hygiene);
  // `staging` is a descriptor, or -1.
  absl::Status CheckNames(const Mount& to) const;
  void TellNoop();
  absl::Status WriteReceipt(int root);
  // With tolerate_missing_base a base that cannot be written is a warning.
  absl::Status Tolerate(const absl::Status& status);
  void Warn(std::string text) {
    report_.warnings.push_back({.text = std::move(text)});
  }
  Owner owner() const {
    return request_.preserve.owner ? Owner::kSources : Owner::kOurs;
  }
  Staged staged() const {
    return input_.shape == Shape::kFile ? Staged::kFile : Staged::kTree;
  }

  const Request& request_;
  Sys& sys_;
  MountTable mounts_;
  ExecOptions options_;
  Progress* progress_;
  WithoutDirectories without_directories_;
  Receipt* receipt_;
  Input input_;
  Report report_;
  Stopwatch watch_;
};

absl::StatusOr<Report> Run::Place() {
  absl::StatusOr<Input> input =
      OpenInput(sys_, request_, Split(request_.destination).name);
  if (!input.ok()) return input.status();
  input_ = *std::move(input);
  report_.failures = input_.missing;
  report_.symlinks_skipped = input_.symlinks_skipped;
  report_.special_skipped = input_.special_skipped;
  if (staged() == Staged::kFile && progress_ != nullptr) {
    without_directories_.Add(progress_);
    progress_ = &without_directories_;
  }
  if (request_.dry_run) {
    if (absl::Status status = Rehearse(); !status.ok()) return status;
    return std::move(report_);
  }
  const Parents parents =
      request_.into == Into::kFill ? Parents::kLeave : Parents::kMake;
  // A link that is to give way to a file may well lead to somebody's original.
  const LastLink link =
      staged() == Staged::kFile && request_.into == Into::kSwap
          ? LastLink::kKeep
          : LastLink::kFollow;
  absl::StatusOr<Destination> destination =
      Destination::Resolve(sys_, request_.destination, parents, link);
  if (!destination.ok()) {
    if (absl::Status status = Tolerate(destination.status()); !status.ok())
      return status;
    return std::move(report_);
  }
  report_.destination = destination->path();
  absl::Status status = PlaceAt(*destination);
  if (!status.ok()) {
    destination->RemoveMadeParents();
    return status;
  }
  report_.phases.commit = watch_.Lap();
  return std::move(report_);
}

absl::Status Run::Tolerate(const absl::Status& status) {
  if (!request_.tolerate_missing_base || !IsBaseError(status)) return status;
  Warn(absl::StrCat(status.message(), "; nothing was placed"));
  return absl::OkStatus();
}

absl::Status Run::PlaceAt(Destination& destination) {
  options_.final_path = staged() == Staged::kFile ? destination.parent_path()
                                                  : destination.path();
  const absl::StatusOr<bool> same =
      IsSourceItself(sys_, request_, options_.methods, input_, destination);
  if (!same.ok()) return same.status();
  if (*same) {
    TellNoop();
    return absl::OkStatus();
  }
  if (request_.into == Into::kSwap) {
    if (absl::Status status = RefusePrecious(sys_, destination, input_.paths);
        !status.ok())
      return status;
    if (absl::Status status = RefuseMountsBelow(sys_, destination);
        !status.ok())
      return status;
  }
  return request_.into == Into::kFill ? Fill(destination) : Stage(destination);
}

void Run::TellNoop() {
  if (staged() == Staged::kFile) {
    report_.unchanged = {.files = 1, .bytes = input_.facts.size};
  }
  Warn(absl::StrCat(report_.destination,
                    " is the source itself: nothing to do"));
}

absl::Status Run::Stage(Destination& destination) {
  const StagingPlace place = {.parent = destination.parent(),
                              .parent_path = destination.parent_path(),
                              .name = destination.name()};
  absl::StatusOr<Staging> staging =
      Staging::Acquire(sys_, place, request_.busy, request_.cancel);
  if (!staging.ok()) return Tolerate(staging.status());
  const absl::Status status = StageAndInstall(destination, *staging);
  const absl::Status removed = staging->Remove();
  if (status.ok() && !removed.ok())
    Warn(absl::StrCat("the old tree is still there: ", removed.message()));
  return status;
}

absl::Status Run::StageAndInstall(const Destination& destination,
                                  Staging& staging) {
  Installer installer(sys_, destination, staging, request_.into,
                      request_.swap_gap);
  if (absl::Status status = installer.Rehearse(staged()); !status.ok())
    return status;
  if (absl::Status status = LeaveOut(sys_, destination, input_.paths,
                                     staging.fd(), input_.left_out.get());
      !status.ok())
    return status;
  const absl::StatusOr<Fd> made = staging.MakeTree();
  if (!made.ok()) return made.status();
  const int tree = made->get();
  report_.phases.prepare = watch_.Lap();
  const absl::StatusOr<Stat> root = Lay(tree, Hygiene::kExact);
  if (!root.ok()) return root.status();
  const bool is_file = staged() == Staged::kFile;
  // The owner of a directory without these bits could not rename it.
  const bool mode_waits =
      options_.user != 0 && (root->mode & S_IRWXU) != S_IRWXU;
  absl::Status status;
  if (!is_file && !mode_waits)
    status = SetRoot(sys_, tree, *root, owner(), report_.destination);
  if (status.ok() && request_.durable)
    status = SyncTree(sys_, tree, report_.files(), staging.path());
  // While a failure still leaves the destination as it was.
  if (status.ok()) status = WriteReceipt(tree);
  if (!status.ok()) return status;
  const std::string& name = destination.name();
  status = is_file
               ? installer.Install(Staged::kFile, tree, name.c_str())
               : installer.Install(Staged::kTree, staging.fd(), kStagedTree);
  if (!status.ok()) return status;
  // xfs changes the mtime of a directory that is exchanged (xfs_cross_rename).
  if (!is_file && (mode_waits || request_.into == Into::kSwap)) {
    status = SetRoot(sys_, tree, *root, owner(), report_.destination);
    if (status.ok() && request_.durable)
      status = SyncOne(sys_, tree, destination.path());
  }
  if (status.ok() && request_.durable) status = destination.Sync();
  return status.ok() ? status : WithHint(status, "all is in its place by now");
}

absl::Status Run::Fill(const Destination& destination) {
  const absl::StatusOr<Presence> presence = destination.Look(nullptr);
  if (!presence.ok()) return presence.status();
  if (staged() == Staged::kFile)
    return absl::InvalidArgumentError(
        "--into=fill takes a directory, not a file");
  if (*presence != Presence::kEmptyDirectory) {
    return absl::FailedPreconditionError(
        absl::StrCat("fill ", destination.path(),
                     ": must be there, a directory, and empty"));
  }
  const StagingPlace place = {.parent = destination.parent(),
                              .parent_path = destination.parent_path(),
                              .name = destination.name()};
  absl::StatusOr<Staging> staging =
      Staging::Acquire(sys_, place, request_.busy, request_.cancel);
  // Below a mount point or a lower layer the place beside may not be ours to
  // write: then there is no lock.
  const std::optional<int> error =
      staging.ok() ? std::nullopt : ErrnoOf(staging.status());
  if (!staging.ok() && error != EACCES && error != EROFS && error != EPERM)
    return staging.status();
  const Fd fd(sys_, OpenPatiently(sys_, destination.parent(),
                                  destination.name().c_str(),
                                  O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0));
  absl::Status status =
      fd.ok()
          ? LeaveOut(sys_, destination, input_.paths,
                     staging.ok() ? staging->fd() : -1, input_.left_out.get())
          : ErrnoStatus(-fd.get(), "open", destination.path());
  if (status.ok()) status = FillLocked(destination, fd.get());
  if (staging.ok()) {
    const absl::Status removed = staging->Remove();
    if (status.ok() && !removed.ok()) Warn(std::string(removed.message()));
  }
  return status;
}

absl::Status Run::FillLocked(const Destination& destination, int fd) {
  // Whoever held the lock before us may have filled it.
  const absl::StatusOr<Presence> presence = destination.Look(nullptr);
  if (!presence.ok()) return presence.status();
  if (*presence != Presence::kEmptyDirectory) {
    return absl::AlreadyExistsError(
        absl::StrCat("fill ", destination.path(), ": not empty any more"));
  }
  Stat facts;
  if (const int result = sys_.StatAt(fd, "", 0, &facts); result < 0) {
    return ErrnoStatus(-result, "stat", destination.path());
  }
  const bool has_acl =
      sys_.GetXattr(fd, "system.posix_acl_default", nullptr, 0) > 0;
  const bool inherits = has_acl || (facts.mode & S_ISGID) != 0;
  report_.phases.prepare = watch_.Lap();
  const absl::StatusOr<Stat> root =
      Lay(fd, inherits ? Hygiene::kInherits : Hygiene::kExact);
  absl::Status status = root.status();
  if (status.ok()) {
    const absl::Status set =
        SetRoot(sys_, fd, *root, owner(), report_.destination);
    // Somebody else's directory looks as its owner wants it.
    const bool is_ours = ErrnoOf(set) != EPERM;
    if (!is_ours) Warn(std::string(set.message()));
    if (is_ours) status = set;
  }
  if (status.ok() && request_.durable)
    status = SyncTree(sys_, fd, report_.files(), destination.path());
  if (status.ok()) status = WriteReceipt(fd);
  if (!status.ok()) {
    const absl::Status emptied = RemoveContents(sys_, fd, destination.path());
    return emptied.ok()
               ? status
               : WithHint(status, absl::StrCat("and not emptied again: ",
                                               emptied.message()));
  }
  return absl::OkStatus();
}

absl::StatusOr<Stat> Run::Lay(int fd, Hygiene hygiene) {
  Stat facts;
  if (const int result = sys_.StatAt(fd, "", 0, &facts); result < 0) {
    return ErrnoStatus(-result, "stat", options_.final_path);
  }
  int error = 0;
  const Mount* mount = mounts_.Find(fd, facts, &error);
  if (mount == nullptr)
    return ErrnoStatus(-error, "statfs", options_.final_path);
  if (absl::Status status = CheckNames(*mount); !status.ok()) return status;
  absl::StatusOr<Stat> root =
      Execute(sys_, options_, *input_.source,
              {.fd = fd, .mount = mount, .hygiene = hygiene}, mounts_,
              {.progress = progress_, .report = &report_});
  if (staged() == Staged::kFile)
    report_.directories = 0;  // the one it was made in is no part of it
  report_.phases.place = watch_.Lap();
  return root;
}

absl::Status Run::CheckNames(const Mount& to) const {
  if (to.filesystem->names == Names::kExact) return absl::OkStatus();
  const auto* entries = input_.source->entries();
  if (entries == nullptr) return absl::OkStatus();
  const auto twin = FindCaseTwin(*entries);
  if (!twin.has_value()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      twin->second->path, ": the same name as ", twin->first->path, " on ",
      to.filesystem->name, ", which takes no notice of case"));
}

absl::Status Run::WriteReceipt(int root) {
  return receipt_ == nullptr ? absl::OkStatus()
                             : receipt_->Write(root, report_.destination);
}

// Nothing is written.
absl::Status Run::Rehearse() {
  report_.destination = AbsolutePath(request_.destination);
  options_.final_path = report_.destination;
  const absl::StatusOr<const Mount*> found =
      NearestMount(sys_, report_.destination, mounts_);
  if (!found.ok()) return found.status();
  const Mount* to = *found;
  if (absl::Status status = CheckNames(*to); !status.ok()) return status;
  const absl::StatusOr<Destination> destination = Destination::Resolve(
      sys_, request_.destination, Parents::kLeave, LastLink::kFollow);
  absl::Status status;
  if (destination.ok()) {  // else it is not there, and in no way of the walk
    status = LeaveOut(sys_, *destination, input_.paths, /*staging=*/-1,
                      input_.left_out.get());
  }
  if (!status.ok()) return status;
  report_.phases.prepare = watch_.Lap();
  status = DryRun(sys_, options_, *input_.source, *to, mounts_,
                  {.progress = progress_, .report = &report_});
  if (staged() == Staged::kFile) report_.directories = 0;
  report_.phases.place = watch_.Lap();
  return status;
}

}  // namespace

absl::StatusOr<Report> Materialize(const Request& request, Sys& sys,
                                   Progress* progress) {
  if (absl::Status status = CheckRequest(request); !status.ok()) return status;
  Uninterrupted uninterrupted(sys);
  FanOut watchers;
  watchers.Add(progress);
  std::unique_ptr<Receipt> receipt;
  if (!request.receipt.empty() && !request.dry_run) {
    const ExecOptions options = OptionsOf(request, uninterrupted, nullptr);
    absl::StatusOr<std::unique_ptr<Receipt>> opened =
        Receipt::Open(uninterrupted, request.receipt,
                      {.workers = options.jobs,
                       .digest = request.receipt_digest,
                       .stamps = {}});
    if (!opened.ok()) return opened.status();
    receipt = *std::move(opened);
    watchers.Add(receipt.get());
  }
  absl::StatusOr<Report> report =
      Run(request, uninterrupted, watchers.empty() ? nullptr : &watchers,
          receipt.get())
          .Place();
  if (report.ok()) WarnOfNotKept(&*report);
  return report;
}

}  // namespace materialize
