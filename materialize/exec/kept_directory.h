// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// What Preserve asks for, kept for a directory that has all its names: owner,
// extended attributes, ACLs. Its mode and mtime come after, and not from here.

#ifndef MATERIALIZE_EXEC_KEPT_DIRECTORY_H_
#define MATERIALIZE_EXEC_KEPT_DIRECTORY_H_

#include "materialize/exec/attributes.h"
#include "materialize/os/sys.h"
#include "materialize/plan/source.h"
#include "materialize/report.h"
#include "materialize/request.h"

namespace materialize {

struct KeptDirectory {
  int result = 0;  // 0, or the -errno of `call`
  const char* call = "";
  bool owner = false;       // it has the source's, and may have its set-id bits
  bool needs_mode = false;  // chmod must follow
  NotKept lost = {};
};

// From `listing`, whose facts are `facts`, to the open directory `to`. The
// owner of it may still write and search it afterwards.
KeptDirectory KeepDirectory(Sys& sys, const Preserve& preserve,
                            const Directory& listing, const Stat& facts, int to,
                            Former former);

}  // namespace materialize

#endif  // MATERIALIZE_EXEC_KEPT_DIRECTORY_H_
