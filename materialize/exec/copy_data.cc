// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//

#include "materialize/exec/copy_data.h"

#include <algorithm>
#include <cerrno>

namespace materialize {
namespace {

constexpr int64_t kRangeBytes =
    64 << 20;  // so that a cancel is seen within a fraction of a second
constexpr int64_t kBufferBytes =
    256 << 10;  // larger gains nothing on ext4, xfs, btrfs, tmpfs
constexpr int64_t kBlockBytes = 512;  // st_blocks' unit, stat(2)

}  // namespace

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

CopyResult DataCopier::Copy(Pair& pair, int from, int to, const Stat& facts) {
  Run run = {.pair = pair,
             .from = from,
             .to = to,
             // On xfs it would clone, which takes longer for small files, and
             // for all that the race has found slow.
             .by_range = pair.Allows(Operation::kCopyRange) &&
                         facts.size > pair.to().filesystem->written &&
                         pair.race().LaneOf(facts.size) == Race::Lane::kClones};
  if (pair.from().filesystem->sizes == Sizes::kPretended)
    return CopyPretended(run);
  if (facts.blocks * kBlockBytes < facts.size) return CopyHoles(run, facts);
  return CopyBytes(run, facts.size, /*to_end=*/true);
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
  if (buffer_ == nullptr)
    buffer_ = std::make_unique_for_overwrite<char[]>(kBufferBytes);
  run.call = "read";
  int64_t got = 0;
  do {
    got = sys_.Read(run.from, buffer_.get(),
                    static_cast<size_t>(std::min(want, kBufferBytes)));
  } while (got == -EINTR);
  if (got <= 0) return got;
  run.call = "write";
  for (int64_t at = 0; at < got;) {
    const int64_t put =
        sys_.Write(run.to, buffer_.get() + at, static_cast<size_t>(got - at));
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
