// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/exec/names_there.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "materialize/os/dents.h"

namespace materialize {
namespace {

constexpr size_t kBlockBytes = 64 * 1024;

}  // namespace

int NamesThere::Read(Sys& sys, int fd) {
  while (true) {
    auto block = std::make_unique_for_overwrite<char[]>(kBlockBytes);
    const int64_t bytes = sys.ReadDirectory(fd, block.get(), kBlockBytes);
    if (bytes < 0) return static_cast<int>(bytes);
    if (bytes == 0) break;
    ForEachDent(block.get(), static_cast<size_t>(bytes), [&](const Dent& dent) {
      rows_.push_back({.name = dent.name,
                       .there = {.kind = dent.kind, .inode = dent.inode}});
    });
    blocks_.push_back(std::move(block));
  }
  std::sort(rows_.begin(), rows_.end(), [](const Row& a, const Row& b) {
    return std::strcmp(a.name, b.name) < 0;
  });
  taken_.assign(rows_.size(), 0);
  return 0;
}

std::optional<NameThere> NamesThere::Take(const char* name) {
  const auto at = std::partition_point(
      rows_.begin(), rows_.end(),
      [&](const Row& row) { return std::strcmp(row.name, name) < 0; });
  if (at == rows_.end() || std::strcmp(at->name, name) != 0)
    return std::nullopt;
  taken_[static_cast<size_t>(at - rows_.begin())] = 1;
  return at->there;
}

void NamesThere::ForEachLeft(
    absl::FunctionRef<void(const char* name, NameThere there)> visit) const {
  for (size_t i = 0; i < rows_.size(); ++i) {
    if (taken_[i] == 0) visit(rows_[i].name, rows_[i].there);
  }
}

}  // namespace materialize
