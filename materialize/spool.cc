// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/spool.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <queue>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "materialize/os/fd.h"
#include "materialize/os/io.h"
#include "materialize/os/status.h"

namespace materialize {
namespace {

// What all readers of a merge share; each gets at least the smaller one.
constexpr size_t kMergeBytes = size_t{8} * 1024 * 1024;
constexpr size_t kSmallestRead = size_t{4} * 1024;
constexpr size_t kLargestRead = size_t{64} * 1024;

// In memory and on disk: two sizes, the key, the line.
struct Sizes {
  uint32_t key;
  uint32_t line;
};

struct Record {
  absl::string_view key;
  absl::string_view line;
};

size_t SizeOf(const Sizes& sizes) {
  return sizeof(Sizes) + sizes.key + sizes.line;
}

Sizes SizesAt(const char* at) {
  Sizes sizes;
  std::memcpy(&sizes, at, sizeof(sizes));
  return sizes;
}

Record RecordAt(const char* at) {
  const Sizes sizes = SizesAt(at);
  at += sizeof(sizes);
  return {.key = {at, sizes.key}, .line = {at + sizes.key, sizes.line}};
}

std::string TemporaryDirectory() {
  const char* named = std::getenv("TMPDIR");
  return named != nullptr && *named != '\0' ? named : "/tmp";
}

// O_TMPFILE, or where a filesystem has none, a name that is gone at once.
absl::Status OpenUnlinked(Sys& sys, const std::string& directory, Fd* out) {
  *out = Fd(sys,
            sys.OpenAt(AT_FDCWD, directory.c_str(), O_TMPFILE | O_RDWR, 0600));
  if (out->ok()) return absl::OkStatus();
  if (out->get() != -EOPNOTSUPP && out->get() != -EISDIR) {
    return ErrnoStatus(-out->get(), "open", directory);
  }
  static std::atomic<unsigned> counter{0};
  while (true) {
    const std::string path =
        absl::StrCat(directory, "/.materialize-spool-", counter.fetch_add(1));
    *out = Fd(sys, sys.OpenAt(AT_FDCWD, path.c_str(), O_CREAT | O_EXCL | O_RDWR,
                              0600));
    if (out->get() == -EEXIST) continue;
    if (!out->ok()) return ErrnoStatus(-out->get(), "open", path);
    const int result = sys.UnlinkAt(AT_FDCWD, path.c_str(), 0);
    if (result < 0) return ErrnoStatus(-result, "unlink", path);
    return absl::OkStatus();
  }
}

absl::Status WriteRecords(Sys& sys, int fd, absl::string_view bytes) {
  const int result = WriteAll(sys, fd, bytes);
  return result < 0 ? ErrnoStatus(-result, "write", "spool file")
                    : absl::OkStatus();
}

// Records in order, one at a time.
class Run {
 public:
  virtual ~Run() = default;
  // Moves to the next record; false at the end.
  virtual absl::StatusOr<bool> Next() = 0;
  const Record& record() const { return record_; }

 protected:
  Record record_;
};

class MemoryRun final : public Run {
 public:
  MemoryRun(const std::vector<char>& bytes, const std::vector<size_t>& offsets)
      : bytes_(bytes), offsets_(offsets) {}

  absl::StatusOr<bool> Next() override {
    if (next_ == offsets_.size()) return false;
    record_ = RecordAt(bytes_.data() + offsets_[next_++]);
    return true;
  }

 private:
  const std::vector<char>& bytes_;
  const std::vector<size_t>& offsets_;
  size_t next_ = 0;
};

class FileRun final : public Run {
 public:
  FileRun(Sys& sys, int fd, int64_t begin, int64_t end, size_t read_bytes)
      : sys_(sys), fd_(fd), at_(begin), end_(end), read_bytes_(read_bytes) {}

  absl::StatusOr<bool> Next() override {
    if (used_ == buffer_.size() && at_ == end_) return false;
    absl::Status status = Fill(sizeof(Sizes));
    if (status.ok()) status = Fill(SizeOf(SizesAt(buffer_.data() + used_)));
    if (!status.ok()) return status;
    record_ = RecordAt(buffer_.data() + used_);
    used_ += SizeOf(SizesAt(buffer_.data() + used_));
    return true;
  }

 private:
  // Makes at least `wanted` bytes available behind used_.
  absl::Status Fill(size_t wanted) {
    if (buffer_.size() - used_ >= wanted) return absl::OkStatus();
    buffer_.erase(buffer_.begin(),
                  buffer_.begin() + static_cast<std::ptrdiff_t>(used_));
    used_ = 0;
    const int64_t at = sys_.Seek(fd_, at_, SEEK_SET);
    if (at < 0) return Fail("seek", at);
    while (buffer_.size() < wanted) {
      const size_t had = buffer_.size();
      const size_t more = std::min(std::max(read_bytes_, wanted - had),
                                   static_cast<size_t>(end_ - at_));
      buffer_.resize(had + more);
      const int64_t got = sys_.Read(fd_, buffer_.data() + had, more);
      buffer_.resize(had + static_cast<size_t>(std::max<int64_t>(got, 0)));
      if (got == -EINTR) continue;
      if (got <= 0) return Fail("read", got < 0 ? got : -EIO);
      at_ += got;
    }
    return absl::OkStatus();
  }

  static absl::Status Fail(absl::string_view call, int64_t result) {
    return ErrnoStatus(static_cast<int>(-result), call, "spool file");
  }

  Sys& sys_;
  int fd_;
  int64_t at_;
  int64_t end_;
  size_t read_bytes_;
  std::vector<char> buffer_;
  size_t used_ = 0;  // bytes of buffer_ that are done with
};

absl::Status MergeRuns(const std::vector<std::unique_ptr<Run>>& runs,
                       Spool::Visit visit) {
  const auto later = [](const Run* a, const Run* b) {
    return a->record().key > b->record().key;
  };
  std::priority_queue<Run*, std::vector<Run*>, decltype(later)> queue(later);
  const auto advance = [&](Run* run) {
    const absl::StatusOr<bool> more = run->Next();
    if (more.ok() && *more) queue.push(run);
    return more.status();
  };
  for (const std::unique_ptr<Run>& run : runs) {
    if (absl::Status status = advance(run.get()); !status.ok()) return status;
  }
  while (!queue.empty()) {
    Run* first = queue.top();
    queue.pop();
    absl::Status status = visit(first->record().key, first->record().line);
    if (status.ok()) status = advance(first);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace

// What one worker has: the records in memory, and the runs in its file.
class Spool::Worker {
 public:
  Worker(Sys& sys, const SpoolOptions& options)
      : sys_(sys), options_(options) {}

  void Append(absl::string_view key, absl::string_view line) {
    if (!status_.ok()) return;
    const Sizes sizes = {.key = static_cast<uint32_t>(key.size()),
                         .line = static_cast<uint32_t>(line.size())};
    const size_t more = SizeOf(sizes) + sizeof(offsets_[0]);
    if (!offsets_.empty() &&
        bytes_.size() + offsets_.size() * sizeof(offsets_[0]) + more >
            options_.bytes_per_worker) {
      status_ = WriteRun();
    }
    offsets_.push_back(bytes_.size());
    const char* head = reinterpret_cast<const char*>(&sizes);
    bytes_.insert(bytes_.end(), head, head + sizeof(sizes));
    bytes_.insert(bytes_.end(), key.begin(), key.end());
    bytes_.insert(bytes_.end(), line.begin(), line.end());
  }

  // Sorts what is still in memory.
  absl::Status Finish() {
    Sort();
    return status_;
  }
  size_t runs_on_disk() const { return ends_.size(); }
  void AddRuns(size_t read_bytes, std::vector<std::unique_ptr<Run>>* runs) {
    int64_t begin = 0;
    for (const int64_t end : ends_) {
      runs->push_back(
          std::make_unique<FileRun>(sys_, file_.get(), begin, end, read_bytes));
      begin = end;
    }
    runs->push_back(std::make_unique<MemoryRun>(bytes_, offsets_));
  }

 private:
  void Sort() {
    std::sort(offsets_.begin(), offsets_.end(), [&](size_t a, size_t b) {
      return RecordAt(bytes_.data() + a).key < RecordAt(bytes_.data() + b).key;
    });
  }

  absl::Status WriteRun() {
    if (!file_.ok()) {
      absl::Status status = OpenUnlinked(sys_, options_.directory, &file_);
      if (!status.ok()) return status;
    }
    Sort();
    std::string out;
    int64_t end = ends_.empty() ? 0 : ends_.back();
    for (const size_t offset : offsets_) {
      const char* at = bytes_.data() + offset;
      out.append(at, SizeOf(SizesAt(at)));
      end += static_cast<int64_t>(SizeOf(SizesAt(at)));
      if (out.size() < kLargestRead) continue;
      absl::Status status = WriteRecords(sys_, file_.get(), out);
      if (!status.ok()) return status;
      out.clear();
    }
    ends_.push_back(end);
    bytes_.clear();
    offsets_.clear();
    return WriteRecords(sys_, file_.get(), out);
  }

  Sys& sys_;
  const SpoolOptions& options_;
  std::vector<char> bytes_;
  std::vector<size_t> offsets_;  // of records in bytes_
  Fd file_;
  std::vector<int64_t> ends_;  // of runs in file_
  absl::Status status_;
};

Spool::Spool(Sys& sys, SpoolOptions options)
    : sys_(sys), options_(std::move(options)) {
  if (options_.directory.empty()) options_.directory = TemporaryDirectory();
  for (int i = 0; i < options_.workers; ++i) {
    workers_.push_back(std::make_unique<Worker>(sys_, options_));
  }
}

Spool::~Spool() = default;

void Spool::Append(int worker, absl::string_view key, absl::string_view line) {
  workers_[static_cast<size_t>(worker)]->Append(key, line);
}

absl::Status Spool::Merge(Visit visit) {
  size_t on_disk = 0;
  for (const auto& worker : workers_) {
    if (absl::Status status = worker->Finish(); !status.ok()) return status;
    on_disk += worker->runs_on_disk();
  }
  const size_t read_bytes = std::clamp(
      kMergeBytes / std::max<size_t>(on_disk, 1), kSmallestRead, kLargestRead);
  std::vector<std::unique_ptr<Run>> runs;
  for (const auto& worker : workers_) worker->AddRuns(read_bytes, &runs);
  return MergeRuns(runs, visit);
}

}  // namespace materialize
