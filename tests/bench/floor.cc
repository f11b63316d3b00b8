// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// The least that has to be asked of the kernel for a tree: floor
// hardlink|owned|reflink|copy|same|linked THREADS wide|deep|split FROM TO.
// Modes and mtimes are those of FROM; `owned` hardlinks what belongs to the
// user, as auto does, `same` only looks at both trees, `linked` lists both and
// compares names and inodes. `split` goes deep, and idle threads take a part of
// a large directory. No staging, no checks: what goes wrong ends it.

#include <dirent.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/magic.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <climits>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace {

constexpr size_t kMostOpen = 4000;  // directories that wait for their turn

enum class Way { kHardlink, kOwned, kReflink, kCopy, kSame, kLinked };

constexpr size_t kBuffer = 128 << 10;
constexpr size_t kLarge = 256;  // entries of a block

Way way;
const uid_t user = geteuid();
bool looks;  // TO is there already
bool wide, splits;
off_t small;  // up to so many bytes a file is read and written

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

struct Pair {  // both directories, open, until nobody needs them any more
  ~Pair() {
    if (looks && sum != 0) NotAsSaid();
    if (!looks) KeepTimes(to, nullptr, facts);
    close(from);
    close(to);
  }
  int from, to;
  struct stat facts;
  std::atomic<size_t> sum = 0;  // of what FROM has and TO has not
};

struct Name {
  std::string text;
  int type;
};

struct Task {  // a directory; or, of one that is large, some names or one side
  std::shared_ptr<Pair> pair;
  std::vector<Name> names = {};
  bool only_to = false;
};

std::deque<Task> tasks;
std::atomic<int> idle = 0;
std::mutex mutex;
std::condition_variable changed;
int busy;

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
  thread_local std::vector<char> buffer(kBuffer);
  if (way == Way::kReflink) {
    if (facts.st_size > 0) Must(ioctl(to, FICLONE, from), name);
  } else if (facts.st_size <= small) {
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

void Push(Task task) {
  const std::lock_guard<std::mutex> lock(mutex);
  tasks.push_back(std::move(task));
  changed.notify_one();
}

Task Enter(int from_at, const char* from, int to_at, const char* to) {
  const auto pair = std::make_shared<Pair>();
  pair->from = Open(from_at, from, O_RDONLY | O_DIRECTORY);
  pair->facts = Look(pair->from, "");
  if (!looks) Must(mkdirat(to_at, to, pair->facts.st_mode & 07777), to);
  pair->to = Open(to_at, to, O_RDONLY | O_DIRECTORY);
  return {.pair = pair};
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

// Calls `visit` with the entries of an open directory, block by block.
template <typename Visit>
void ForEachBlock(int directory, Visit visit) {
  thread_local std::vector<char> buffer(64 << 10);
  thread_local std::vector<const dirent64*> entries;
  long got;
  while ((got = Must(
              syscall(SYS_getdents64, directory, buffer.data(), buffer.size()),
              "getdents64")) > 0) {
    entries.clear();
    for (long at = 0; at < got;) {
      const auto* entry = reinterpret_cast<dirent64*>(&buffer[at]);
      at += entry->d_reclen;
      if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
        entries.push_back(entry);
    }
    visit(entries);
  }
}

// The same for the same names of the same files, in whatever order.
size_t SumOf(const std::vector<const dirent64*>& entries) {
  size_t sum = 0;
  for (const dirent64* entry : entries) {
    const size_t name = std::hash<std::string_view>()(entry->d_name);
    sum += entry->d_type == DT_REG ? name * (2 * entry->d_ino + 1) : name;
  }
  return sum;
}

void ListTo(Pair& pair) {
  ForEachBlock(pair.to,
               [&](const auto& entries) { pair.sum -= SumOf(entries); });
}

void List(const std::shared_ptr<Pair>& pair) {
  bool lists_to = way == Way::kLinked;
  ForEachBlock(pair->from, [&](const auto& entries) {
    const bool shares = splits && entries.size() >= kLarge && idle > 0;
    if (shares && lists_to) {
      Push({.pair = pair, .only_to = true});
      lists_to = false;
    }
    size_t mine = entries.size();
    if (shares && way != Way::kLinked) {
      mine /= 2;
      Task rest = {.pair = pair};
      for (size_t at = mine; at < entries.size(); ++at)
        rest.names.push_back({entries[at]->d_name, entries[at]->d_type});
      Push(std::move(rest));
    }
    if (way == Way::kLinked) pair->sum += SumOf(entries);
    for (size_t at = 0; at < mine; ++at)
      Entry(*pair, entries[at]->d_name, entries[at]->d_type);
  });
  if (looks && !IsSame(pair->facts, Look(pair->to, ""))) NotAsSaid();
  if (lists_to) ListTo(*pair);
}

void Do(const Task& task) {
  for (const Name& name : task.names)
    Entry(*task.pair, name.text.c_str(), name.type);
  if (task.only_to) return ListTo(*task.pair);
  if (task.names.empty()) List(task.pair);
}

void Work() {
  std::unique_lock<std::mutex> lock(mutex);
  while (true) {
    ++idle;
    changed.wait(lock, [] { return !tasks.empty() || busy == 0; });
    --idle;
    if (tasks.empty()) return changed.notify_all();
    const bool first = wide && tasks.size() < kMostOpen;
    Task task = std::move(first ? tasks.front() : tasks.back());
    first ? tasks.pop_front() : tasks.pop_back();
    ++busy;
    lock.unlock();
    Do(task);
    task = {};
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
  splits = strcmp(words[3], "split") == 0;
  // btrfs shares what is copied with copy_file_range(2), however small.
  struct statfs from;
  Must(statfs(words[4], &from), words[4]);
  small = from.f_type == BTRFS_SUPER_MAGIC ? 0 : kBuffer;
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
