// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Trees at random, and what becomes of them by random edits: in memory first,
// where two names of one inode are one object, then on disk.

#ifndef MATERIALIZE_TESTS_MERGE_RANDOM_TREE_H_
#define MATERIALIZE_TESTS_MERGE_RANDOM_TREE_H_

#include <sys/types.h>

#include <cstdint>
#include <ctime>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

namespace materialize {

class Random {
 public:
  explicit Random(uint64_t seed) : engine_(seed) {}
  uint64_t Word() { return engine_(); }
  // 0 to `count` - 1.
  size_t Below(size_t count) { return static_cast<size_t>(Word() % count); }
  bool Chance(size_t percent) { return Below(100) < percent; }
  template <typename T>
  const T& Pick(const std::vector<T>& from) {
    return from[Below(from.size())];
  }

 private:
  std::mt19937_64 engine_;
};

enum class NodeKind { kDirectory, kFile, kSymlink, kFifo };

struct Node {
  NodeKind kind = NodeKind::kFile;
  mode_t mode = 0644;
  timespec mtime = {};
  size_t size = 0;
  uint64_t bytes = 0;  // which content: equal numbers and sizes, equal bytes
  bool is_hole = false;
  std::string target = {};
};

// By path relative to the root, which is "". One object is one inode, also
// between two trees.
using NodeTree = std::map<std::string, std::shared_ptr<const Node>>;

struct TreeWish {
  size_t entries = 24;    // at most, before the tree grows by edits
  bool any_bytes = true;  // in names; else letters and digits
};
NodeTree MakeTree(Random& random, const TreeWish& wish);

struct EditWish {
  TreeWish tree = {};
  size_t edits = 8;  // at most
  size_t shared_inodes =
      0;  // percent of the files that are the source's inodes
  // A content that differs shows in size, mode or mtime: without it only who
  // reads the files finds it.
  bool changes_show = true;
};
// What `source` became elsewhere: renames, rotations, other kinds, other bytes,
// things added and taken away.
NodeTree Edited(const NodeTree& source, Random& random, const EditWish& wish);

// Where the inodes are that were written.
using Written = std::map<const Node*, std::string>;
// Makes `tree` at `root`, which must not be there.
void WriteTree(const NodeTree& tree, const std::string& root, Written* written);

// One line for each path at which the trees differ, or that both have.
std::string Describe(const NodeTree& source, const NodeTree& destination);

}  // namespace materialize

#endif  // MATERIALIZE_TESTS_MERGE_RANDOM_TREE_H_
