// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// What is refused of a manifest before anything is written.

#include "materialize/plan/manifest_check.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "materialize/plan/entry_path.h"
#include "materialize/plan/mtree.h"
#include "tests/testing/faulty_sys.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"
#include "tests/testing/tree_text.h"

namespace materialize {
namespace {

using ::testing::HasSubstr;

std::vector<ManifestEntry> Entries(absl::string_view text) {
  absl::StatusOr<std::vector<ManifestEntry>> entries = ParseManifest(text, "m");
  EXPECT_TRUE(entries.ok()) << entries.status();
  return entries.ok() ? *std::move(entries) : std::vector<ManifestEntry>();
}

// The paths in order, or the text of the error.
std::string Checked(absl::string_view text) {
  const auto checked = CheckManifest(Entries(text));
  if (!checked.ok()) {
    EXPECT_EQ(checked.status().code(), absl::StatusCode::kInvalidArgument);
    return std::string(checked.status().message());
  }
  return absl::StrJoin(*checked, " ",
                       [](std::string* out, const ManifestEntry& e) {
                         absl::StrAppend(out, e.path.empty() ? "." : e.path);
                       });
}

TEST(CheckManifestTest, OrdersAndAddsTheParentsThatNobodyNamed) {
  EXPECT_EQ(Checked("./a.b type=file size=0\n"
                    "./x/y/z type=file size=0\n"
                    "./a/c type=file size=0\n"
                    "./a type=dir\n"
                    "./x/y2 type=link link=t\n"),
            ". a a/c a.b x x/y x/y/z x/y2");
  EXPECT_EQ(Checked(""), ".");
}

// Row R15.
TEST(CheckManifestTest, RefusesTwoInputsForOnePath) {
  EXPECT_EQ(Checked("./a/b type=file content=x\nc type=dir\n"
                    "a/b type=file content=x"),
            "m:3: a/b: the same path as m:1: a/b");
  EXPECT_EQ(Checked("a/b type=dir\na/b type=link link=x"),
            "m:2: a/b: the same path as m:1: a/b");
  EXPECT_EQ(Checked("a/ type=dir mode=0755\n./a type=dir mode=0700"),
            "m:2: a: the same path as m:1: a");
  EXPECT_EQ(Checked("./a type=dir mode=0755\n./a type=dir mode=0755"), ". a");
}

// Row H16.
TEST(FoldEqualFilesTest, OfEqualFilesForOnePathTheFirstStays) {
  const TempDir dir;
  ASSERT_OK(ArrangeTree(dir, "1 \"same\"\n2 \"same\"\n3 \"SAME\"\nfifo |"));
  const std::string file = " type=file content=" + dir.path() + "/";
  const auto folded = [&](const std::string& text) {
    std::vector<ManifestEntry> entries = Entries(text);
    FoldEqualFiles(RealSys(), &entries);
    std::string left;
    for (const ManifestEntry& entry : entries)
      left += entry.path + entry.content.substr(dir.path().size());
    return left;
  };
  EXPECT_EQ(folded("a" + file + "1\nb" + file + "1\na" + file + "2\na" + file +
                   "1\nc" + file + "3"),
            "a/1b/1c/3");
  EXPECT_EQ(folded("a" + file + "1\na" + file + "3"), "a/1a/3");
  EXPECT_EQ(folded("a" + file + "1 mode=0600\na" + file + "2"), "a/1a/2");
  EXPECT_EQ(folded("a" + file + "fifo\na" + file + "fifo"), "a/fifoa/fifo");
  EXPECT_EQ(folded("a" + file + "gone\na" + file + "gone"), "a/gonea/gone");
}

// Row G14.
TEST(CheckManifestTest, RefusesEntriesThatPassThroughALinkOrAFile) {
  EXPECT_EQ(Checked("./a/b/c type=file size=0\n./a type=link link=/etc"),
            "m:1: a/b/c: passes through the link m:2: a");
  EXPECT_EQ(Checked("./a type=file size=0\n./a/b type=dir"),
            "m:2: a/b: below the file m:1: a");
  // A name that only begins alike is another one.
  EXPECT_EQ(Checked("./a type=link link=x\n./a.b/c type=file size=0"),
            ". a a.b a.b/c");
}

TEST(CheckManifestTest, RefusesEntriesInsideADirectoryLaidOutAsAWhole) {
  EXPECT_EQ(Checked("./d type=dir content=/tree\n./d/e/f type=file size=0"),
            "m:2: d/e/f: inside a directory laid out as a whole by m:1: d");
  EXPECT_EQ(Checked(". type=dir content=/tree\n./d type=dir"),
            "m:2: d: inside a directory laid out as a whole by m:1: .");
}

// Row P1.
TEST(CheckManifestTest, AUnitIsADirectoryLaidOutAsAWholeBelowTheRoot) {
  EXPECT_EQ(Checked("./a/b type=dir content=/tree tags=unit\n"
                    "./a/b.c type=dir content=/tree tags=unit\n"
                    "./a/b type=dir content=/tree tags=unit"),
            ". a a/b a/b.c");
  const std::string only = "only a directory with content= can be a unit";
  EXPECT_EQ(Checked("\n./a type=dir tags=unit"),
            absl::StrCat("m:2: a: ", only));
  EXPECT_EQ(Checked("./a type=file content=x tags=unit"),
            absl::StrCat("m:1: a: ", only));
  EXPECT_EQ(Checked("./a type=link link=x tags=unit"),
            absl::StrCat("m:1: a: ", only));
  EXPECT_EQ(Checked(". type=dir content=/tree tags=unit"),
            "m:1: .: the root cannot be a unit");
  EXPECT_EQ(Checked("./d type=dir content=/tree tags=unit\n"
                    "./d/e type=dir content=/tree tags=unit"),
            "m:2: d/e: inside a directory laid out as a whole by m:1: d");
  EXPECT_EQ(Checked("./d type=dir content=/tree tags=unit\n"
                    "./d type=dir content=/tree"),
            "m:2: d: the same path as m:1: d");
}

TEST(CheckManifestTest, ChecksEntriesThatNoParserHasSeen) {
  const auto why = [](ManifestEntry entry) {
    return std::string(CheckManifest({std::move(entry)}).status().message());
  };
  EXPECT_EQ(why({.path = "../x", .kind = Kind::kFile}), "../x: ..");
  EXPECT_EQ(why({.path = "/x", .kind = Kind::kFile}), "/x: absolute");
  EXPECT_EQ(why({.path = "x", .kind = Kind::kSymlink}),
            "x: a link without a target");
  EXPECT_EQ(why({.path = "x", .kind = Kind::kSpecial}),
            "x: neither file, directory nor link");
  EXPECT_EQ(why({.path = ".", .kind = Kind::kFile}),
            ".: the root is a directory");
  EXPECT_EQ(why({.path = ".", .kind = Kind::kDirectory}), "");
  EXPECT_EQ(why({.path = "x", .kind = Kind::kDirectory, .unit = true}),
            "x: only a directory with content= can be a unit");
}

TEST(CheckContentsTest, NamesOriginAndPathOfWhatIsMissing) {
  const TempDir dir;
  ASSERT_OK(ArrangeTree(dir, "file \"x\"\nsub/ 0755\npipe |\n"));
  FaultySys sys(RealSys());
  const auto why = [&](absl::string_view type, const std::string& content) {
    return std::string(
        CheckContents(sys, Entries(absl::StrCat("a type=", type,
                                                " content=", dir / content)))
            .message());
  };
  EXPECT_EQ(why("file", "file"), "");
  EXPECT_EQ(why("dir", "sub"), "");
  EXPECT_EQ(why("file", "none"), absl::StrCat("m:1: a: stat ", dir / "none",
                                              ": No such file or directory"));
  EXPECT_THAT(why("file", "sub"), HasSubstr("is no regular file"));
  EXPECT_THAT(why("file", "pipe"), HasSubstr("is no regular file"));
  EXPECT_THAT(why("dir", "file"), HasSubstr("is no directory"));
  EXPECT_EQ(sys.Calls("StatAt"), sys.AllCalls());
}

TEST(FindCaseTwinTest, FindsThemInDirectoriesToo) {
  const auto twin = [](absl::string_view text) {
    const std::vector<ManifestEntry> entries = Entries(text);
    const auto found = FindCaseTwin(entries);
    return found ? absl::StrCat(found->first->path, " ", found->second->path)
                 : "";
  };
  EXPECT_EQ(twin("a type=dir\n./a/b type=dir\n./B type=dir"), "");
  EXPECT_EQ(twin("./a/b type=dir\n./a/B type=dir"), "a/b a/B");
  EXPECT_EQ(twin("./Lib/x type=dir\n./lib/y type=dir"), "Lib/x lib/y");
}

TEST(EntryPathTest, OrdersChildrenRightBehindTheirDirectory) {
  EXPECT_TRUE(EntryPathLess("", "a"));
  EXPECT_TRUE(EntryPathLess("a", "a/b"));
  EXPECT_TRUE(EntryPathLess("a/b", "a!"));
  EXPECT_TRUE(EntryPathLess("a/b", "a\x01"));
  EXPECT_TRUE(EntryPathLess("a~", "a\xff"));
  EXPECT_FALSE(EntryPathLess("a", "a"));
  EXPECT_TRUE(IsBelow("a/b", "a"));
  EXPECT_TRUE(IsBelow("a", ""));
  EXPECT_FALSE(IsBelow("a", "a"));
  EXPECT_FALSE(IsBelow("ab/c", "a"));
  EXPECT_FALSE(IsBelow("", ""));
}

}  // namespace
}  // namespace materialize
