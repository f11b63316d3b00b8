// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// What a manifest makes of itself: batches, directory by directory.

#include "materialize/plan/manifest_source.h"

#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "materialize/os/fd.h"
#include "materialize/plan/mtree.h"
#include "materialize/plan/walk.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"
#include "tests/testing/tree_text.h"

namespace materialize {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

absl::StatusOr<std::unique_ptr<Source>> OpenWalk(Sys& sys,
                                                 const ManifestEntry& entry) {
  Fd fd(sys,
        sys.OpenAt(AT_FDCWD, entry.content.c_str(), O_RDONLY | O_DIRECTORY, 0));
  EXPECT_TRUE(fd.ok());
  return std::make_unique<Walk>(std::move(fd), entry.content, WalkOptions(),
                                entry.path);
}

absl::StatusOr<std::unique_ptr<Source>> Make(absl::string_view text,
                                             ManifestOptions options = {}) {
  absl::StatusOr<std::vector<ManifestEntry>> entries = ParseManifest(text, "m");
  if (!entries.ok()) return entries.status();
  if (!options.open_directory) options.open_directory = OpenWalk;
  return MakeManifestSource(RealSys(), *std::move(entries), std::move(options));
}

std::string Line(const Directory& directory, const Entry& entry) {
  std::string line = JoinPath(directory.path(), entry.name);
  if (entry.child != nullptr) line += "/";
  if (entry.source != nullptr) {
    absl::StrAppend(&line, " <- ", directory.SourcePath(entry.source));
  }
  if (entry.target != nullptr) absl::StrAppend(&line, " -> ", entry.target);
  if (entry.is_private) line += " private";
  return line;
}

struct Listed {
  std::vector<std::string> lines;
  std::vector<mode_t> modes;  // of directories, the root first
  int64_t excluded = 0;
  size_t longest_batch = 0;
};

// Everything, breadth first.
Listed List(Source& source) {
  Sys& sys = RealSys();
  Listed listed;
  std::deque<std::unique_ptr<Directory>> directories;
  directories.push_back(source.Root());
  while (!directories.empty()) {
    const std::unique_ptr<Directory> directory = std::move(directories.front());
    directories.pop_front();
    Stat facts;
    EXPECT_OK(directory->Open(sys, &facts));
    listed.modes.push_back(facts.permissions());
    Batch batch;
    while (true) {
      const absl::StatusOr<bool> more = directory->Next(sys, &batch);
      EXPECT_OK(more);
      if (!more.ok() || !*more) break;
      for (const Entry& entry : batch.entries) {
        listed.lines.push_back(Line(*directory, entry));
      }
      listed.longest_batch =
          std::max(listed.longest_batch, batch.entries.size());
      for (auto& child : batch.children) {
        directories.push_back(std::move(child));
      }
    }
    listed.excluded += directory->counts().excluded;
  }
  return listed;
}

TEST(ManifestSourceTest, ListsEveryDirectoryWithItsOwnEntries) {
  const TempDir dir;
  ASSERT_OK(ArrangeTree(dir, "file \"x\"\n"));
  const std::string text = absl::StrCat(
      "./bin/deep/tool type=file mode=0755 content=", dir / "file",
      "\n./bin type=dir mode=0700\n./bin/link type=link link=deep/tool\n"
      "./empty type=file size=0\n");
  ASSERT_OK_AND_ASSIGN(const std::unique_ptr<Source> source, Make(text));
  const Listed listed = List(*source);
  EXPECT_THAT(listed.lines,
              ElementsAre("bin/", "empty", "bin/deep/", "bin/link -> deep/tool",
                          absl::StrCat("bin/deep/tool <- ", dir / "file")));
  EXPECT_THAT(listed.modes, ElementsAre(0755, 0700, 0755));
}

TEST(ManifestSourceTest, LaysOutWholeDirectories) {
  const TempDir dir;
  ASSERT_OK(ArrangeTree(dir, "sub/ 0711\nsub/x/y \"x\"\nsub/z \"z\"\n"));
  const std::string text =
      absl::StrCat("./a/b type=dir content=", dir / "sub",
                   "\n./c type=dir mode=0500 content=", dir / "sub/x", "\n");
  ASSERT_OK_AND_ASSIGN(std::unique_ptr<Source> source, Make(text));
  const Listed listed = List(*source);
  EXPECT_THAT(listed.lines, ::testing::UnorderedElementsAre(
                                "a/", absl::StrCat("c/ <- ", dir / "sub/x"),
                                absl::StrCat("a/b/ <- ", dir / "sub"),
                                absl::StrCat("a/b/x/ <- ", dir / "sub/x"),
                                absl::StrCat("a/b/z <- ", dir / "sub/z"),
                                absl::StrCat("a/b/x/y <- ", dir / "sub/x/y"),
                                absl::StrCat("c/y <- ", dir / "sub/x/y")));
  EXPECT_THAT(listed.modes, ElementsAre(0755, 0755, 0500, 0711, 0755));
}

// Every entry of the directory, in the form of List().
std::vector<std::string> ListOne(Directory& directory) {
  std::vector<std::string> lines;
  Stat facts;
  EXPECT_OK(directory.Open(RealSys(), &facts));
  Batch batch;
  for (absl::StatusOr<bool> more = true; *more;) {
    more = directory.Next(RealSys(), &batch);
    EXPECT_OK(more);
    if (!more.ok()) break;
    for (const Entry& entry : batch.entries) {
      lines.push_back(Line(directory, entry));
    }
  }
  return lines;
}

// Row P1: what is compared first and laid out then is listed twice.
TEST(ManifestSourceTest, AUnitIsListedAsOftenAsAsked) {
  const TempDir dir;
  ASSERT_OK(ArrangeTree(dir, "p/x \"x\"\np/q/y \"y\"\n"));
  ASSERT_OK_AND_ASSIGN(
      std::unique_ptr<Source> source,
      Make(absl::StrCat("./n type=dir content=", dir / "p", " tags=unit\n",
                        "./o type=dir content=", dir / "p", "\n")));
  const std::unique_ptr<Directory> root = source->Root();
  Stat facts;
  ASSERT_OK(root->Open(RealSys(), &facts));
  Batch batch;
  ASSERT_OK(root->Next(RealSys(), &batch));
  ASSERT_EQ(batch.entries.size(), 2u);
  EXPECT_TRUE(batch.entries[0].unit);
  EXPECT_FALSE(batch.entries[1].unit);
  const Directory& first = *batch.entries[0].child;
  const std::unique_ptr<Directory> second = first.Again();
  ASSERT_NE(second, nullptr);
  EXPECT_EQ(second->path(), "n");
  const std::vector<std::string> lines = ListOne(*batch.entries[0].child);
  EXPECT_EQ(lines.size(), 2u);
  EXPECT_EQ(ListOne(*second), lines);
  // After it was listed, too, and when nothing else is there any more.
  const std::unique_ptr<Directory> third = first.Again();
  batch.Clear();
  source.reset();
  EXPECT_EQ(ListOne(*third), lines);
  EXPECT_EQ(root->Again(), nullptr);
}

TEST(ManifestSourceTest, TheRootMayBeAWholeDirectory) {
  const TempDir dir;
  ASSERT_OK(ArrangeTree(dir, "./ 0711\nx \"x\"\n"));
  ASSERT_OK_AND_ASSIGN(const std::unique_ptr<Source> source,
                       Make(absl::StrCat(". type=dir content=", dir.path())));
  const Listed listed = List(*source);
  EXPECT_THAT(listed.lines, ElementsAre(absl::StrCat("x <- ", dir / "x")));
  EXPECT_THAT(listed.modes, ElementsAre(0711));
}

TEST(ManifestSourceTest, HoldsNoDescriptorOfADirectoryThatIsDone) {
  const TempDir dir;
  std::string text;
  for (int i = 0; i < 3000; ++i) {
    absl::StrAppend(&text, "./", i, " type=dir content=", dir.path(), "\n");
  }
  ASSERT_OK_AND_ASSIGN(const std::unique_ptr<Source> source, Make(text));
  EXPECT_EQ(List(*source).lines.size(), 3000u);
}

TEST(ManifestSourceTest, SplitsHugeDirectories) {
  std::string text = "/set type=file size=0\n";
  for (int i = 0; i < 5000; ++i) absl::StrAppend(&text, "./d/", i, "\n");
  ASSERT_OK_AND_ASSIGN(const std::unique_ptr<Source> source, Make(text));
  const Listed listed = List(*source);
  EXPECT_EQ(listed.lines.size(), 5001u);
  EXPECT_LE(listed.longest_batch, 1024u);
}

TEST(ManifestSourceTest, SelectsAndMarks) {
  ManifestOptions options;
  ASSERT_OK_AND_ASSIGN(options.selection,
                       Selection::Parse({}, {"*.o", "out/"}));
  ASSERT_OK_AND_ASSIGN(options.privates, GlobList::Parse({"etc/"}));
  ASSERT_OK_AND_ASSIGN(const std::unique_ptr<Source> source,
                       Make("/set type=file size=0\n./a.o\n./b\n./out/x\n"
                            "./out/y\n./etc/passwd\n",
                            std::move(options)));
  const Listed listed = List(*source);
  EXPECT_THAT(listed.lines,
              ElementsAre("b", "etc/ private", "etc/passwd private"));
  EXPECT_EQ(listed.excluded, 2);
}

// Row R13.
TEST(ManifestSourceTest, AnEntryCanBePrivateByItself) {
  const std::vector<ManifestEntry> entries = {
      {.path = "", .kind = Kind::kDirectory},
      {.path = "a", .kind = Kind::kFile, .content = "/etc/passwd"},
      {.path = "b",
       .kind = Kind::kFile,
       .content = "/etc/passwd",
       .is_private = true},
  };
  ASSERT_OK_AND_ASSIGN(const std::unique_ptr<Source> source,
                       MakeManifestSource(RealSys(), entries, {}));
  EXPECT_THAT(List(*source).lines,
              ElementsAre("a <- /etc/passwd", "b <- /etc/passwd private"));
}

TEST(ManifestSourceTest, AMissingContentIsAnErrorBeforeAnythingElse) {
  EXPECT_THAT(Make("./a/b type=file content=/none/x"),
              StatusIs(absl::StatusCode::kNotFound,
                       "m:1: a/b: stat /none/x: No such file or directory"));
}

TEST(ManifestSourceTest, WholeDirectoriesNeedSomebodyToListThem) {
  EXPECT_THAT(
      MakeManifestSource(
          RealSys(), {{.path = "d", .kind = Kind::kDirectory, .content = "/"}},
          {}),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("d:")));
}

}  // namespace
}  // namespace materialize
