// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Bytes from one open file to another: holes kept, copy_file_range where it
// works, read and write where it does not, large files by several threads where
// some are idle, and an error where the source changes meanwhile.

#ifndef MATERIALIZE_EXEC_COPY_DATA_H_
#define MATERIALIZE_EXEC_COPY_DATA_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>

#include "materialize/os/sys.h"
#include "materialize/strategy/mounts.h"

namespace materialize {

enum class CopyEnd : uint8_t {
  kDone,
  kFailed,   // error and call say what
  kChanged,  // the source shrank or grew
  kCancelled,
};

struct CopyResult {
  CopyEnd end = CopyEnd::kDone;
  int error = 0;  // positive errno
  const char* call = "";
};

// One per worker: owns its buffer.
class DataCopier {
 public:
  // `cancel` may be null; it is looked at between chunks. `idle` tells how many
  // threads have nothing to do, so that as many more may take part in a large
  // file; null: none.
  DataCopier(Sys& sys, const std::atomic<bool>* cancel,
             std::function<int()> idle = nullptr);
  ~DataCopier();

  // Bytes. A smaller file is one thread's.
  static constexpr int64_t kLarge = 32 << 20;

  // Both files are at offset 0, `to` is empty; `facts` are of `from`, taken
  // after it was opened.
  CopyResult Copy(Pair& pair, int from, int to, const Stat& facts);

 private:
  struct Run;
  struct Parts;
  struct Buffer;
  int Helpers(const Run& run, int64_t size) const;
  CopyResult CopyParts(Run& run, int64_t size, int helpers);
  void CopyChunks(Run& run, Parts& parts);
  CopyResult CopyHoles(Run& run, const Stat& facts);
  CopyResult CopyBytes(Run& run, int64_t left, bool to_end);
  CopyResult CopyPretended(Run& run);
  int64_t Step(Run& run, int64_t want);
  int64_t RangeStep(Run& run, int64_t want);
  int64_t BufferStep(Run& run, int64_t want);
  bool cancelled() const {
    return cancel_ != nullptr && cancel_->load(std::memory_order_relaxed);
  }

  Sys& sys_;
  const std::atomic<bool>* cancel_;
  const std::function<int()> idle_;
  std::unique_ptr<Buffer> buffer_;
};

}  // namespace materialize

#endif  // MATERIALIZE_EXEC_COPY_DATA_H_
