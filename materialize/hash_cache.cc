// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/hash_cache.h"

#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "materialize/digest.h"
#include "materialize/os/io.h"
#include "materialize/os/path.h"
#include "materialize/os/status.h"
#include "materialize/plan/source.h"

namespace materialize {
namespace {

// A filesystem that counts in whole seconds may count in two (vfat); others
// take their time from a clock that ticks a hundred times a second at least.
constexpr int64_t kSettledWhole = 3'000'000'000;  // ns
constexpr int64_t kSettledTick = 20'000'000;      // ns
// Two million files. A file that is larger is not ours.
constexpr size_t kMostBytes = size_t{256} * 1024 * 1024;
constexpr size_t kReadBytes = size_t{64} * 1024;
constexpr size_t kDigestLength = 64;
constexpr mode_t kFolderMode = 0700;
constexpr mode_t kFileMode = 0600;
constexpr mode_t kWritableByOthers = S_IWGRP | S_IWOTH;

std::string CheckWord(absl::string_view line) {
  return Sha256(absl::StrCat("materialize hash 1 ", line)).substr(0, 16);
}

bool HasIdentity(const Stat& facts) {
  return facts.device != 0 && facts.inode != 0;
}

// Whether a change at `at` would have given a file another ctime.
bool IsSettled(const Time& ctime, const Time& at) {
  const int64_t seconds = at.seconds - ctime.seconds;
  if (seconds > 10 || seconds < 0) return seconds > 0;
  const int64_t passed = seconds * 1'000'000'000 + int64_t{at.nanoseconds} -
                         int64_t{ctime.nanoseconds};
  return passed >= (ctime.nanoseconds == 0 ? kSettledWhole : kSettledTick);
}

std::string ReadUpTo(Sys& sys, int fd, size_t most) {
  std::string text;
  const auto buffer = std::make_unique_for_overwrite<char[]>(kReadBytes);
  while (true) {
    const int64_t bytes = ReadFull(sys, fd, buffer.get(), kReadBytes);
    if (bytes <= 0) return text;
    text.append(buffer.get(), static_cast<size_t>(bytes));
    if (text.size() > most) return "";
  }
}

// A folder in `dir`, made where it is missing, or -errno. `flags`: O_NOFOLLOW.
Fd OpenOrMake(Sys& sys, int dir, const std::string& name, int flags) {
  const int made = sys.MakeDirectoryAt(dir, name.c_str(), kFolderMode);
  (void)made;  // What counts is whether it can be opened.
  return Fd(sys, OpenPatiently(sys, dir, name.c_str(),
                               O_RDONLY | O_DIRECTORY | flags, 0));
}

// Whether `fd` is ours: 0, or what is to be said against it.
int Distrust(Sys& sys, int fd, mode_t forbidden) {
  Stat facts;
  const int result = sys.StatAt(fd, "", 0, &facts);
  if (result < 0) return result;
  const bool ours = facts.uid == sys.EffectiveUser();
  return ours && (facts.mode & forbidden) == 0 ? 0 : -EPERM;
}

}  // namespace

std::string UserCacheDirectory() {
  const char* cache = std::getenv("XDG_CACHE_HOME");
  if (cache != nullptr && *cache == '/') return cache;
  const char* home = std::getenv("HOME");
  if (home != nullptr && *home == '/') return JoinPath(home, ".cache");
  return "";
}

HashCache::HashCache(Sys& sys, std::string base, absl::string_view root)
    : sys_(sys), base_(std::move(base)), name_(Sha256(root).substr(0, 16)) {}

std::unique_ptr<HashCache> HashCache::Open(Sys& sys, std::string base,
                                           absl::string_view root) {
  std::unique_ptr<HashCache> cache(new HashCache(sys, std::move(base), root));
  if (cache->base_.empty()) return cache;
  const absl::StatusOr<Fd> folder = cache->OpenFolder();
  if (!folder.ok()) return cache;
  for (auto& [identity, known] : cache->Read(folder->get())) {
    cache->loaded_[identity] = {.known = std::move(known)};
  }
  return cache;
}

HashCache::Loaded* HashCache::FindLoaded(const Stat& facts) {
  if (!HasIdentity(facts)) return nullptr;
  const auto at = loaded_.find(IdentityOf(facts));
  if (at == loaded_.end()) return nullptr;
  const Known& known = at->second.known;
  const bool same = known.mtime == facts.mtime && known.ctime == facts.ctime &&
                    known.size == facts.size;
  return same ? &at->second : nullptr;
}

std::optional<std::string> HashCache::Find(const Stat& facts) {
  const std::lock_guard<std::mutex> lock(mutex_);
  Loaded* loaded = FindLoaded(facts);
  if (loaded == nullptr) return std::nullopt;
  loaded->met = true;
  return loaded->known.sha256;
}

void HashCache::Keep(const Stat& facts) {
  const std::lock_guard<std::mutex> lock(mutex_);
  Loaded* loaded = FindLoaded(facts);
  if (loaded != nullptr) loaded->met = true;
}

void HashCache::Add(const Stat& facts, absl::string_view sha256,
                    const Time& started) {
  if (!HasIdentity(facts) || !IsSettled(facts.ctime, started)) return;
  const std::lock_guard<std::mutex> lock(mutex_);
  added_[IdentityOf(facts)] = {.mtime = facts.mtime,
                               .ctime = facts.ctime,
                               .size = facts.size,
                               .sha256 = std::string(sha256)};
}

absl::Status HashCache::Save(Look look) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (base_.empty()) return absl::OkStatus();
  const absl::StatusOr<Fd> folder = OpenFolder();
  if (!folder.ok()) return folder.status();
  Lines gone;
  for (const auto& [identity, loaded] : loaded_) {
    if (look == Look::kWhole && !loaded.met) gone[identity] = loaded.known;
  }
  if (added_.empty() && gone.empty()) return absl::OkStatus();
  // Where there are no locks (NFS), two runs at once may cost each other lines,
  // no more.
  while (sys_.Lock(folder->get(), LOCK_EX) == -EINTR) continue;
  Lines lines = Read(folder->get());
  for (const auto& [identity, known] : gone) {
    const auto at = lines.find(identity);
    if (at != lines.end() && at->second == known) lines.erase(at);
  }
  for (const auto& [identity, known] : added_) lines[identity] = known;
  return Write(folder->get(), lines);
}

absl::Status HashCache::Fail(int result, absl::string_view call,
                             absl::string_view name) const {
  return ErrnoStatus(-result, call,
                     JoinPath(JoinPath(base_, "materialize/hashes"), name));
}

// BASE is the user's own choice and may be a symlink; below it none is
// followed.
absl::StatusOr<Fd> HashCache::OpenFolder() const {
  Fd base = OpenOrMake(sys_, AT_FDCWD, base_, 0);
  if (!base.ok()) return ErrnoStatus(-base.get(), "open", base_);
  // Another user's, as under sudo: nothing of ours is left there.
  if (const int result = Distrust(sys_, base.get(), 0); result < 0) {
    return ErrnoStatus(-result, "use", base_);
  }
  const Fd ours = OpenOrMake(sys_, base.get(), "materialize", O_NOFOLLOW);
  if (!ours.ok()) return Fail(ours.get(), "open", "");
  Fd folder = OpenOrMake(sys_, ours.get(), "hashes", O_NOFOLLOW);
  if (!folder.ok()) return Fail(folder.get(), "open", "");
  const int result = Distrust(sys_, folder.get(), kWritableByOthers);
  if (result < 0) return Fail(result, "use", "");
  return folder;
}

HashCache::Lines HashCache::Read(int folder) const {
  const int flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;
  const Fd file(sys_, OpenPatiently(sys_, folder, name_.c_str(), flags, 0));
  if (!file.ok()) return {};
  Stat facts;
  if (sys_.StatAt(file.get(), "", 0, &facts) < 0) return {};
  if (facts.kind() != Kind::kFile) return {};
  if (Distrust(sys_, file.get(), kWritableByOthers) < 0) return {};
  return Parse(ReadUpTo(sys_, file.get(), kMostBytes));
}

std::string HashCache::LineOf(const Identity& identity, const Known& known) {
  std::string line = absl::StrCat(
      identity.device, " ", identity.inode, " ", known.mtime.seconds, " ",
      known.mtime.nanoseconds, " ", known.ctime.seconds, " ",
      known.ctime.nanoseconds, " ", known.size);
  absl::StrAppend(&line, " ", known.sha256);
  return absl::StrCat(line, " ", CheckWord(line), "\n");
}

HashCache::Lines HashCache::Parse(absl::string_view text) {
  Lines lines;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    const size_t blank = line.rfind(' ');
    if (blank == absl::string_view::npos) continue;
    const absl::string_view said = line.substr(0, blank);
    if (CheckWord(said) != line.substr(blank + 1)) continue;
    const std::vector<absl::string_view> words = absl::StrSplit(said, ' ');
    Identity identity;
    Known known;
    if (words.size() != 8 || !absl::SimpleAtoi(words[0], &identity.device) ||
        !absl::SimpleAtoi(words[1], &identity.inode) ||
        !absl::SimpleAtoi(words[2], &known.mtime.seconds) ||
        !absl::SimpleAtoi(words[3], &known.mtime.nanoseconds) ||
        !absl::SimpleAtoi(words[4], &known.ctime.seconds) ||
        !absl::SimpleAtoi(words[5], &known.ctime.nanoseconds) ||
        !absl::SimpleAtoi(words[6], &known.size)) {
      continue;
    }
    known.sha256 = std::string(words[7]);
    if (known.sha256.size() == kDigestLength) lines[identity] = known;
  }
  return lines;
}

// Under the lock, so that the one temporary name is nobody else's; what a dead
// run left of it goes first.
absl::Status HashCache::Write(int folder, const Lines& lines) const {
  const std::string temporary = absl::StrCat(".", name_, ".new");
  (void)sys_.UnlinkAt(folder, temporary.c_str(), 0);  // ENOENT as a rule
  const int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW;
  Fd file(sys_,
          OpenPatiently(sys_, folder, temporary.c_str(), flags, kFileMode));
  if (!file.ok()) return Fail(file.get(), "create", temporary);
  std::string text;
  for (const auto& [identity, known] : lines) text += LineOf(identity, known);
  int result = WriteAll(sys_, file.get(), text);
  if (result == 0) result = file.Close();
  if (result == 0) {
    result = sys_.RenameAt(folder, temporary.c_str(), folder, name_.c_str(), 0);
  }
  if (result == 0) return absl::OkStatus();
  (void)sys_.UnlinkAt(folder, temporary.c_str(), 0);  // `result` is the news
  return Fail(result, "write", name_);
}

}  // namespace materialize
