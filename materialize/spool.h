// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Sorts more lines than fit in memory: each worker collects its own, sorted
// runs go to unlinked temporary files, the end merges them.

#ifndef MATERIALIZE_SPOOL_H_
#define MATERIALIZE_SPOOL_H_

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "materialize/os/sys.h"

namespace materialize {

struct SpoolOptions {
  int workers = 1;
  size_t bytes_per_worker = size_t{2} * 1024 * 1024;  // before it goes to disk
  std::string directory = {};  // for temporary files; empty: $TMPDIR, else /tmp
};

class Spool {
 public:
  // Makes no file before one is needed.
  Spool(Sys& sys, SpoolOptions options);
  ~Spool();

  // Any bytes. Each worker in [0, workers) by one thread at a time, without a
  // lock. What goes wrong is what Merge() answers.
  void Append(int worker, absl::string_view key, absl::string_view line);

  // Calls `visit` for everything in the order of keys, as unsigned bytes. Once,
  // when all workers are done. Stops at the first error of `visit`.
  using Visit = absl::FunctionRef<absl::Status(absl::string_view key,
                                               absl::string_view line)>;
  absl::Status Merge(Visit visit);

 private:
  class Worker;

  Sys& sys_;
  SpoolOptions options_;
  std::vector<std::unique_ptr<Worker>> workers_;
};

}  // namespace materialize

#endif  // MATERIALIZE_SPOOL_H_
