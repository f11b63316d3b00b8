// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Request::snapshot: the destination is a snapshot of the source.

#include <utility>

#include "materialize/exec/snapshot.h"
#include "materialize/exec/sync.h"
#include "materialize/os/path.h"
#include "materialize/os/status.h"
#include "materialize/run.h"

namespace materialize {

absl::Status Run::OpenForSnapshot() {
  absl::StatusOr<Fd> subvolume = OpenSubvolume(sys_, request_.source);
  if (!subvolume.ok()) return subvolume.status();
  subvolume_.emplace(*std::move(subvolume));
  return CheckPlace(sys_, subvolume_->get(), request_.source,
                    AbsolutePath(request_.destination));
}

absl::Status Run::InstallSnapshot(const Destination& destination,
                                  const Staging& staging,
                                  Installer& installer) {
  report_.phases.prepare = watch_.Lap();
  const absl::StatusOr<Fd> tree = StageSnapshot(
      sys_, subvolume_->get(), request_.source, staging, report_.destination);
  if (!tree.ok()) return tree.status();
  report_.phases.place = watch_.Lap();
  Stat facts;  // of what the snapshot is of, whatever has its name by now
  if (const int result = sys_.StatAt(tree->get(), "", 0, &facts); result < 0)
    return ErrnoStatus(-result, "stat", staging.path());
  const mode_t mode = facts.permissions();
  const bool mode_waits = options_.IsClosed(mode);
  absl::Status status;
  if (mode_waits) status = SetMode(tree->get(), mode | S_IRWXU);
  if (status.ok())
    status = installer.Install(Staged::kTree, staging.fd(), kStagedTree);
  if (!status.ok()) return status;
  report_.snapshot = true;
  if (mode_waits) status = SetMode(tree->get(), mode);
  if (status.ok() && mode_waits && request_.durable)
    status = SyncOne(sys_, tree->get(), report_.destination);
  // All else that is in it is on the disk already.
  if (status.ok() && request_.durable) status = destination.Sync();
  return status.ok() ? status : WithHint(status, "all is in its place by now");
}

absl::Status Run::SetMode(int fd, mode_t mode) {
  const int result = sys_.ChangeMode(fd, mode);
  return result < 0 ? ErrnoStatus(-result, "chmod", report_.destination)
                    : absl::OkStatus();
}

}  // namespace materialize
