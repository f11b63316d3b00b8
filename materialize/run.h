// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// One call of Materialize(), from the settled request to the report. The
// facade's own.

#ifndef MATERIALIZE_RUN_H_
#define MATERIALIZE_RUN_H_

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "materialize/capabilities.h"
#include "materialize/exec/destination.h"
#include "materialize/exec/install.h"
#include "materialize/exec/merge.h"
#include "materialize/exec/options.h"
#include "materialize/exec/staging.h"
#include "materialize/exec/target.h"
#include "materialize/exec/tree_lock.h"
#include "materialize/exec/twins.h"
#include "materialize/fan_out.h"
#include "materialize/input.h"
#include "materialize/os/fd.h"
#include "materialize/receipt.h"
#include "materialize/report.h"
#include "materialize/request.h"
#include "materialize/settle.h"
#include "materialize/stopwatch.h"
#include "materialize/strategy/mounts.h"

namespace materialize {

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
        mounts_(request.capabilities == nullptr
                    ? own_.emplace(sys)
                    : *request.capabilities->mounts_),
        options_(OptionsOf(request, sys, progress)),
        progress_(progress),
        receipt_(receipt) {}

  absl::StatusOr<Report> Place();

 private:
  absl::Status PlaceAt(Destination& destination);
  absl::Status AdviseOfPlace(const absl::Status& status) const;
  absl::Status Stage(Destination& destination);
  absl::Status StageAndInstall(const Destination& destination,
                               Staging& staging);
  absl::Status Fill(const Destination& destination);
  absl::Status FillLocked(const Destination& destination, int fd);
  absl::Status RefuseFill(const Destination& destination,
                          Presence presence) const;
  absl::StatusOr<bool> IsNoop(const Destination& destination);
  absl::Status RefusePlace(const Destination& destination) const;
  LastLink LastLinkMeant() const;
  // What a merge finds absent is new.
  Into IntoNothing() const {
    return request_.into == Into::kMerge ? Into::kNew : request_.into;
  }

  // snapshot_run.cc.
  absl::Status OpenForSnapshot();
  absl::Status InstallSnapshot(const Destination& destination,
                               const Staging& staging, Installer& installer);
  absl::Status SetMode(int fd, mode_t mode);

  // dry_run.cc.
  absl::Status Rehearse();
  absl::StatusOr<bool> RehearseAt(const Destination& destination);
  absl::Status RehearseMerge(const Destination& destination);
  void TellUnsure(const Mount& to);
  // How many entries would go if there were no limit. From any thread.
  absl::StatusOr<int64_t> CountDoomed(MergeOptions options, int root);

  // merge_run.cc.
  absl::Status Merge(Destination& destination);
  absl::Status MergeInto(Destination& destination);
  absl::Status RefuseMerge(const Destination& destination,
                           Presence presence) const;
  absl::StatusOr<bool> MergeIfUnchanged(const Destination& destination);
  absl::StatusOr<Fd> OpenRoot(const Destination& destination);
  absl::Status MergeLocked(const Destination& destination, int root,
                           TreeLock& lock);
  absl::Status MergeIntoNothing(Destination& destination);
  bool HasPlaced() const;
  absl::Status EndMerge(const Destination& destination, int root,
                        const Stat& wanted, TreeLock& lock);
  absl::StatusOr<Input> OpenInputAgain() const;
  std::vector<Identity> InputsWithin(const Destination& destination) const;
  MergeOptions MergeOptionsFor(const Destination& destination, int root);
  // Finds what --dedupe shares. `root` as in Lay(), or -1 for a new tree.
  absl::Status FindTwins(int root);

  absl::StatusOr<Stat> Lay(int fd, Hygiene hygiene,
                           materialize::Merge* merge = nullptr);
  // Of an open directory of the destination. From any thread.
  absl::StatusOr<const Mount*> MountAt(int fd);
  absl::Status CheckNames(const Mount& to) const;
  absl::Status WriteReceipt(int root);
  // With tolerate_missing_base a base that cannot be written is a warning.
  absl::Status Tolerate(const absl::Status& status);
  void Warn(std::string text) {
    report_.warnings.push_back({.text = std::move(text)});
  }
  Owner owner() const {
    return request_.preserve.owner ? Owner::kSources : Owner::kOurs;
  }
  bool is_file() const { return input_.shape == Shape::kFile; }
  Staged staged() const { return is_file() ? Staged::kFile : Staged::kTree; }

  const Request& request_;
  Sys& sys_;
  std::optional<MountTable> own_;  // where nobody keeps one
  MountTable& mounts_;
  ExecOptions options_;
  Progress* progress_;
  WithoutDirectories without_directories_;
  Receipt* receipt_;
  Input input_;
  std::optional<Fd> subvolume_;  // of Request::snapshot
  std::unique_ptr<Twins> twins_;
  Report report_;
  Stopwatch watch_;
};

}  // namespace materialize

#endif  // MATERIALIZE_RUN_H_
