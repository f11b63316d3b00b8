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
  Position& last = Last();
  size_t at = Near(name, &last);
  if (at == rows_.size()) at = Search(name);
  if (at == rows_.size()) return std::nullopt;
  rows_[at].is_taken = true;
  last.row = at;
  return rows_[at].there;
}

// Of a listing that was at this address before the position may be stale: it
// is only where to look first.
NamesThere::Position& NamesThere::Last() {
  thread_local Position last;
  if (last.of != this || last.row > rows_.size())
    last = {.of = this, .row = rows_.size()};
  return last;
}

// Both ways from `last`, in a ring of the rows and of one place before the
// first of them; as long as that is cheaper than to hash them all.
size_t NamesThere::Near(const char* name, Position* last) const {
  const size_t ring = rows_.size() + 1;
  for (size_t step = 1; step <= ring / 2; ++step) {
    const size_t after = last->row + step;
    const size_t before = last->row + ring - step;
    for (const size_t at : {after, before}) {
      const size_t row = at < ring ? at : at - ring;
      if (IsAt(row, name)) return row;
    }
    if (++last->missed > rows_.size()) break;
  }
  return rows_.size();
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
