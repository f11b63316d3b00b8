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
#include "materialize/exec/executor.h"
#include "materialize/exec/install.h"
#include "materialize/exec/remove.h"
#include "materialize/exec/rules.h"
#include "materialize/exec/snapshot.h"
#include "materialize/exec/sync.h"
#include "materialize/exec/uninterrupted.h"
#include "materialize/os/path.h"
#include "materialize/os/status.h"
#include "materialize/plan/manifest_check.h"
#include "materialize/plan/selection.h"
#include "materialize/receipt.h"
#include "materialize/run.h"
#include "materialize/same.h"

namespace materialize {

absl::StatusOr<Report> Run::Place() {
  absl::StatusOr<Input> input =
      OpenInput(sys_, request_, Split(request_.destination).name);
  if (!input.ok()) return input.status();
  input_ = *std::move(input);
  if (request_.snapshot) {
    if (absl::Status status = OpenForSnapshot(); !status.ok()) return status;
  }
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
  absl::StatusOr<Destination> destination = Destination::Resolve(
      sys_, request_.destination, parents, LastLinkMeant());
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
  const absl::StatusOr<bool> same = IsNoop(destination);
  if (!same.ok() || *same) return same.status();
  if (absl::Status status = RefusePlace(destination); !status.ok())
    return status;
  switch (request_.into) {
    case Into::kFill:
      return Fill(destination);
    case Into::kMerge:
      return Merge(destination);
    case Into::kNew:
    case Into::kSwap:
      break;
  }
  return Stage(destination);
}

// A link that is to give way to a file may well lead to somebody's original.
LastLink Run::LastLinkMeant() const {
  const bool replaces =
      request_.into == Into::kSwap || request_.into == Into::kMerge;
  return staged() == Staged::kFile && replaces ? LastLink::kKeep
                                               : LastLink::kFollow;
}

// Whether the destination is the source, and that has been told.
absl::StatusOr<bool> Run::IsNoop(const Destination& destination) {
  const absl::StatusOr<bool> same =
      IsSourceItself(sys_, request_, options_.methods, input_, destination);
  if (!same.ok() || !*same) return same;
  if (staged() == Staged::kFile) {
    report_.unchanged = {.files = 1, .bytes = input_.facts.size};
  }
  Warn(absl::StrCat(report_.destination,
                    " is the source itself: nothing to do"));
  return true;
}

// What must not go, whatever mode asks for it.
absl::Status Run::RefusePlace(const Destination& destination) const {
  if (request_.snapshot) {
    absl::Status status = CheckParent(sys_, subvolume_->get(), request_.source,
                                      destination.parent(), destination.path());
    if (!status.ok()) return status;
  }
  const bool swaps = request_.into == Into::kSwap;
  if (!swaps && !request_.deletion.enabled) return absl::OkStatus();
  absl::Status status = RefusePrecious(sys_, destination, input_.paths);
  if (status.ok() && swaps)
    status = RefuseMountsBelow(sys_, destination.path());
  return status;
}

// Where nothing may be made beside the destination. A filesystem that is
// read-only is so for every mode.
absl::Status Run::AdviseOfPlace(const absl::Status& status) const {
  const int error = ErrnoOf(status).value_or(0);
  if (error != EACCES && error != EPERM) return status;
  return WithAdvice(
      status,
      absl::StrCat("the directory that holds the destination must be writable",
                   is_file() || request_.into == Into::kMerge
                       ? ""
                       : "; --into=fill and --into=merge need no place beside "
                         "an existing one"));
}

absl::Status Run::Stage(Destination& destination) {
  const StagingPlace place = {.parent = destination.parent(),
                              .parent_path = destination.parent_path(),
                              .name = destination.name(),
                              .jobs = options_.jobs};
  absl::StatusOr<Staging> staging =
      Staging::Acquire(sys_, place, request_.busy, request_.cancel);
  if (!staging.ok()) return Tolerate(AdviseOfPlace(staging.status()));
  const absl::Status status = StageAndInstall(destination, *staging);
  const absl::Status removed = staging->Remove();
  if (status.ok() && !removed.ok())
    Warn(absl::StrCat("the old tree is still there: ", removed.message()));
  return status;
}

absl::Status Run::StageAndInstall(const Destination& destination,
                                  Staging& staging) {
  Installer installer(sys_, destination, staging, IntoNothing(),
                      request_.swap_gap);
  if (absl::Status status = installer.Rehearse(staged()); !status.ok())
    return status;
  if (absl::Status status = LeaveOut(sys_, destination, input_.directories,
                                     staging.fd(), input_.left_out.get());
      !status.ok())
    return status;
  if (request_.snapshot)
    return InstallSnapshot(destination, staging, installer);
  const absl::StatusOr<Fd> made = staging.MakeTree();
  if (!made.ok()) return made.status();
  const int tree = made->get();
  report_.phases.prepare = watch_.Lap();
  const absl::StatusOr<Stat> root = Lay(tree, Hygiene::kExact);
  if (!root.ok()) return root.status();
  const bool is_file = staged() == Staged::kFile;
  const bool mode_waits = options_.IsClosed(root->mode);
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

absl::StatusOr<const Mount*> Run::MountAt(int fd) {
  Stat facts;
  if (const int result = sys_.StatAt(fd, "", 0, &facts); result < 0)
    return ErrnoStatus(-result, "stat", options_.final_path);
  int error = 0;
  const Mount* const mount = mounts_.Find(fd, facts, &error);
  if (mount == nullptr)
    return ErrnoStatus(-error, "statfs", options_.final_path);
  return mount;
}

absl::StatusOr<Stat> Run::Lay(int fd, Hygiene hygiene,
                              materialize::Merge* merge) {
  const absl::StatusOr<const Mount*> mount = MountAt(fd);
  if (!mount.ok()) return mount.status();
  if (absl::Status status = CheckNames(**mount); !status.ok()) return status;
  if (absl::Status status = FindTwins(merge == nullptr ? -1 : fd); !status.ok())
    return status;
  absl::StatusOr<Stat> root =
      Execute(sys_, options_, *input_.source,
              {.fd = fd, .mount = *mount, .hygiene = hygiene, .merge = merge},
              mounts_, {.progress = progress_, .report = &report_});
  if (staged() == Staged::kFile)
    report_.directories = 0;  // the one it was made in is no part of it
  report_.phases.place = watch_.Lap();
  return root;
}

absl::Status Run::CheckNames(const Mount& to) const {
  if (to.filesystem->traits.names == Names::kExact) return absl::OkStatus();
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

absl::StatusOr<Report> Materialize(const Request& request, Sys& sys,
                                   Progress* progress) {
  if (absl::Status status = CheckRequest(request); !status.ok()) return status;
  Uninterrupted uninterrupted(sys, request.cancel);
  FanOut watchers;
  watchers.Add(progress);
  std::unique_ptr<Receipt> receipt;
  if (!request.receipt.empty() && !request.dry_run) {
    const ExecOptions options = OptionsOf(request, uninterrupted, nullptr);
    absl::StatusOr<std::unique_ptr<Receipt>> opened =
        Receipt::Open(uninterrupted, request.receipt,
                      {.workers = options.jobs,
                       .digest = request.receipt_digest,
                       .identity = request.receipt_identity,
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
