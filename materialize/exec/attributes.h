// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Extended attributes and POSIX ACLs, from one open file or directory to
// another, as far as Preserve asks. Owner, mode and times are not here.

#ifndef MATERIALIZE_EXEC_ATTRIBUTES_H_
#define MATERIALIZE_EXEC_ATTRIBUTES_H_

#include "materialize/os/sys.h"
#include "materialize/report.h"
#include "materialize/request.h"

namespace materialize {

// Whether there is anything here to do.
inline bool KeepsAttributes(const Preserve& preserve) {
  return preserve.xattrs || preserve.acls;
}

enum class Former {
  kNone,      // the target was made a moment ago, and nothing was handed down
  kReplaced,  // what the source does not have goes
};

struct AttributesCopied {
  int result = 0;  // 0, or the -errno of `call`
  const char* call = "";
  // The permission bits are not what they were: set them once more. An access
  // ACL of the source and its permission bits agree, so that changes no ACL.
  bool needs_mode = false;
  NotKept lost =
      {};  // what the target's filesystem, or our rights, cannot have
};

// user.*, and security.* and trusted.* as far as permitted; with Preserve::acls
// the access and default ACLs. security.selinux is tried, no more. Call after
// chown (which takes capabilities away) and before chmod. Where the owner may
// not write `to`, its mode is S_IRWXU afterwards.
AttributesCopied CopyAttributes(Sys& sys, int from, int to,
                                const Preserve& preserve, Former former);

// Whether CopyAttributes() would change nothing. False also where one of the
// two cannot be read.
bool SameAttributes(Sys& sys, int a, int b, const Preserve& preserve);

// Whether `result` of chown is a refusal that no other try changes: not
// permitted, or an owner that this filesystem or user namespace cannot have.
bool IsOwnerRefused(int result);

// Turns report->not_kept into at most one warning a kind. Once per run.
void WarnOfNotKept(Report* report);

}  // namespace materialize

#endif  // MATERIALIZE_EXEC_ATTRIBUTES_H_
