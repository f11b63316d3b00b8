// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/exec/names_there.h"

#include <algorithm>
#include <cstring>

#include "materialize/os/dents.h"

namespace materialize {
namespace {

constexpr size_t kBlockBytes = 64 * 1024;
constexpr int64_t kSmall = kBlockBytes / 2;
constexpr size_t kMiddlingEntry = 32;  // getdents(2): 19 bytes and a name
// Two workers who made the entries by halves made them in turns.
constexpr size_t kNext = 4;
constexpr size_t kHashing = 8;  // of one name takes as long as to compare those

// Most directories are small: what they fill of it is what is kept.
char* Block() {
  thread_local const auto block =
      std::make_unique_for_overwrite<char[]>(kBlockBytes);
  return block.get();
}

}  // namespace

int64_t NamesThere::ReadBlock(Sys& sys, int fd) {
  char* const block = Block();
  const int64_t bytes = sys.ReadDirectory(fd, block, kBlockBytes);
  is_whole_ = bytes == 0;
  if (bytes > 0) Add(block, static_cast<size_t>(bytes));
  return bytes;
}

int NamesThere::Begin(Sys& sys, int fd) {
  const int64_t bytes = ReadBlock(sys, fd);
  is_small_ = bytes <= kSmall;
  return static_cast<int>(std::min<int64_t>(bytes, 0));
}

int NamesThere::ReadRest(Sys& sys, int fd) {
  std::call_once(read_rest_, [&] {
    int64_t bytes = 0;
    while (bytes >= 0 && !is_whole_) bytes = ReadBlock(sys, fd);
    rest_result_ = static_cast<int>(bytes);
    is_read_.store(true);
  });
  return rest_result_;
}

bool NamesThere::IsWhole(Sys& sys, int fd) {
  std::call_once(asked_for_more_, [&] {
    if (!is_whole_)
      is_whole_ = sys.ReadDirectory(fd, Block(), kBlockBytes) == 0;
  });
  return is_whole_;
}

void NamesThere::Add(const char* listing, size_t bytes) {
  blocks_.push_back(std::make_unique_for_overwrite<char[]>(bytes));
  char* const block = blocks_.back().get();
  std::memcpy(block, listing, bytes);
  if (rows_.empty()) rows_.reserve(bytes / kMiddlingEntry);
  ForEachDent(block, bytes, [&](const Dent& dent) {
    rows_.push_back(
        {.name = dent.name, .there = {.kind = dent.kind, .inode = dent.inode}});
  });
}

std::optional<NameThere> NamesThere::Take(const char* name) {
  size_t& last = Last();
  size_t at = Near(name, last);
  if (at == rows_.size()) at = Search(name);
  if (at == rows_.size()) return std::nullopt;
  rows_[at].is_taken = true;
  last = at;
  return rows_[at].there;
}

// Of a listing that was at this address before the row may be stale: it is only
// where to look first.
size_t& NamesThere::Last() {
  thread_local struct {
    const NamesThere* of = nullptr;
    size_t row = 0;
  } last;
  if (last.of != this || last.row > rows_.size())
    last = {.of = this, .row = rows_.size()};
  return last.row;
}

// Both ways from `last`, in a ring of the rows and of one place before the
// first of them. Beyond the next few only until all threads together have
// compared so many that it would have been cheaper to hash them all.
size_t NamesThere::Near(const char* name, size_t last) {
  const size_t ring = rows_.size() + 1;
  const size_t compared = compared_.load(std::memory_order_relaxed);
  const size_t cheap = kHashing * rows_.size();
  const size_t far = cheap - std::min(compared, cheap);
  const size_t most = std::min(std::max(kNext, far), ring / 2);
  size_t found = rows_.size();
  size_t step = 0;
  while (found == rows_.size() && ++step <= most) {
    const size_t after = last + step;
    const size_t before = last + ring - step;
    for (const size_t at : {before, after}) {
      const size_t row = at < ring ? at : at - ring;
      if (IsAt(row, name)) found = row;
    }
  }
  if (step > kNext) compared_.fetch_add(step, std::memory_order_relaxed);
  return found;
}

bool NamesThere::IsAt(size_t at, const char* name) const {
  return at < rows_.size() && std::strcmp(rows_[at].name, name) == 0;
}

size_t NamesThere::Search(const char* name) {
  std::call_once(named_, [&] {
    by_name_.reserve(rows_.size());
    for (size_t row = 0; row < rows_.size(); ++row)
      by_name_.emplace(rows_[row].name, row);
  });
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? rows_.size() : found->second;
}

void NamesThere::ForEachLeft(
    absl::FunctionRef<void(const char* name, NameThere there)> visit) const {
  for (const Row& row : rows_) {
    if (!row.is_taken) visit(row.name, row.there);
  }
}

}  // namespace materialize
