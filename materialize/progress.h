// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// How a caller watches a run: called by the worker threads themselves.

#ifndef MATERIALIZE_PROGRESS_H_
#define MATERIALIZE_PROGRESS_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "materialize/method.h"
#include "materialize/os/sys.h"

namespace materialize {

// How one entry came to be where it is.
enum class How : uint8_t {
  kReflink,
  kHardlink,
  kSymlink,
  kCopy,
  kEmpty,      // created, because there was nothing to share
  kKept,       // a symlink reproduced verbatim
  kDirectory,  // made
  kNoop,       // source and destination are one file already
  kDeleted,    // taken away, because the input does not list it
  kSkipped,    // left out by --special=skip or --symlinks=skip
};

absl::string_view HowName(How how);
How HowOf(Method method);

// One entry, placed. Views live only during the call.
struct Outcome {
  absl::string_view
      directory;  // of the destination, relative to its root; "" is the root
  absl::string_view name;  // "" for the root itself
  How how = How::kNoop;
  Kind kind = Kind::kUnknown;
  absl::string_view target = {};  // of a symlink
  const Stat* facts = nullptr;    // as the destination shows it (mode, size,
                                  // mtime); null where nobody looked
};

// Called from several threads at once, with `worker` in [0, jobs): keep state
// per worker and no lock is needed.
class Progress {
 public:
  virtual ~Progress() = default;
  // Counts since the last call of this worker; cheap, about once per directory.
  virtual void Advanced(int worker, int64_t files, int64_t bytes) {
    (void)worker, (void)files, (void)bytes;
  }
  // Only when wants_entries() is true. Facts are filled for every entry then.
  virtual void Placed(int worker, const Outcome& outcome) {
    (void)worker, (void)outcome;
  }
  virtual bool wants_entries() const { return false; }
};

}  // namespace materialize

#endif  // MATERIALIZE_PROGRESS_H_
