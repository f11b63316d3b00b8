// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// FICLONE: the extents of the source, shared until either side writes.

#include <cerrno>

#include "materialize/exec/methods.h"

namespace materialize {
namespace {

// Asks once more after "not now".
int Clone(Placement& file, Pair& pair) {
  const auto attempt = [&] {
    return file.sys().CloneFile(file.source_fd(), file.target_fd());
  };
  // A file with a mount of its own says nothing of its neighbours.
  const auto tells = [&](int error) {
    return error == EINVAL || !file.IsElsewhere(pair.from().key);
  };
  int result = pair.Try(Operation::kClone, attempt, tells);
  if (result == -EAGAIN) result = pair.Try(Operation::kClone, attempt, tells);
  while (result == -EINTR) result = pair.Try(Operation::kClone, attempt, tells);
  return result;
}

}  // namespace

Attempt Reflink(Placement& file, Pair& pair) {
  if (const int result = file.OpenSource(); result < 0)
    return Attempt::Failed(result, file.call());
  // One empty file says nothing of a filesystem, and has nothing to share.
  if (file.facts().size == 0 &&
      pair.from().filesystem->traits.sizes == Sizes::kTrue)
    return CreateEmpty(file);
  if (const int result = file.CreateTarget(); result < 0)
    return Attempt::Failed(result, file.call());
  const auto began = file.Now();
  const int cloned = Clone(file, pair);
  if (cloned == 0 && file.is_timed())
    pair.race().Cloned(file.facts().size, file.Now() - began);
  if (cloned < 0) {
    const Verdict verdict = cloned == -EAGAIN
                                ? JudgeAgain(Operation::kClone, EAGAIN)
                                : Judge(Operation::kClone, -cloned);
    // The new file stays for a copy to fill.
    return verdict == Verdict::kFail ? Attempt::Failed(cloned, "ficlone")
                                     : Attempt::Next(-cloned, "ficlone");
  }
  if (const int result = file.Finish(); result < 0)
    return Attempt::Failed(result, file.call());
  return Attempt::Placed(How::kReflink);
}

}  // namespace materialize
