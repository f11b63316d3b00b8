// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Which paths an input may name: what would leave the destination, or could
// not be made anywhere, is refused before anything is written. And the parts of
// such paths, "" being the root.

#ifndef MATERIALIZE_PLAN_ENTRY_PATH_H_
#define MATERIALIZE_PLAN_ENTRY_PATH_H_

#include "absl/strings/string_view.h"

namespace materialize {

// What is wrong with `path` as the path of an entry relative to the
// destination, as one clause ("absolute", "empty component", ...); "" when
// nothing is. Symlinks are not its matter.
absl::string_view EntryPathProblem(absl::string_view path);

// "a/b" of "a/b/c"; "" of "a" and of "".
absl::string_view DirectoryOf(absl::string_view path);
// "c" of "a/b/c"; "" of "".
absl::string_view NameOf(absl::string_view path);

// The order in which a directory comes right before what is below it.
bool EntryPathLess(absl::string_view a, absl::string_view b);

// Whether `path` is below `directory`; everything is below "".
bool IsBelow(absl::string_view path, absl::string_view directory);

}  // namespace materialize

#endif  // MATERIALIZE_PLAN_ENTRY_PATH_H_
