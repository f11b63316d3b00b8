// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// mtree(5) text: both styles, and everything that is refused.

#include "materialize/plan/mtree.h"

#include <random>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gtest/gtest.h"
#include "materialize/plan/vis.h"
#include "tests/testing/status_matchers.h"

namespace materialize {
namespace {

// Entries in short: "d:a f:a/b<-content@755 l:c->target".
std::string Short(const std::vector<MtreeEntry>& entries) {
  std::vector<std::string> parts;
  for (const MtreeEntry& one : entries) {
    const ManifestEntry& e = one.entry;
    std::string part(1, "?fdl!"[static_cast<int>(e.kind)]);
    absl::StrAppend(&part, ":", e.path);
    if (!e.content.empty()) absl::StrAppend(&part, "<-", e.content);
    if (!e.target.empty()) absl::StrAppend(&part, "->", e.target);
    if (e.wanted.mode.has_value()) {
      absl::StrAppend(&part, "@", absl::Hex(*e.wanted.mode));
    }
    parts.push_back(part);
  }
  return absl::StrJoin(parts, " ");
}

std::string Parsed(absl::string_view text) {
  const absl::StatusOr<std::vector<MtreeEntry>> e = ParseMtree(text, "m");
  return e.ok() ? Short(*e) : std::string(e.status().message());
}

TEST(MtreeTest, ReadsFullPaths) {
  EXPECT_EQ(Parsed("#mtree\n"
                   ". type=dir\n"
                   "./bin type=dir mode=0755\n"
                   "./bin/a\\040b type=file content=src/\\043x\n"
                   "a/b type=link link=../t\\012\n"
                   "top type=file content=x\n"
                   "c/ type=dir\n"),
            "d: d:bin@1ed f:bin/a b<-src/#x l:a/b->../t\n f:top<-x d:c");
}

TEST(MtreeTest, ReadsNamesBelowTheirDirectoryLines) {
  EXPECT_EQ(Parsed("# as mtree -c prints\n"
                   "/set type=file mode=0644\n"
                   ".               type=dir mode=0755\n"
                   "    a           size=1 \\\n"
                   "                content=x\n"
                   "    sub         type=dir mode=0700\n"
                   "        b       content=y\n"
                   "    ..\n"
                   "    c           content=z\n"
                   "..\n"),
            "d:@1ed f:a<-x@1a4 d:sub@1c0 f:sub/b<-y@1a4 f:c<-z@1a4");
}

// A full path does not change where names without '/' go.
TEST(MtreeTest, MixesBothStyles) {
  EXPECT_EQ(Parsed("d type=dir\n./x/y type=dir\nf type=file\n..\ng type=file"),
            "d:d d:x/y f:d/f f:g");
}

TEST(MtreeTest, UnsetTakesBackWhatSetSaid) {
  EXPECT_EQ(Parsed("/set type=file mode=600 uid=1\n/unset mode\na x=1\n"),
            "f:a");
  EXPECT_EQ(Parsed("/set type=file\n/unset all\na\n"), "m:3: no type=");
}

TEST(MtreeTest, ReadsValues) {
  const absl::StatusOr<std::vector<MtreeEntry>> entries = ParseMtree(
      "a type=file size=12 time=1700000000.5 uid=7 gid=8 optional nochange "
      "uname=x flags=none content=c\r\nb type=dir time=-3.000000001",
      "dir/m.mtree");
  ASSERT_TRUE(entries.ok()) << entries.status();
  const MtreeEntry& a = (*entries)[0];
  EXPECT_EQ(a.size, 12);
  EXPECT_EQ(a.entry.wanted.mtime, (Time{1700000000, 5}));
  EXPECT_EQ(a.entry.wanted.uid, 7u);
  EXPECT_EQ(a.entry.wanted.gid, 8u);
  EXPECT_FALSE(a.entry.wanted.mode.has_value());
  EXPECT_EQ(a.entry.origin, "dir/m.mtree:1");
  EXPECT_EQ((*entries)[1].entry.wanted.mtime, (Time{-3, 1}));
  EXPECT_EQ((*entries)[1].entry.origin, "dir/m.mtree:2");
}

// Row P1, what marks a unit.
TEST(MtreeTest, OfTagsOnlyOursMeansSomething) {
  const auto units = [](absl::string_view text) {
    std::string paths;
    const absl::StatusOr<std::vector<MtreeEntry>> entries =
        ParseMtree(text, "m");
    if (!entries.ok()) return std::string(entries.status().message());
    for (const MtreeEntry& one : *entries) {
      if (one.entry.unit) absl::StrAppend(&paths, one.entry.path, " ");
    }
    return paths;
  };
  EXPECT_EQ(units("./a type=dir tags=unit\n./b type=dir tags=units,Unit\n"
                  "./c type=dir tags=x,unit,y\n./d type=dir tags=\n"),
            "a c ");
  EXPECT_EQ(units("/set type=dir tags=unit\n./a\n./b tags=none\n./c\n"
                  "/unset tags\n./d\n"),
            "a c ");
  EXPECT_EQ(units("a type=dir tags"), "m:1: tags: a value is missing");
}

struct Refused {
  std::string line;
  std::string why;
};

// Row G14, as far as single lines go.
TEST(MtreeTest, RefusesNamesThatLeaveTheTree) {
  const std::string longest(255, 'n');
  const Refused cases[] = {
      {"/etc/passwd type=file", "/etc/passwd: absolute"},
      {"\\057etc type=file", "\\057etc: absolute"},
      {"../a type=file", "../a: .."},
      {"./../a type=file", "./../a: .."},
      {"a/../b type=file", "a/../b: .."},
      {"a/.. type=dir", "a/..: .."},
      {"a/\\056. type=dir", "a/\\056.: .."},
      {"a//b type=file", "a//b: empty component"},
      {"a/ type=file", "a/: empty component"},
      {"a/./b type=file", "a/./b: . inside a path"},
      {"a\\000b type=file", "a\\000b: NUL"},
      {absl::StrCat("./", longest, "n type=file"),
       absl::StrCat("./", longest, "n: component over 255 bytes")},
      {"..", "..: above the root"},
  };
  for (const Refused& c : cases) {
    EXPECT_EQ(Parsed(absl::StrCat("\n", c.line)), absl::StrCat("m:2: ", c.why));
  }
  EXPECT_EQ(Parsed(absl::StrCat("./", longest, " type=file")),
            absl::StrCat("f:", longest));
}

TEST(MtreeTest, RefusesLinesThatMakeNoEntry) {
  const Refused cases[] = {
      {"a", "no type="},
      {"a type=file mode=0800", "mode=0800: not an octal mode"},
      {"a type=file mode=u+x", "mode=u+x: not an octal mode"},
      {"a type=file mode", "mode: a value is missing"},
      {"a type=fifo", "neither file, dir nor link"},
      {"a type=block", "neither file, dir nor link"},
      {"a type=what", "type=what: not a type"},
      {"a type=link", "no link="},
      {"a type=link link=", "link=: empty"},
      {"a type=link link=x\\0", "link=x\\0: NUL in it"},
      {"a type=file content=\\q", "content=\\q: not vis(3)"},
      {"a\\q type=file", "a\\q: not vis(3)"},
      {"a type=file time=1.0000000000", "time=1.0000000000: not a time"},
      {"a type=file time=+1", "time=+1: not a time"},
      {"a type=file uid=-1", "uid=-1: not a number"},
      {"a type=file size=99999999999999999999",
       "size=99999999999999999999: not a number"},
      {". type=file", ".: the root is a directory"},
      {"a type=file \\", "line ends in a backslash, and nothing follows"},
  };
  for (const Refused& c : cases) {
    EXPECT_EQ(Parsed(c.line), absl::StrCat("m:1: ", c.why));
    EXPECT_EQ(ParseMtree(c.line, "m").status().code(),
              absl::StatusCode::kInvalidArgument);
  }
}

TEST(MtreeTest, AnEscapedBackslashDoesNotContinueALine) {
  EXPECT_EQ(Parsed("a type=link link=x\\\\\nb type=dir"), "l:a->x\\ d:b");
}

TEST(ParseManifestTest, AFileNeedsContentUnlessItIsEmpty) {
  const auto why = [](absl::string_view text) {
    return std::string(ParseManifest(text, "m").status().message());
  };
  EXPECT_EQ(why("a type=file"),
            "m:1: a file needs content=, or size=0 if it is empty");
  EXPECT_EQ(why("a type=file size=1"),
            "m:1: a file needs content=, or size=0 if it is empty");
  EXPECT_EQ(why("a type=file size=0\nb type=file contents=x"), "");
}

std::string Compared(absl::string_view text) {
  const absl::StatusOr<std::vector<MtreeEntry>> e =
      ParseMtree(text, "m", MtreeUse::kCompare);
  return e.ok() ? Short(*e) : std::string(e.status().message());
}

TEST(MtreeTest, ToCompareItNeedsNoMoreThanAName) {
  EXPECT_EQ(Compared(". mode=755\na\nl type=link\np type=fifo\n./x type=block"),
            "?:@1ed ?:a l:l !:p !:x");
  EXPECT_EQ(Compared(". type=link"), "m:1: .: the root is a directory");
}

TEST(MtreeTest, ToCompareItReadsWhatPlacingIgnores) {
  const std::string md5(32, 'A');
  const std::string sha1(40, '1');
  const std::string text = absl::StrCat(
      "/set type=file sha1=", sha1, "\n", "a nlink=2 md5digest=", md5,
      " optional nochange\n", "p type=fifo ignore\n", "/unset sha1\n",
      "b sha1=", sha1, " sha1digest=", std::string(40, '2'), "\n");
  const absl::StatusOr<std::vector<MtreeEntry>> read =
      ParseMtree(text, "m", MtreeUse::kCompare);
  ASSERT_TRUE(read.ok()) << read.status();
  const DigestClaim ones = {DigestAlgorithm::kSha1, {sha1}};
  EXPECT_EQ(
      (*read)[0].claims,
      (MtreeClaims{
          .links = 2,
          .digests = {ones, {DigestAlgorithm::kMd5, {std::string(32, 'a')}}},
          .optional = true,
          .nochange = true}));
  EXPECT_EQ(
      (*read)[1].claims,
      (MtreeClaims{.special = S_IFIFO, .digests = {ones}, .ignore = true}));
  EXPECT_EQ((*read)[2].claims,
            (MtreeClaims{.digests = {{DigestAlgorithm::kSha1,
                                      {std::string(40, '2')}}}}));
}

TEST(MtreeTest, OnlyAComparisonMindsDigests) {
  const Refused cases[] = {
      {"a type=file sha256=12", "sha256=12: not a digest of this kind"},
      {"a type=file md5digest", "md5digest: a value is missing"},
      {absl::StrCat("a type=file md5=", std::string(32, 'g')),
       absl::StrCat("md5=", std::string(32, 'g'),
                    ": not a digest of this kind")},
      {"a type=file nlink=x", "nlink=x: not a number"},
  };
  for (const Refused& c : cases) {
    EXPECT_EQ(Compared(c.line), absl::StrCat("m:1: ", c.why));
    EXPECT_EQ(Parsed(c.line), "f:a");
  }
}

// Any bytes: an answer, no crash; what is taken stays within the tree.
TEST(MtreeTest, AnyTextIsReadOrRefused) {
  const std::vector<std::string> pieces = {"\n",
                                           " ",
                                           "\\",
                                           "/set",
                                           "/unset",
                                           " all",
                                           "..",
                                           ".",
                                           "/",
                                           "a",
                                           "#",
                                           " type=file",
                                           " type=dir",
                                           " type=link",
                                           " link=x",
                                           " mode=755",
                                           " content=c",
                                           "\\057",
                                           "\\000",
                                           "\\M-",
                                           "=",
                                           "\xff",
                                           "\r",
                                           "\t",
                                           std::string(1, '\0'),
                                           " time=1.2",
                                           " size=0",
                                           "b"};
  std::mt19937 random(17);
  int taken = 0;
  for (int i = 0; i < 40000; ++i) {
    std::string text;
    for (size_t n = random() % 16; n > 0; --n) {
      text += pieces[random() % pieces.size()];
    }
    const absl::StatusOr<std::vector<MtreeEntry>> read = ParseMtree(text, "m");
    if (!read.ok()) continue;
    std::string again;
    for (const MtreeEntry& one : *read) {
      const ManifestEntry& e = one.entry;
      ++taken;
      for (absl::string_view bad : {"//", "/../", "/./"}) {
        ASSERT_FALSE(absl::StrContains(absl::StrCat("x/", e.path, "/x"), bad) &&
                     !e.path.empty())
            << text;
      }
      ASSERT_EQ(e.path.find('\0'), std::string::npos);
      const absl::string_view type = e.kind == Kind::kFile        ? "file"
                                     : e.kind == Kind::kDirectory ? "dir"
                                                                  : "link";
      absl::StrAppend(&again, "./", VisEncode(e.path), " type=", type);
      if (!e.content.empty()) {
        absl::StrAppend(&again, " content=", VisEncode(e.content));
      }
      if (!e.target.empty()) {
        absl::StrAppend(&again, " link=", VisEncode(e.target));
      }
      if (e.wanted.mode) {
        absl::StrAppend(&again, " mode=755");
      }
      absl::StrAppend(&again, "\n");
    }
    ASSERT_EQ(Parsed(again), Short(*read)) << again;
  }
  EXPECT_GT(taken, 1000);
}

}  // namespace
}  // namespace materialize
