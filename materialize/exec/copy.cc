// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Bytes of its own: works wherever reading and writing does.

#include <cerrno>

#include "materialize/exec/methods.h"

namespace materialize {

Attempt Copy(Placement& file, Pair& pair, DataCopier& copier) {
  if (const int result = file.OpenSource(); result < 0)
    return Attempt::Failed(result, file.call());
  if (const int result = file.CreateTarget(); result < 0)
    return Attempt::Failed(result, file.call());
  const auto began = file.Now();
  const CopyResult copied =
      copier.Copy(pair, file.source_fd(), file.target_fd(), file.facts());
  switch (copied.end) {
    case CopyEnd::kFailed:
      return {.end = Attempt::End::kFailed,
              .error = copied.error,
              .call = copied.call};
    case CopyEnd::kChanged:
      return {.end = Attempt::End::kChanged, .call = "copy"};
    case CopyEnd::kCancelled:
      return {.end = Attempt::End::kCancelled, .call = "copy"};
    case CopyEnd::kDone:
      if (file.is_timed())
        pair.race().Copied(file.facts().size, file.Now() - began);
      break;
  }
  if (const int result = file.Finish(); result < 0)
    return Attempt::Failed(result, file.call());
  return Attempt::Placed(How::kCopy);
}

Attempt CreateEmpty(Placement& file) {
  if (const int result = file.Look(); result < 0)
    return Attempt::Failed(result, file.call());
  if (const int result = file.CreateTarget(); result < 0)
    return Attempt::Failed(result, file.call());
  if (const int result = file.Finish(); result < 0)
    return Attempt::Failed(result, file.call());
  return Attempt::Placed(How::kEmpty);
}

}  // namespace materialize
