// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// What is wanted: a plain struct. The command line, the Bazel action and
// library users all fill one of these.

#ifndef MATERIALIZE_REQUEST_H_
#define MATERIALIZE_REQUEST_H_

#include <atomic>
#include <string>
#include <vector>

#include "materialize/manifest.h"
#include "materialize/method.h"

namespace materialize {

enum class Into {
  kNew,   // the destination is absent or an empty directory; built beside it,
          // renamed into place
  kSwap,  // whatever is there is exchanged with the new tree in one step
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
enum class LinkTarget { kAbsolute, kRelative };
enum class Busy { kWait, kFail };        // another run holds the destination
enum class SwapGap { kRefuse, kAllow };  // a filesystem without RENAME_EXCHANGE

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

  // What. Globs are described in plan/selection.h.
  std::vector<std::string> include;  // rescues single entries from `exclude`
  std::vector<std::string>
      exclude;  // nothing below an excluded directory is read
  // Paths relative to `source`, one entry each, instead of the whole of it.
  // Missing ones are counted and reported.
  std::vector<std::string> files;
  bool only_files = false;  // `files` is meant, even when it is empty
  bool one_file_system = false;
  bool preserve_owner = false;
  Symlinks symlinks = Symlinks::kKeep;
  Special special = Special::kError;
  bool allow_dangling = false;  // method symlink may point at what is not there
  bool tolerate_missing_base = false;  // an unwritable place for the
                                       // destination is a warning, not an error

  // How.
  std::vector<Method> methods;  // in order of preference; empty means auto
  std::vector<std::string> private_entries;  // globs: never share an inode,
                                             // never point at the source
  LinkTarget link_target = LinkTarget::kAbsolute;
  int jobs = 0;  // worker threads; 0: one per processor, at most 4
  bool durable = false;

  // Telling.
  bool dry_run = false;
  bool count_bytes = false;  // stat every file, so that Report's bytes are
                             // exact even where no stat was needed
  std::string receipt;  // write an mtree(5) receipt to this file; empty: none
  bool receipt_digest = false;

  // Set by anybody, any time (also by a signal handler): stop, clean up, answer
  // Cancelled. Not owned; may be null.
  const std::atomic<bool>* cancel = nullptr;
};

}  // namespace materialize

#endif  // MATERIALIZE_REQUEST_H_
