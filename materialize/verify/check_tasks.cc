// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/verify/check_tasks.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "materialize/plan/entry_path.h"

namespace materialize {
namespace {

using Entries = absl::Span<const Expected* const>;

// Files to be read may be large: a few are enough for one piece.
constexpr size_t kPiece = 32;

absl::string_view PathOf(const Expected& expected) {
  return expected.said.entry.path;
}

absl::string_view DirectoryOf(const Expected& expected) {
  return materialize::DirectoryOf(PathOf(expected));
}

// What is expected in each directory.
using Listing = absl::flat_hash_map<absl::string_view, Entries>;

Listing ListingOf(const std::vector<const Expected*>& order) {
  Listing listing;
  for (size_t begin = 0; begin < order.size();) {
    size_t end = begin + 1;
    const absl::string_view directory = DirectoryOf(*order[begin]);
    while (end < order.size() && DirectoryOf(*order[end]) == directory) ++end;
    listing[directory] = Entries(order).subspan(begin, end - begin);
    begin = end;
  }
  return listing;
}

void AddTasks(absl::string_view directory, Entries entries, bool lists,
              std::vector<CheckTask>* tasks) {
  const Entries all = entries;
  do {
    const size_t size = std::min(entries.size(), kPiece);
    tasks->push_back({.directory = directory,
                      .entries = entries.subspan(0, size),
                      .all = lists ? all : Entries(),
                      .lists = lists});
    entries.remove_prefix(size);
    lists = false;
  } while (!entries.empty());
}

}  // namespace

absl::string_view NameOf(const Expected& expected) {
  return NameOf(PathOf(expected));
}

CheckTasks::CheckTasks(const Expectation& expectation) {
  order_.reserve(expectation.entries.size());
  for (const Expected& one : expectation.entries) {
    if (!PathOf(one).empty()) order_.push_back(&one);
  }
  std::sort(order_.begin(), order_.end(),
            [](const Expected* a, const Expected* b) {
              return std::make_pair(DirectoryOf(*a), NameOf(*a)) <
                     std::make_pair(DirectoryOf(*b), NameOf(*b));
            });
  const Listing listing = ListingOf(order_);
  const auto add = [&](absl::string_view directory, bool ignored) {
    const auto found = listing.find(directory);
    const Entries entries = found == listing.end() ? Entries() : found->second;
    const bool lists = expectation.extras == Extras::kDiffer && !ignored;
    if (lists || !entries.empty()) AddTasks(directory, entries, lists, &tasks_);
  };
  const bool root_named =
      !expectation.entries.empty() && PathOf(expectation.entries[0]).empty();
  add("", root_named && expectation.entries[0].said.claims.ignore);
  for (const Expected& one : expectation.entries) {
    const bool leads_on = one.said.entry.kind == Kind::kDirectory ||
                          listing.contains(PathOf(one));
    if (leads_on && !PathOf(one).empty())
      add(PathOf(one), one.said.claims.ignore);
  }
}

}  // namespace materialize
