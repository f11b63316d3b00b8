// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// What is remembered of mounts: each one's filesystem (asked once), and for
// each pair of them which operations are known to work or never to work.
// Knowledge only ever removes methods.

#ifndef MATERIALIZE_STRATEGY_MOUNTS_H_
#define MATERIALIZE_STRATEGY_MOUNTS_H_

#include <array>
#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "absl/functional/function_ref.h"
#include "materialize/os/sys.h"
#include "materialize/strategy/filesystem.h"
#include "materialize/strategy/race.h"
#include "materialize/strategy/strategy.h"

namespace materialize {

// No single stat field is the key: bind mounts share a device, btrfs subvolumes
// share a mount id.
struct MountKey {
  uint64_t mount_id = 0;
  uint64_t device = 0;
  auto operator<=>(const MountKey&) const = default;
};
inline MountKey KeyOf(const Stat& stat) {
  return {.mount_id = stat.mount_id, .device = stat.device};
}

struct Mount {
  MountKey key;
  const Filesystem* filesystem;

  std::string Text() const;  // "ext4:31"
};

// Thread-safe.
class Pair {
 public:
  Pair(const Mount& from, const Mount& to);

  const Mount& from() const { return from_; }
  const Mount& to() const { return to_; }

  bool Allows(Operation operation) const {
    return of(operation).state.load(std::memory_order_relaxed) != State::kNever;
  }
  // Why not: the errno seen, or the one the kernel would give where a table
  // ruled the operation out.
  int Error(Operation operation) const {
    return of(operation).error.load(std::memory_order_relaxed);
  }

  // Runs `attempt` (>= 0 or -errno) and learns from it, unless `tells` says
  // that the errno tells of the one file only. As long as nothing is known of
  // the operation, one thread at a time tries, so that a mount that cannot is
  // asked once. Answers what `attempt` did, or the known -errno.
  int Try(Operation operation, absl::FunctionRef<int()> attempt,
          absl::FunctionRef<bool(int error)> tells = Always);

  // Remembers that the operation cannot work here.
  void Demote(Operation operation, int error);

  Race& race() { return race_; }

 private:
  enum class State : uint8_t { kUnknown, kWorks, kNever };
  struct Knowledge {
    std::atomic<State> state{State::kUnknown};
    std::atomic<int> error{0};
    std::atomic<int> streak{
        0};  // refusals of single files in a row, with no success ever
  };

  const Knowledge& of(Operation operation) const {
    return knowledge_[static_cast<size_t>(operation)];
  }
  Knowledge& of(Operation operation) {
    return knowledge_[static_cast<size_t>(operation)];
  }
  static bool Always(int error) { return error != 0; }
  int TryFirst(Operation operation, absl::FunctionRef<int()> attempt,
               absl::FunctionRef<bool(int error)> tells);
  void Learn(Operation operation, int result);

  Mount from_;
  Mount to_;
  std::array<Knowledge, kOperationCount> knowledge_;
  std::mutex first_try_;
  Race race_;
};

// Thread-safe. Pairs live as long as the table.
class MountTable {
 public:
  explicit MountTable(Sys& sys) : sys_(sys) {}

  // The mount that `fd` is on; `stat` is of the same file. statfs is asked once
  // per mount. -errno in *error.
  const Mount* Find(int fd, const Stat& stat, int* error);
  // The mount of `key`, if Find() has met it.
  const Mount* Known(const MountKey& key);
  Pair& Between(const Mount& from, const Mount& to);

 private:
  Sys& sys_;
  std::mutex mutex_;
  std::map<MountKey, Mount> mounts_;
  std::map<std::pair<MountKey, MountKey>, std::unique_ptr<Pair>> pairs_;
};

}  // namespace materialize

#endif  // MATERIALIZE_STRATEGY_MOUNTS_H_
