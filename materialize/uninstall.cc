// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/uninstall.h"

#include <algorithm>
#include <cerrno>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "materialize/exec/destination.h"
#include "materialize/exec/tree_lock.h"
#include "materialize/exec/uninterrupted.h"
#include "materialize/os/fd.h"
#include "materialize/os/io.h"
#include "materialize/os/path.h"
#include "materialize/os/status.h"
#include "materialize/stopwatch.h"
#include "materialize/uninstall/removal.h"
#include "materialize/verify/expectation.h"

namespace materialize {
namespace {

// A list of digests or a yarn.lock tells what files should be, not who put them
// there.
absl::StatusOr<Expectation> ReadReceipt(Sys& sys, const std::string& path) {
  absl::StatusOr<std::string> text = ReadFile(sys, path);
  if (!text.ok()) return text.status();
  absl::StatusOr<Expectation> expectation = ReadExpectation(*text, path);
  if (!expectation.ok())
    return absl::FailedPreconditionError(expectation.status().message());
  if (expectation->format != "mtree") {
    return absl::FailedPreconditionError(
        absl::StrCat(path, ": not an mtree(5), as receipts are"));
  }
  return expectation;
}

enum class Target { kTree, kFile, kAbsent };

class Uninstallation {
 public:
  Uninstallation(Sys& sys, const UninstallRequest& request,
                 Expectation expectation, Progress* progress)
      : sys_(sys),
        request_(request),
        expectation_(std::move(expectation)),
        progress_(progress) {}

  absl::Status Run(UninstallReport* report);

 private:
  absl::StatusOr<Target> Look(bool* is_root);
  bool IsReceiptOfFile() const;
  absl::Status RunLocked(Target target, UninstallReport* report);
  absl::StatusOr<bool> RunOnce(const Destination& destination, Target target,
                               UninstallReport* report);
  absl::Status Remove(int root, const std::string& path,
                      UninstallReport* report);

  Sys& sys_;
  const UninstallRequest& request_;
  const Expectation expectation_;
  Progress* const progress_;
};

absl::Status Uninstallation::Run(UninstallReport* report) {
  report->entries =
      std::count_if(expectation_.entries.begin(), expectation_.entries.end(),
                    [](const Expected& one) {
                      return !one.implied && !one.said.entry.path.empty();
                    });
  bool is_root = false;
  const absl::StatusOr<Target> target = Look(&is_root);
  if (!target.ok()) return target.status();
  if (*target == Target::kAbsent) {
    report->gone = report->entries;
    return absl::OkStatus();
  }
  if (!is_root) return RunLocked(*target, report);
  // Nobody merges into "/", so nobody else would look for a lock.
  const Fd root(sys_,
                OpenPatiently(sys_, AT_FDCWD, "/", O_RDONLY | O_DIRECTORY, 0));
  if (!root.ok()) return ErrnoStatus(-root.get(), "open", "/");
  return Remove(root.get(), "/", report);
}

absl::StatusOr<Target> Uninstallation::Look(bool* is_root) {
  const std::string& path = request_.destination;
  const Fd root(sys_, OpenPatiently(sys_, AT_FDCWD, path.c_str(),
                                    O_RDONLY | O_DIRECTORY, 0));
  if (root.ok()) {
    *is_root = PathOfFd(sys_, root.get()) == "/";
    return Target::kTree;
  }
  if (root.get() == -ENOENT && !path.empty()) return Target::kAbsent;
  if (root.get() == -ENOTDIR && IsReceiptOfFile()) return Target::kFile;
  return ErrnoStatus(-root.get(), "open", path);
}

// It lists the file by its name: what is beside it is not part of the
// destination.
bool Uninstallation::IsReceiptOfFile() const {
  return expectation_.entries.size() == 1 &&
         expectation_.entries[0].said.entry.path ==
             Split(request_.destination).name;
}

absl::Status Uninstallation::RunLocked(Target target, UninstallReport* report) {
  const LastLink link =
      target == Target::kFile ? LastLink::kKeep : LastLink::kFollow;
  while (true) {
    const absl::StatusOr<Destination> destination =
        Destination::Resolve(sys_, request_.destination, Parents::kLeave, link);
    if (!destination.ok()) return destination.status();
    const absl::StatusOr<bool> done = RunOnce(*destination, target, report);
    if (!done.ok() || *done) return done.status();
  }
}

// False: who held the lock before us has put another tree there.
absl::StatusOr<bool> Uninstallation::RunOnce(const Destination& destination,
                                             Target target,
                                             UninstallReport* report) {
  const bool is_file = target == Target::kFile;
  const Fd root(sys_, OpenPatiently(sys_, destination.parent(),
                                    is_file ? "." : destination.name().c_str(),
                                    O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0));
  if (!root.ok()) return ErrnoStatus(-root.get(), "open", destination.path());
  const std::string path =
      is_file ? destination.parent_path() : destination.path();
  if (request_.dry_run) {
    if (absl::Status status = Remove(root.get(), path, report); !status.ok())
      return status;
    return true;
  }
  TreeLock lock(sys_, destination, root.get(), is_file, request_.busy,
                request_.cancel);
  if (absl::Status status = lock.Acquire(); !status.ok()) return status;
  if (!lock.is_current()) {
    if (absl::Status status = lock.Release(); !status.ok()) return status;
    return false;
  }
  const absl::Status status = Remove(root.get(), path, report);
  if (const absl::Status released = lock.Release(); !released.ok())
    report->warnings.push_back({.text = std::string(released.message())});
  if (!status.ok()) return status;
  return true;
}

absl::Status Uninstallation::Remove(int root, const std::string& path,
                                    UninstallReport* report) {
  return Removal(sys_, request_, expectation_.entries, root, path, progress_)
      .Run(report);
}

}  // namespace

absl::StatusOr<UninstallReport> Uninstall(const UninstallRequest& request,
                                          Sys& sys, Progress* progress) {
  Stopwatch watch;
  Uninterrupted calls(sys, request.cancel);
  absl::StatusOr<Expectation> expectation = ReadReceipt(calls, request.receipt);
  if (!expectation.ok()) return expectation.status();
  UninstallReport report;
  report.receipt = request.receipt;
  report.destination = request.destination;
  report.dry_run = request.dry_run;
  if (absl::Status status =
          Uninstallation(calls, request, *std::move(expectation), progress)
              .Run(&report);
      !status.ok())
    return status;
  report.seconds = watch.Lap();
  return report;
}

}  // namespace materialize
