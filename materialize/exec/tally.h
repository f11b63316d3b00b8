// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// One worker's counts, added up into the Report at the end.

#ifndef MATERIALIZE_EXEC_TALLY_H_
#define MATERIALIZE_EXEC_TALLY_H_

#include <string>
#include <vector>

#include "materialize/progress.h"
#include "materialize/report.h"
#include "materialize/strategy/mounts.h"

namespace materialize {

// Why a method that stood earlier in the list was not the one used. kErrno is
// the kernel's word, the rest are rules.
enum class Reason : uint8_t {
  kErrno,
  kForeignOwner,
  kOverlayLower,
  kSlower,
  kTried
};

struct Passed {
  Method method = Method::kCopy;
  int error = 0;  // with Reason::kErrno
  Reason reason = Reason::kErrno;
};

// Who is told what happens: a watcher, which may be null, and the report that
// counts are added to.
struct Telling {
  Progress* progress = nullptr;
  Report* report = nullptr;
};

class WorkerTally {
 public:
  // `facts` of the source may be null: then no bytes are known.
  void Count(How how, const Stat* facts);
  // Hardlinks whose sources nobody looked at.
  void CountLinks(int64_t links);
  // A file, or some, of which `name` is one, got `used` after `passed` had been
  // wanted.
  void CountPassed(const Pair& pair, const Passed& passed, Method used,
                   const std::string& directory, const char* name,
                   int64_t files = 1);

  void CountNotKept(const NotKept& lost);

  void AddTo(Report* report) const;

  int64_t files() const { return files_; }
  int64_t bytes() const { return bytes_; }

  Report counts;  // what Count() does not cover is added here directly

 private:
  struct Row {
    const Pair* pair;
    Passed passed;
    Method used;
    int64_t files = 0;
    std::string example;
  };
  std::vector<Row> rows_;  // a handful: searched from the front
  int64_t files_ = 0;
  int64_t bytes_ = 0;
  int64_t not_looked_at_ = 0;
};

}  // namespace materialize

#endif  // MATERIALIZE_EXEC_TALLY_H_
