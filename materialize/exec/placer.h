// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// The ladder: takes one entry down the list of methods until one places it. One
// per worker.

#ifndef MATERIALIZE_EXEC_PLACER_H_
#define MATERIALIZE_EXEC_PLACER_H_

#include <functional>
#include <mutex>
#include <string>

#include "absl/container/inlined_vector.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "materialize/exec/copy_data.h"
#include "materialize/exec/options.h"
#include "materialize/exec/placement.h"
#include "materialize/exec/replicas.h"
#include "materialize/exec/siblings.h"
#include "materialize/exec/tally.h"
#include "materialize/exec/target.h"
#include "materialize/plan/source.h"
#include "materialize/progress.h"

namespace materialize {

struct Comparison;  // exec/comparer.h

enum class Sharing : uint8_t { kInode, kContent };

class Placer {
 public:
  struct Shared {
    Sys& sys;
    const ExecOptions& options;
    MountTable& mounts;
    Replicas& replicas;
    // Held while overlayfs copies a source up: two copies at once may each take
    // the other's mtime of their directory for the true one, and set that.
    std::mutex& copy_up;
    int root = -1;                        // the destination's root
    Progress* progress = nullptr;         // null unless it wants entries
    std::function<int()> idle = nullptr;  // workers that have nothing to do
  };

  Placer(const Shared& shared, int worker)
      : shared_(shared),
        worker_(worker),
        copier_(shared.sys, shared.options.cancel, shared.idle) {}

  // Places anything but a directory. What fails leaves nothing behind under the
  // entry's name.
  absl::Status Place(const Directory& listing, const Target& target,
                     const Entry& entry);

  // Counts and tells of an entry that is in its place already.
  void Keep(const Target& target, const Entry& entry,
            const Comparison& compared);

  // Makes `own`, whose source is a file of `facts`, from `leader`: one inode,
  // or its content by the first method that shares and may be used. False,
  // and nothing is left, where that cannot be: then it comes from its source.
  absl::StatusOr<bool> Share(const Directory& listing, const Target& target,
                             const Entry& own, const Stat& facts,
                             const Leader& leader, Sharing sharing);

  // How many of `entries`, from the first on, are in their places now: those
  // that take nothing but a link each, and a look for the owner, as the last
  // file between these mounts did. Of what waits for its name elsewhere, and of
  // any other entry, none.
  absl::StatusOr<size_t> LinkStraight(const Directory& listing,
                                      const Target& target,
                                      absl::Span<const Entry> entries);

  // While silent it counts, but tells nobody of entries.
  void set_silent(bool silent) { is_silent_ = silent; }

  WorkerTally& tally() { return tally_; }

 private:
  struct File;  // one regular file on its way down the ladder
  enum class Gate : uint8_t { kOpen, kPassed, kRuledOut };

  // `linked`: what linkat has answered, if it was tried already.
  absl::Status PlaceFile(const Directory& listing, const Target& target,
                         const Entry& entry, int linked = 0);
  absl::Status PlaceSymlink(const Directory& listing, const Target& target,
                            const Entry& entry);
  // Where nobody named a method, root links no file of another user.
  bool asks_for_owners() const;
  void Learn(const File& file, How how);
  int Dress(Placement& at, Stat* facts, const char** call);
  absl::Status PlaceSpecial(const Directory& listing, const Entry& entry);
  absl::Status PlaceUnknown(const Directory& listing, const Target& target,
                            const Entry& entry);

  absl::Status PlaceDangling(File& file);
  absl::StatusOr<Pair*> PairFor(const File& file) const;
  absl::StatusOr<Gate> Admit(Method method, File& file, Passed* passed);
  absl::StatusOr<Gate> AdmitReflink(File& file, Passed* passed);
  absl::StatusOr<Gate> AdmitHardlink(File& file, Passed* passed);
  bool IsLower(const File& file) const;
  Attempt Run(Method method, File& file);
  absl::Status Conclude(File& file, const Attempt& attempt);
  absl::Status TellSymlink(const File& file);
  absl::Status Exhausted(const File& file) const;
  absl::Status Fail(const File& file, const Attempt& attempt) const;
  void Tell(const Target& target, const Entry& entry, How how,
            const Stat* facts, absl::string_view link) const;

  const Shared shared_;
  const int worker_;
  bool is_silent_ = false;
  // The last link that was followed had to be opened: so will the next one,
  // which then needs no stat by name.
  bool opens_links_ = false;
  struct Straight {  // between these mounts linkat is all that a file takes
    const Pair* pair = nullptr;
    absl::InlinedVector<Passed, kMethodCount> passed;  // ruled out for them
  };
  Straight straight_;
  WorkerTally tally_;
  DataCopier copier_;
};

}  // namespace materialize

#endif  // MATERIALIZE_EXEC_PLACER_H_
