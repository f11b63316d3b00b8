// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Request::dry_run: what the run would refuse is refused, what it would do is
// told, and nothing is written.

#include "materialize/exec/dry_run.h"

#include <cerrno>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "materialize/exec/executor.h"
#include "materialize/os/path.h"
#include "materialize/os/status.h"
#include "materialize/run.h"

namespace materialize {
namespace {

// Of a run that only looks.
class Nothing final : public Permit {
 public:
  absl::StatusOr<int> Get() override {
    return absl::InternalError("a rehearsal came to change something");
  }
};

// What only a try would find out, where `method` is to be used within `mount`.
bool IsUnsure(const Mount& mount, Method method) {
  const Filesystem& filesystem = *mount.filesystem;
  switch (method) {
    case Method::kReflink:
      return filesystem.reflink == Support::kMaybe;
    case Method::kHardlink:  // not of a lower layer
      return filesystem.hardlink == Support::kMaybe ||
             filesystem.traits.layers == Layers::kOverlay;
    case Method::kSymlink:
      return filesystem.symlink == Support::kMaybe;
    case Method::kCopy:
      break;
  }
  return false;
}

// The kernel's answer to a rename of a mount point, without asking for it.
absl::Status RefuseMountPoint(Sys& sys, const Destination& destination) {
  Stat own;
  Stat parent;
  const int found = sys.StatAt(destination.parent(), destination.name().c_str(),
                               AT_SYMLINK_NOFOLLOW, &own);
  if (found < 0 || own.kind() != Kind::kDirectory ||
      sys.StatAt(destination.parent(), "", 0, &parent) < 0 ||
      own.mount_id == parent.mount_id)
    return absl::OkStatus();
  const absl::Status status(
      absl::StatusCode::kFailedPrecondition,
      ErrnoStatus(EBUSY, "rename", destination.path()).message());
  return WithHint(status, WhyNotMoved(EBUSY));
}

}  // namespace

absl::Status Run::Rehearse() {
  report_.destination = AbsolutePath(request_.destination);
  options_.final_path = staged() == Staged::kFile
                            ? Split(report_.destination).directory
                            : report_.destination;
  const absl::StatusOr<Destination> destination = Destination::Resolve(
      sys_, request_.destination, Parents::kLeave, LastLinkMeant());
  // Its parents would be made.
  const bool is_to_be_made =
      request_.into != Into::kFill && ErrnoOf(destination.status()) == ENOENT;
  if (!destination.ok() && !is_to_be_made)
    return Tolerate(destination.status());
  if (destination.ok()) {
    const absl::StatusOr<bool> done = RehearseAt(*destination);
    if (!done.ok() || *done) return done.status();
  }
  const absl::StatusOr<const Mount*> to =
      NearestMount(sys_, report_.destination, mounts_);
  if (!to.ok()) return to.status();
  if (absl::Status status = CheckNames(**to); !status.ok()) return status;
  report_.phases.prepare = watch_.Lap();
  report_.snapshot = request_.snapshot;
  if (request_.snapshot) return absl::OkStatus();
  const absl::Status status =
      DryRun(sys_, options_, *input_.source, **to, mounts_,
             {.progress = progress_, .report = &report_});
  if (staged() == Staged::kFile) report_.directories = 0;
  report_.phases.place = watch_.Lap();
  TellUnsure(**to);
  return status;
}

// True: all is told.
absl::StatusOr<bool> Run::RehearseAt(const Destination& destination) {
  report_.destination = destination.path();
  options_.final_path = staged() == Staged::kFile ? destination.parent_path()
                                                  : destination.path();
  const absl::StatusOr<bool> same = IsNoop(destination);
  if (!same.ok() || *same) return same;
  absl::Status status = RefusePlace(destination);
  if (!status.ok()) return status;
  const absl::StatusOr<Presence> presence = destination.Look(nullptr);
  if (!presence.ok()) return presence.status();
  const bool is_merge =
      request_.into == Into::kMerge && *presence != Presence::kAbsent;
  if (is_merge) {
    status = RefuseMerge(destination, *presence);
  } else if (request_.into == Into::kFill) {
    status = RefuseFill(destination, *presence);
  } else {
    status = RefuseWhatIsThere(destination, IntoNothing(), staged());
    if (status.ok() && staged() == Staged::kTree)
      status = RefuseMountPoint(sys_, destination);
  }
  if (status.ok()) {
    status = LeaveOut(sys_, destination, input_.directories, /*staging=*/-1,
                      input_.left_out.get());
  }
  if (!status.ok()) return status;
  if (is_merge) status = RehearseMerge(destination);
  if (!status.ok()) return status;
  return is_merge;
}

absl::Status Run::RehearseMerge(const Destination& destination) {
  const absl::StatusOr<Fd> root = OpenRoot(destination);
  if (!root.ok()) return root.status();
  report_.phases.prepare = watch_.Lap();
  Nothing nothing;
  MergeOptions options = MergeOptionsFor(destination, root->get());
  options.rehearses = true;
  materialize::Merge merge(sys_, std::move(options), nothing);
  const absl::Status status =
      Lay(root->get(), Hygiene::kExact, &merge).status();
  if (!status.ok()) return status;
  const absl::StatusOr<const Mount*> to = MountAt(root->get());
  if (to.ok()) TellUnsure(**to);
  return absl::OkStatus();
}

// A table of filesystems knows less than a try.
void Run::TellUnsure(const Mount& to) {
  for (const Method method : kAllMethods) {
    if (report_.of(method).files == 0 || !IsUnsure(to, method)) continue;
    Warn(absl::StrCat("a dry run: whether ", to.Text(), " can ",
                      MethodName(method),
                      " is known after a try only; what cannot comes by the "
                      "next method of the list, if it has one"));
  }
}

// Lists all once more: a directory that gives way to a file is gone long before
// the last one is known.
absl::StatusOr<int64_t> Run::CountDoomed(MergeOptions options, int root) {
  const absl::StatusOr<Input> again = OpenInputAgain();
  if (!again.ok()) return again.status();
  const absl::StatusOr<const Mount*> mount = MountAt(root);
  if (!mount.ok()) return mount.status();
  options.deletion.limit = std::nullopt;
  options.rehearses = true;
  Nothing nothing;
  materialize::Merge merge(sys_, std::move(options), nothing);
  Report report;
  const absl::StatusOr<Stat> wanted =
      Execute(sys_, options_, *again->source,
              {.fd = root,
               .mount = *mount,
               .hygiene = Hygiene::kExact,
               .merge = &merge},
              mounts_, {.progress = nullptr, .report = &report});
  if (!wanted.ok()) return wanted.status();
  return report.deleted;
}

}  // namespace materialize
