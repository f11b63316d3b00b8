// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/plan/mtree_keywords.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "materialize/plan/vis.h"

namespace materialize {
namespace {

using Problem = absl::string_view;

constexpr size_t kNone = absl::string_view::npos;

// Each reads one into `facts` and answers what is wrong, or "".

struct TypeName {
  absl::string_view name;
  Kind kind;
  mode_t special = 0;
};

constexpr TypeName kTypes[] = {
    {"file", Kind::kFile},
    {"dir", Kind::kDirectory},
    {"link", Kind::kSymlink},
    {"fifo", Kind::kSpecial, S_IFIFO},
    {"char", Kind::kSpecial, S_IFCHR},
    {"block", Kind::kSpecial, S_IFBLK},
    {"device", Kind::kSpecial},
    {"socket", Kind::kSpecial, S_IFSOCK},
};

Problem ReadType(absl::string_view value, MtreeFacts* facts) {
  for (const TypeName& type : kTypes) {
    if (type.name != value) continue;
    facts->kind = type.kind;
    facts->claims.special = type.special;
    return "";
  }
  return "not a type";
}

Problem ReadMode(absl::string_view value, MtreeFacts* facts) {
  mode_t mode = 0;
  if (value.empty() || value.size() > 7) return "not an octal mode";
  for (const char c : value) {
    if (c < '0' || c > '7') return "not an octal mode";
    mode = mode * 8 + static_cast<mode_t>(c - '0');
  }
  if (mode > 07777) return "not an octal mode";
  facts->wanted.mode = mode;
  return "";
}

bool AllDigits(absl::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == kNone;
}

// SECONDS[.NANOSECONDS]. What follows the dot is a whole number, not a
// fraction: mtree(8) and bsdtar write `.5` for five nanoseconds.
Problem ReadTimeOf(absl::string_view value, std::optional<Time>* out) {
  Time time;
  const size_t dot = value.find('.');
  const absl::string_view seconds = value.substr(0, dot);
  if (!AllDigits(absl::StripPrefix(seconds, "-")) ||
      !absl::SimpleAtoi(seconds, &time.seconds)) {
    return "not a time";
  }
  if (dot != kNone) {
    const absl::string_view nanoseconds = value.substr(dot + 1);
    if (!AllDigits(nanoseconds) || nanoseconds.size() > 9 ||
        !absl::SimpleAtoi(nanoseconds, &time.nanoseconds)) {
      return "not a time";
    }
  }
  *out = time;
  return "";
}
Problem ReadTime(absl::string_view value, MtreeFacts* facts) {
  return ReadTimeOf(value, &facts->wanted.mtime);
}

template <typename Number>
Problem ReadNumber(absl::string_view value, std::optional<Number>* out) {
  Number number = 0;
  if (!AllDigits(value) || !absl::SimpleAtoi(value, &number)) {
    return "not a number";
  }
  *out = number;
  return "";
}

Problem ReadUid(absl::string_view value, MtreeFacts* facts) {
  return ReadNumber(value, &facts->wanted.uid);
}
Problem ReadGid(absl::string_view value, MtreeFacts* facts) {
  return ReadNumber(value, &facts->wanted.gid);
}
Problem ReadSize(absl::string_view value, MtreeFacts* facts) {
  return ReadNumber(value, &facts->size);
}

Problem ReadBytes(absl::string_view value, std::optional<std::string>* out) {
  *out = VisDecode(value);
  if (!out->has_value()) return "not vis(3)";
  if ((*out)->empty()) return "empty";
  if ((*out)->find('\0') != kNone) return "NUL in it";
  return "";
}
Problem ReadContent(absl::string_view value, MtreeFacts* facts) {
  return ReadBytes(value, &facts->content);
}
// Tags separated by commas. All but ours are somebody else's.
void ForgetTags(MtreeFacts* facts) {
  facts->unit = false;
  facts->claims.inode.reset();
  facts->claims.ctime.reset();
}
Problem ReadTags(absl::string_view value, MtreeFacts* facts) {
  ForgetTags(facts);
  Problem problem;
  for (absl::string_view tag : absl::StrSplit(value, ',')) {
    if (tag == "unit") facts->unit = true;
    if (absl::ConsumePrefix(&tag, "inode:"))
      problem = ReadNumber(tag, &facts->claims.inode);
    if (absl::ConsumePrefix(&tag, "ctime:"))
      problem = ReadTimeOf(tag, &facts->claims.ctime);
    if (!problem.empty()) return problem;
  }
  return "";
}
Problem ReadLink(absl::string_view value, MtreeFacts* facts) {
  return ReadBytes(value, &facts->target);
}

Problem ReadLinks(absl::string_view value, MtreeFacts* facts) {
  return ReadNumber(value, &facts->claims.links);
}

template <DigestAlgorithm kAlgorithm>
void ForgetDigest(MtreeFacts* facts) {
  std::vector<DigestClaim>& digests = facts->claims.digests;
  digests.erase(std::remove_if(digests.begin(), digests.end(),
                               [](const DigestClaim& claim) {
                                 return claim.algorithm == kAlgorithm;
                               }),
                digests.end());
}

template <DigestAlgorithm kAlgorithm>
Problem ReadDigest(absl::string_view value, MtreeFacts* facts) {
  const bool hexadecimal =
      std::all_of(value.begin(), value.end(), absl::ascii_isxdigit);
  if (!hexadecimal || value.size() != 2 * DigestBytes(kAlgorithm)) {
    return "not a digest of this kind";
  }
  ForgetDigest<kAlgorithm>(facts);
  facts->claims.digests.push_back(
      {.algorithm = kAlgorithm, .accepted = {absl::AsciiStrToLower(value)}});
  return "";
}

// A switch: the word alone says it.
template <bool MtreeClaims::*kMember>
Problem ReadSwitch(absl::string_view, MtreeFacts* facts) {
  facts->claims.*kMember = true;
  return "";
}
template <bool MtreeClaims::*kMember>
void ForgetSwitch(MtreeFacts* facts) {
  facts->claims.*kMember = false;
}

struct Keyword {
  absl::string_view name;
  Problem (*read)(absl::string_view value, MtreeFacts* facts);
  void (*forget)(MtreeFacts* facts);
  MtreeUse use = MtreeUse::kPlace;  // kPlace: for both
  bool alone = false;               // it has no value
};

template <DigestAlgorithm kAlgorithm>
constexpr Keyword DigestKeyword(absl::string_view name) {
  return {name, ReadDigest<kAlgorithm>, ForgetDigest<kAlgorithm>,
          MtreeUse::kCompare};
}

template <bool MtreeClaims::*kMember>
constexpr Keyword SwitchKeyword(absl::string_view name) {
  return {name, ReadSwitch<kMember>, ForgetSwitch<kMember>, MtreeUse::kCompare,
          true};
}

constexpr Keyword kKeywords[] = {
    {"type", ReadType, [](MtreeFacts* f) { f->kind = Kind::kUnknown; }},
    {"mode", ReadMode, [](MtreeFacts* f) { f->wanted.mode.reset(); }},
    {"time", ReadTime, [](MtreeFacts* f) { f->wanted.mtime.reset(); }},
    {"link", ReadLink, [](MtreeFacts* f) { f->target.reset(); }},
    {"content", ReadContent, [](MtreeFacts* f) { f->content.reset(); }},
    {"contents", ReadContent, [](MtreeFacts* f) { f->content.reset(); }},
    {"uid", ReadUid, [](MtreeFacts* f) { f->wanted.uid.reset(); }},
    {"gid", ReadGid, [](MtreeFacts* f) { f->wanted.gid.reset(); }},
    {"size", ReadSize, [](MtreeFacts* f) { f->size.reset(); }},
    {"tags", ReadTags, ForgetTags},
    {"nlink", ReadLinks, [](MtreeFacts* f) { f->claims.links.reset(); },
     MtreeUse::kCompare},
    SwitchKeyword<&MtreeClaims::optional>("optional"),
    SwitchKeyword<&MtreeClaims::ignore>("ignore"),
    SwitchKeyword<&MtreeClaims::nochange>("nochange"),
    // mtree(8) writes the short names, bsdtar the long ones.
    DigestKeyword<DigestAlgorithm::kMd5>("md5"),
    DigestKeyword<DigestAlgorithm::kMd5>("md5digest"),
    DigestKeyword<DigestAlgorithm::kSha1>("sha1"),
    DigestKeyword<DigestAlgorithm::kSha1>("sha1digest"),
    DigestKeyword<DigestAlgorithm::kSha256>("sha256"),
    DigestKeyword<DigestAlgorithm::kSha256>("sha256digest"),
    DigestKeyword<DigestAlgorithm::kSha384>("sha384"),
    DigestKeyword<DigestAlgorithm::kSha384>("sha384digest"),
    DigestKeyword<DigestAlgorithm::kSha512>("sha512"),
    DigestKeyword<DigestAlgorithm::kSha512>("sha512digest"),
};

const Keyword* FindKeyword(absl::string_view name) {
  for (const Keyword& keyword : kKeywords) {
    if (keyword.name == name) return &keyword;
  }
  return nullptr;
}

}  // namespace

absl::string_view ReadMtreeKeyword(absl::string_view word, MtreeUse use,
                                   MtreeFacts* facts) {
  const size_t equals = word.find('=');
  const Keyword* keyword = FindKeyword(word.substr(0, equals));
  const bool meant = keyword != nullptr &&
                     (keyword->use == MtreeUse::kPlace || keyword->use == use);
  if (!meant) return "";
  if (keyword->alone) return keyword->read("", facts);
  if (equals == kNone) return "a value is missing";
  return keyword->read(word.substr(equals + 1), facts);
}

void ForgetMtreeKeyword(absl::string_view name, MtreeFacts* facts) {
  if (name == "all") *facts = MtreeFacts();
  const Keyword* keyword = FindKeyword(name);
  if (keyword != nullptr) keyword->forget(facts);
}

}  // namespace materialize
