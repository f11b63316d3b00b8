// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Looks at a tree that was laid out from a cache: which entries still are the
// cache's, which are files of its own, what was changed since.

#ifndef MATERIALIZE_INSPECT_H_
#define MATERIALIZE_INSPECT_H_

#include <atomic>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "materialize/inspect_report.h"
#include "materialize/os/sys.h"

namespace materialize {

// Which entries count as links into the cache. A dangling link that is not the
// cache's is an error whatever is chosen.
enum class CacheLinks : uint8_t {
  kAuto,    // symlinks to, and hardlinks of, what the cache has or had; another
            // symlink stands for the file it leads to
  kAlways,  // the same, and another symlink is an error
  kNever,   // none: every link stands for the file it leads to, and a dangling
            // one is an error
};

enum class Hidden : uint8_t { kInclude, kSkip };  // names that begin with a dot

struct InspectRequest {
  std::string destination =
      {};                  // a directory; a symlink named here is followed
  std::string cache = {};  // a directory, which may be gone
  CacheLinks links = CacheLinks::kAuto;
  Hidden hidden = Hidden::kInclude;

  // An mtree(5) file that tells what the destination was like, as Materialize()
  // writes with Request::receipt; empty: nothing is compared.
  std::string against = {};
  // Reads files: InspectedFile::sha256, and a proof instead of a guess from
  // size, time, inode and ctime. Needs digests in the receipt, or a file of the
  // cache that has the same path and is not the same inode.
  bool checksum = false;
  // What is modified or missing is laid out again, from the cache where it is a
  // file. What is modified is proved first.
  bool repair = false;

  // Set by anybody, any time: stop and answer Cancelled. Not owned; may be
  // null.
  const std::atomic<bool>* cancel = nullptr;
};

// Follows no symlink out of the destination, and opens only regular files.
// Nothing is written but by `repair`, which leaves every file old or new.
//
// ctime counts only for files with one name: another hardlink changes it.
//
// Errors: InvalidArgument (the request, or the receipt), FailedPrecondition (a
// link that `links` has no place for), Cancelled, otherwise what the kernel
// said, with the call and every path in its text.
absl::StatusOr<InspectReport> Inspect(const InspectRequest& request,
                                      Sys& sys = RealSys());

}  // namespace materialize

#endif  // MATERIALIZE_INSPECT_H_
