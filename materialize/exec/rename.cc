// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/exec/rename.h"

#include <cerrno>

namespace materialize {
namespace {

bool IsMissingFlag(int result) {
  return result == -EINVAL || result == -ENOSYS || result == -EOPNOTSUPP;
}

int RenameDirectory(Sys& sys, const NameIn& from, const NameIn& to) {
  if (const int made = sys.MakeDirectoryAt(to.dir, to.name, S_IRWXU); made < 0)
    return made;
  // Fails should anybody have put something there meanwhile.
  const int result = sys.RenameAt(from.dir, from.name, to.dir, to.name, 0);
  if (result < 0) (void)sys.UnlinkAt(to.dir, to.name, AT_REMOVEDIR);
  return result;
}

int LinkAndUnlink(Sys& sys, const NameIn& from, const NameIn& to) {
  if (const int linked = sys.LinkAt(from.dir, from.name, to.dir, to.name, 0);
      linked < 0)
    return linked;
  const int result = sys.UnlinkAt(from.dir, from.name, 0);
  if (result < 0) (void)sys.UnlinkAt(to.dir, to.name, 0);
  return result;
}

}  // namespace

int RenameNoReplace(Sys& sys, const NameIn& from, const NameIn& to, Kind kind) {
  const int result =
      sys.RenameAt(from.dir, from.name, to.dir, to.name, RENAME_NOREPLACE);
  if (!IsMissingFlag(result)) return result;
  return kind == Kind::kDirectory ? RenameDirectory(sys, from, to)
                                  : LinkAndUnlink(sys, from, to);
}

}  // namespace materialize
