// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// A list of what must exist, in memory: what an mtree(5) manifest says, line by
// line.

#ifndef MATERIALIZE_MANIFEST_H_
#define MATERIALIZE_MANIFEST_H_

#include <optional>
#include <string>
#include <vector>

#include "materialize/mode_change.h"
#include "materialize/os/sys.h"

namespace materialize {

// Attributes asked for; what is absent is the source's own, or a default where
// there is no source (files 0644, directories 0755, time of making).
struct Wanted {
  std::optional<mode_t> mode = {};        // permission bits
  std::optional<ModeChange> change = {};  // where `mode` is not said
  std::optional<Time> mtime = {};
  std::optional<uid_t> uid = {};
  std::optional<gid_t> gid = {};

  // The permissions that a file whose own are these gets.
  mode_t ModeOf(mode_t own) const {
    const mode_t changed =
        change.has_value() ? change->Of(own, /*is_directory=*/false) : own;
    return mode.value_or(changed);
  }
};

struct ManifestEntry {
  std::string path =
      {};  // relative to the destination, "a/b"; "" or "." is the root
  Kind kind = Kind::kUnknown;  // kFile, kDirectory or kSymlink
  std::string content =
      {};  // kFile: the source. kDirectory: a directory laid out here as a
           // whole, or "" for just a directory. Relative to the working
           // directory. Symlinks in it are followed.
  // kDirectory with content: paths below it that are not laid out, sorted;
  // nothing below a directory among them is read.
  std::vector<std::string> left_out = {};
  // kDirectory with content: somebody has looked, and every link in it leads to
  // a file. It saves a stat of each.
  bool links_are_files = false;
  bool unit = false;  // kDirectory with content, not the root: in Into::kMerge
                      // put in place or exchanged as a whole (mtree's
                      // tags=unit); in other modes a directory like any other
  bool is_private = false;  // never shares an inode with its source
  std::string target = {};  // kSymlink: its text
  Wanted wanted = {};
  std::string origin = {};  // for error texts: who brought it, as
                            // "manifest.mtree:12"; may be empty
};

}  // namespace materialize

#endif  // MATERIALIZE_MANIFEST_H_
