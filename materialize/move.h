// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Moves a file or a tree: by one rename where that is possible, else laid out
// on the other filesystem first, and only then taken away here.

#ifndef MATERIALIZE_MOVE_H_
#define MATERIALIZE_MOVE_H_

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "materialize/os/sys.h"
#include "materialize/progress.h"
#include "materialize/report.h"
#include "materialize/request.h"

namespace materialize {

// What the old path is afterwards.
enum class Fork : uint8_t {
  kNone,      // free
  kHardlink,  // the moved file, or a tree whose files are the moved ones
  kReflink,   // the same content, shared until either side writes
  kCopy,      // the same content, of its own
  kSymlink,   // a link to where it went
  kEmpty,     // an empty file or directory of the same mode
};

// A file that is where this one is to go. An empty directory gives way to a
// directory, and no other directory ever does.
enum class Existing : uint8_t { kRefuse, kReplace };

struct MoveRequest {
  std::string source;       // a symlink named here is what is moved
  std::string destination;  // names the result itself; missing parents are made
  Existing existing = Existing::kRefuse;
  Fork fork = Fork::kNone;
  Busy busy = Busy::kWait;
  bool durable = false;  // also after a rename: across filesystems it is always
  bool count_bytes = false;  // look at every file even where a rename does
  bool dry_run = false;      // look what would be done, write nothing
  int jobs = 0;
  const std::atomic<bool>* cancel = nullptr;  // not owned; may be null
};

enum class Moved : uint8_t {
  kNothing,   // both names are one file or directory: the source stays
  kRenamed,   // one rename(2): inodes are kept
  kAcross,    // laid out on another filesystem, synced, the source removed
  kFinished,  // an interrupted run had left no more than removing
};

struct MoveReport {
  std::string source;  // absolute
  std::string destination;
  Moved how = Moved::kNothing;
  Fork fork = Fork::kNone;  // what there is, not what was asked for
  // Across filesystems all of it; after a rename only what count_bytes and a
  // look at a single file tell.
  Report placed;
  // What of the source is still there, and why: what could not be removed, and
  // what changed or came while it was copied. The destination is whole.
  std::vector<Failure> left;
  // What is left is what was copied, and could not be removed: the same call
  // again removes no more than that. Its mark stays beside the source till
  // then.
  bool resumable = false;
  std::vector<Warning> warnings;
  double seconds = 0;

  bool partial() const { return !left.empty(); }
};

// Until the destination is whole, in its place and on the disk, nothing of the
// source is touched; whatever goes wrong before leaves the source whole and no
// destination. A run that was killed is finished by the next one. Only EXDEV
// makes a rename a copy: any other error of rename(2) is the answer.
//
// Errors: as Materialize(); AlreadyExists where something is in the way;
// FailedPrecondition for a fork that is not possible there, a FIFO, socket or
// device on its way to another filesystem, and mounts below the source.
// Unavailable (Busy::kFail) where another run moves the same source.
// `progress` may be null, and hears of nothing but copies; in a dry run of what
// would be copied.
absl::StatusOr<MoveReport> Move(const MoveRequest& request,
                                Sys& sys = RealSys(),
                                Progress* progress = nullptr);

// "moved across filesystems: 12 files in 3 directories; 34 kB, 41 kB on disk;
// 0.2 s".
std::string MoveText(const MoveReport& report);

// The whole report as one JSON object, as ReportJson().
std::string MoveJson(const MoveReport& report);

}  // namespace materialize

#endif  // MATERIALIZE_MOVE_H_
