// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// symlinkat: a name that points at the source. Only when asked for by name.

#include "materialize/exec/methods.h"

namespace materialize {

Attempt Symlink(Placement& file, Pair& pair, const char* target) {
  file.Discard();
  const int result =
      pair.Try(Operation::kSymlink, [&] { return file.LinkText(target); });
  if (result >= 0) return Attempt::Placed(How::kSymlink);
  if (Judge(Operation::kSymlink, -result) == Verdict::kNeverOnThisPair)
    return Attempt::Next(-result, "symlink");
  return Attempt::Failed(result, "symlink");
}

}  // namespace materialize
