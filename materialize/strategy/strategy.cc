// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/strategy/strategy.h"

#include <cerrno>

namespace materialize {
namespace {

constexpr Verdict JudgeClone(int error) {
  switch (error) {
    case EXDEV:
    case EOPNOTSUPP:
    case ENOTTY:
    case ENOSYS:
      return Verdict::kNeverOnThisPair;
    case EINVAL:   // btrfs +C on one side only, ZFS block sizes: Pair demotes
                   // after several in a row
    case ETXTBSY:  // a swap file, or being executed
    case EPERM:    // an immutable or append-only file on either side
      return Verdict::kTryNext;
    case EAGAIN:  // ZFS: the source was written a moment ago
    case EINTR:
      return Verdict::kRetry;
    default:
      return Verdict::kFail;
  }
}

constexpr Verdict JudgeLink(int error) {
  switch (error) {
    case EXDEV:
    case EOPNOTSUPP:
    case ENOTTY:
    case ENOSYS:
      return Verdict::kNeverOnThisPair;
    case EMLINK:
      return Verdict::kReplica;
    case EPERM:  // fs.protected_hardlinks, immutable; on FUSE everything: Pair
                 // demotes after several in a row
    case EACCES:
      return Verdict::kTryNext;
    case EINTR:
      return Verdict::kRetry;
    default:
      return Verdict::kFail;
  }
}

constexpr Verdict JudgeSymlink(int error) {
  switch (error) {
    case EPERM:  // symlink(2): the filesystem has no symlinks
    case EOPNOTSUPP:
    case ENOSYS:
      return Verdict::kNeverOnThisPair;
    default:
      return Verdict::kFail;
  }
}

constexpr Verdict JudgeCopyRange(int error) {
  switch (error) {
    case EXDEV:
    case EOPNOTSUPP:
    case ENOTTY:
    case ENOSYS:
      return Verdict::kNeverOnThisPair;
    case EINVAL:
    case ETXTBSY:
    case EPERM:
      return Verdict::kTryNext;
    case EAGAIN:
    case EINTR:
      return Verdict::kRetry;
    default:
      return Verdict::kFail;
  }
}

}  // namespace

Verdict Judge(Operation operation, int error) {
  switch (operation) {
    case Operation::kClone:
      return JudgeClone(error);
    case Operation::kLink:
      return JudgeLink(error);
    case Operation::kSymlink:
      return JudgeSymlink(error);
    case Operation::kCopyRange:
      return JudgeCopyRange(error);
  }
  return Verdict::kFail;
}

Verdict JudgeAgain(Operation operation, int error) {
  if (error == EINTR) return Verdict::kRetry;
  // A clone that is "not now" twice may still be a copy; a copy that is "not
  // now" twice is an error to tell.
  return operation == Operation::kClone ? Verdict::kTryNext : Verdict::kFail;
}

bool ConcernsTheRun(int error) {
  switch (error) {
    case EACCES:
    case EBUSY:
    case EEXIST:
    case EFBIG:
    case EINVAL:  // a name that the filesystem cannot hold
    case EILSEQ:
    case EISDIR:
    case ELOOP:
    case EMLINK:
    case ENAMETOOLONG:
    case ENOENT:
    case ENOTDIR:
    case ENOTEMPTY:
    case EOVERFLOW:
    case EPERM:
    case ESTALE:
    case ETXTBSY:
      return false;
    default:
      return true;
  }
}

}  // namespace materialize
