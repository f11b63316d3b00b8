// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// What an errno means for what is tried next: a table, and nothing else.

#ifndef MATERIALIZE_STRATEGY_STRATEGY_H_
#define MATERIALIZE_STRATEGY_STRATEGY_H_

#include <cstddef>
#include <cstdint>

#include "materialize/method.h"

namespace materialize {

// The system calls that can work here and not there.
enum class Operation : uint8_t {
  kClone,      // FICLONE
  kLink,       // linkat
  kSymlink,    // symlinkat
  kCopyRange,  // copy_file_range; where it cannot, read and write can
};
constexpr size_t kOperationCount = 4;

enum class Verdict : uint8_t {
  kTryNext,          // this file only
  kNeverOnThisPair,  // no file between these two mounts
  kRetry,            // not now; once more
  kReplica,          // this inode has all the names it can have
  kFail,             // real: another method would hide it
};

// `error` is a positive errno.
Verdict Judge(Operation operation, int error);

// What follows a second failure with the same errno when the first verdict was
// kRetry.
Verdict JudgeAgain(Operation operation, int error);

// Whether a failure tells of more than the one entry it happened to: then the
// rest need not be tried. Everything is so that is not known to be the entry's
// own.
bool ConcernsTheRun(int error);

}  // namespace materialize

#endif  // MATERIALIZE_STRATEGY_STRATEGY_H_
