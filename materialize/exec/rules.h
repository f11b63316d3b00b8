// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// What is allowed whatever the kernel would do: small rules that placing and
// telling share.

#ifndef MATERIALIZE_EXEC_RULES_H_
#define MATERIALIZE_EXEC_RULES_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "materialize/exec/tally.h"
#include "materialize/manifest.h"
#include "materialize/method.h"
#include "materialize/os/status.h"
#include "materialize/os/sys.h"
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

// The method that the next file between them mostly comes to; copying, where
// none of `methods` may be used.
inline Method FirstAllowed(const std::vector<Method>& methods,
                           const Pair& pair) {
  for (const Method method : methods)
    if (Allows(pair, method)) return method;
  return Method::kCopy;
}

// Whether writing through the result would reach the source.
inline bool SharesInode(Method method) {
  return method == Method::kHardlink || method == Method::kSymlink;
}

// Whether a manifest wants other attributes than the source has.
inline bool WantsOther(const Wanted& wanted, const Stat& facts) {
  return wanted.ModeOf(facts.permissions()) != facts.permissions() ||
         wanted.mtime.value_or(facts.mtime) != facts.mtime ||
         wanted.uid.value_or(facts.uid) != facts.uid ||
         wanted.gid.value_or(facts.gid) != facts.gid;
}

// `last` is what the last method that may be used was passed over for; null
// where none may be used.
inline absl::Status NoMethodLeft(const Passed* last, const std::string& from,
                                 const std::string& to) {
  if (last == nullptr) {
    return absl::InvalidArgumentError(
        absl::StrCat("place ", from, " -> ", to,
                     ": a private entry, or one with attributes of its own, "
                     "needs reflink or copy in --methods"));
  }
  if (last->reason != Reason::kErrno) {
    return absl::FailedPreconditionError(
        absl::StrCat(MethodName(last->method), " ", from, " -> ", to,
                     ": not safe here, and --methods has no copy"));
  }
  return WithAdvice(
      ErrnoStatus(last->error, MethodName(last->method), from, to),
      "--methods names no other method; add copy to allow one");
}

inline absl::Status InputInTheWay(const std::string& path) {
  return absl::FailedPreconditionError(absl::StrCat(
      "place ", path, ": it is what is laid out, so it cannot be replaced"));
}

inline absl::Status SpecialRefused(const std::string& path) {
  return WithAdvice(
      absl::FailedPreconditionError(absl::StrCat(
          "place ", path, ": a FIFO, socket or device is never copied")),
      "--special=skip leaves it out");
}

}  // namespace materialize

#endif  // MATERIALIZE_EXEC_RULES_H_
