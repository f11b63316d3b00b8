// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/strategy/mounts.h"

#include <cerrno>

#include "absl/strings/str_cat.h"

namespace materialize {
namespace {

// So many single refusals in a row, with no success between two mounts, are the
// mounts' own way.
constexpr int kStreak = 8;

// EXDEV is what linkat and FICLONE say of two filesystems; EOPNOTSUPP and EPERM
// what one that lacks them says.
int WhyNoClone(const Mount& from, const Mount& to) {
  // In the kernel's order: one superblock first, then whether it can.
  if (from.filesystem->magic != to.filesystem->magic) return EXDEV;
  return from.filesystem->reflink == Support::kNo ? EOPNOTSUPP : 0;
}

int WhyNoLink(const Mount& from, const Mount& to) {
  if (to.filesystem->hardlink == Support::kNo) return EPERM;
  return from.key != to.key ? EXDEV : 0;
}

int WhyNoSymlink(const Mount& to) {
  return to.filesystem->symlink == Support::kNo ? EPERM : 0;
}

}  // namespace

std::string Mount::Text() const {
  return absl::StrCat(filesystem->name, ":", key.mount_id);
}

Pair::Pair(const Mount& from, const Mount& to) : from_(from), to_(to) {
  if (const int error = WhyNoClone(from, to); error != 0)
    Demote(Operation::kClone, error);
  if (const int error = WhyNoLink(from, to); error != 0)
    Demote(Operation::kLink, error);
  if (const int error = WhyNoSymlink(to); error != 0)
    Demote(Operation::kSymlink, error);
}

int Pair::Try(Operation operation, absl::FunctionRef<int()> attempt,
              absl::FunctionRef<bool(int error)> tells) {
  switch (of(operation).state.load(std::memory_order_acquire)) {
    case State::kNever:
      return -Error(operation);
    case State::kWorks:
      return attempt();
    case State::kUnknown:
      return TryFirst(operation, attempt, tells);
  }
  return -EINVAL;
}

int Pair::TryFirst(Operation operation, absl::FunctionRef<int()> attempt,
                   absl::FunctionRef<bool(int error)> tells) {
  const std::lock_guard<std::mutex> lock(first_try_);
  if (!Allows(operation)) return -Error(operation);
  const int result = attempt();
  if (result >= 0 || tells(-result)) Learn(operation, result);
  return result;
}

void Pair::Learn(Operation operation, int result) {
  Knowledge& knowledge = of(operation);
  if (result >= 0) {
    knowledge.state.store(State::kWorks, std::memory_order_release);
    return;
  }
  switch (Judge(operation, -result)) {
    case Verdict::kNeverOnThisPair:
      Demote(operation, -result);
      break;
    case Verdict::kTryNext:
      // Permissions are a file's or a directory's, never the mount's.
      if (-result == EACCES) break;
      if (knowledge.streak.fetch_add(1) + 1 >= kStreak)
        Demote(operation, -result);
      break;
    case Verdict::kRetry:
    case Verdict::kReplica:
    case Verdict::kFail:
      break;
  }
}

void Pair::Demote(Operation operation, int error) {
  of(operation).error.store(error, std::memory_order_relaxed);
  of(operation).state.store(State::kNever, std::memory_order_release);
}

const Mount* MountTable::Find(int fd, const Stat& stat, int* error) {
  if (const Mount* known = Known(KeyOf(stat)); known != nullptr) return known;
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto [at, is_new] = mounts_.try_emplace(
      KeyOf(stat), Mount{.key = KeyOf(stat), .filesystem = nullptr});
  if (!is_new) return &at->second;
  FilesystemStat filesystem;
  const int result = sys_.StatFilesystem(fd, &filesystem);
  if (result < 0) {
    mounts_.erase(at);
    *error = result;
    return nullptr;
  }
  at->second.filesystem = &FilesystemOf(filesystem.magic);
  return &at->second;
}

const Mount* MountTable::Known(const MountKey& key) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto at = mounts_.find(key);
  return at == mounts_.end() ? nullptr : &at->second;
}

Pair& MountTable::Between(const Mount& from, const Mount& to) {
  const std::lock_guard<std::mutex> lock(mutex_);
  std::unique_ptr<Pair>& pair = pairs_[{from.key, to.key}];
  if (pair == nullptr) pair = std::make_unique<Pair>(from, to);
  return *pair;
}

}  // namespace materialize
