// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Symlinks of the input, reproduced verbatim.

#include <cerrno>
#include <climits>

#include "materialize/exec/attributes.h"
#include "materialize/exec/placement.h"
#include "materialize/exec/placer.h"
#include "materialize/os/path.h"
#include "materialize/os/status.h"

namespace materialize {

absl::Status Placer::PlaceSymlink(const Directory& listing,
                                  const Target& target, const Entry& entry) {
  if (shared_.options.symlinks == Symlinks::kSkip) {
    ++tally_.counts.symlinks_skipped;
    return absl::OkStatus();
  }
  Sys& sys = shared_.sys;
  Stat facts = {.mode = S_IFLNK | 0777};
  char buffer[PATH_MAX + 1];
  const char* text = entry.target;
  const auto fail = [&](int64_t result, const char* call) {
    const std::string to = JoinPath(
        JoinPath(shared_.options.final_path, *target.path), entry.name);
    return entry.source == nullptr
               ? ErrnoStatus(static_cast<int>(-result), call, to)
               : ErrnoStatus(static_cast<int>(-result), call,
                             listing.SourcePath(entry.source), to);
  };
  if (text == nullptr) {
    const int64_t length =
        sys.ReadLinkAt(listing.from(), entry.source, buffer, PATH_MAX);
    if (length < 0) return fail(length, "readlink");
    buffer[length] = '\0';
    text = buffer;
    if (const int result = sys.StatAt(listing.from(), entry.source,
                                      AT_SYMLINK_NOFOLLOW, &facts);
        result < 0) {
      return fail(result, "stat");
    }
  }
  Placement at(sys, shared_.options, target, listing.from(), entry);
  if (const int result = at.LinkText(text); result < 0)
    return fail(result, "symlink");
  const char* call = "";
  if (const int result = Dress(at, &facts, &call); result < 0) {
    at.Discard();
    return fail(result, call);
  }
  if (const int result = at.Land(); result < 0) return fail(result, "rename");
  tally_.Count(How::kKept, nullptr);
  Tell(target, entry, How::kKept, &facts, text);
  return absl::OkStatus();
}

// Owner and time of a link that was just made; 0 or -errno of *call.
int Placer::Dress(Placement& at, Stat* facts, const char** call) {
  const Entry& entry = at.entry();
  Sys& sys = shared_.sys;
  if (shared_.options.preserve.owner && entry.target == nullptr) {
    *call = "chown";
    const int result = sys.ChangeOwnerAt(at.dir(), at.name(), facts->uid,
                                         facts->gid, AT_SYMLINK_NOFOLLOW);
    if (result < 0 && !IsOwnerRefused(result)) return result;
    tally_.CountNotKept({.owners = result < 0});
  }
  const bool names_time =
      entry.wanted != nullptr && entry.wanted->mtime.has_value();
  if (names_time) facts->mtime = *entry.wanted->mtime;
  *call = "utimensat";
  if (entry.target == nullptr || names_time)
    return sys.SetTimesAt(at.dir(), at.name(), facts->mtime,
                          AT_SYMLINK_NOFOLLOW);
  if (shared_.progress != nullptr) {
    (void)sys.StatAt(at.dir(), at.name(), AT_SYMLINK_NOFOLLOW,
                     facts);  // made by us a moment ago
  }
  return 0;
}

}  // namespace materialize
