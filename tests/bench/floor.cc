// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// The least that has to be asked of the kernel for a tree: floor
// hardlink|owned|reflink|copy|same|linked THREADS wide|deep FROM TO. Modes and
// mtimes are those of FROM; `owned` hardlinks what belongs to the user, as auto
// does, `same` only looks at both trees, `linked` lists both and compares names
// and inodes. No staging, no checks: what goes wrong ends it.

#include <dirent.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace {

constexpr size_t kMostOpen = 4000;  // directories that wait for their turn

enum class Way { kHardlink, kOwned, kReflink, kCopy, kSame, kLinked };

struct Pair {  // both directories, open, and what the new one's inode gets
  int from, to;
  struct stat facts;
};

Way way;
const uid_t user = geteuid();
bool looks;  // TO is there already
bool wide;
std::deque<Pair> pairs;
std::mutex mutex;
std::condition_variable changed;
int busy;

long Must(long result, const char* call) {
  if (result < 0) {
    perror(call);
    _exit(1);
  }
  return result;
}

int Open(int at, const char* name, int flags, mode_t mode = 0) {
  return static_cast<int>(
      Must(openat(at, name, flags | O_CLOEXEC | O_NOFOLLOW, mode), name));
}

struct stat Look(int at, const char* name) {
  struct stat facts;
  Must(fstatat(at, name, &facts, AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH), name);
  return facts;
}

void KeepTimes(int at, const char* name, const struct stat& facts) {
  const timespec times[] = {{.tv_sec = 0, .tv_nsec = UTIME_NOW}, facts.st_mtim};
  Must(syscall(SYS_utimensat, at, name, times,
               name == nullptr ? 0 : AT_SYMLINK_NOFOLLOW),
       "utimensat");
}

void NotAsSaid() {
  errno = ESTALE;
  Must(-1, "not as was said");
}

void MakeFile(const Pair& pair, const char* name) {
  if (way == Way::kOwned && Look(pair.from, name).st_uid != user) NotAsSaid();
  if (way == Way::kHardlink || way == Way::kOwned) {
    Must(linkat(pair.from, name, pair.to, name, 0), name);
    return;
  }
  const int from = Open(pair.from, name, O_RDONLY);
  const struct stat facts = Look(from, "");
  const int to =
      Open(pair.to, name, O_WRONLY | O_CREAT | O_EXCL, facts.st_mode & 07777);
  thread_local std::vector<char> buffer(128 << 10);
  if (way == Way::kReflink) {
    if (facts.st_size > 0) Must(ioctl(to, FICLONE, from), name);
  } else if (facts.st_size <= static_cast<off_t>(buffer.size())) {
    // A file no larger than was told needs no read that finds its end.
    const long got = facts.st_size == 0
                         ? 0
                         : Must(read(from, buffer.data(), buffer.size()), name);
    if (got > 0) Must(write(to, buffer.data(), static_cast<size_t>(got)), name);
  } else {
    for (off_t left = facts.st_size; left > 0;)
      left -= Must(copy_file_range(from, nullptr, to, nullptr, left, 0), name);
  }
  KeepTimes(to, nullptr, facts);
  close(from);
  close(to);
}

std::string ReadLink(int at, const char* name) {
  char text[PATH_MAX];
  return {text, static_cast<size_t>(
                    Must(readlinkat(at, name, text, sizeof(text)), name))};
}

void MakeLink(const Pair& pair, const char* name) {
  const std::string text = ReadLink(pair.from, name);
  Must(symlinkat(text.c_str(), pair.to, name), name);
  KeepTimes(pair.to, name, Look(pair.from, name));
}

bool IsSame(const struct stat& from, const struct stat& to) {
  return from.st_mode == to.st_mode && from.st_mtime == to.st_mtime &&
         from.st_mtim.tv_nsec == to.st_mtim.tv_nsec &&
         (S_ISDIR(from.st_mode) || from.st_size == to.st_size);
}

void Push(Pair pair) {
  const std::lock_guard<std::mutex> lock(mutex);
  pairs.push_back(pair);
  changed.notify_one();
}

Pair Enter(int from_at, const char* from, int to_at, const char* to) {
  Pair pair = {};
  pair.from = Open(from_at, from, O_RDONLY | O_DIRECTORY);
  pair.facts = Look(pair.from, "");
  if (!looks) Must(mkdirat(to_at, to, pair.facts.st_mode & 07777), to);
  pair.to = Open(to_at, to, O_RDONLY | O_DIRECTORY);
  return pair;
}

void Entry(const Pair& pair, const char* name, int type) {
  if (type == DT_DIR) return Push(Enter(pair.from, name, pair.to, name));
  if (looks) {
    // Of a file that is linked its inode says it all.
    if (way == Way::kSame &&
        !IsSame(Look(pair.from, name), Look(pair.to, name)))
      NotAsSaid();
    if (type == DT_LNK && ReadLink(pair.from, name) != ReadLink(pair.to, name))
      NotAsSaid();
  } else if (type == DT_LNK) {
    MakeLink(pair, name);
  } else {
    MakeFile(pair, name);
  }
}

// Calls `visit` with each entry of an open directory.
template <typename Visit>
void ForEach(int directory, Visit visit) {
  thread_local std::vector<char> buffer(64 << 10);
  long got;
  while ((got = Must(
              syscall(SYS_getdents64, directory, buffer.data(), buffer.size()),
              "getdents64")) > 0) {
    for (long at = 0; at < got;) {
      const auto* entry = reinterpret_cast<dirent64*>(&buffer[at]);
      at += entry->d_reclen;
      if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
        visit(*entry);
    }
  }
}

// The same for the same names of the same files, in whatever order.
size_t Sum(const dirent64& entry) {
  const size_t name = std::hash<std::string_view>()(entry.d_name);
  return entry.d_type == DT_REG ? name * (2 * entry.d_ino + 1) : name;
}

void Fill(const Pair& pair) {
  size_t sum = 0;
  ForEach(pair.from, [&](const dirent64& entry) {
    if (way == Way::kLinked) sum += Sum(entry);
    Entry(pair, entry.d_name, entry.d_type);
  });
  if (looks && !IsSame(pair.facts, Look(pair.to, ""))) NotAsSaid();
  if (way == Way::kLinked) {
    ForEach(pair.to, [&](const dirent64& entry) { sum -= Sum(entry); });
    if (sum != 0) NotAsSaid();
  }
  if (!looks) KeepTimes(pair.to, nullptr, pair.facts);
  close(pair.from);
  close(pair.to);
}

void Work() {
  std::unique_lock<std::mutex> lock(mutex);
  while (true) {
    changed.wait(lock, [] { return !pairs.empty() || busy == 0; });
    if (pairs.empty()) return changed.notify_all();
    const bool first = wide && pairs.size() < kMostOpen;
    const Pair pair = first ? pairs.front() : pairs.back();
    first ? pairs.pop_front() : pairs.pop_back();
    ++busy;
    lock.unlock();
    Fill(pair);
    lock.lock();
    --busy;
  }
}

}  // namespace

int main(int count, char** words) {
  if (count != 6) return 2;
  const std::string what = words[1];
  way = what == "hardlink"  ? Way::kHardlink
        : what == "owned"   ? Way::kOwned
        : what == "reflink" ? Way::kReflink
        : what == "copy"    ? Way::kCopy
        : what == "linked"  ? Way::kLinked
                            : Way::kSame;
  looks = way == Way::kSame || way == Way::kLinked;
  wide = strcmp(words[3], "wide") == 0;
  umask(0);
  rlimit open_files;
  Must(getrlimit(RLIMIT_NOFILE, &open_files), "getrlimit");
  open_files.rlim_cur = open_files.rlim_max;
  Must(setrlimit(RLIMIT_NOFILE, &open_files), "setrlimit");
  // Once the threads share the table of descriptors, each time it grows they
  // wait for all processors (synchronize_rcu in expand_fdtable).
  const int high = static_cast<int>(
      std::min<rlim_t>(open_files.rlim_cur, 2 * kMostOpen + 64) - 1);
  Must(dup2(0, high), "dup2");
  close(high);
  Push(Enter(AT_FDCWD, words[4], AT_FDCWD, words[5]));
  std::vector<std::thread> threads;
  for (int i = 1; i < atoi(words[2]); ++i) threads.emplace_back(Work);
  Work();
  for (std::thread& thread : threads) thread.join();
}
