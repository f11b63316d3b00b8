// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// How a worker lists a directory, and what it leaves to others meanwhile.

#include <algorithm>
#include <iterator>
#include <utility>

#include "materialize/exec/rules.h"
#include "materialize/exec/worker.h"
#include "materialize/os/status.h"

namespace materialize {
namespace {

constexpr size_t kWorthSharing =
    256;  // entries of one listing, before another worker is given them
constexpr int kNestingLimit =
    8;  // surplus directories done in the middle of another one

constexpr size_t kMostAhead =
    32;  // blocks of a listing, of some 200 KiB where they are of files

bool IsOfDirectories(const Batch& batch) {
  return batch.children.size() > batch.entries.size() / 2;
}

// Not where most are directories, which whoever comes next is to fill; nor
// where two that link into one directory are no faster than one.
bool IsWorthSharing(const ExecOptions& options, const Opened& opened,
                    const Batch& batch) {
  if (batch.entries.size() < kWorthSharing || IsOfDirectories(batch))
    return false;
  const Pair* const pair = opened.target.pair;
  return !opened.is_fresh || pair == nullptr ||
         pair->to().filesystem->traits.linking == Linking::kTogether ||
         FirstAllowed(options.methods, *pair) != Method::kHardlink;
}

// The second half of the entries, for somebody else; it shares the bytes.
Batch TakeHalf(Batch* batch) {
  std::vector<Entry>& entries = batch->entries;
  const auto middle =
      entries.begin() + static_cast<ptrdiff_t>(entries.size() / 2);
  // Children are in the order of their entries.
  const auto first =
      batch->children.begin() +
      std::count_if(entries.begin(), middle,
                    [](const Entry& entry) { return entry.child != nullptr; });
  Batch half = {.from = batch->from,
                .entries = {middle, entries.end()},
                .children = {std::make_move_iterator(first),
                             std::make_move_iterator(batch->children.end())},
                .block = batch->block,
                .storage = batch->storage};
  entries.erase(middle, entries.end());
  batch->children.erase(first, batch->children.end());
  return half;
}

}  // namespace

absl::Status Worker::List(const std::shared_ptr<Opened>& opened) {
  // Lent to the listing: a directory met in the middle of it has its own.
  Batch batch = std::exchange(spare_, Batch());
  absl::Status status = ListInto(opened, &batch);
  batch.Clear();  // before the listing that it refers to
  spare_ = std::move(batch);
  if (!status.ok() || differs_) return status;
  placer_.tally().counts.excluded += opened->listing->counts().excluded;
  return Release(*opened);
}

// Whoever has a part of this directory will want the next one, before this
// worker comes to it.
bool Worker::WillHaveTakers(const Opened& opened) const {
  const int users = opened.users.load();
  return users > 1 && users <= run_.options.jobs;
}

absl::Status Worker::ListInto(const std::shared_ptr<Opened>& opened,
                              Batch* batch) {
  if (opened->has_names && !opened->names.is_small()) {
    const absl::StatusOr<bool> more = ListAhead(opened);
    if (!more.ok() || !*more) return more.status();
  }
  while (true) {
    const absl::StatusOr<bool> more = opened->listing->Next(run_.sys, batch);
    if (!more.ok()) return more.status();
    if (!*more) return absl::OkStatus();
    const bool shares = IsWorthSharing(run_.options, *opened, *batch) &&
                        (has_takers() || WillHaveTakers(*opened));
    if (shares) {
      opened->users.fetch_add(1);
      run_.list.Push(Work{.opened = opened,
                          .batch = std::make_unique<Batch>(TakeHalf(batch))},
                     number_);
    }
    if (absl::Status status = Place(opened, *batch); !status.ok())
      return status;
    if (shares) batch->block.reset();  // whoever has the other half reads it
    if (absl::Status status = DoSurplus(); !status.ok()) return status;
    if (differs_) return absl::OkStatus();
  }
}

// A directory of very many directories: do some of them before listing on.
absl::Status Worker::DoSurplus() {
  if (nesting_ >= kNestingLimit || alone_ != nullptr) return absl::OkStatus();
  ++nesting_;
  absl::Status status;
  while (status.ok() && run_.list.has_surplus()) {
    std::optional<Work> work = run_.list.TakeSurplus(number_);
    if (!work.has_value()) break;
    status = Do(*std::move(work));
    run_.list.Done();
  }
  --nesting_;
  return status;
}

// Reads the rest of what is there in a large directory, before anything is
// placed in it. An idle worker does so, if there is one, and meanwhile this one
// lists what is to be there.
absl::StatusOr<bool> Worker::ListAhead(const std::shared_ptr<Opened>& opened) {
  std::vector<Work> ahead;
  absl::StatusOr<bool> more = true;
  if (has_takers()) {
    run_.list.Push(Work{.opened = opened}, number_);
    more = ListWhileRead(opened, &ahead);
  }
  const int result = opened->names.ReadRest(run_.sys, opened->to.get());
  if (result < 0) return ErrnoStatus(-result, "list", TargetText(*opened, ""));
  opened->users.fetch_add(static_cast<int>(ahead.size()));
  run_.list.Push(&ahead, number_);
  return more;
}

absl::StatusOr<bool> Worker::ListWhileRead(
    const std::shared_ptr<Opened>& opened, std::vector<Work>* ahead) {
  while (ahead->size() < kMostAhead && !opened->names.is_read()) {
    auto batch = std::make_unique<Batch>();
    const absl::StatusOr<bool> more =
        opened->listing->Next(run_.sys, batch.get());
    if (!more.ok() || !*more) return more;
    const bool is_of_directories = IsOfDirectories(*batch);
    ahead->push_back({.opened = opened, .batch = std::move(batch)});
    if (is_of_directories) break;  // which take more memory
  }
  return true;
}

}  // namespace materialize
