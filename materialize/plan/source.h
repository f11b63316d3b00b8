// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Where batches come from. A Source is a tree of Directory objects that are
// listed one by one, on any thread, while others are being placed: neither the
// whole input nor the whole plan is ever in memory.

#ifndef MATERIALIZE_PLAN_SOURCE_H_
#define MATERIALIZE_PLAN_SOURCE_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "materialize/manifest.h"
#include "materialize/os/sys.h"
#include "materialize/plan/entry.h"

namespace materialize {

// What a listing has to say beside its entries. The caller adds up.
struct ListingCounts {
  int64_t excluded = 0;
  int64_t missing = 0;  // named by a list of files, but not there
};

// One destination directory to fill. Used by one thread at a time; freed when
// its last batch is placed.
class Directory {
 public:
  // `path`: relative to the destination's root, "" for the root itself.
  explicit Directory(std::string path) : path_(std::move(path)) {}
  virtual ~Directory() = default;
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;

  const std::string& path() const { return path_; }

  // Opens what is to be listed and tells what the destination directory must
  // look like in the end (mode, mtime, uid, gid) and on which mount its files
  // are (mount_id, device): `facts`. Called once, before Next().
  virtual absl::Status Open(Sys& sys, Stat* facts) = 0;

  // The same where the directory that listed this one is still open: `above` is
  // its from(), and what lies between the root and it need not be walked again.
  virtual absl::Status OpenBelow(Sys& sys, int above, Stat* facts) {
    (void)above;
    return Open(sys, facts);
  }

  // The next part of the listing; false at the end (`batch` is then empty).
  virtual absl::StatusOr<bool> Next(Sys& sys, Batch* batch) = 0;

  // The descriptor that Batch::from is, for as long as this object lives;
  // AT_FDCWD where sources are plain paths that may be on any mount (then every
  // file needs a stat of its own).
  virtual int from() const = 0;

  // For error texts: where `source` of an entry is, as a person would name it.
  virtual std::string SourcePath(const char* source) const = 0;

  // Whether the uid and gid that Open() told are asked for, whatever
  // Preserve::owner says.
  virtual bool wants_owner() const { return false; }

  virtual ListingCounts counts() const { return {}; }

  // False where what is below is left out on purpose (another filesystem): what
  // the destination holds there is no surplus.
  virtual bool is_whole() const { return true; }

  // Null: Open() tells what the directory must look like. Else only what is
  // said here was asked for, and the rest of Open()'s facts are defaults for a
  // directory that is not there yet.
  virtual const Wanted* wanted_only() const { return nullptr; }

  // The same directory once more from its start, not opened yet: for what is
  // compared first and laid out then (Entry::unit). Null where that cannot be
  // asked.
  virtual std::unique_ptr<Directory> Again() const { return nullptr; }

 private:
  std::string path_;
};

class Source {
 public:
  virtual ~Source() = default;
  // The destination's root. Called once. The Source outlives every Directory.
  virtual std::unique_ptr<Directory> Root() = 0;
  // All that is listed by name, where that is known beforehand; null where
  // only listing tells.
  virtual const std::vector<ManifestEntry>* entries() const { return nullptr; }
};

// "a/b" from "a" and "b"; "b" from "" and "b", "a" from "a" and "".
inline std::string JoinPath(absl::string_view directory,
                            absl::string_view name) {
  std::string joined;
  joined.reserve(directory.size() + name.size() + 1);
  joined.append(directory.data(), directory.size());
  if (!directory.empty() && directory.back() != '/' && !name.empty())
    joined.push_back('/');
  joined.append(name.data(), name.size());
  return joined;
}

}  // namespace materialize

#endif  // MATERIALIZE_PLAN_SOURCE_H_
