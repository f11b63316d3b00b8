// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Whether an entry is in its place already. Reads, and changes nothing.

#ifndef MATERIALIZE_EXEC_COMPARER_H_
#define MATERIALIZE_EXEC_COMPARER_H_

#include <atomic>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "materialize/exec/merge.h"
#include "materialize/exec/names_there.h"
#include "materialize/exec/options.h"
#include "materialize/exec/placement.h"
#include "materialize/exec/target.h"
#include "materialize/plan/entry.h"
#include "materialize/plan/source.h"

namespace materialize {

// What has the entry's name: as a listing tells, or looked at.
struct Found {
  NameThere there = {};
  std::optional<Stat> facts = {};
  std::optional<Stat> source = {};  // what the entry's source showed
};

// Whether both listings show one inode.
inline bool IsListedInode(const Entry& entry, const Found& found) {
  return entry.inode != 0 && entry.inode == found.there.inode &&
         found.there.kind == Kind::kFile;
}

enum class Sameness {
  kSame,
  kTimeDiffers,  // and nothing else: it can be set where the inode has no other
                 // name
  kDiffers,
};

struct Comparison {
  Sameness sameness = Sameness::kDiffers;
  bool looked = false;      // whether `there` is filled
  Stat there = {};          // what the destination shows
  Stat source = {};         // with `looked`
  std::string target = {};  // of a symlink
};

class Comparer {
 public:
  // References outlive it.
  Comparer(Sys& sys, const ExecOptions& options, Merge& merge)
      : sys_(sys), options_(options), merge_(merge) {}

  // Whether size, mode and mtime are all that is asked of a file with a source.
  bool is_plain() const;

  // Whether two names of one inode, as listed in directories of `from` and
  // `target`, need no stat.
  bool TrustsInodes(const Target& target, const MountKey& from,
                    const MountKey& to) const;

  // `entry` is a file or a symlink; `trusts_inodes`: see TrustsInodes().
  absl::StatusOr<Comparison> Compare(const Directory& listing,
                                     const Target& target, const Entry& entry,
                                     const Found& found, bool trusts_inodes);

  // At the granularity of the destination, which is asked where that matters.
  absl::StatusOr<bool> IsSameTime(const Time& wanted, const Time& there);

 private:
  absl::StatusOr<Comparison> CompareFile(const Directory& listing,
                                         const Target& target,
                                         const Entry& entry,
                                         const Found& found);
  absl::StatusOr<Comparison> CompareSymlink(const Directory& listing,
                                            const Target& target,
                                            const Entry& entry,
                                            const Found& found);
  absl::StatusOr<Comparison> CompareMadeLink(const Directory& listing,
                                             const Target& target,
                                             const Entry& entry,
                                             Comparison compared);
  absl::StatusOr<Sameness> CompareFacts(const Placement& at, Comparison& shown);
  absl::StatusOr<Sameness> CompareBytes(Placement& at);
  absl::StatusOr<bool> IsSameMode(const Target& target, mode_t wanted,
                                  mode_t there);
  absl::Status Fail(int64_t result, const char* call, const Target& target,
                    const Entry& entry) const;

  Sys& sys_;
  const ExecOptions& options_;
  Merge& merge_;
};

}  // namespace materialize

#endif  // MATERIALIZE_EXEC_COMPARER_H_
