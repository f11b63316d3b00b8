// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// What happened: a plain struct, and its forms for people and for programs.

#ifndef MATERIALIZE_REPORT_H_
#define MATERIALIZE_REPORT_H_

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "materialize/method.h"

namespace materialize {

struct Tally {
  int64_t files = 0;
  int64_t bytes = 0;  // apparent; of the files whose size was looked at
                      // (Report::bytes_exact)
};

// Files that could not be placed by a method that stood before the one used.
struct Downgrade {
  std::string from;  // mounts, as "<filesystem>:<mount id>"
  std::string to;
  Method method;        // what was wanted
  Method used;          // what the files got instead
  int error = 0;        // errno that decided, 0 when a rule did
  std::string reason;   // one clause for people
  std::string example;  // the first entry, relative to the destination
  int64_t files = 0;
};

struct Warning {
  std::string text;
};

// One entry that failed while the run went on (Report::partial()).
struct Failure {
  std::string path;
  std::string text;
};

// What was asked for by Request::preserve and could not be had: entries. The
// warnings say it for people.
struct NotKept {
  int64_t owners = 0;
  int64_t xattrs = 0;
  int64_t acls = 0;
};

struct Phases {  // seconds
  double prepare = 0;
  double place = 0;
  double commit = 0;
};

struct Report {
  std::string destination;
  std::array<Tally, kMethodCount>
      by_method;                // regular files, indexed by Method
  Tally created_empty;          // empty files made instead of linked
  Tally unchanged;              // already in place
  Tally duplicates;             // of the placed: files that share a file of the
                                // destination with equal content; bytes saved
  int64_t present_skipped = 0;  // left as they were by Present::kSkip
  int64_t deleted = 0;          // entries taken away, directories included
  int64_t units = 0;            // of tags=unit, put in place or exchanged
  int64_t units_unchanged = 0;
  bool snapshot = false;    // all at once; nothing else was counted
  int64_t directories = 0;  // the root included
  int64_t symlinks = 0;     // links kept verbatim
  int64_t special_skipped = 0;
  int64_t symlinks_skipped = 0;
  int64_t excluded = 0;
  bool bytes_exact = false;    // every file was looked at
  int64_t apparent_bytes = 0;  // sum of sizes of the files looked at
  int64_t allocated_bytes =
      0;  // of the sources looked at, as their filesystem counts (st_blocks)
  NotKept not_kept;
  std::vector<Downgrade> downgrades;
  std::vector<Warning> warnings;
  std::vector<Failure> failures;
  Phases phases;

  const Tally& of(Method method) const {
    return by_method[static_cast<size_t>(method)];
  }
  Tally& of(Method method) { return by_method[static_cast<size_t>(method)]; }
  int64_t files() const;
  double seconds() const {
    return phases.prepare + phases.place + phases.commit;
  }
  bool partial() const { return !failures.empty(); }
};

// "139,915 files in 9,168 directories: 139,697 reflinked, 218 created empty, 0
// copied; 952 MB reflinked; 1.4 s".
std::string SummaryText(const Report& report);

// One line per downgrade, naming the flag that decides.
std::vector<std::string> DowngradeText(const Report& report);

// The same in one line, for who has no flags: "2 files copied, not reflinked
// (Operation not supported), the first is a/b". Empty when there was none.
std::string DowngradeLine(const Report& report);

// The whole report as one JSON object. Paths are vis(3)-encoded: names need not
// be UTF-8.
std::string ReportJson(const Report& report);

}  // namespace materialize

#endif  // MATERIALIZE_REPORT_H_
