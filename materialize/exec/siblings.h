// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Files of the input that are to share with each other in the destination:
// names of one inode, or equal contents. The first that comes leads and is
// placed from its own source; the others are made from where it is.

#ifndef MATERIALIZE_EXEC_SIBLINGS_H_
#define MATERIALIZE_EXEC_SIBLINGS_H_

#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "materialize/os/sys.h"

namespace materialize {

// {device, inode} of an inode, or {kContent, number} of a group of twins, or
// {kAlike, number} of those in it that may be one inode.
struct SiblingKey {
  static constexpr uint64_t kContent = ~uint64_t{0};
  static constexpr uint64_t kAlike = kContent - 1;
  uint64_t first = 0;
  uint64_t second = 0;
  auto operator<=>(const SiblingKey&) const = default;
};

// Where a leader is.
struct Leader {
  int dir = -1;  // open as long as anybody may ask
  std::string path = {};
  Stat facts = {};          // as it shows there
  bool is_private = false;  // its inode is not to be shared
};

// Thread-safe.
class Siblings {
 public:
  // Where the leader of `key` is. Nothing: the caller leads, and owes Settle().
  // Waits while another caller is placing it; a leader waits for nobody.
  std::optional<Leader> Join(const SiblingKey& key) {
    std::unique_lock<std::mutex> lock(mutex_);
    while (true) {
      const auto [at, is_new] = groups_.try_emplace(key);
      if (is_new) return std::nullopt;
      if (at->second.settled) return at->second.leader;
      changed_.wait(lock);
    }
  }

  // Nothing: it could not be placed, and the next one leads.
  void Settle(const SiblingKey& key, std::optional<Leader> leader) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (leader.has_value()) {
      groups_[key] = {.settled = true, .leader = *std::move(leader)};
    } else {
      groups_.erase(key);
    }
    changed_.notify_all();
  }

 private:
  struct Group {
    bool settled = false;
    Leader leader = {};
  };
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<SiblingKey, Group> groups_;
};

}  // namespace materialize

#endif  // MATERIALIZE_EXEC_SIBLINGS_H_
