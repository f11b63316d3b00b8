// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// How each single entry was placed, in the order of paths. Costs a line per
// entry, on disk where it gets long: for those who ask.

#ifndef MATERIALIZE_ENTRY_LOG_H_
#define MATERIALIZE_ENTRY_LOG_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "materialize/os/sys.h"
#include "materialize/progress.h"
#include "materialize/spool.h"

namespace materialize {

struct LoggedEntry {
  std::string path;  // relative to the destination; "." is the root
  How how;
  Kind kind;
  int64_t bytes = -1;        // of a file; -1 where nobody looked
  absl::string_view target;  // of a symlink; lives during the visit
};

class EntryLog final : public Progress {
 public:
  // `jobs` as in the Request.
  EntryLog(Sys& sys, int jobs);

  void Placed(int worker, const Outcome& outcome) override;
  bool wants_entries() const override { return true; }

  // Once, after the run. Stops at the first error of `visit`.
  using Visit = absl::FunctionRef<absl::Status(const LoggedEntry&)>;
  absl::Status ForEach(Visit visit);

 private:
  // Of one worker, to build a line in.
  struct alignas(64) Scratch {
    std::string path;
    std::string line;
  };

  Spool spool_;
  std::vector<Scratch> scratch_;
};

// "reflink   a/b", "kept      c -> target"; names vis(3)-encoded.
std::string EntryText(const LoggedEntry& entry);

// {"path": "a/b", "how": "reflink", "bytes": 12}.
std::string EntryJson(const LoggedEntry& entry);

}  // namespace materialize

#endif  // MATERIALIZE_ENTRY_LOG_H_
