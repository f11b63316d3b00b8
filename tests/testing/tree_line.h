// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// One line of a tree text, taken apart. The grammar is in tree_text.h.

#ifndef MATERIALIZE_TESTS_TESTING_TREE_LINE_H_
#define MATERIALIZE_TESTS_TESTING_TREE_LINE_H_

#include <sys/types.h>

#include <cstdint>
#include <ctime>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace materialize {

enum class LineKind {
  kDirectory,
  kFile,
  kSymlink,
  kTwin,
  kFifo,
  kSocket,
  kDevice
};

struct TreeLine {
  std::string name;  // without the slash of a directory
  LineKind kind = LineKind::kFile;
  mode_t mode = 0;
  timespec mtime = {};
  std::string target = {};   // of a symlink or twin
  std::string content = {};  // bytes as they are
  int64_t size = 0;          // of generated content
  int64_t hole = 0;          // bytes after the content
};

absl::StatusOr<TreeLine> ParseTreeLine(std::string_view text);

// Writes every byte that could end or confuse a field as \ooo; with
// `blank_is_plain` a blank stays (in quotes).
std::string EscapeField(std::string_view bytes, bool blank_is_plain);

}  // namespace materialize

#endif  // MATERIALIZE_TESTS_TESTING_TREE_LINE_H_
