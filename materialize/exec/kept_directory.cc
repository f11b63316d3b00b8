// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/exec/kept_directory.h"

#include "materialize/exec/attributes.h"

namespace materialize {
namespace {

void KeepOwner(Sys& sys, const Preserve& preserve, const Stat& facts, int to,
               KeptDirectory* kept) {
  kept->call = "chown";
  kept->result = sys.ChangeOwnerAt(to, "", facts.uid, facts.gid, AT_EMPTY_PATH);
  kept->owner = kept->result == 0;
  kept->needs_mode = kept->owner;
  // Where a manifest alone names an owner, it means it.
  if (!preserve.owner || !IsOwnerRefused(kept->result)) return;
  kept->result = 0;
  kept->lost.owners = 1;
}

void TakeAttributes(Sys& sys, const AttributesCopied& copied, const Stat& facts,
                    int to, KeptDirectory* kept) {
  kept->result = copied.result;
  kept->call = copied.call;
  kept->lost.xattrs = copied.lost.xattrs;
  kept->lost.acls = copied.lost.acls;
  if (!copied.needs_mode || kept->result < 0) return;
  // The ACL has brought the final mode; what is below must still be reached.
  kept->needs_mode = true;
  kept->call = "chmod";
  kept->result = sys.ChangeMode(to, (facts.permissions() & 0777) | S_IRWXU);
}

}  // namespace

KeptDirectory KeepDirectory(Sys& sys, const Preserve& preserve,
                            const Directory& listing, const Stat& facts, int to,
                            Former former) {
  KeptDirectory kept;
  const bool is_root = listing.path().empty();
  const bool has_source = listing.from() != AT_FDCWD;
  // The root's owner is the caller's to set; here it is only found out whether
  // that will do.
  const bool keeps_owner = is_root ? preserve.owner && has_source
                                   : preserve.owner || listing.wants_owner();
  if (keeps_owner) KeepOwner(sys, preserve, facts, to, &kept);
  if (is_root && !has_source) kept.owner = preserve.owner;
  if (kept.result == 0 && KeepsAttributes(preserve) && has_source) {
    const AttributesCopied copied =
        CopyAttributes(sys, listing.from(), to, preserve, former);
    TakeAttributes(sys, copied, facts, to, &kept);
  }
  return kept;
}

}  // namespace materialize
