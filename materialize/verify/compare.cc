// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/verify/compare.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace materialize {
namespace {

struct Type {
  mode_t type;
  absl::string_view name;
};

constexpr Type kTypes[] = {
    {S_IFREG, "file"},    {S_IFDIR, "dir"},  {S_IFLNK, "link"},
    {S_IFIFO, "fifo"},    {S_IFCHR, "char"}, {S_IFBLK, "block"},
    {S_IFSOCK, "socket"},
};

constexpr int64_t kSecond = 1'000'000'000;

struct Coarse {
  uint64_t magic;
  int64_t grain;
};

// As their formats have it; the kernel cuts times down to that.
constexpr Coarse kCoarse[] = {
    {0x4d44, 2 * kSecond},     // vfat
    {0x482b, kSecond},         // hfsplus
    {0x2011bab0, 10'000'000},  // exfat
    {0x7366746e, 100},         // ntfs3
    {0x5346544e, 100},         // ntfs
    {0xff534d42, 100},         // cifs
    {0xfe534d42, 100},         // smb2
};

std::string OctalText(mode_t mode) { return absl::StrFormat("%04o", mode); }

std::string TimeText(const Time& time) {
  return absl::StrFormat("%d.%09d", time.seconds, time.nanoseconds);
}

// The text of both, where they differ.
class Teller {
 public:
  Teller(const MtreeEntry& said, std::vector<Difference>* differences)
      : said_(said), differences_(differences) {}

  void Tell(Aspect aspect, std::string wanted, std::string found) {
    differences_->push_back({.path = said_.entry.path,
                             .aspect = aspect,
                             .wanted = std::move(wanted),
                             .found = std::move(found)});
  }

  template <typename Wanted, typename Found>
  void Number(Aspect aspect, const Wanted& wanted, Found found) {
    if (!wanted.has_value() || *wanted == found) return;
    Tell(aspect, absl::StrCat(*wanted), absl::StrCat(found));
  }

 private:
  const MtreeEntry& said_;
  std::vector<Difference>* differences_;
};

bool SameType(const MtreeEntry& said, const Stat& found) {
  const Kind kind = said.entry.kind;
  const mode_t special = said.claims.special;
  if (kind == Kind::kUnknown)
    return said.claims.digests.empty() || found.kind() == Kind::kFile;
  if (kind != found.kind()) return false;
  return special == 0 || special == (found.mode & S_IFMT);
}

}  // namespace

absl::string_view TypeName(mode_t mode) {
  for (const Type& row : kTypes) {
    if (row.type == (mode & S_IFMT)) return row.name;
  }
  return "unknown";
}

absl::string_view TypeName(const MtreeEntry& said) {
  switch (said.entry.kind) {
    case Kind::kFile:
      return "file";
    case Kind::kDirectory:
      return "dir";
    case Kind::kSymlink:
      return "link";
    case Kind::kSpecial:
      return said.claims.special == 0 ? "device"
                                      : TypeName(said.claims.special);
    case Kind::kUnknown:
      return said.claims.digests.empty() ? "" : "file";
  }
  return "";
}

int64_t TimeGrain(uint64_t magic) {
  for (const Coarse& row : kCoarse) {
    if (row.magic == magic) return row.grain;
  }
  return 1;
}

bool SameTime(const Time& wanted, const Time& found, int64_t grain) {
  if (wanted == found) return true;
  if (grain < kSecond && wanted.nanoseconds != 0 && found.nanoseconds != 0) {
    const auto step = static_cast<uint32_t>(grain);
    return wanted.seconds == found.seconds &&
           wanted.nanoseconds - wanted.nanoseconds % step == found.nanoseconds;
  }
  const int64_t seconds = std::max<int64_t>(grain / kSecond, 1);
  return found.seconds <= wanted.seconds &&
         wanted.seconds - found.seconds < seconds;
}

bool CompareFacts(const MtreeEntry& said, const Stat& found, int64_t grain,
                  std::vector<Difference>* differences) {
  Teller teller(said, differences);
  if (!SameType(said, found)) {
    teller.Tell(Aspect::kType, std::string(TypeName(said)),
                std::string(TypeName(found.mode)));
    return false;
  }
  if (said.claims.nochange) return false;
  const Wanted& wanted = said.entry.wanted;
  const Kind kind = found.kind();
  teller.Number(Aspect::kUser, wanted.uid, found.uid);
  teller.Number(Aspect::kGroup, wanted.gid, found.gid);
  if (wanted.mode.has_value() && kind != Kind::kSymlink &&
      *wanted.mode != found.permissions()) {
    teller.Tell(Aspect::kMode, OctalText(*wanted.mode),
                OctalText(found.permissions()));
  }
  if (kind != Kind::kDirectory)
    teller.Number(Aspect::kLinks, said.claims.links, found.links);
  if (kind == Kind::kFile) teller.Number(Aspect::kSize, said.size, found.size);
  if (wanted.mtime.has_value() &&
      !SameTime(*wanted.mtime, found.mtime, grain)) {
    teller.Tell(Aspect::kTime, TimeText(*wanted.mtime), TimeText(found.mtime));
  }
  return true;
}

}  // namespace materialize
