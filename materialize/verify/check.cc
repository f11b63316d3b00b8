// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/verify/check.h"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstddef>
#include <iterator>
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "materialize/os/dents.h"
#include "materialize/os/fd.h"
#include "materialize/os/path.h"
#include "materialize/os/status.h"
#include "materialize/os/threads.h"
#include "materialize/plan/digest_claim.h"
#include "materialize/plan/entry_path.h"
#include "materialize/verify/check_tasks.h"
#include "materialize/verify/compare.h"

namespace materialize {
namespace {

constexpr size_t kListingBytes = size_t{64} * 1024;

// What all workers share.
struct Scene {
  Sys& sys;
  int root;
  absl::string_view root_path;
  int64_t grain;  // of the destination's times
  const CheckOptions& options;
  const std::vector<CheckTask>& tasks;
  std::atomic<size_t> next{0};

  bool cancelled() const {
    return options.cancel != nullptr &&
           options.cancel->load(std::memory_order_relaxed);
  }
  std::string Named(absl::string_view path) const {
    return path.empty() ? std::string(root_path)
                        : absl::StrCat(root_path, "/", path);
  }
};

// No such name, or something else than a directory on the way to it.
bool IsAbsence(int error) {
  return error == ENOENT || error == ENOTDIR || error == ELOOP;
}

// What one worker has found.
struct Findings {
  std::vector<Difference> differences;
  std::vector<Failure> failures;
  // Entries that may be missing, and are: nothing below them is missed.
  std::vector<std::string> allowed_absent;
  int64_t files_read = 0;
  int64_t bytes_read = 0;
};

class Worker {
 public:
  Worker(Scene& scene, int number) : scene_(scene), number_(number) {}

  void Run() {
    while (!scene_.cancelled()) {
      const size_t task = scene_.next.fetch_add(1, std::memory_order_relaxed);
      if (task >= scene_.tasks.size()) return;
      Do(scene_.tasks[task]);
    }
  }

  void CheckRoot(const Expected& expected);
  Findings TakeFindings() { return std::move(found_); }

 private:
  void Do(const CheckTask& task);
  void Look(int directory, const Expected& expected);
  void Compare(int directory, const Expected& expected, const Stat& stat);
  void CompareTarget(int directory, const Expected& expected);
  void CompareDigests(int directory, const Expected& expected,
                      const Stat& stat);
  void List(int directory, const CheckTask& task);
  void Meet(int directory, const CheckTask& task, const char* name);
  void Miss(const Expected& expected);
  void Fail(const std::string& path, const absl::Status& status) {
    found_.failures.push_back(
        {.path = path, .text = std::string(status.message())});
  }

  Scene& scene_;
  const int number_;
  Findings found_;
  std::unique_ptr<char[]> listing_;
};

void Worker::Do(const CheckTask& task) {
  const int64_t bytes_before = found_.bytes_read;
  const Fd directory(scene_.sys, OpenDirectoryBeneath(scene_.sys, scene_.root,
                                                      task.directory));
  if (directory.ok()) {
    for (const Expected* expected : task.entries) {
      if (scene_.cancelled()) return;
      if (!expected->implied) Look(directory.get(), *expected);
    }
    if (task.lists) List(directory.get(), task);
  } else if (IsAbsence(-directory.get())) {
    for (const Expected* expected : task.entries) Miss(*expected);
  } else {
    Fail(std::string(task.directory),
         ErrnoStatus(-directory.get(), "open", scene_.Named(task.directory)));
  }
  if (scene_.options.progress != nullptr) {
    scene_.options.progress->Advanced(number_,
                                      static_cast<int64_t>(task.entries.size()),
                                      found_.bytes_read - bytes_before);
  }
}

void Worker::Miss(const Expected& expected) {
  if (expected.implied) return;
  const MtreeEntry& said = expected.said;
  if (said.claims.optional) {
    found_.allowed_absent.push_back(said.entry.path);
    return;
  }
  found_.differences.push_back({.path = said.entry.path,
                                .aspect = Aspect::kMissing,
                                .wanted = std::string(TypeName(said))});
}

void Worker::Look(int directory, const Expected& expected) {
  const std::string name(NameOf(expected));
  Stat stat;
  const int result =
      scene_.sys.StatAt(directory, name.c_str(), AT_SYMLINK_NOFOLLOW, &stat);
  if (result >= 0) return Compare(directory, expected, stat);
  if (IsAbsence(-result)) return Miss(expected);
  const std::string& path = expected.said.entry.path;
  Fail(path, ErrnoStatus(-result, "stat", scene_.Named(path)));
}

void Worker::CheckRoot(const Expected& expected) {
  Stat stat;
  const int result = scene_.sys.StatAt(scene_.root, "", 0, &stat);
  if (result >= 0) return Compare(scene_.root, expected, stat);
  Fail("", ErrnoStatus(-result, "stat", scene_.root_path));
}

void Worker::Compare(int directory, const Expected& expected,
                     const Stat& stat) {
  const size_t before = found_.differences.size();
  if (!CompareFacts(expected.said, stat, scene_.grain, &found_.differences))
    return;
  if (stat.kind() == Kind::kSymlink) CompareTarget(directory, expected);
  if (stat.kind() != Kind::kFile) return;
  // Of another size: of other content, then. It need not be read.
  const bool resized = std::any_of(
      found_.differences.begin() + static_cast<ptrdiff_t>(before),
      found_.differences.end(),
      [](const Difference& one) { return one.aspect == Aspect::kSize; });
  if (!resized) CompareDigests(directory, expected, stat);
}

void Worker::CompareTarget(int directory, const Expected& expected) {
  const ManifestEntry& entry = expected.said.entry;
  if (entry.target.empty()) return;
  char target[PATH_MAX];
  const int64_t length = scene_.sys.ReadLinkAt(
      directory, std::string(NameOf(expected)).c_str(), target, sizeof(target));
  if (length < 0) {
    return Fail(entry.path, ErrnoStatus(static_cast<int>(-length), "readlink",
                                        scene_.Named(entry.path)));
  }
  const absl::string_view found(target, static_cast<size_t>(length));
  if (found == entry.target) return;
  found_.differences.push_back({.path = entry.path,
                                .aspect = Aspect::kTarget,
                                .wanted = entry.target,
                                .found = std::string(found)});
}

void Worker::CompareDigests(int directory, const Expected& expected,
                            const Stat& stat) {
  const std::vector<DigestClaim>& claims = expected.said.claims.digests;
  if (claims.empty()) return;
  const std::string& path = expected.said.entry.path;
  const std::string named = scene_.Named(path);
  // Should it have become a FIFO since: O_NONBLOCK does not wait for a writer.
  const Fd file(scene_.sys,
                OpenPatiently(scene_.sys, directory,
                              std::string(NameOf(expected)).c_str(),
                              O_RDONLY | O_NOFOLLOW | O_NONBLOCK, 0));
  if (!file.ok()) return Fail(path, ErrnoStatus(-file.get(), "open", named));
  Stat opened;
  const int result = scene_.sys.StatAt(file.get(), "", 0, &opened);
  if (result < 0) return Fail(path, ErrnoStatus(-result, "stat", named));
  if (opened.inode != stat.inode || opened.device != stat.device ||
      opened.kind() != Kind::kFile) {
    return Fail(path, absl::AbortedError(absl::StrCat("open ", named,
                                                      ": replaced meanwhile")));
  }
  const absl::StatusOr<std::vector<UnmetClaim>> unmet =
      UnmetClaims(scene_.sys, file.get(), claims, named, scene_.options.cancel);
  if (!unmet.ok()) return Fail(path, unmet.status());
  ++found_.files_read;
  found_.bytes_read += opened.size;
  for (const UnmetClaim& one : *unmet) {
    found_.differences.push_back(
        {.path = path,
         .aspect = AspectOf(one.claim->algorithm),
         .wanted = absl::StrJoin(one.claim->accepted, "|"),
         .found = one.found});
  }
}

void Worker::List(int directory, const CheckTask& task) {
  if (listing_ == nullptr)
    listing_ = std::make_unique_for_overwrite<char[]>(kListingBytes);
  while (!scene_.cancelled()) {
    const int64_t bytes =
        scene_.sys.ReadDirectory(directory, listing_.get(), kListingBytes);
    if (bytes == 0) return;
    if (bytes < 0) {
      return Fail(std::string(task.directory),
                  ErrnoStatus(static_cast<int>(-bytes), "getdents",
                              scene_.Named(task.directory)));
    }
    ForEachDent(listing_.get(), static_cast<size_t>(bytes),
                [&](const Dent& dent) { Meet(directory, task, dent.name); });
  }
}

void Worker::Meet(int directory, const CheckTask& task, const char* name) {
  const auto found = std::lower_bound(
      task.all.begin(), task.all.end(), absl::string_view(name),
      [](const Expected* one, absl::string_view wanted) {
        return NameOf(*one) < wanted;
      });
  if (found != task.all.end() && NameOf(**found) == name) return;
  Stat stat;
  if (scene_.sys.StatAt(directory, name, AT_SYMLINK_NOFOLLOW, &stat) < 0)
    return;  // It is gone: not extra.
  found_.differences.push_back(
      {.path = task.directory.empty() ? name
                                      : absl::StrCat(task.directory, "/", name),
       .aspect = Aspect::kExtra,
       .found = std::string(TypeName(stat.mode))});
}

bool BelowAny(absl::string_view path,
              const absl::flat_hash_set<std::string>& directories) {
  while (!path.empty()) {
    path = DirectoryOf(path);
    if (!path.empty() && directories.contains(path)) return true;
  }
  return false;
}

// Everything in one order, whoever found it.
void Collect(std::vector<Findings> all, VerifyReport* report) {
  absl::flat_hash_set<std::string> absent;
  for (Findings& one : all) {
    absent.insert(one.allowed_absent.begin(), one.allowed_absent.end());
    std::move(one.failures.begin(), one.failures.end(),
              std::back_inserter(report->failures));
    report->files_read += one.files_read;
    report->bytes_read += one.bytes_read;
  }
  for (Findings& one : all) {
    for (Difference& difference : one.differences) {
      if (difference.aspect == Aspect::kMissing &&
          BelowAny(difference.path, absent))
        continue;
      report->differences.push_back(std::move(difference));
    }
  }
  std::sort(report->differences.begin(), report->differences.end(),
            [](const Difference& a, const Difference& b) {
              if (a.path != b.path) return EntryPathLess(a.path, b.path);
              return std::tie(a.aspect, a.wanted) <
                     std::tie(b.aspect, b.wanted);
            });
  std::sort(report->failures.begin(), report->failures.end(),
            [](const Failure& a, const Failure& b) {
              return EntryPathLess(a.path, b.path);
            });
}

int64_t GrainOf(Sys& sys, int root) {
  FilesystemStat filesystem;
  return sys.StatFilesystem(root, &filesystem) < 0
             ? 1
             : TimeGrain(filesystem.magic);
}

}  // namespace

absl::Status Check(Sys& sys, const Expectation& expectation, int root,
                   absl::string_view root_path, const CheckOptions& options,
                   VerifyReport* report) {
  const CheckTasks tasks(expectation);
  Scene scene = {.sys = sys,
                 .root = root,
                 .root_path = root_path,
                 .grain = GrainOf(sys, root),
                 .options = options,
                 .tasks = tasks.tasks()};
  std::vector<Worker> workers;
  workers.reserve(static_cast<size_t>(options.jobs));
  for (int i = 0; i < options.jobs; ++i) workers.emplace_back(scene, i);
  if (!expectation.entries.empty() &&
      expectation.entries[0].said.entry.path.empty())
    workers[0].CheckRoot(expectation.entries[0]);
  RunTogether(options.jobs, [&workers](int number) {
    workers[static_cast<size_t>(number)].Run();
  });
  if (scene.cancelled()) return absl::CancelledError("interrupted");
  std::vector<Findings> findings;
  findings.reserve(workers.size());
  for (Worker& worker : workers) findings.push_back(worker.TakeFindings());
  Collect(std::move(findings), report);
  return absl::OkStatus();
}

}  // namespace materialize
