// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/uninstall/judge.h"

#include <cerrno>
#include <climits>
#include <cstddef>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "materialize/os/fd.h"
#include "materialize/os/path.h"
#include "materialize/os/status.h"
#include "materialize/plan/digest_claim.h"
#include "materialize/verify/compare.h"

namespace materialize {
namespace {

void Change(Judgement* judgement, std::string why) {
  judgement->sight = Sight::kChanged;
  judgement->why = std::move(why);
}

void Fail(Judgement* judgement, const absl::Status& status) {
  judgement->sight = Sight::kUnknown;
  judgement->why = std::string(status.message());
}

bool IsSameInode(const Stat& a, const Stat& b) {
  return a.inode == b.inode && a.device == b.device;
}

// What a write to the file, or another file of its name, would change.
bool IsSameState(const Stat& a, const Stat& b) {
  return IsSameInode(a, b) && a.mode == b.mode && a.size == b.size &&
         a.mtime == b.mtime && a.ctime == b.ctime;
}

// Filesystems cut times down; one that is later was set since.
bool IsTimeOf(const Time& wanted, const Time& found, int64_t grain) {
  const bool is_later = std::tie(found.seconds, found.nanoseconds) >
                        std::tie(wanted.seconds, wanted.nanoseconds);
  return !is_later && SameTime(wanted, found, grain);
}

// Of a receipt without digests; "" when nothing differs.
absl::string_view WhatDiffers(const MtreeEntry& said, const Stat& found,
                              int64_t grain) {
  const MtreeClaims& claims = said.claims;
  if (!said.entry.wanted.mtime.has_value())
    return "the receipt has neither its time nor a digest";
  if (!IsTimeOf(*said.entry.wanted.mtime, found.mtime, grain))
    return "it has another time";
  if (claims.inode.has_value() && *claims.inode != found.inode)
    return "it is another inode";
  if (claims.ctime.has_value() && found.links == 1 &&
      *claims.ctime != found.ctime)
    return "it has another ctime";
  return "";
}

bool IsSaidType(const MtreeEntry& said, const Stat& found) {
  const Kind kind = said.entry.kind;
  if (kind == Kind::kUnknown)
    return !said.claims.digests.empty() && found.kind() == Kind::kFile;
  if (kind == Kind::kSpecial)
    return said.claims.special == (found.mode & S_IFMT);
  return kind == found.kind();
}

}  // namespace

Judgement Judge::Look(const NameIn& at, const MtreeEntry& said,
                      const std::string& path) {
  Judgement judgement;
  const int result =
      sys_.StatAt(at.dir, at.name, AT_SYMLINK_NOFOLLOW, &judgement.facts);
  if (result == -ENOENT) {
    judgement.sight = Sight::kGone;
    return judgement;
  }
  if (result < 0) {
    Fail(&judgement, ErrnoStatus(-result, "stat", path));
    return judgement;
  }
  judgement.sight = Sight::kSame;
  if (!IsSaidType(said, judgement.facts)) {
    const absl::string_view wanted = TypeName(said);
    Change(&judgement,
           wanted.empty()
               ? "the receipt does not say what it is"
               : absl::StrCat("its type is ", TypeName(judgement.facts.mode),
                              ", not ", wanted));
  } else if (judgement.facts.kind() == Kind::kFile) {
    LookAtFile(at, said, path, &judgement);
  } else if (judgement.facts.kind() == Kind::kSymlink) {
    LookAtLink(at, said, path, &judgement);
  }
  return judgement;
}

void Judge::LookAtFile(const NameIn& at, const MtreeEntry& said,
                       const std::string& path, Judgement* judgement) {
  const Stat& found = judgement->facts;
  if (said.size.has_value() && *said.size != found.size) {
    return Change(judgement, absl::StrCat("its size is ", found.size, ", not ",
                                          *said.size));
  }
  if (!said.claims.digests.empty()) return Read(at, said, path, judgement);
  const absl::string_view what = WhatDiffers(said, found, grain_);
  if (!what.empty()) Change(judgement, std::string(what));
}

void Judge::LookAtLink(const NameIn& at, const MtreeEntry& said,
                       const std::string& path, Judgement* judgement) {
  if (said.entry.target.empty())
    return Change(judgement, "the receipt does not say where it leads");
  char target[PATH_MAX];
  const int64_t length = sys_.ReadLinkAt(at.dir, at.name, target, PATH_MAX);
  if (length < 0) {
    const int error = static_cast<int>(-length);
    return Fail(judgement, ErrnoStatus(error, "readlink", path));
  }
  if (absl::string_view(target, static_cast<size_t>(length)) !=
      said.entry.target)
    Change(judgement, "it leads elsewhere");
}

// Reading takes its time: what the name is afterwards must be what was read.
void Judge::Read(const NameIn& at, const MtreeEntry& said,
                 const std::string& path, Judgement* judgement) {
  // Should it have become a FIFO since: O_NONBLOCK does not wait for a writer.
  const Fd file(sys_, OpenPatiently(sys_, at.dir, at.name,
                                    O_RDONLY | O_NOFOLLOW | O_NONBLOCK, 0));
  if (!file.ok())
    return Fail(judgement, ErrnoStatus(-file.get(), "open", path));
  Stat opened;
  int result = sys_.StatAt(file.get(), "", 0, &opened);
  if (result < 0) return Fail(judgement, ErrnoStatus(-result, "stat", path));
  if (!IsSameState(opened, judgement->facts))
    return Change(judgement, "it was changed meanwhile");
  const absl::StatusOr<std::vector<UnmetClaim>> unmet =
      UnmetClaims(sys_, file.get(), said.claims.digests, path, cancel_);
  if (!unmet.ok()) return Fail(judgement, unmet.status());
  ++files_read_;
  bytes_read_ += opened.size;
  if (!unmet->empty()) return Change(judgement, "it has another content");
  Stat now;
  result = sys_.StatAt(at.dir, at.name, AT_SYMLINK_NOFOLLOW, &now);
  if (result < 0) return Fail(judgement, ErrnoStatus(-result, "stat", path));
  if (!IsSameState(now, opened)) Change(judgement, "it was changed meanwhile");
}

}  // namespace materialize
