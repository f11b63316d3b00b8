// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// A directory tree as a Source: getdents only, no stat where no answer needs
// one.

#ifndef MATERIALIZE_PLAN_WALK_H_
#define MATERIALIZE_PLAN_WALK_H_

#include <memory>
#include <string>
#include <vector>

#include "materialize/os/fd.h"
#include "materialize/os/sys.h"
#include "materialize/plan/selection.h"
#include "materialize/plan/source.h"
#include "materialize/request.h"

namespace materialize {

// A file or directory whatever name it goes by.
struct Identity {
  uint64_t device = 0;
  uint64_t inode = 0;
  auto operator<=>(const Identity&) const = default;
};
inline Identity IdentityOf(const Stat& stat) {
  return {.device = stat.device, .inode = stat.inode};
}

// Where the links lead that are followed, as far as it is known beforehand.
enum class Links { kToAnything, kToFiles };
enum class Span { kAllMounts, kOneFilesystem };

struct WalkOptions {
  Selection selection = {};  // by path relative to the destination's root
  GlobList privates = {};
  bool all_private = false;
  Symlinks symlinks = Symlinks::kKeep;
  Links links = Links::kToAnything;
  Span span = Span::kAllMounts;
  // Paths below the root of the walk that are not part of it, sorted.
  std::vector<std::string> left_out_paths = {};
  // Directories that are not part of the tree wherever they turn up: a
  // destination inside its own source.
  // Known only when the destination is about to be filled, hence shared. May be
  // null.
  std::shared_ptr<const std::vector<Identity>> left_out = nullptr;
};

class Walk final : public Source {
 public:
  // `root` is the open directory, `root_path` what people call it; `prefix` is
  // the destination directory, relative to the destination's root, that it is
  // laid out as ("" for the root itself).
  Walk(Fd root, std::string root_path, WalkOptions options,
       std::string prefix = "");
  ~Walk() override;

  std::unique_ptr<Directory> Root() override;

 private:
  friend class WalkDirectory;

  Fd root_;
  std::string root_path_;
  WalkOptions options_;
  std::string prefix_;
  const bool takes_all_;  // and makes nothing private
};

}  // namespace materialize

#endif  // MATERIALIZE_PLAN_WALK_H_
