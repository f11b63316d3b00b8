// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// What a whole manifest means: its kind, its order, twins and parents.

#include "materialize/verify/expectation.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace materialize {
namespace {

// "FORMAT: PATH PATH (PATH)", in parentheses what is implied.
std::string Read(const std::string& text) {
  const auto read = ReadExpectation(text, "m");
  if (!read.ok()) return std::string(read.status().message());
  std::string line = read->format + ":";
  size_t named = 0;
  for (const Expected& one : read->entries) {
    const std::string& path = one.said.entry.path;
    named += one.implied ? 0 : 1;
    absl::StrAppend(&line, one.implied ? " (" : " ", path.empty() ? "." : path,
                    one.implied ? ")" : "");
  }
  EXPECT_EQ(read->named, named);
  EXPECT_EQ(read->extras == Extras::kDiffer, read->format == "mtree");
  return line;
}

const std::string kDigest = std::string(40, '1') + "  ";

TEST(ExpectationTest, KnowsTheKindByItsContent) {
  EXPECT_EQ(Read("#mtree\na\n"), "mtree: a");
  EXPECT_EQ(Read("a size=3\n"), "mtree: a");
  EXPECT_EQ(Read(kDigest + "a type=file\n"), "digests: a type=file");
  EXPECT_EQ(Read("# yarn lockfile v1\n\n\na@1:\n  version \"2.0\"\n"),
            "yarn.lock: a-2.0.tgz");
  for (const std::string other : {"hello world\n", "",
                                  "\x7f"
                                  "ELF",
                                  "{}"}) {
    EXPECT_EQ(Read(other),
              "m: neither an mtree, nor a list of digests, nor a yarn.lock");
  }
  EXPECT_EQ(Read("#mtree\n"), "m: lists nothing");
  EXPECT_EQ(Read("# yarn lockfile v1\n"), "m: lists nothing");
}

TEST(ExpectationTest, EachDirectoryStandsBeforeWhatIsBelowIt) {
  EXPECT_EQ(Read("./b type=file\n./a-b type=file\n./a/x/y type=file\n"
                 "./a type=dir\n. type=dir\n./a/x/z type=file\n./c/d type=dir"),
            "mtree: . a (a/x) a/x/y a/x/z a-b b (c) c/d");
}

TEST(ExpectationTest, NothingBelowIgnoredIsExpected) {
  EXPECT_EQ(Read("./a type=dir ignore\n./a/b type=file\n./a/c/d type=file\n"
                 "./a-b type=file\n"),
            "mtree: a a-b");
  EXPECT_EQ(Read(". type=dir ignore\n./a/b type=file\n"), "mtree: .");
}

TEST(ExpectationTest, TwoLinesOfAnMtreeSayTheSame) {
  EXPECT_EQ(Read("./a type=file size=1\n./a type=file size=1\n"), "mtree: a");
  EXPECT_EQ(Read("./a type=file size=1\n./a type=file size=2\n"),
            "m:2: a: differs from m:1");
  EXPECT_EQ(Read("./a type=file nlink=1\n./a type=file\n"),
            "m:2: a: differs from m:1");
}

TEST(ExpectationTest, TwoLinesOfAListBothCount) {
  const std::string other = std::string(64, '2') + "  a\n";
  const auto read =
      ReadExpectation(kDigest + "a\n" + other + kDigest + "./a\n", "m");
  ASSERT_OK(read.status());
  ASSERT_EQ(read->entries.size(), 1u);
  EXPECT_EQ(read->entries[0].said.claims.digests.size(), 2u);
}

}  // namespace
}  // namespace materialize
