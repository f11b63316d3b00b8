// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// The destination directory that is being filled.

#ifndef MATERIALIZE_EXEC_TARGET_H_
#define MATERIALIZE_EXEC_TARGET_H_

#include <atomic>
#include <cstdint>
#include <string>

#include "materialize/os/sys.h"
#include "materialize/strategy/mounts.h"

namespace materialize {

// Whether what is created in a directory gets the very permission bits that
// were asked for.
enum class Hygiene : uint8_t {
  kExact,
  kUmask,     // this thread's umask could not be cleared: fchmod
  kInherits,  // a default ACL or a set-group-id bit is passed on: remove it,
              // then fchmod
};

// How a file comes under its name where a tree is there already.
struct Landing {
  int dir = -1;  // open directory that files are made in before they are
                 // renamed to their names; -1: they are made under their names
  const char* name = nullptr;  // there; this worker's own
  bool taken = false;  // something has the entry's name: a link is made in
                       // `dir` as well
  bool stays = false;  // somebody else will do the renaming
  bool lasts = true;   // with `stays`: not before all is placed
};

enum class Layer : uint8_t { kUnknown, kUpper, kLower };  // of an overlayfs

struct Target {
  int fd = -1;
  const std::string* path = nullptr;  // relative to the destination's root
  const Mount* mount = nullptr;
  Pair* pair = nullptr;  // with the directory the sources are in; null when
                         // each may be on another mount
  // Of all sources, in an overlayfs where they are in one: found out with the
  // first. Null: each is in its own.
  std::atomic<Layer>* layer = nullptr;
  Hygiene hygiene = Hygiene::kExact;
  Landing landing = {};
};

}  // namespace materialize

#endif  // MATERIALIZE_EXEC_TARGET_H_
