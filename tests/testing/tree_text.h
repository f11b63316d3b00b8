// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Trees as text, to make them and to compare them whole. One line per entry, in
// any order, parents made as needed:
//   dir/ 0755                         file 0644 @1600000000.5 "some\ncontent"
//   file 0755 size=8K                 sparse hole=64M            mixed "head"
//   hole=1M link -> target                    twin = file                fifo |
//   sock |socket      null |device
// Fields may be left out: modes are then 0755 and 0644, times kDefaultTime,
// content nothing. A blank, a backslash or any odd byte in a name, target or
// content is written \ooo (octal); content also knows \n \t \" and \\.

#ifndef MATERIALIZE_TESTS_TESTING_TREE_TEXT_H_
#define MATERIALIZE_TESTS_TESTING_TREE_TEXT_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace materialize {

constexpr int64_t kDefaultTime = 1600000000;

// Makes what `text` describes in `root`, which is made if need be. Modes and
// times are exact, also those of `root` (a line `./ 0700` sets them). `size=`
// makes bytes that look random and depend on the name and size alone.
absl::Status ArrangeTree(const std::string& root, std::string_view text);

struct TreeTextOptions {
  bool root = true;   // the line of the root itself
  bool modes = true;  // but of symlinks, which have none
  bool times = true;  // but of symlinks, see below
  bool symlink_times = false;
  bool twins = false;  // names of one inode, within the tree, as `twin = first`
};

// Describes the tree at `root`, sorted by name: kinds, modes, mtimes, targets
// and content, short text in full and everything else as `size=N #HASH`. What
// cannot be read is a line `name ! strerror`. A `root` that is no directory is
// one line.
std::string TreeText(const std::string& root,
                     const TreeTextOptions& options = {});

// The same of a tree that is not there yet: what ArrangeTree() would make of
// `text`. Made in a temporary directory.
std::string TreeTextOf(std::string_view text,
                       const TreeTextOptions& options = {});

}  // namespace materialize

#endif  // MATERIALIZE_TESTS_TESTING_TREE_TEXT_H_
