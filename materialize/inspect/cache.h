// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Where the cache is, by whatever name it is called, and which of its entries
// the text of a symlink means.

#ifndef MATERIALIZE_INSPECT_CACHE_H_
#define MATERIALIZE_INSPECT_CACHE_H_

#include <map>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "materialize/os/sys.h"
#include "materialize/plan/walk.h"

namespace materialize {

// Used by one thread at a time.
class Cache {
 public:
  // `path` as it was given: relative, with `..`, or through symlinks. It need
  // not be there. An error when it is there and no directory, or cannot be
  // looked at.
  static absl::StatusOr<Cache> Find(Sys& sys, const std::string& path);

  // Absolute, free of symlinks as far as it is there.
  const std::string& path() const { return real_; }
  bool there() const { return identity_.has_value(); }
  const std::optional<Identity>& identity() const { return identity_; }

  // The entry, relative to the cache ("." is the cache itself), that a link in
  // `directory` (absolute, without symlinks) with the text `target` names; also
  // where there is no such entry. What the kernel would resolve decides, then
  // how the path is spelled: a cache may hold links to where its files really
  // are.
  std::optional<std::string> EntryOf(const std::string& directory,
                                     const std::string& target);

 private:
  explicit Cache(Sys& sys) : sys_(sys) {}

  std::optional<std::string> Within(const std::string& path);
  std::optional<std::string> EntryOfDirectory(const std::string& directory);
  std::optional<std::string> EntryAsSpelled(const std::string& path) const;

  Sys& sys_;
  std::string real_;
  std::string spelled_;  // absolute; "" where its `..` make that uncertain
  std::optional<Identity> identity_;
  // Directories, as links spell them, and what they are in the cache.
  std::map<std::string, std::optional<std::string>> known_;
};

// The absolute path of what `path` leads to, links resolved as far as it is
// there, the rest as it is spelled.
std::string RealPath(Sys& sys, const std::string& path);

}  // namespace materialize

#endif  // MATERIALIZE_INSPECT_CACHE_H_
