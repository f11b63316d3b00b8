// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Lists as sha256sum(1) prints them, line by line. The program itself is in
// real_manifests_test.cc.

#include "materialize/verify/digest_list.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "materialize/plan/vis.h"
#include "tests/testing/status_matchers.h"

namespace materialize {
namespace {

std::string Hex(size_t digits) { return std::string(digits, 'a'); }

// "NAME sha1:aaaa... " for each line, or what is wrong.
std::string Parsed(const std::string& text) {
  const auto entries = ParseDigestList(text, "m");
  if (!entries.ok()) return std::string(entries.status().message());
  std::string parsed;
  for (const MtreeEntry& one : *entries) {
    EXPECT_EQ(one.entry.kind, Kind::kFile);
    const DigestClaim& claim = one.claims.digests.at(0);
    EXPECT_EQ(claim.accepted.at(0), Hex(2 * DigestBytes(claim.algorithm)));
    absl::StrAppend(&parsed, VisEncode(one.entry.path), ":",
                    DigestName(claim.algorithm), " ");
  }
  return parsed;
}

TEST(DigestListTest, TheLengthTellsTheAlgorithm) {
  EXPECT_EQ(Parsed(absl::StrCat("# made by hand\n\n", Hex(32), "  a\n", Hex(40),
                                "  b\n", Hex(64), "  c\n", Hex(96), "  d\n",
                                Hex(128), "  e")),
            "a:md5 b:sha1 c:sha256 d:sha384 e:sha512 ");
}

TEST(DigestListTest, ReadsEveryFormOfALine) {
  struct Case {
    std::string line;
    std::string parsed;
  };
  const Case cases[] = {
      {Hex(40) + " *a/b", "a/b:sha1 "},
      {Hex(40) + "  ./a/b", "a/b:sha1 "},
      {Hex(40) + "  ././a", "a:sha1 "},
      {Hex(40) + "   a  b ", "\\040a\\040\\040b\\040:sha1 "},
      {Hex(40) + " **", "\\052:sha1 "},
      {"\\" + Hex(40) + "  a\\nb\\\\c\\r", "a\\012b\\134c\\015:sha1 "},
      {Hex(40) + "  a\\nb", "a\\134nb:sha1 "},
      {std::string(40, 'A') + "  a", "a:sha1 "},
      {"SHA1 (a) = " + Hex(40), "a:sha1 "},
      {"SHA512 (a) = b) = " + Hex(128), "a)\\040=\\040b:sha512 "},
      {"\\MD5 (a\\nb) = " + Hex(32), "a\\012b:md5 "},
  };
  for (const Case& c : cases) {
    EXPECT_TRUE(LooksLikeDigestList(c.line)) << c.line;
    EXPECT_EQ(Parsed(c.line + "\n"), c.parsed) << c.line;
  }
}

// Row G14, for lists.
TEST(DigestListTest, RefusesNamesThatLeaveTheTree) {
  EXPECT_EQ(Parsed(Hex(40) + "  ../a"), "m:1: ../a: ..");
  EXPECT_EQ(Parsed(Hex(40) + "  /a"), "m:1: /a: absolute");
  EXPECT_EQ(Parsed("SHA1 (x/../../a) = " + Hex(40)), "m:1: x/../../a: ..");
  EXPECT_EQ(Parsed(Hex(40) + "  a" + std::string(1, '\0') + "b"),
            "m:1: a" + std::string(1, '\0') + "b: NUL");
  EXPECT_EQ(Parsed("\\" + Hex(40) + "  a\\x"), "m:1: a\\x: an unknown escape");
  EXPECT_EQ(Parsed("\\" + Hex(40) + "  a\\"), "m:1: a\\: an unknown escape");
}

TEST(DigestListTest, RefusesOtherLines) {
  const std::string others[] = {
      Hex(40),
      Hex(40) + " a",
      Hex(40) + "  ",
      Hex(41) + "  a",
      std::string(40, 'g') + "  a",
      "SHA1 (a) = " + Hex(64),
      "SHA9 (a) = " + Hex(40),
      "SHA1 () = " + Hex(40),
      "a type=file",
  };
  for (const std::string& line : others) {
    EXPECT_FALSE(LooksLikeDigestList(line)) << line;
    EXPECT_EQ(Parsed(Hex(40) + "  a\n" + line), "m:2: no digest and name");
  }
  EXPECT_FALSE(LooksLikeDigestList("# nothing\n"));
}

}  // namespace
}  // namespace materialize
