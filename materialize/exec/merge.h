// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// What all workers share when the destination is a tree that is there: what is
// asked, the leave to change it, and what is put off until the end.

#ifndef MATERIALIZE_EXEC_MERGE_H_
#define MATERIALIZE_EXEC_MERGE_H_

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "materialize/os/sys.h"
#include "materialize/plan/selection.h"
#include "materialize/plan/walk.h"
#include "materialize/request.h"

namespace materialize {

// Leave to change the destination. Thread-safe.
class Permit {
 public:
  virtual ~Permit() = default;
  // To be had before every change. The open directory in which things are made
  // and put aside, on the mount of the destination's root; the destination's
  // lock is held from then on. An error: nothing may be changed, and the run
  // is over.
  virtual absl::StatusOr<int> Get() = 0;
};

// A name that the input does not list.
struct Surplus {
  std::string directory;  // relative to the destination's root
  std::string name;
  Kind kind;
};

// A file or directory that is made, and will be given its name at the end.
struct Update {
  std::string aside;  // its name in the permit's directory
  std::string directory;
  std::string name;
  bool over_directory = false;  // or a directory over a file: exchanged
  bool is_tree = false;
};

// What the destination's filesystem can keep, as it answered when it was asked.
struct Precision {
  int64_t time_step = 1;  // nanoseconds
  bool modes = true;
};

struct MergeOptions {
  Present present = Present::kUpdate;
  Compare compare = Compare::kTimes;
  Deletion deletion = {};
  bool delay_updates = false;
  bool keep_times = false;
  const Selection* selection = nullptr;  // whose names are not surplus
  const GlobList* deletable = nullptr;   // of Deletion::only
  bool rehearses = false;                // nothing is changed, only told
  // Inputs that lie in the destination: nothing is put over or into them.
  std::vector<Identity> inputs = {};
  bool is_one_file = false;  // its failure is the run's
  std::string aside;  // the staging's name: never surplus in the root, and what
                      // temporaries in other directories begin with
  bool finds_leftovers = false;  // a dead run may have left some anywhere
  // How many entries would go, were there no limit; changes nothing.
  std::function<absl::StatusOr<int64_t>()> count_doomed = {};
};

class Merge {
 public:
  // References outlive it.
  Merge(Sys& sys, MergeOptions options, Permit& permit)
      : sys_(sys), options_(std::move(options)), permit_(permit) {}

  const MergeOptions& options() const { return options_; }
  absl::StatusOr<int> Aside() { return permit_.Get(); }
  // A name nobody else uses there.
  std::string NewName() {
    return std::to_string(next_.fetch_add(1, std::memory_order_relaxed));
  }

  // Whether `name` of `directory` is ours, or excluded or no match of
  // Deletion::only, and to be kept.
  bool IsKept(absl::string_view directory, absl::string_view name,
              Kind kind) const;
  bool IsInput(const Stat& facts) const {
    return std::find(options_.inputs.begin(), options_.inputs.end(),
                     IdentityOf(facts)) != options_.inputs.end();
  }
  // A temporary that a dead run left beside its place.
  bool IsLeftover(absl::string_view name) const;

  void AddSurplus(Surplus surplus) {
    const std::lock_guard<std::mutex> lock(mutex_);
    surplus_.push_back(std::move(surplus));
  }
  void AddUpdate(Update update) {
    const std::lock_guard<std::mutex> lock(mutex_);
    updates_.push_back(std::move(update));
  }
  std::vector<Surplus>& surplus() { return surplus_; }
  std::vector<Update>& updates() { return updates_; }

  // Asks the filesystem, once: a change, so a permit is needed.
  absl::StatusOr<Precision> AskPrecision();
  // What is to be said of it: that times or modes are not compared as given.
  // "" where all can be kept, or nobody asked.
  std::string PrecisionText() const;

  // Whether more entries would go than the limit allows. To be asked before
  // any goes while others may not be known yet; counts them once.
  absl::StatusOr<bool> IsTooMuch();
  // What IsTooMuch() counted, if anybody asked.
  std::optional<int64_t> doomed() {
    const std::lock_guard<std::mutex> lock(doomed_mutex_);
    return doomed_;
  }

  std::atomic<int64_t> listed_in_root{0};

 private:
  Sys& sys_;
  const MergeOptions options_;
  Permit& permit_;
  std::atomic<int64_t> next_{0};
  std::mutex mutex_;
  std::vector<Surplus> surplus_;
  std::vector<Update> updates_;
  std::optional<Precision> precision_;
  std::mutex doomed_mutex_;
  std::optional<int64_t> doomed_;
};

// Gives `aside`/`from` the name `to` in `directory`, which people call `path`.
// Exchange: one of the two is a directory, so rename(2) would not do; what was
// there is removed then. Where names cannot be exchanged there is a moment
// without either.
enum class Exchange { kNo, kYes };
struct Naming {
  int aside = -1;
  const char* from = nullptr;
  int directory = -1;
  const char* to = nullptr;
  Exchange exchange = Exchange::kNo;
};
absl::Status GiveName(Sys& sys, const Naming& naming, absl::string_view path);

}  // namespace materialize

#endif  // MATERIALIZE_EXEC_MERGE_H_
