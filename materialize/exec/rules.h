// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// What is allowed whatever the kernel would do: small rules that placing and
// telling share.

#ifndef MATERIALIZE_EXEC_RULES_H_
#define MATERIALIZE_EXEC_RULES_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "materialize/method.h"
#include "materialize/strategy/mounts.h"

namespace materialize {

inline Operation OperationOf(Method method) {
  switch (method) {
    case Method::kReflink:
      return Operation::kClone;
    case Method::kHardlink:
      return Operation::kLink;
    case Method::kSymlink:
      return Operation::kSymlink;
    case Method::kCopy:
      break;
  }
  return Operation::kCopyRange;
}

// A copy works wherever bytes can be read and written.
inline bool Allows(const Pair& pair, Method method) {
  return method == Method::kCopy || pair.Allows(OperationOf(method));
}

// Whether writing through the result would reach the source.
inline bool SharesInode(Method method) {
  return method == Method::kHardlink || method == Method::kSymlink;
}

inline absl::Status InputInTheWay(const std::string& path) {
  return absl::FailedPreconditionError(absl::StrCat(
      "place ", path, ": it is what is laid out, so it cannot be replaced"));
}

inline absl::Status SpecialRefused(const std::string& path) {
  return absl::FailedPreconditionError(absl::StrCat(
      "place ", path,
      ": a FIFO, socket or device (--special=skip leaves it out)"));
}

}  // namespace materialize

#endif  // MATERIALIZE_EXEC_RULES_H_
