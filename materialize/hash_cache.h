// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Digests of files that were read before, kept between runs in the user's cache
// directory. Only ever a shortcut: without it everything is read again.

#ifndef MATERIALIZE_HASH_CACHE_H_
#define MATERIALIZE_HASH_CACHE_H_

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "materialize/os/fd.h"
#include "materialize/os/sys.h"
#include "materialize/plan/walk.h"

namespace materialize {

// $XDG_CACHE_HOME where it is absolute, else $HOME/.cache; "" where neither is
// known.
std::string UserCacheDirectory();

// One input's digests, by (device, inode, mtime, ctime, size), in the file
// BASE/materialize/hashes/<16 hex digits of SHA-256 of the input's name>.
//
// What a line of it says is believed if the check at its end is right, else the
// line is dropped; a file or folder that is a symlink, belongs to somebody else
// or may be written by others is not looked at. A hardlink made to a file, or
// removed, is a change of it here: ctime tells no more.
class HashCache {
 public:
  // Whether a run looked at the whole input. What a whole look did not meet is
  // forgotten by Save().
  enum class Look { kPart, kWhole };

  // Reads what is kept for the input called `root`, its real path. `base` is as
  // UserCacheDirectory() says; "" keeps nothing. Cannot fail: what cannot be
  // read is empty, and Save() says why. `sys` outlives the cache.
  static std::unique_ptr<HashCache> Open(Sys& sys, std::string base,
                                         absl::string_view root);

  // The next three from any thread. `facts` are those of a regular file; device
  // 0 or inode 0 is no identity and never known.

  // Its SHA-256 in hexadecimal, if the file is the one that was read.
  std::optional<std::string> Find(const Stat& facts);
  // It is still there: a whole look has met it.
  void Keep(const Stat& facts);
  // `sha256` in hexadecimal was read from a file that had these facts before
  // and after, beginning at `started` (WallClock()). Not kept for files changed
  // so shortly before that another change could leave ctime as it is.
  void Add(const Stat& facts, absl::string_view sha256, const Time& started);

  // Writes what is new and takes away what a whole look has not met, if there
  // is any of it. Other runs may do so at the same time: what they add stays.
  // An error is worth a warning; the next run will read more.
  absl::Status Save(Look look);

 private:
  struct Known {
    Time mtime;
    // Size and mtime alone would take another file for this one: an inode
    // number that is used again, a file written over by one of the same size,
    // where unpacked packages have one time for all. No call sets ctime.
    Time ctime;
    int64_t size = 0;
    std::string sha256;  // in hexadecimal
    friend bool operator==(const Known&, const Known&) = default;
  };
  struct Loaded {
    Known known;
    bool met = false;
  };
  using Lines = std::map<Identity, Known>;

  HashCache(Sys& sys, std::string base, absl::string_view root);
  Loaded* FindLoaded(const Stat& facts);
  absl::StatusOr<Fd> OpenFolder() const;
  Lines Read(int folder) const;
  absl::Status Write(int folder, const Lines& lines) const;
  absl::Status Fail(int result, absl::string_view call,
                    absl::string_view name) const;
  static std::string LineOf(const Identity& identity, const Known& known);
  static Lines Parse(absl::string_view text);

  Sys& sys_;
  const std::string base_;
  const std::string name_;  // of the file
  std::mutex mutex_;        // guards what follows
  std::map<Identity, Loaded> loaded_;
  Lines added_;
};

}  // namespace materialize

#endif  // MATERIALIZE_HASH_CACHE_H_
