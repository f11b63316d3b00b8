// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// One thread of a run: takes directories from the list and fills them. The
// executor's own.

#ifndef MATERIALIZE_EXEC_WORKER_H_
#define MATERIALIZE_EXEC_WORKER_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "materialize/exec/comparer.h"
#include "materialize/exec/deletion.h"
#include "materialize/exec/dry_run.h"
#include "materialize/exec/execution.h"
#include "materialize/exec/placer.h"
#include "materialize/exec/siblings.h"
#include "materialize/exec/twins.h"

namespace materialize {

class Worker {
 public:
  Worker(Execution& run, int number);

  // For a thread that is no caller's: what it makes has the modes asked for.
  void ClearUmask() {
    if (run_.sys.ClearThreadUmask() == 0) own_hygiene_ = Hygiene::kExact;
  }
  // Until nothing is left to do for anybody.
  void Loop();
  void AddTo(Report* report) {
    placer_.tally().AddTo(report);
    if (rehearses()) rehearsal_->tally().AddTo(report);
  }

 private:
  bool tells_entries() const {
    return run_.progress != nullptr && run_.progress->wants_entries();
  }
  Merge* merge() const { return run_.root.merge; }
  bool rehearses() const { return rehearsal_.has_value(); }
  // Whether another worker has nothing to do, and may have what is found here.
  bool has_takers() const { return alone_ == nullptr && run_.list.hungry(); }

  // worker.cc: directories.
  absl::Status Do(Work&& work);
  absl::Status DoDirectory(Work&& work);
  absl::Status GoOn(const Frame& frame, const std::string& path,
                    absl::Status status);
  absl::Status Open(Opened& opened, Work&& work);
  absl::Status FindPair(Opened& opened);
  Hygiene Clean(int fd, Hygiene above);
  absl::Status Place(const std::shared_ptr<Opened>& place, Batch& batch);
  absl::Status PlaceOne(Opened& opened, const Entry& entry, Work* child);
  absl::Status MakeDirectory(const Opened& opened, const Entry& entry);
  absl::Status Release(Opened& opened);
  absl::Status Finish(Opened& opened);
  absl::Status SetMode(Opened& opened);
  void TellDirectory(const Opened& opened);
  void TellAdvance();
  std::string TargetText(const Opened& opened, const char* name) const {
    return JoinPath(JoinPath(run_.options.final_path, opened.listing->path()),
                    name);
  }

  // worker_list.cc: what is in them.
  absl::Status List(const std::shared_ptr<Opened>& opened);
  absl::Status ListInto(const std::shared_ptr<Opened>& opened, Batch* batch);
  bool WillHaveTakers(const Opened& opened) const;
  // Both: false when there is nothing more to list.
  absl::StatusOr<bool> ListAhead(const std::shared_ptr<Opened>& opened);
  absl::StatusOr<bool> ListWhileRead(const std::shared_ptr<Opened>& opened,
                                     std::vector<Work>* ahead);
  absl::Status DoSurplus();

  // worker_siblings.cc: files that share with each other.
  bool has_siblings() const {
    return run_.options.preserve.hardlinks || run_.options.twins != nullptr;
  }
  // How many entries from `at` on were linked at once, as nothing shares and
  // nothing was there.
  absl::StatusOr<size_t> LinkStraight(const Opened& opened, const Batch& batch,
                                      size_t at);
  absl::Status PlaceFile(Opened& opened, const Target& target,
                         const Entry& entry);
  absl::Status PlaceSibling(Opened& opened, const Target& target,
                            const Entry& entry);
  absl::Status PlaceTwin(Opened& opened, const Target& target,
                         const Entry& entry, const Stat& facts);
  void Settle(Opened& opened, const Target& target, const Entry& entry,
              const SiblingKey& key, const absl::Status& status);
  void SettleRest(Opened& opened, const Entry& entry,
                  const absl::Status& status);
  std::optional<Leader> LeaderAt(const Opened& opened, const Target& target,
                                 const Entry& entry) const;
  std::optional<SiblingKey> InodeKey(const Stat& facts) const;
  std::optional<Twins::Numbers> TwinsOf(const Opened& opened,
                                        const Entry& entry,
                                        const Stat& facts) const;
  bool HasEqualBytes(const Opened& opened, const Entry& entry) const;
  std::optional<Leader> ExistingLeader(uint32_t group) const;
  absl::StatusOr<bool> KeepSibling(Opened& opened, const Entry& entry,
                                   const Comparison& compared);

  // worker_there.cc: directories that are there.
  absl::Status OpenThere(Opened& opened);
  absl::Status ListThere(Opened& opened);
  void FindHygiene(Opened& opened) const;
  absl::Status AddSurplus(Opened& opened);
  absl::Status SetChanged(Opened& opened);
  void WantLittle(Opened& opened) const;
  void NoteRoot(const Opened& opened, bool wants_time);
  bool HasMode(const Opened& opened) const;
  absl::StatusOr<bool> HasTime(const Opened& opened);

  // worker_merge.cc: their entries.
  // Whether there is anything under `name`, and what. From here on a null
  // `found` is nothing.
  absl::StatusOr<bool> Find(Opened& opened, const char* name, Found* found);
  bool IsPlainlySame(const Opened& opened, const Entry& entry, Found* found);
  absl::Status MergeEntry(Opened& opened, const Entry& given);
  absl::Status MergeFile(Opened& opened, const Entry& entry,
                         const Found* found);
  absl::Status SetTime(Opened& opened, const Entry& entry,
                       const Comparison& compared);
  absl::Status CheckNotInput(const Opened& opened, const char* name,
                             const Found* found) const;
  absl::Status Replace(Opened& opened, const Entry& entry, const Found* found);
  absl::StatusOr<Doomed> FindInTheWay(const Opened& opened, const Entry& entry);
  void TellGone(const Doomed& in_the_way);
  absl::Status MergeDirectory(Opened& opened, const Entry& entry, Work* child);
  absl::Status PutDirectory(Opened& opened, const Entry& entry,
                            const Found* found, Work* child);
  // Whether an entry whose name is taken is to be looked at any further.
  absl::StatusOr<bool> MayUpdate(const Opened& opened, const Entry& entry);
  absl::StatusOr<int> Permission();
  absl::StatusOr<int> Aside(Opened& opened);
  absl::Status OpenUp(Opened& opened);
  void TryToRename(Opened& opened, int aside);
  // Gives what was made `aside` as `name` the entry's own.
  absl::Status PutInPlace(const Opened& opened, const Entry& entry, int aside,
                          const std::string& name, Exchange exchange);
  // A name there that is not used again, unlike this worker's own.
  std::string TakeName(const Opened& opened) {
    std::string name = merge()->NewName();
    return opened.makes_here ? merge()->options().aside + "." + name : name;
  }
  // True: `failure` is of one entry, and written down.
  bool Survives(const std::string& path, const absl::Status& failure);

  // worker_unit.cc: directories that are all or nothing.
  absl::Status MergeUnit(Opened& opened, const Entry& entry, Work* child);
  // False: it is as it should be.
  absl::StatusOr<bool> FindChange(std::unique_ptr<Directory>* directory);
  absl::StatusOr<bool> IsUnchanged(std::unique_ptr<Directory> directory);
  absl::Status Look(std::unique_ptr<Directory> directory);
  absl::Status PutUnit(Opened& opened, const Entry& entry,
                       std::unique_ptr<Directory> directory,
                       const Found* found);
  absl::Status StageUnit(int aside, const std::string& name,
                         std::unique_ptr<Directory> directory, Frame& frame);
  absl::Status DoAlone(Work first);

  Execution& run_;
  const int number_;
  Placer placer_;
  std::optional<Comparer> comparer_;
  std::optional<Rehearsal> rehearsal_;  // of a merge that only tells
  bool glances_ = false;  // nobody asks more of a file than its size and times
  std::string aside_name_;     // this worker's, for what is renamed at once
  std::string here_name_;      // the same, beside its place
  Batch spare_;                // memory for the next listing
  Pair* last_pair_ = nullptr;  // that a directory had: mostly the next has it
  // Of which the leader is placed, but has not got its name.
  std::vector<SiblingKey> unsettled_;
  // In the middle of a unit: its directories, which no other worker sees.
  std::vector<Work>* alone_ = nullptr;
  bool only_looks_ = false;  // a change is the answer, not to be made
  bool differs_ = false;
  Hygiene own_hygiene_ = Hygiene::kUmask;
  int nesting_ = 0;
  int64_t told_files_ = 0;
  int64_t told_bytes_ = 0;
};

}  // namespace materialize

#endif  // MATERIALIZE_EXEC_WORKER_H_
