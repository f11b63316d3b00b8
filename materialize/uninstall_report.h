// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// What was taken away by a receipt and what stays: a plain struct, and its
// forms for people and for programs.

#ifndef MATERIALIZE_UNINSTALL_REPORT_H_
#define MATERIALIZE_UNINSTALL_REPORT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "materialize/report.h"

namespace materialize {

// Counts and paths are of entries that the receipt names; all the others are
// nobody's matter. Paths are relative to the destination.
struct UninstallReport {
  std::string receipt;
  std::string destination;
  bool dry_run = false;  // then "removed" is what would be
  int64_t entries = 0;   // but for the destination itself, which stays

  // Removed.
  int64_t files = 0;  // all but links and directories
  int64_t symlinks = 0;
  int64_t directories = 0;
  int64_t bytes = 0;  // sizes of the files

  int64_t gone = 0;              // were not there any more
  int64_t kept_directories = 0;  // stay, for something is in them
  int64_t unreached = 0;  // below what was changed, is mounted or cannot be
                          // opened: not looked at
  std::vector<Failure> changed;   // stay: they are not what the receipt says
  std::vector<Failure> failures;  // stay: the kernel refused
  std::vector<Warning> warnings;

  int64_t files_read = 0;
  int64_t bytes_read = 0;
  double seconds = 0;

  int64_t removed() const { return files + symlinks + directories; }
  bool partial() const { return !changed.empty() || !failures.empty(); }
};

// "1,204 files (12 MB), 3 links and 80 directories removed; 2 were gone; 5
// directories are not empty; 0.1 s".
std::string UninstallText(const UninstallReport& report);

// The whole report as one JSON object. Paths are vis(3)-encoded.
std::string UninstallJson(const UninstallReport& report);

}  // namespace materialize

#endif  // MATERIALIZE_UNINSTALL_REPORT_H_
