// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// linkat: one inode, two names.

#include <cerrno>
#include <optional>

#include "materialize/exec/methods.h"

namespace materialize {
namespace {

// The inode is full: its replica, where there is one, serves as well.
Attempt LinkToReplica(Placement& file, const Replicas& replicas, int root) {
  if (const int result = file.Look(); result < 0)
    return Attempt::Failed(result, file.call());
  const std::optional<std::string> replica =
      replicas.Find(IdentityOf(file.facts()));
  if (!replica.has_value()) return Attempt::Next(EMLINK, "link");
  const int result = file.Link(root, replica->c_str(), 0);
  if (result == -EMLINK) return Attempt::Next(EMLINK, "link");
  return result < 0 ? Attempt::Failed(result, "link")
                    : Attempt::Placed(How::kHardlink);
}

}  // namespace

Attempt Hardlink(Placement& file, Pair& pair, const Replicas& replicas,
                 int root) {
  file.Discard();  // what a failed reflink made stands where the link goes
  const int flags = file.entry().follow ? AT_SYMLINK_FOLLOW : 0;
  const auto attempt = [&] {
    return file.Link(file.from(), file.entry().source, flags);
  };
  // A file with a mount of its own says nothing of its neighbours.
  const auto tells = [&](int error) {
    return error != EXDEV || !file.IsElsewhere(pair.from().key);
  };
  const int result = pair.Try(Operation::kLink, attempt, tells);
  if (result >= 0) return Attempt::Placed(How::kHardlink);
  switch (Judge(Operation::kLink, -result)) {
    case Verdict::kReplica:
      return LinkToReplica(file, replicas, root);
    case Verdict::kTryNext:
    case Verdict::kNeverOnThisPair:
      return Attempt::Next(-result, "link");
    case Verdict::kRetry:
    case Verdict::kFail:
      break;
  }
  return Attempt::Failed(result, "link");
}

}  // namespace materialize
