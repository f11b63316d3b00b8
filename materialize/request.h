// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// What is wanted: a plain struct. The command line, the Bazel action and
// library users all fill one of these.

#ifndef MATERIALIZE_REQUEST_H_
#define MATERIALIZE_REQUEST_H_

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "materialize/manifest.h"
#include "materialize/method.h"

namespace materialize {

class Capabilities;  // capabilities.h

enum class Into {
  kNew,    // the destination is absent or an empty directory; built beside it,
           // renamed into place
  kSwap,   // whatever is there is exchanged with the new tree in one step
  kMerge,  // into a tree that is there: unchanged entries are left alone,
           // changed ones replaced one by one, each atomically; an entry that
           // fails does not stop the rest (Report::failures)
  kFill,  // an existing empty directory is filled in place; emptied again on an
          // error, partial after a kill
};

enum class Symlinks {
  kKeep,    // verbatim
  kFollow,  // what they point at, cycle-safe
  kSkip,
};

enum class Special {
  kError,
  kSkip
};  // FIFOs, sockets, devices: never opened either way
// What Into::kMerge does with an entry whose name is taken; directories are
// always merged.
enum class Present {
  kUpdate,  // it is brought up to date
  kSkip,    // it is left as it is, whatever it is
  kFail,    // that entry fails
};
// What counts as unchanged beside type, mode and link text.
enum class Compare {
  kTimes,    // equal size and mtime, at the destination's granularity
  kContent,  // equal bytes: both files are read
};
// A dry run of a merge tells what is as it should be as How::kNoop; times alone
// do not count.
enum class Check {
  kNo,
  kAll,      // content, modes, owners
  kContent,  // content, and whether a file's owner may execute it: what version
             // control keeps
};
enum class LinkTarget { kAbsolute, kRelative };
enum class Busy { kWait, kFail };        // another run holds the destination
enum class SwapGap { kRefuse, kAllow };  // a filesystem without RENAME_EXCHANGE

// What is kept beside mode and mtime of what is copied or reflinked; a hardlink
// keeps all there is.
struct Preserve {
  bool owner = false;      // uid, gid, and then set-id bits; where chown is not
                           // permitted: a warning
  bool hardlinks = false;  // names of one inode become names of one inode
  bool xattrs = false;     // user.*, security.*, and trusted.* as root
  bool acls = false;       // POSIX ACLs, the default ones of directories too
};

// What Into::kMerge takes away, after everything else is in its place.
struct Deletion {
  bool enabled = false;   // what the input does not list goes; what is excluded
                          // stays
  bool excluded = false;  // what is excluded goes as well
  bool force = false;     // even if the input is empty
  // Globs as of `exclude`: of files only those go that match, and directories
  // that this leaves empty. None: all.
  std::vector<std::string> only = {};
  std::optional<int64_t> limit = {};  // more than that: nothing is deleted, and
                                      // Report::failures says so
};

struct Request {
  // Exactly one of the three names the input.
  std::string
      source;  // a directory or a file; a symlink named here is followed
  std::string manifest;  // an mtree(5) file; its content= paths are relative to
                         // the working directory
  std::vector<ManifestEntry> entries;  // the same, in memory

  std::string destination;  // names the result itself
  Into into = Into::kNew;
  Busy busy = Busy::kWait;
  SwapGap swap_gap = SwapGap::kRefuse;
  // Into::kMerge only.
  Present present = Present::kUpdate;
  Compare compare = Compare::kTimes;
  bool keep_times = false;  // Compare::kContent: what has equal bytes, and a
                            // directory that is there, keeps its own time
  Check check = Check::kNo;
  Deletion deletion = {};
  // Nothing that is there changes before all new content is on the filesystem,
  // but below what is mounted in the destination and in directories of another
  // project id: nothing can be renamed into those.
  bool delay_updates = false;

  // What. Globs are described in plan/selection.h.
  std::vector<std::string> include;  // rescues single entries from `exclude`
  std::vector<std::string>
      exclude;  // nothing below an excluded directory is read
  // Paths relative to `source`, one entry each, instead of the whole of it.
  // Missing ones are counted and reported.
  std::vector<std::string> files;
  bool only_files = false;  // `files` is meant, even when it is empty
  bool one_file_system = false;
  // Directories that are made are 0755 and as old as they are, instead of
  // having their sources' mode and mtime.
  bool plain_directories = false;
  Preserve preserve = {};
  // "[GLOB:]MODE" as in plan/adjusted_source.h, and who gets files and
  // directories. A manifest's own words go before.
  std::vector<std::string> modes;
  std::optional<uid_t> owner = {};
  std::optional<gid_t> group = {};
  Symlinks symlinks = Symlinks::kKeep;
  Special special = Special::kError;
  bool allow_dangling = false;  // method symlink may point at what is not there
  bool tolerate_missing_base = false;  // an unwritable place for the
                                       // destination is a warning, not an error

  // How.
  std::vector<Method> methods;  // in order of preference; empty means auto
  // The destination is a snapshot of `source`, a btrfs subvolume without others
  // in it, whatever its size: a subvolume, with all modes, owners and times of
  // the original. Nothing is listed, counted or left out.
  bool snapshot = false;
  std::vector<std::string> private_entries;  // globs: never share an inode,
                                             // never point at the source
  LinkTarget link_target = LinkTarget::kAbsolute;
  int jobs = 0;  // worker threads; 0: one per processor, at most 4
  bool durable = false;
  // Equal contents in the input are placed once and shared, also with files
  // the destination has already. Reads every file whose size has a twin.
  bool dedupe = false;
  bool protect = false;  // sources that were linked to lose their write bits,
                         // so that nobody writes through a link. The one thing
                         // here that touches a source.

  // What earlier calls found out, and this one adds to. Not owned; may be null.
  Capabilities* capabilities = nullptr;

  // Telling.
  bool dry_run = false;
  bool count_bytes = false;  // stat every file, so that Report's bytes are
                             // exact even where no stat was needed
  std::string receipt;  // write an mtree(5) receipt to this file; empty: none
  bool receipt_digest = false;
  bool receipt_identity = false;  // inode numbers and ctimes, for Inspect()

  // Set by anybody, any time (also by a signal handler): stop, clean up, answer
  // Cancelled. Not owned; may be null.
  const std::atomic<bool>* cancel = nullptr;
};

}  // namespace materialize

#endif  // MATERIALIZE_REQUEST_H_
