// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// What the workers of one run share. The executor's own.

#ifndef MATERIALIZE_EXEC_EXECUTION_H_
#define MATERIALIZE_EXEC_EXECUTION_H_

#include <algorithm>
#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "materialize/exec/deferred_modes.h"
#include "materialize/exec/executor.h"
#include "materialize/exec/merge.h"
#include "materialize/exec/names_there.h"
#include "materialize/exec/options.h"
#include "materialize/exec/replicas.h"
#include "materialize/exec/siblings.h"
#include "materialize/exec/target.h"
#include "materialize/exec/work_list.h"
#include "materialize/os/fd.h"
#include "materialize/plan/source.h"

namespace materialize {

// A tree that is being filled: the destination, or a unit that is built aside.
struct Frame {
  int fd = -1;
  std::string path;  // where it will be, relative to the destination's root
  const Mount* mount = nullptr;
  bool merges = false;  // what is there counts
  // Where its files are found as long as those who may share with them are
  // placed.
  int lasting_fd = -1;
  std::string lasting_path = {};
  Siblings own_siblings = {};
  Siblings* siblings = &own_siblings;
  DeferredModes deferred_modes = {};  // guarded by Execution::mutex

  // `directory` is relative to the destination's root, and in this tree.
  absl::string_view Relative(absl::string_view directory) const {
    if (path.empty()) return directory;
    return directory.size() > path.size() ? directory.substr(path.size() + 1)
                                          : absl::string_view();
  }
};

// Two descriptors each, of a quarter of those that there may be; so has each
// worker.
constexpr int kMostHeld = 16;
inline int MostHeld(int jobs) {
  return std::clamp(DescriptorLimit() / 8 - jobs, 0, kMostHeld);
}

// How many more directories may stay open, on both sides, for the sake of those
// in them, which are then opened by name and not by the way from the root.
// Thread-safe.
class Holds {
 public:
  explicit Holds(int most) : left_(most) {}

  bool Take() {
    const bool taken = left_.fetch_sub(1, std::memory_order_relaxed) > 0;
    if (!taken) Give();
    return taken;
  }
  void Give() { left_.fetch_add(1, std::memory_order_relaxed); }

 private:
  std::atomic<int> left_;
};

// A directory that is open on both sides, and by how many it is still needed.
struct Opened {
  // `limit` outlives it.
  explicit Opened(Holds& limit) : holds(limit), is_held(limit.Take()) {}
  ~Opened() {
    if (is_held) holds.Give();
  }

  Holds& holds;
  const bool is_held;  // until all in it are opened
  std::unique_ptr<Directory> listing;
  Frame* frame = nullptr;
  Fd to;
  Target target;  // of a directory that was there: hygiene after Aside()
  Stat facts;     // what it must look like
  std::atomic<Layer> layer{Layer::kUnknown};  // see Target
  std::atomic<int> users{1};

  // Of a merge.
  bool is_fresh = true;   // made by this run: nothing is there
  bool is_right = false;  // it was there, with its mode and owner
  Stat there;             // what it looked like
  MountKey from;          // of the listing
  std::once_flag has_hygiene;
  bool trusts_inodes = false;  // equal ones, as listed on both sides, are one
  bool has_names = false;
  NamesThere names;
  std::atomic<bool> makes_here{
      false};             // another mount or device than the root: files
                          // cannot be renamed to it from elsewhere
  bool is_tried = false;  // whether they can; guarded by Execution::mutex
  std::atomic<bool> is_touched{false};  // its mtime is not what it was
  std::atomic<bool> has_failed{false};  // not everything was listed
};

// A directory that nobody has opened yet; or entries of one that is open; or,
// with neither, one that is open and there, to be listed to the end.
struct Work {
  std::unique_ptr<Directory> directory = nullptr;
  Frame* frame = nullptr;
  std::shared_ptr<Opened> above = nullptr;  // that holds it, where that is held
  Hygiene hygiene = Hygiene::kExact;        // of the directory that holds it
  bool is_fresh = true;
  std::shared_ptr<Opened> opened = nullptr;
  std::unique_ptr<Batch> batch = nullptr;
};

// Only trees of new files gain by the oldest first, and not everywhere.
inline Order OrderOf(const ExecOptions& options, const Root& root) {
  const Method first = options.methods.front();
  const bool makes_files =
      root.merge == nullptr &&
      (first == Method::kReflink || first == Method::kCopy);
  const Filling filling = root.mount->filesystem->traits.filling;
  return makes_files && filling == Filling::kBreadthFirst ? Order::kOldestFirst
                                                          : Order::kNewestFirst;
}

struct Execution {
  Execution(Sys& s, const ExecOptions& o, const Root& r, MountTable& m,
            Progress* p)
      : sys(s),
        options(o),
        root(r),
        mounts(m),
        progress(p),
        holds(MostHeld(o.jobs)),
        list(kLongList, o.jobs, OrderOf(o, r)) {
    frame.fd = root.fd;
    frame.lasting_fd = root.fd;
    frame.mount = root.mount;
    frame.merges = root.merge != nullptr;
  }

  void Fail(absl::Status why) {
    {
      const std::lock_guard<std::mutex> lock(mutex);
      if (status.ok()) status = std::move(why);
    }
    stopped.store(true);
    list.Stop();
  }

  Sys& sys;
  const ExecOptions& options;
  const Root root;
  MountTable& mounts;
  Progress* progress;
  Frame frame;
  Replicas replicas;
  std::mutex copy_up;  // Placer::Shared's
  Holds holds;
  WorkList<Work> list;  // a lane for each worker's number
  // Read before each file: not in a cache line that is written all the time.
  alignas(64) std::atomic<bool> stopped{false};

  std::mutex mutex;  // guards what follows
  absl::Status status;
  Stat root_facts;
};

}  // namespace materialize

#endif  // MATERIALIZE_EXEC_EXECUTION_H_
