// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//

#include "materialize/exec/tally.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "materialize/plan/source.h"

namespace materialize {
namespace {

std::string ReasonText(const Passed& passed) {
  switch (passed.reason) {
    case Reason::kErrno:
      return strerror(passed.error);
    case Reason::kForeignOwner:
      return "owned by another user, who could rewrite what root installs";
    case Reason::kOverlayLower:
      return "in a lower layer of overlayfs: a link would copy the source up";
    case Reason::kSlower:
      return "a copy is faster, as of files that were just written";
    case Reason::kTried:
      return "to see whether a copy is faster";
  }
  return "";
}

void Add(const Tally& from, Tally* to) {
  to->files += from.files;
  to->bytes += from.bytes;
}

void Add(const NotKept& from, NotKept* to) {
  to->owners += from.owners;
  to->xattrs += from.xattrs;
  to->acls += from.acls;
}

void AddDowngrade(Downgrade downgrade, Report* report) {
  for (Downgrade& known : report->downgrades) {
    if (known.from == downgrade.from && known.to == downgrade.to &&
        known.method == downgrade.method && known.used == downgrade.used &&
        known.error == downgrade.error && known.reason == downgrade.reason) {
      known.files += downgrade.files;
      known.example = std::min(known.example, downgrade.example);
      return;
    }
  }
  report->downgrades.push_back(std::move(downgrade));
}

}  // namespace

void WorkerTally::Count(How how, const Stat* facts) {
  const int64_t size = facts == nullptr ? 0 : facts->size;
  Tally one = {.files = 1, .bytes = size};
  switch (how) {
    case How::kReflink:
      Add(one, &counts.of(Method::kReflink));
      break;
    case How::kHardlink:
      Add(one, &counts.of(Method::kHardlink));
      break;
    case How::kSymlink:
      Add(one, &counts.of(Method::kSymlink));
      break;
    case How::kCopy:
      Add(one, &counts.of(Method::kCopy));
      break;
    case How::kEmpty:
      Add(one, &counts.created_empty);
      break;
    case How::kNoop:
      Add(one, &counts.unchanged);
      break;
    case How::kKept:
      ++counts.symlinks;
      return;
    case How::kDirectory:
      ++counts.directories;
      return;
    case How::kDeleted:
    case How::kSkipped:
      return;  // counted where it is known what was skipped
  }
  ++files_;
  bytes_ += size;
  if (facts == nullptr) {
    ++not_looked_at_;
    return;
  }
  counts.apparent_bytes += size;
  counts.allocated_bytes += facts->blocks * 512;  // st_blocks' unit, stat(2)
}

void WorkerTally::CountLinks(int64_t links) {
  counts.of(Method::kHardlink).files += links;
  files_ += links;
  not_looked_at_ += links;
}

void WorkerTally::CountPassed(const Pair& pair, const Passed& passed,
                              Method used, const std::string& directory,
                              const char* name, int64_t files) {
  for (Row& row : rows_) {
    if (row.pair == &pair && row.used == used &&
        row.passed.method == passed.method &&
        row.passed.error == passed.error &&
        row.passed.reason == passed.reason) {
      row.files += files;
      return;
    }
  }
  rows_.push_back({.pair = &pair,
                   .passed = passed,
                   .used = used,
                   .files = files,
                   .example = JoinPath(directory, name)});
}

void WorkerTally::CountNotKept(const NotKept& lost) {
  Add(lost, &counts.not_kept);
}

void WorkerTally::AddTo(Report* report) const {
  for (const Method method : kAllMethods)
    Add(counts.of(method), &report->of(method));
  Add(counts.created_empty, &report->created_empty);
  Add(counts.unchanged, &report->unchanged);
  report->directories += counts.directories;
  report->symlinks += counts.symlinks;
  report->special_skipped += counts.special_skipped;
  report->symlinks_skipped += counts.symlinks_skipped;
  report->excluded += counts.excluded;
  report->apparent_bytes += counts.apparent_bytes;
  report->allocated_bytes += counts.allocated_bytes;
  Add(counts.not_kept, &report->not_kept);
  Add(counts.duplicates, &report->duplicates);
  report->present_skipped += counts.present_skipped;
  report->deleted += counts.deleted;
  report->units += counts.units;
  report->units_unchanged += counts.units_unchanged;
  report->failures.insert(report->failures.end(), counts.failures.begin(),
                          counts.failures.end());
  report->bytes_exact = report->bytes_exact && not_looked_at_ == 0;
  for (const Row& row : rows_) {
    AddDowngrade({.from = row.pair->from().Text(),
                  .to = row.pair->to().Text(),
                  .method = row.passed.method,
                  .used = row.used,
                  .error = row.passed.error,
                  .reason = ReasonText(row.passed),
                  .example = row.example,
                  .files = row.files},
                 report);
  }
}

}  // namespace materialize
