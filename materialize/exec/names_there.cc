// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/exec/names_there.h"

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

int NamesThere::Read(Sys& sys, int fd, Extent extent) {
  char* const block = Block();
  while (true) {
    const int64_t bytes = sys.ReadDirectory(fd, block, kBlockBytes);
    if (bytes < 0) return static_cast<int>(bytes);
    is_whole_ = bytes == 0;
    if (is_whole_) break;
    Add(block, static_cast<size_t>(bytes));
    if (extent == Extent::kMost && bytes <= kSmall) break;
  }
  Last() = rows_.size();
  return 0;
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
  const size_t next = last == rows_.size() ? 0 : last + 1;
  const size_t before = last - 1;  // of none: the end, as tmpfs lists
  const size_t at = IsAt(next, name)     ? next
                    : IsAt(before, name) ? before
                                         : Search(name);
  if (at == rows_.size()) return std::nullopt;
  rows_[at].is_taken = true;
  last = at;
  return rows_[at].there;
}

// Of a listing that was at this address before the row may be stale: Take()
// compares the name all the same.
size_t& NamesThere::Last() {
  thread_local struct {
    const NamesThere* of = nullptr;
    size_t row = 0;
  } last;
  if (last.of != this) last = {.of = this, .row = rows_.size()};
  return last.row;
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
