// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// yarn.lock, entry by entry: which file of the mirror, with which digests.

#include "materialize/verify/yarn_lock.h"

#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace materialize {
namespace {

constexpr char kHead[] = "# yarn lockfile v1\n\n\n";

std::string Base64(size_t bytes, char byte) {
  return absl::Base64Escape(std::string(bytes, byte));
}
std::string Hex(size_t bytes, char byte) {
  return absl::BytesToHexString(std::string(bytes, byte));
}

// "FILE sha512:HEX|HEX sha1:HEX" for each, or what is wrong.
std::string Parsed(const std::string& text) {
  const auto entries = ParseYarnLock(absl::StrCat(kHead, text), "yarn.lock");
  if (!entries.ok()) return std::string(entries.status().message());
  std::string parsed;
  for (const MtreeEntry& one : *entries) {
    EXPECT_EQ(one.entry.kind, Kind::kFile);
    absl::StrAppend(&parsed, one.entry.path);
    for (const DigestClaim& claim : one.claims.digests) {
      absl::StrAppend(&parsed, " ", DigestName(claim.algorithm), ":",
                      absl::StrJoin(claim.accepted, "|"));
    }
    absl::StrAppend(&parsed, "\n");
  }
  return parsed;
}

std::string Entry(const std::string& pattern, const std::string& lines) {
  return absl::StrCat(pattern, ":\n  version \"1.2.3\"\n", lines,
                      "  dependencies:\n    version \"^9\"\n    other \"1\"\n");
}

TEST(YarnLockTest, NamesFilesAsYarnDoes) {
  struct Case {
    std::string resolved;
    std::string name;
  };
  const Case cases[] = {
      {"https://r.example/a/-/a-1.2.3.tgz", "a-1.2.3.tgz"},
      {"https://r.example/deep/way/a/-/a-1.tgz?x=/y", "a-1.tgz"},
      {"https://r.example/@s/a/-/a-1.2.3.tgz", "@s-a-1.2.3.tgz"},
      {"https://r.example/@s%2fa/-/a-1.2.3.tgz", "@s-a-1.2.3.tgz"},
      {"https://r.example/@s/a/-/@s/a-1.2.3.tgz", "@s-a-1.2.3.tgz"},
      {"https://r.example/@s/a/_attachments/a-1.tgz", "@s-a-1.tgz"},
      {"https://r.example/@s/a/download/a-1.tgz", "a-1.tgz"},
      {"https://r.example/a-1.tgz", "a-1.tgz"},
      {"a-1.tgz", "a-1.tgz"},
      {"https://git.example/u/r/tar.gz/0123abcd", "0123abcd"},
      {"git+https://git.example/u/r.git#0123abcd", "r.git-0123abcd"},
      {"https://git.example/u/r.git#0123abcd", "r.git-0123abcd"},
      {"git@git.example:u/r.git#0123abcd", "r.git-0123abcd"},
  };
  for (const Case& c : cases) EXPECT_EQ(YarnMirrorName(c.resolved), c.name);
}

TEST(YarnLockTest, WithoutResolvedNameAndVersionMakeTheName) {
  EXPECT_EQ(Parsed(Entry("a@^1.0.0, a@^1.2.0", "") +
                   Entry("\"@s/b@^1.0.0\", \"@s/b@~1.2.0\"", "") +
                   Entry("\"alias@npm:@t/c@^1.0.0\"", "") +
                   Entry("\"local@file:./local\"", "") +
                   Entry("\"linked@link:../x\"", "")),
            "a-1.2.3.tgz\n@s-b-1.2.3.tgz\n@t-c-1.2.3.tgz\n");
}

TEST(YarnLockTest, AnAliasIsFiledUnderItsTarball) {
  EXPECT_EQ(
      Parsed(Entry("\"alias@npm:@t/c@^1.0.0\"",
                   "  resolved \"https://r.example/@t/c/-/c-1.2.3.tgz\"\n")),
      "@t-c-1.2.3.tgz\n");
}

TEST(YarnLockTest, TheStrongestIntegrityCountsAndTheHash) {
  const std::string resolved =
      "  resolved \"https://r.example/a/-/a-1.2.3.tgz#" + Hex(20, 'h') + "\"\n";
  EXPECT_EQ(Parsed(Entry("a@1", resolved)),
            "a-1.2.3.tgz sha1:" + Hex(20, 'h') + "\n");
  EXPECT_EQ(
      Parsed(Entry("a@1",
                   resolved + "  integrity sha512-" + Base64(64, 'x') + "\n")),
      "a-1.2.3.tgz sha512:" + Hex(64, 'x') + " sha1:" + Hex(20, 'h') + "\n");
  EXPECT_EQ(Parsed(Entry("a@1", "  integrity \"sha1-" + Base64(20, '1') +
                                    " sha512-" + Base64(64, '2') + " sha512-" +
                                    Base64(64, '3') + "?opt new-AAAA\"\n")),
            "a-1.2.3.tgz sha512:" + Hex(64, '2') + "|" + Hex(64, '3') + "\n");
  // What stands behind the # of git is a commit.
  EXPECT_EQ(Parsed(Entry("a@u/r", "  resolved \"git+ssh://g.example/u/r.git#" +
                                      Hex(20, 'c') + "\"\n")),
            "r.git-" + Hex(20, 'c') + "\n");
}

TEST(YarnLockTest, RefusesWhatItCannotCheckOrName) {
  const std::string resolved = "  resolved \"https://r.example/a/-/";
  struct Case {
    std::string text;
    std::string why;
  };
  const Case cases[] = {
      {Entry("a@1", "  integrity sha999-AAAA\n"),
       "yarn.lock:4: integrity sha999-AAAA: nothing in it can be checked"},
      {Entry("a@1", "  integrity sha512-AAAA\n"),
       "yarn.lock:4: integrity sha512-AAAA: nothing in it can be checked"},
      {"\n" + Entry("a@1", resolved + "..\"\n"), "yarn.lock:5: ..: .."},
      {Entry("a@1", "  resolved \"https://r.example/\"\n"),
       "yarn.lock:4: https://r.example/: empty component"},
      {Entry("\"@../../x@1\"", ""), ""},
      {Entry("a@1", "  resolved \"git+https://g.example/r.git#../../x\"\n"),
       "yarn.lock:4: r.git-../../x: .."},
      {Entry("a@1", "  resolved \"git+https://g.example/r.git#x/y\"\n"),
       "yarn.lock:4: r.git-x/y: a file name is expected"},
      {"a@1:\n  resolved \"x\"\n", "yarn.lock:4: a@1: no version"},
      {"<<<<<<< HEAD\n", "yarn.lock:4: not of a yarn.lock"},
      {"__metadata:\n  version: 6\n",
       "yarn.lock:4: of Yarn 2 or later, whose checksums are of no tarball"},
  };
  for (const Case& c : cases) {
    if (c.why.empty()) {
      EXPECT_EQ(Parsed(c.text).find('/'), std::string::npos);
      continue;
    }
    EXPECT_EQ(Parsed(c.text), c.why);
  }
}

TEST(YarnLockTest, KnowsItselfByItsHead) {
  EXPECT_TRUE(LooksLikeYarnLock("# AUTOGENERATED\n# yarn lockfile v1\n"));
  EXPECT_TRUE(LooksLikeYarnLock("# yarn lockfile v1\r\n\r\na@1:\r\n"));
  EXPECT_TRUE(LooksLikeYarnLock("# made by Yarn\n\n__metadata:\n"));
  EXPECT_FALSE(LooksLikeYarnLock("a@1:\n  version \"1\"\n"));
  EXPECT_FALSE(LooksLikeYarnLock(". type=dir\n# yarn lockfile v1\n"));
  EXPECT_EQ(Parsed("a@1:\r\n  version \"1.0.0\"\r\n"), "a-1.0.0.tgz\n");
}

}  // namespace
}  // namespace materialize
