// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Which entries of a tree are files, links into the cache, or neither.

#ifndef MATERIALIZE_INSPECT_CLASSIFY_H_
#define MATERIALIZE_INSPECT_CLASSIFY_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "materialize/inspect.h"
#include "materialize/inspect/cache.h"
#include "materialize/inspect/tree.h"
#include "materialize/inspect_report.h"
#include "materialize/os/sys.h"

namespace materialize {

// Files of the cache by what they are, each with all its paths in order.
using CacheNames = std::map<Identity, std::vector<std::string>>;

// The path in the cache of the file `seen` is a name of, the same as its own if
// there is one; "" where it is none of the cache's.
std::string NameInCache(const CacheNames& names, const Seen& seen);

struct Looked {
  std::string path;  // of the destination: absolute, without symlinks
  const std::vector<Seen>& seen;
  const CacheNames& names;
};

// Fills directories, files (but sha256), links, linked_directories and special
// of `report`. The first of what `links` has no place for is the error, in the
// order of paths.
absl::Status Classify(Sys& sys, const Looked& looked, CacheLinks links,
                      Cache* cache, InspectReport* report);

}  // namespace materialize

#endif  // MATERIALIZE_INSPECT_CLASSIFY_H_
