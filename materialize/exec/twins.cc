// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/exec/twins.h"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <deque>
#include <map>
#include <tuple>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "materialize/digest.h"
#include "materialize/os/clock.h"
#include "materialize/os/fd.h"
#include "materialize/os/threads.h"

namespace materialize {
namespace {

// All names of one inode, one after another in the sorted files. What has no
// identity is one name.
struct Content {
  size_t begin = 0;
  size_t end = 0;
  std::string sha256 = {};  // empty: not known
};

bool HasIdentity(const CountedFile& file) {
  return file.identity.device != 0 && file.identity.inode != 0;
}

auto KeyOf(const CountedFile& file) {
  return std::tie(file.size, file.identity, file.mtime.seconds,
                  file.mtime.nanoseconds);
}

Stat FactsOf(const CountedFile& file) {
  Stat facts;
  facts.mode = S_IFREG;
  facts.device = file.identity.device;
  facts.inode = file.identity.inode;
  facts.size = file.size;
  facts.mtime = file.mtime;
  facts.ctime = file.ctime;
  return facts;
}

class Search {
 public:
  Search(Sys& sys, const ExecOptions& options, Census& census, HashCache& cache)
      : sys_(sys), options_(options), census_(census), cache_(cache) {}

  // Calls `visit` for all files of one content, two at least.
  using Visit = absl::FunctionRef<void(absl::Span<const CountedFile* const>)>;
  absl::Status Run(Visit visit);

 private:
  const CountedFile& file(size_t at) const { return census_.files()[at]; }
  int64_t SizeOf(const Content& content) const {
    return file(content.begin).size;
  }
  void Sort();
  void Split();
  bool IsWorthReading(size_t begin, size_t end) const;
  void ReadAll();
  void Read(Content& content);
  std::string DigestOf(const CountedFile& counted);
  void AddKept(const std::string& sha256,
               std::vector<const CountedFile*>* files);
  std::vector<size_t> Sizes() const;
  void Group(size_t begin, size_t end, Visit visit);

  Sys& sys_;
  const ExecOptions& options_;
  Census& census_;
  HashCache& cache_;
  std::vector<Content> contents_;
  std::vector<size_t> wanted_;  // of contents_: those to be read
  std::deque<CountedFile> kept_;
};

void Search::Sort() {
  std::vector<CountedFile>& files = census_.files();
  std::sort(files.begin(), files.end(),
            [](const CountedFile& a, const CountedFile& b) {
              return KeyOf(a) < KeyOf(b);
            });
  for (const CountedFile& file : files) cache_.Keep(FactsOf(file));
}

void Search::Split() {
  const std::vector<CountedFile>& files = census_.files();
  for (size_t i = 0; i < files.size(); ++i) {
    const bool same = i > 0 && HasIdentity(files[i]) &&
                      KeyOf(files[i]) == KeyOf(files[i - 1]);
    if (same) {
      ++contents_.back().end;
    } else {
      contents_.push_back({.begin = i, .end = i + 1});
    }
  }
}

// Contents of one size: whether two of them might be equal, and the input would
// gain by it.
bool Search::IsWorthReading(size_t begin, size_t end) const {
  if (end - begin < 2) return false;
  const std::vector<CountedFile>& files = census_.files();
  return std::any_of(
      files.begin() + static_cast<std::ptrdiff_t>(contents_[begin].begin),
      files.begin() + static_cast<std::ptrdiff_t>(contents_[end - 1].end),
      [](const CountedFile& file) { return !file.extra; });
}

void Search::ReadAll() {
  std::atomic<size_t> next{0};
  RunTogether(options_.jobs, [&](int) {
    while (!options_.cancelled()) {
      const size_t at = next.fetch_add(1, std::memory_order_relaxed);
      if (at >= wanted_.size()) return;
      Read(contents_[wanted_[at]]);
    }
  });
}

void Search::Read(Content& content) {
  content.sha256 = DigestOf(file(content.begin));
}

// "" where it cannot be read, or is not what was counted.
std::string Search::DigestOf(const CountedFile& counted) {
  const Stat facts = FactsOf(counted);
  if (std::optional<std::string> known = cache_.Find(facts))
    return *std::move(known);
  const Time started = WallClock();
  const Fd fd = census_.Open(sys_, counted);
  if (!fd.ok()) return "";
  absl::StatusOr<std::vector<std::string>> digests =
      DigestsOfFd(sys_, fd.get(), {DigestAlgorithm::kSha256}, counted.name,
                  options_.cancel);
  if (!digests.ok()) return "";
  Stat after;
  if (sys_.StatAt(fd.get(), "", 0, &after) < 0) return "";
  if (!IsCounted(counted, after)) return "";
  cache_.Add(facts, digests->front(), started);
  return std::move(digests->front());
}

// Where some of `files` are in their places and others are not, those are made
// from one that is: it counts as if the input did not list it. Reads it, since
// size and time alone prove nothing to other names.
void Search::AddKept(const std::string& sha256,
                     std::vector<const CountedFile*>* files) {
  std::optional<CountedFile> kept;
  bool are_all = true;
  for (const CountedFile* file : *files) {
    if (file->extra) return;
    if (kept.has_value() && !are_all) break;
    std::optional<CountedFile> found = census_.InPlace(sys_, *file);
    if (!found.has_value()) {
      are_all = false;
    } else if (!kept.has_value()) {
      kept = std::move(found);
    }
  }
  if (!kept.has_value() || are_all) return;
  const std::string wanted =
      sha256.empty() ? DigestOf(*files->front()) : sha256;
  if (wanted.empty() || DigestOf(*kept) != wanted) return;
  cache_.Keep(FactsOf(*kept));
  kept_.push_back(*std::move(kept));
  files->push_back(&kept_.back());
}

// The first content of each size, and the end.
std::vector<size_t> Search::Sizes() const {
  std::vector<size_t> sizes;
  for (size_t i = 0; i < contents_.size(); ++i) {
    if (i == 0 || SizeOf(contents_[i]) != SizeOf(contents_[i - 1])) {
      sizes.push_back(i);
    }
  }
  sizes.push_back(contents_.size());
  return sizes;
}

absl::Status Search::Run(Visit visit) {
  Sort();
  Split();
  const std::vector<size_t> sizes = Sizes();
  for (size_t i = 0; i + 1 < sizes.size(); ++i) {
    if (!IsWorthReading(sizes[i], sizes[i + 1])) continue;
    for (size_t at = sizes[i]; at < sizes[i + 1]; ++at) wanted_.push_back(at);
  }
  ReadAll();
  if (options_.cancelled()) return absl::CancelledError("interrupted");
  for (size_t i = 0; i + 1 < sizes.size(); ++i) {
    Group(sizes[i], sizes[i + 1], visit);
  }
  return absl::OkStatus();
}

void Search::Group(size_t begin, size_t end, Visit visit) {
  const auto first = contents_.begin();
  std::stable_sort(
      first + static_cast<std::ptrdiff_t>(begin),
      first + static_cast<std::ptrdiff_t>(end),
      [](const Content& a, const Content& b) { return a.sha256 < b.sha256; });
  std::vector<const CountedFile*> files;
  for (size_t i = begin; i < end; ++i) {
    const Content& content = contents_[i];
    for (size_t at = content.begin; at < content.end; ++at) {
      files.push_back(&file(at));
    }
    // Names of one inode are twins of each other even where it was not read.
    const bool goes_on = i + 1 < end && !content.sha256.empty() &&
                         content.sha256 == contents_[i + 1].sha256;
    if (goes_on) continue;
    if (files.size() > 1) {
      AddKept(content.sha256, &files);
      visit(files);
    }
    files.clear();
  }
}

}  // namespace

absl::StatusOr<std::unique_ptr<Twins>> Twins::Find(Sys& sys,
                                                   const ExecOptions& options,
                                                   Source& source,
                                                   int destination,
                                                   HashCache& cache) {
  absl::StatusOr<Census> census =
      Census::Take(sys, options, source, destination);
  if (!census.ok()) return census.status();
  std::unique_ptr<Twins> twins(new Twins());
  absl::Status status =
      Search(sys, options, *census, cache)
          .Run([&](absl::Span<const CountedFile* const> files) {
            twins->AddGroup(files);
          });
  if (!status.ok()) return status;
  return twins;
}

void Twins::AddGroup(absl::Span<const CountedFile* const> files) {
  TwinGroup group = {.size = files.front()->size};
  const auto number = static_cast<uint32_t>(groups_.size());
  std::map<std::tuple<int64_t, uint32_t, mode_t>, uint32_t> alikes;
  for (const CountedFile* file : files) {
    if (!file->extra) {
      ++group.count;
      const auto [alike, is_new] = alikes.try_emplace(
          {file->mtime.seconds, file->mtime.nanoseconds, file->permissions},
          alikes_);
      if (is_new) ++alikes_;
      members_[file->Path()] = {
          .numbers = {.group = number, .alike = alike->second},
          .identity = file->identity,
          .mtime = file->mtime};
      continue;
    }
    std::string path = file->Path();
    if (!group.existing.empty() && group.existing < path) continue;
    group.existing = std::move(path);
    group.existing_facts = FactsOf(*file);
  }
  if (group.count > 0) groups_.push_back(std::move(group));
}

std::optional<Twins::Numbers> Twins::NumbersOf(const std::string& path,
                                               const Stat& facts) const {
  const auto at = members_.find(path);
  if (at == members_.end()) return std::nullopt;
  const Member& member = at->second;
  const bool unchanged = IdentityOf(facts) == member.identity &&
                         facts.size == groups_[member.numbers.group].size &&
                         facts.mtime == member.mtime;
  if (!unchanged) return std::nullopt;
  return member.numbers;
}

}  // namespace materialize
