// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//

#include "materialize/exec/copy_data.h"

#include <algorithm>
#include <cerrno>
#include <mutex>
#include <utility>

#include "absl/strings/str_cat.h"
#include "materialize/os/fd.h"
#include "materialize/os/path.h"
#include "materialize/os/threads.h"

namespace materialize {
namespace {

constexpr int64_t kRangeBytes =
    64 << 20;  // so that a cancel is seen within a fraction of a second
constexpr int64_t kBufferBytes =
    256 << 10;  // larger gains nothing on ext4, xfs, btrfs, tmpfs
constexpr size_t kPage = 4096;  // from one to another the kernel copies faster
constexpr int64_t kBlockBytes = 512;       // st_blocks' unit, stat(2)
constexpr int64_t kChunkBytes = 16 << 20;  // that one thread takes at once
constexpr int kMostHelpers = 3;

// An offset belongs to what was opened: who goes its own way opens the file
// once more.
int OpenAgain(Sys& sys, int fd, int flags) {
  return OpenPatiently(sys, AT_FDCWD,
                       absl::StrCat("/proc/self/fd/", fd).c_str(), flags, 0);
}

}  // namespace

struct DataCopier::Buffer {
  alignas(kPage) char bytes[kBufferBytes];
};

struct DataCopier::Run {
  Pair& pair;
  int from;
  int to;
  bool by_range;
  const char* call = "copy_file_range";

  // Bytes that one step moves.
  int64_t most() const { return by_range ? kRangeBytes : kBufferBytes; }

  CopyResult Fail(int64_t result) const {
    return {.end = CopyEnd::kFailed,
            .error = static_cast<int>(-result),
            .call = call};
  }
};

// What the threads that copy one file share.
struct DataCopier::Parts {
  const int64_t size;
  std::atomic<int64_t> next{0};  // where the chunks begin that nobody has taken
  std::atomic<bool> stopped{false};
  std::mutex mutex{};
  CopyResult result = {};  // the first that was not kDone
};

DataCopier::DataCopier(Sys& sys, const std::atomic<bool>* cancel,
                       std::function<int()> idle)
    : sys_(sys), cancel_(cancel), idle_(std::move(idle)) {}

DataCopier::~DataCopier() = default;

CopyResult DataCopier::Copy(Pair& pair, int from, int to, const Stat& facts) {
  Run run = {.pair = pair,
             .from = from,
             .to = to,
             // On xfs it would clone, which takes longer for small files, and
             // for all that the race has found slow.
             .by_range = pair.Allows(Operation::kCopyRange) &&
                         facts.size > pair.to().filesystem->traits.written &&
                         pair.race().LaneOf(facts.size) == Race::Lane::kClones};
  if (pair.from().filesystem->traits.sizes == Sizes::kPretended)
    return CopyPretended(run);
  if (facts.blocks * kBlockBytes < facts.size) return CopyHoles(run, facts);
  if (const int helpers = Helpers(run, facts.size); helpers > 0)
    return CopyParts(run, facts.size, helpers);
  return CopyBytes(run, facts.size, /*to_end=*/true);
}

// None for what copy_file_range may clone: that takes no time.
int DataCopier::Helpers(const Run& run, int64_t size) const {
  if (size < kLarge || idle_ == nullptr ||
      run.pair.to().filesystem->traits.writers == Writers::kOne ||
      (run.by_range && run.pair.Allows(Operation::kClone)))
    return 0;
  return std::min(idle_(), kMostHelpers);
}

// Each thread takes the next chunk until none is left. A helper that cannot
// have its own descriptors leaves all to the others.
CopyResult DataCopier::CopyParts(Run& run, int64_t size, int helpers) {
  Parts parts = {.size = size};
  const bool by_range = run.by_range;  // which the first thread may clear
  RunTogether(1 + helpers, [&](int number) {
    if (number == 0) return CopyChunks(run, parts);
    const Fd from(sys_, OpenAgain(sys_, run.from, O_RDONLY));
    const Fd to(sys_, OpenAgain(sys_, run.to, O_WRONLY));
    if (!from.ok() || !to.ok()) return;
    Run own = {.pair = run.pair,
               .from = from.get(),
               .to = to.get(),
               .by_range = by_range};
    DataCopier(sys_, cancel_).CopyChunks(own, parts);
  });
  if (parts.result.end != CopyEnd::kDone) return parts.result;
  run.call = "lseek";
  const int64_t now = sys_.Seek(run.from, 0, SEEK_END);
  if (now < 0) return run.Fail(now);
  return {.end = now == size ? CopyEnd::kDone : CopyEnd::kChanged};
}

void DataCopier::CopyChunks(Run& run, Parts& parts) {
  const auto copy = [&](int64_t at) {
    run.call = "lseek";
    for (const int fd : {run.from, run.to}) {
      if (const int64_t sought = sys_.Seek(fd, at, SEEK_SET); sought < 0)
        return run.Fail(sought);
    }
    return CopyBytes(run, std::min(kChunkBytes, parts.size - at),
                     /*to_end=*/false);
  };
  while (!parts.stopped.load(std::memory_order_relaxed)) {
    const int64_t at = parts.next.fetch_add(kChunkBytes);
    if (at >= parts.size) return;
    const CopyResult part = copy(at);
    if (part.end == CopyEnd::kDone) continue;
    const std::lock_guard<std::mutex> lock(parts.mutex);
    if (!parts.stopped.exchange(true)) parts.result = part;
  }
}

CopyResult DataCopier::CopyHoles(Run& run, const Stat& facts) {
  int64_t end = 0;  // of what was copied
  while (true) {
    run.call = "lseek";
    const int64_t data = sys_.Seek(run.from, end, SEEK_DATA);
    if (data == -ENXIO) break;  // only a hole is left
    // A filesystem that cannot tell holes from data (EINVAL) has none to keep.
    if (data == -EINVAL && end == 0)
      return CopyBytes(run, facts.size, /*to_end=*/true);
    if (data < 0) return run.Fail(data);
    const int64_t hole = sys_.Seek(run.from, data, SEEK_HOLE);
    if (hole < 0) return run.Fail(hole);
    if (const int64_t at = sys_.Seek(run.from, data, SEEK_SET); at < 0)
      return run.Fail(at);
    if (const int64_t at = sys_.Seek(run.to, data, SEEK_SET); at < 0)
      return run.Fail(at);
    if (const CopyResult part = CopyBytes(run, hole - data, /*to_end=*/false);
        part.end != CopyEnd::kDone)
      return part;
    end = hole;
  }
  run.call = "ftruncate";
  if (const int result = sys_.Truncate(run.to, facts.size); result < 0)
    return run.Fail(result);
  run.call = "lseek";
  const int64_t now = sys_.Seek(run.from, 0, SEEK_END);
  if (now < 0) return run.Fail(now);
  return {.end = now == facts.size && end <= facts.size ? CopyEnd::kDone
                                                        : CopyEnd::kChanged};
}

// With `to_end` one byte more than expected is asked for: getting it says that
// the source grew, and not getting it says that the end was reached, without a
// call of its own. Only where the last step could not ask for that much does
// it take one.
CopyResult DataCopier::CopyBytes(Run& run, int64_t left, bool to_end) {
  bool saw_end = !to_end || left == 0;
  while (left > 0 || !saw_end) {
    if (cancelled()) return {.end = CopyEnd::kCancelled};
    const int64_t want = left + (to_end ? 1 : 0);
    const int64_t done = Step(run, want);
    if (done < 0) return run.Fail(done);
    if (done == 0) break;
    left -= done;
    if (left < 0) break;
    saw_end = saw_end || want <= run.most();
  }
  return {.end = left == 0 ? CopyEnd::kDone : CopyEnd::kChanged};
}

CopyResult DataCopier::CopyPretended(Run& run) {
  run.by_range = false;  // copy_file_range gives 0 bytes of a procfs file
  while (true) {
    if (cancelled()) return {.end = CopyEnd::kCancelled};
    const int64_t done = Step(run, kBufferBytes);
    if (done < 0) return run.Fail(done);
    if (done == 0) return {.end = CopyEnd::kDone};
  }
}

int64_t DataCopier::Step(Run& run, int64_t want) {
  if (run.by_range) {
    const int64_t done = RangeStep(run, want);
    // Nothing from a file that should have more: some filesystems answer so
    // where only read(2) works.
    if (done > 0 || (done < 0 && run.by_range)) return done;
    run.by_range = false;
  }
  return BufferStep(run, want);
}

// Clears by_range when read and write are what is left.
int64_t DataCopier::RangeStep(Run& run, int64_t want) {
  run.call = "copy_file_range";
  const auto attempt = [&] {
    return static_cast<int>(sys_.CopyRange(
        run.from, run.to, static_cast<size_t>(std::min(want, kRangeBytes))));
  };
  bool again = false;
  while (true) {
    const int done = run.pair.Try(Operation::kCopyRange, attempt);
    if (done >= 0) return done;
    Verdict verdict = Judge(Operation::kCopyRange, -done);
    if (verdict == Verdict::kRetry && again)
      verdict = JudgeAgain(Operation::kCopyRange, -done);
    if (verdict == Verdict::kFail) return done;
    if (verdict != Verdict::kRetry) {
      run.by_range = false;
      return 0;
    }
    again = done != -EINTR;
  }
}

int64_t DataCopier::BufferStep(Run& run, int64_t want) {
  if (buffer_ == nullptr) buffer_ = std::make_unique_for_overwrite<Buffer>();
  run.call = "read";
  int64_t got = 0;
  do {
    got = sys_.Read(run.from, buffer_->bytes,
                    static_cast<size_t>(std::min(want, kBufferBytes)));
  } while (got == -EINTR);
  if (got <= 0) return got;
  run.call = "write";
  for (int64_t at = 0; at < got;) {
    const int64_t put =
        sys_.Write(run.to, buffer_->bytes + at, static_cast<size_t>(got - at));
    if (put == -EINTR) continue;
    if (put < 0) return put;
    if (put == 0)
      return -EIO;  // write(2) never does for a regular file; do not spin if it
                    // should
    at += put;
  }
  return got;
}

}  // namespace materialize
