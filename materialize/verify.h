// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Compares a destination with a manifest. Changes nothing.

#ifndef MATERIALIZE_VERIFY_H_
#define MATERIALIZE_VERIFY_H_

#include <atomic>
#include <string>

#include "absl/status/statusor.h"
#include "materialize/os/sys.h"
#include "materialize/progress.h"
#include "materialize/verify_report.h"

namespace materialize {

struct VerifyRequest {
  // A file whose kind is known by its content:
  //   an mtree(5), as receipts, bsdtar(1) and mtree(8) write it;
  //   a list of digests, as sha256sum(1), sha512sum(1), sha1sum(1), md5sum(1);
  //   a yarn.lock of Yarn 1, for a destination that is its offline mirror.
  std::string manifest;
  // A directory; or a file, if the manifest lists just this one, by its name.
  std::string destination;
  int jobs = 0;  // worker threads; 0: one per processor, at most 4

  // Set by anybody, any time: stop and answer Cancelled. Not owned; may be
  // null.
  const std::atomic<bool>* cancel = nullptr;
};

// What differs; an equal destination is an empty list of differences. Compared
// is what the manifest says of an entry: type, uid, gid, mode (but of
// symlinks), nlink (but of directories), size (of files), time (seconds, where
// either side has no nanoseconds), link, md5, sha1, sha256, sha384, sha512;
// other keywords are not read. A file without a digest, or of another size, is
// not opened. What is in the destination and not in the manifest differs for an
// mtree only: the others list just the files they know. `optional` entries may
// be missing; of `nochange` ones only the type counts; nothing below `ignore`
// is looked at. Names are names, never patterns.
//
// Passes through no symlink below the destination. Memory follows the manifest
// and the differences.
//
// Errors: NotFound and the like as the kernel said them; FailedPrecondition for
// a manifest that cannot be read, that names what is outside, or that lists
// nothing; Cancelled. What cannot be looked at (VerifyReport::failures) does
// not stop the rest. `progress` may be null; it is told of entries and of bytes
// read.
absl::StatusOr<VerifyReport> Verify(const VerifyRequest& request,
                                    Sys& sys = RealSys(),
                                    Progress* progress = nullptr);

}  // namespace materialize

#endif  // MATERIALIZE_VERIFY_H_
