// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// What a look at a tree that was laid out from a cache found: a plain struct,
// and its forms for people and for programs.

#ifndef MATERIALIZE_INSPECT_REPORT_H_
#define MATERIALIZE_INSPECT_REPORT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "materialize/method.h"
#include "materialize/report.h"

namespace materialize {

// Paths are relative to the destination, entries to the cache ("." is the cache
// itself). Every list is in the order of paths, a directory right before what
// is below it.

struct InspectedFile {
  std::string path;
  int64_t size = 0;         // bytes
  std::string target = {};  // of a symlink that stands for the file it leads to
  std::string sha256 = {};  // with InspectRequest::checksum
};

struct InspectedLink {
  std::string path;
  std::string entry;
  Method how = Method::kSymlink;  // or kHardlink
  bool is_directory = false;      // a symlink to a directory of the cache
  bool dangling = false;          // the cache has no such entry (any more)
};

// A symlink to a directory, the cache's (then it is in `links` too, unless
// links are not asked for) or not. What is in it is not looked at.
struct LinkedDirectory {
  std::string path;
  std::string target;                     // its text
  std::optional<std::string> entry = {};  // what it is in the cache
};

// An entry that is not what the receipt says.
struct Modified {
  std::string path;
  // What differs, in mtree(5)'s words: type, mode, size, time, link,
  // sha256digest; and inode, ctime.
  std::vector<std::string> what = {};
  std::string entry = {};  // the cache's file that has the same inode, and so
                           // was changed as well; "" where there is none
};

struct Repaired {
  std::string path;
  std::string entry = {};  // where from; "" for what needs no cache
};

struct InspectReport {
  std::string destination;  // absolute
  std::string cache;        // absolute, links resolved
  std::string against;      // the receipt; "" where there was none
  bool checksum = false;

  int64_t directories = 0;  // the root included
  std::vector<InspectedFile> files;
  std::vector<InspectedLink> links;
  std::vector<LinkedDirectory> linked_directories;
  std::vector<std::string> special;  // FIFOs, sockets, devices; never opened

  // With a receipt only.
  std::vector<Modified> modified;
  std::vector<std::string> missing;
  std::vector<std::string> added;  // no directories
  int64_t proven = 0;              // files whose content is the receipt's
  int64_t unproven = 0;  // files that are probably unchanged: size, time, and
                         // inode where the receipt has it, are the receipt's

  std::vector<Repaired> repaired;  // of `modified` and `missing`
  std::vector<Failure> failures;   // what could not be repaired
  std::vector<Warning> warnings;

  // Something is not as the receipt says, and was not repaired.
  bool differs() const {
    return modified.size() + missing.size() > repaired.size();
  }
};

// "12 files, 40 links into the cache and 2 linked directories in 5 directories;
// 1 modified, 0 missing, 3 added; 39 probably unchanged (--checksum proves
// it)".
std::string InspectSummary(const InspectReport& report);

// A line for each entry that is worth one: modified, missing, added, linked
// directories, special files, dangling links, repaired.
std::string InspectText(const InspectReport& report);

// The whole report as one JSON object. Paths are vis(3)-encoded: names need not
// be UTF-8.
std::string InspectJson(const InspectReport& report);

}  // namespace materialize

#endif  // MATERIALIZE_INSPECT_REPORT_H_
