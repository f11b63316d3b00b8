// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// The end of a move between filesystems: the source goes, as far as it still is
// what was copied. Nothing is taken away unseen.

#ifndef MATERIALIZE_EXEC_TAKE_AWAY_H_
#define MATERIALIZE_EXEC_TAKE_AWAY_H_

#include <optional>
#include <string>
#include <vector>

#include "materialize/os/sys.h"
#include "materialize/report.h"

namespace materialize {

// One end of a move: `name` in the open directory `dir`.
struct MoveEnd {
  int dir = -1;
  std::string name;
  std::string path;  // what people call it
};

// Removes every entry of `source` that `destination` has as well: of the same
// kind, size, mtime and link text and, with `since`, with a ctime before that
// moment of the source's filesystem (a file with several names is looked at
// once: removing one of them changes it). Never crosses a mount. Answers what
// is left and why: nothing, when all is gone.
std::vector<Failure> TakeAway(Sys& sys, const MoveEnd& source,
                              const MoveEnd& destination,
                              const std::optional<Time>& since);

// Whether TakeAway() would leave nothing, but for what cannot be removed.
// Removes nothing.
bool IsAllThere(Sys& sys, const MoveEnd& source, const MoveEnd& destination,
                const std::optional<Time>& since);

}  // namespace materialize

#endif  // MATERIALIZE_EXEC_TAKE_AWAY_H_
