// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Where the data of a file lies on its disk, as FIEMAP tells: whether two files
// share it. For files of at least two blocks; smaller ones may lie inline,
// which nothing can share.

#ifndef MATERIALIZE_TESTS_TESTING_EXTENTS_H_
#define MATERIALIZE_TESTS_TESTING_EXTENTS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace materialize {

struct Extent {
  uint64_t logical = 0;   // bytes, in the file
  uint64_t physical = 0;  // bytes, on the disk
  uint64_t length = 0;
  bool shared = false;  // FIEMAP_EXTENT_SHARED: another file has it, too
};

// Syncs the file first. Nothing where the filesystem has no FIEMAP (tmpfs,
// FUSE); throws std::system_error for all else that goes wrong.
std::optional<std::vector<Extent>> ExtentsOf(const std::string& path);

// Whether every byte of `path` lies in a shared extent, at the very place where
// `other` has it. Nothing as above.
std::optional<bool> SharesExtents(const std::string& path,
                                  const std::string& other);

}  // namespace materialize

#endif  // MATERIALIZE_TESTS_TESTING_EXTENTS_H_
