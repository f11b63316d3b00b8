// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// What a destination's name means: the directory that holds it, the name in it,
// and what is there now.

#ifndef MATERIALIZE_EXEC_DESTINATION_H_
#define MATERIALIZE_EXEC_DESTINATION_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "materialize/os/fd.h"
#include "materialize/os/sys.h"
#include "materialize/plan/walk.h"

namespace materialize {

enum class Parents { kMake, kLeave };
enum class LastLink { kFollow, kKeep };
enum class Presence { kAbsent, kEmptyDirectory, kDirectory, kOther };

class Destination {
 public:
  // `path` names the result itself; trailing slashes mean nothing; where it is
  // a symlink, what that names is meant, or, with LastLink::kKeep, the link
  // itself. Missing parents are made with 0777
  // less the umask (or, with kLeave, are NotFound). InvalidArgument for "", "/"
  // and what ends in nothing that can be named.
  static absl::StatusOr<Destination> Resolve(Sys& sys, absl::string_view path,
                                             Parents parents, LastLink link);

  int parent() const { return parent_.get(); }
  const std::string& parent_path() const {
    return parent_path_;
  }  // absolute and real
  const std::string& name() const { return name_; }
  std::string path() const;

  // What is there, looked at now. `facts` may be null.
  absl::StatusOr<Presence> Look(Stat* facts) const;

  // The outermost parent that Resolve() made; "" for none.
  std::string made() const { return made_.empty() ? "" : made_.front(); }

  // Syncs the parent, and the directories that hold the parents that Resolve()
  // made.
  absl::Status Sync() const;

  // Removes the parents that Resolve() made, as far as they are empty. For a
  // run that failed.
  void RemoveMadeParents();

 private:
  explicit Destination(Sys& sys) : sys_(&sys) {}
  absl::Status OpenParent(const std::string& directory, Parents parents);
  int MakeParents(const std::string& directory);

  Sys* sys_;
  Fd parent_;
  std::string parent_path_;
  std::string name_;
  std::vector<std::string> made_;  // outermost first
};

// Whether `identity` is the open directory `fd` or a directory above it.
absl::StatusOr<bool> IsAtOrAbove(Sys& sys, const Identity& identity, int fd);

// Whether `path`, or what it leads to by links, is the very name that
// `destination` is. Another name of the same inode is not.
bool IsNameOf(Sys& sys, const std::string& path,
              const Destination& destination);

// Refuses a destination whose old content must not go: "/", $HOME, or a
// directory at or above the working directory or above one of `inputs` (paths
// of files or directories). By identity, so that no other name hides it.
absl::Status RefusePrecious(Sys& sys, const Destination& destination,
                            const std::vector<std::string>& inputs);

// The nearest directory above `path` (absolute) that is there; by O_PATH.
struct NearestDirectory {
  Fd fd;
  std::string path;
};
absl::StatusOr<NearestDirectory> OpenNearest(Sys& sys, const std::string& path);

// Where something is mounted at or below `path` (absolute and real); "" where
// nothing is.
std::string MountAtOrBelow(Sys& sys, const std::string& path);
// The same, but not at `path` itself.
std::string MountBelow(Sys& sys, const std::string& path);

// Refuses a directory (absolute and real) below which something is mounted:
// exchanging it would take the mount along, and removing the old tree would
// reach into it.
absl::Status RefuseMountsBelow(Sys& sys, const std::string& path);

// The directories that are no part of what is placed although they are below
// one of `directories`: the destination, its staging (an open
// directory, or -1) and parents that were made for it. By identity, for their
// names may well occur elsewhere. Adds to `left_out`.
absl::Status LeaveOut(Sys& sys, const Destination& destination,
                      const std::vector<std::string>& directories, int staging,
                      std::vector<Identity>* left_out);

// Of a directory in `dir`, which is called `path`; a symlink is none.
absl::StatusOr<bool> IsEmptyDirectory(Sys& sys, int dir,
                                      const std::string& name,
                                      const std::string& path);

// Whether `status` is what an absent, unwritable or read-only base answers.
bool IsBaseError(const absl::Status& status);

}  // namespace materialize

#endif  // MATERIALIZE_EXEC_DESTINATION_H_
