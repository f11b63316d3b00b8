// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/exec/list_names.h"

#include <memory>

#include "materialize/os/dents.h"
#include "materialize/os/status.h"

namespace materialize {
namespace {

constexpr size_t kListingBytes = 32 * 1024;

}  // namespace

absl::StatusOr<std::vector<std::string>> ListNames(Sys& sys, int dir,
                                                   const std::string& path) {
  const auto buffer = std::make_unique_for_overwrite<char[]>(kListingBytes);
  std::vector<std::string> names;
  while (true) {
    const int64_t bytes = sys.ReadDirectory(dir, buffer.get(), kListingBytes);
    if (bytes < 0) return ErrnoStatus(static_cast<int>(-bytes), "list", path);
    if (bytes == 0) return names;
    ForEachDent(buffer.get(), static_cast<size_t>(bytes),
                [&](const Dent& dent) { names.emplace_back(dent.name); });
  }
}

}  // namespace materialize
