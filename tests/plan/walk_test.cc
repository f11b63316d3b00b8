// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// What a walk lists, and what it asks the kernel for it.

#include "materialize/plan/walk.h"

#include <dirent.h>

#include <algorithm>
#include <cerrno>
#include <deque>
#include <filesystem>
#include <fstream>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/faulty_sys.h"
#include "tests/testing/scoped_mount.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"
#include "tests/testing/tree_text.h"

namespace materialize {
namespace {

using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// A filesystem that leaves d_type empty, as some do (readdir(3)).
class Untyped final : public SysWrapper {
 public:
  using SysWrapper::SysWrapper;
  int64_t ReadDirectory(int fd, char* buffer, size_t size) override {
    const int64_t bytes = SysWrapper::ReadDirectory(fd, buffer, size);
    for (int64_t at = 0; at < bytes;) {
      auto* record = reinterpret_cast<dirent64*>(buffer + at);
      record->d_type = DT_UNKNOWN;
      at += record->d_reclen;
    }
    return bytes;
  }
};

struct Listed {
  std::vector<std::string> lines;  // sorted
  int64_t excluded = 0;
  size_t batches = 0;
  size_t longest_batch = 0;
  absl::Status status;
};

const char* KindText(const Entry& entry) {
  switch (entry.kind) {
    case Kind::kFile:
      return "file ";
    case Kind::kDirectory:
      return "dir ";
    case Kind::kSymlink:
      return "link ";
    case Kind::kSpecial:
      return "special ";
    case Kind::kUnknown:
      break;
  }
  return "unknown ";
}

std::string Line(const Directory& directory, const Entry& entry) {
  std::string line = KindText(entry) + JoinPath(directory.path(), entry.name);
  if (entry.follow) line += " followed";
  if (entry.is_private) line += " private";
  return line;
}

absl::Status ListOne(Sys& sys, Directory& directory, Listed* listed,
                     std::deque<std::unique_ptr<Directory>>* waiting) {
  Stat facts;
  if (absl::Status status = directory.Open(sys, &facts); !status.ok())
    return status;
  while (true) {
    Batch batch;
    const absl::StatusOr<bool> more = directory.Next(sys, &batch);
    if (!more.ok()) return more.status();
    if (!*more) break;
    ++listed->batches;
    listed->longest_batch =
        std::max(listed->longest_batch, batch.entries.size());
    for (const Entry& entry : batch.entries) {
      listed->lines.push_back(Line(directory, entry));
      EXPECT_EQ(entry.child != nullptr, entry.kind == Kind::kDirectory);
    }
    for (auto& child : batch.children) waiting->push_back(std::move(child));
  }
  listed->excluded += directory.counts().excluded;
  return absl::OkStatus();
}

// Everything, breadth first, until something goes wrong.
Listed List(Sys& sys, const std::string& root, WalkOptions options = {},
            const std::string& prefix = "") {
  Walk walk(
      Fd(sys, sys.OpenAt(AT_FDCWD, root.c_str(), O_RDONLY | O_DIRECTORY, 0)),
      root, std::move(options), prefix);
  Listed listed;
  std::deque<std::unique_ptr<Directory>> waiting;
  waiting.push_back(walk.Root());
  while (!waiting.empty() && listed.status.ok()) {
    const std::unique_ptr<Directory> next = std::move(waiting.front());
    waiting.pop_front();
    listed.status = ListOne(sys, *next, &listed, &waiting);
  }
  std::sort(listed.lines.begin(), listed.lines.end());
  return listed;
}

Selection Excluding(const std::vector<std::string>& patterns) {
  return Selection::Parse({}, patterns).value();
}

TEST(WalkTest, ListsEveryKindWithoutAStatOfAnyFile) {
  const TempDir dir;
  ASSERT_OK(ArrangeTree(dir, R"(
    a "a"
    d/b "b"
    d/none/ 0700
    fifo |
    link -> gone
  )"));
  FaultySys sys(RealSys());
  const Listed listed = List(sys, dir);
  ASSERT_OK(listed.status);
  EXPECT_THAT(listed.lines,
              ElementsAre("dir d", "dir d/none", "file a", "file d/b",
                          "link link", "special fifo"));
  EXPECT_EQ(sys.Calls("StatAt"), 3);  // one for each directory
}

TEST(WalkTest, WithoutTypesItAsksOncePerEntry) {
  const TempDir dir;
  ASSERT_OK(
      ArrangeTree(dir, "a \"a\"\nd/b \"b\"\nfifo |\nlink -> a\nto-d -> d"));
  for (const Symlinks symlinks : {Symlinks::kKeep, Symlinks::kFollow}) {
    Untyped untyped(RealSys());
    FaultySys sys(untyped);
    const Listed blind = List(sys, dir, {.symlinks = symlinks});
    ASSERT_OK(blind.status);
    EXPECT_EQ(blind.lines, List(RealSys(), dir, {.symlinks = symlinks}).lines);
    if (symlinks == Symlinks::kKeep) {
      EXPECT_EQ(sys.Calls("StatAt"), 2 + 6);
    }
  }
}

TEST(WalkTest, WithoutTypesAPatternForDirectoriesStillHolds) {
  const TempDir dir;
  ASSERT_OK(ArrangeTree(dir, "a/b \"b\"\nc \"c\"\nx/a \"a\""));
  Untyped sys(RealSys());
  const Listed listed = List(sys, dir, {.selection = Excluding({"a/"})});
  EXPECT_THAT(listed.lines, ElementsAre("dir x", "file c", "file x/a"));
  EXPECT_EQ(listed.excluded, 1);
}

TEST(WalkTest, ExcludesPruneWithoutACallBelow) {
  const TempDir dir;
  ASSERT_OK(ArrangeTree(dir, "a/skip/b/c \"c\"\nskip/x \"x\"\ny \"y\""));
  for (const bool typed : {true, false}) {
    Untyped untyped(RealSys());
    FaultySys sys(typed ? RealSys() : untyped);
    sys.StartLog();
    const Listed listed = List(sys, dir, {.selection = Excluding({"skip"})});
    EXPECT_THAT(listed.lines, ElementsAre("dir a", "file y"));
    EXPECT_EQ(listed.excluded, 2);
    EXPECT_THAT(sys.Log(), Each(Not(HasSubstr("skip"))));
  }
}

TEST(WalkTest, ADanglingLinkThatIsExcludedIsNotFollowed) {
  const TempDir dir;
  ASSERT_OK(ArrangeTree(dir, "gone -> nowhere\na \"a\""));
  WalkOptions options = {.selection = Excluding({"gone"}),
                         .symlinks = Symlinks::kFollow};
  const Listed listed = List(RealSys(), dir, options);
  ASSERT_OK(listed.status);
  EXPECT_THAT(listed.lines, ElementsAre("file a"));
  options.selection = Selection();
  EXPECT_THAT(std::string(List(RealSys(), dir, options).status.message()),
              AllOf(HasSubstr("follow " + (dir / "gone")),
                    HasSubstr("--symlinks=keep")));
}

TEST(WalkTest, AHugeDirectoryComesInBatches) {
  const TempDir dir;
  std::set<std::string> names;
  constexpr int kFiles = 9000;
  for (int i = 0; i < kFiles; ++i) {
    const std::string name = "a-name-of-middling-length-" + std::to_string(i);
    std::ofstream(dir / name).flush();
    names.insert("file " + name);
  }
  const Listed listed = List(RealSys(), dir);
  EXPECT_EQ(std::set(listed.lines.begin(), listed.lines.end()), names);
  EXPECT_EQ(listed.lines.size(), names.size());
  EXPECT_GE(listed.batches, 4u);
  EXPECT_LT(listed.longest_batch, 3000u);
}

TEST(WalkTest, ABatchThatIsKeptIsNotOverwritten) {
  const TempDir dir;
  for (int i = 0; i < 9000; ++i) std::ofstream(dir / std::to_string(i)).flush();
  Walk walk(Fd(RealSys(), RealSys().OpenAt(AT_FDCWD, dir.path().c_str(),
                                           O_RDONLY | O_DIRECTORY, 0)),
            dir, {});
  const std::unique_ptr<Directory> root = walk.Root();
  Stat facts;
  ASSERT_OK(root->Open(RealSys(), &facts));
  std::vector<Batch> kept;
  Batch batch;
  while (root->Next(RealSys(), &batch).value()) {
    kept.push_back(std::move(batch));
    batch = Batch();
    batch.block = kept.back().block;  // as a worker that shares it would
  }
  std::set<std::string> names;
  for (const Batch& one : kept) {
    for (const Entry& entry : one.entries) names.insert(entry.name);
  }
  EXPECT_EQ(names.size(), 9000u);
}

TEST(WalkTest, OneFilesystemListsNothingOfABindMount) {
  if (!CanMount()) GTEST_SKIP() << "not root";
  const TempDir dir;
  ASSERT_OK(ArrangeTree(dir / "other", "deep/x \"x\""));
  ASSERT_OK(ArrangeTree(dir / "from", "a \"a\"\nsub/bound/ 0755"));
  const ScopedMount bound =
      ScopedMount::Bind(dir / "other", dir / "from/sub/bound");
  EXPECT_THAT(
      List(RealSys(), dir / "from", {.span = Span::kOneFilesystem}).lines,
      ElementsAre("dir sub", "dir sub/bound", "file a"));
  EXPECT_THAT(List(RealSys(), dir / "from").lines,
              ElementsAre("dir sub", "dir sub/bound", "dir sub/bound/deep",
                          "file a", "file sub/bound/deep/x"));
}

TEST(WalkTest, LeavesOutByIdentityNotByName) {
  const TempDir dir;
  ASSERT_OK(ArrangeTree(dir, "out/x \"x\"\nsub/out/y \"y\"\nlink -> out"));
  const auto left_out = std::make_shared<std::vector<Identity>>();
  Stat facts;
  ASSERT_EQ(RealSys().StatAt(AT_FDCWD, (dir / "out").c_str(), 0, &facts), 0);
  left_out->push_back(IdentityOf(facts));
  EXPECT_THAT(
      List(RealSys(), dir, {.left_out = left_out}).lines,
      ElementsAre("dir sub", "dir sub/out", "file sub/out/y", "link link"));
  // By whatever name it is reached.
  EXPECT_THAT(List(RealSys(), dir,
                   {.symlinks = Symlinks::kFollow, .left_out = left_out})
                  .lines,
              ElementsAre("dir sub", "dir sub/out", "file sub/out/y"));
}

TEST(WalkTest, LeavesOutPathsBelowItsRootWithoutACallBelow) {
  const TempDir dir;
  ASSERT_OK(ArrangeTree(dir, "a/b \"b\"\na/x/y \"y\"\nb \"b\"\nx -> gone"));
  FaultySys sys(RealSys());
  const Listed listed =
      List(sys, dir,
           {.symlinks = Symlinks::kFollow, .left_out_paths = {"a/x", "b", "x"}},
           "prefix");
  ASSERT_OK(listed.status);
  EXPECT_THAT(listed.lines, ElementsAre("dir prefix/a", "file prefix/a/b"));
  EXPECT_EQ(listed.excluded, 3);
  EXPECT_EQ(sys.Calls("StatAt"), 2);  // one for each directory
}

TEST(WalkTest, LinksThatAreKnownToLeadToFilesAreNotLookedAt) {
  const TempDir dir;
  ASSERT_OK(ArrangeTree(dir, "a \"a\"\nd/link -> ../a\nlink -> a"));
  FaultySys sys(RealSys());
  const Listed listed =
      List(sys, dir, {.symlinks = Symlinks::kFollow, .links = Links::kToFiles});
  ASSERT_OK(listed.status);
  EXPECT_THAT(listed.lines,
              ElementsAre("dir d", "file a", "file d/link followed",
                          "file link followed"));
  EXPECT_EQ(sys.Calls("StatAt"), 2);  // one for each directory
}

TEST(WalkTest, FollowsLinksToFilesAndDirectories) {
  const TempDir dir;
  ASSERT_OK(ArrangeTree(dir / "outside", "o \"o\""));
  ASSERT_OK(ArrangeTree(dir / "from", "a \"a\"\nfile -> a\nout -> ../outside"));
  EXPECT_THAT(
      List(RealSys(), dir / "from", {.symlinks = Symlinks::kFollow}).lines,
      ElementsAre("dir out followed", "file a", "file file followed",
                  "file out/o"));
}

TEST(WalkTest, ACircleIsAnErrorThatNamesIt) {
  const TempDir dir;
  ASSERT_OK(ArrangeTree(dir, "d/e/up -> ../.."));
  const Listed listed = List(RealSys(), dir, {.symlinks = Symlinks::kFollow});
  EXPECT_THAT(
      std::string(listed.status.message()),
      AllOf(HasSubstr("follow " + (dir / "d/e/up")), HasSubstr("leads back")));
}

TEST(WalkTest, PrivatePatternsMarkEntriesAndAllBelow) {
  const TempDir dir;
  ASSERT_OK(
      ArrangeTree(dir, "a.cfg \"\"\nd/b.cfg \"\"\nd/x \"\"\nmine/z \"\""));
  WalkOptions options;
  options.privates = GlobList::Parse({"*.cfg", "mine"}).value();
  EXPECT_THAT(
      List(RealSys(), dir, options).lines,
      ElementsAre("dir d", "dir mine private", "file a.cfg private",
                  "file d/b.cfg private", "file d/x", "file mine/z private"));
}

TEST(WalkTest, PatternsAreForPathsInTheDestination) {
  const TempDir dir;
  ASSERT_OK(ArrangeTree(dir, "a \"a\"\nd/a \"a\""));
  const Listed listed =
      List(RealSys(), dir, {.selection = Excluding({"/pre/fix/a"})}, "pre/fix");
  EXPECT_THAT(listed.lines, ElementsAre("dir pre/fix/d", "file pre/fix/d/a"));
}

// Between the listing that says directory and the open that lists it.
TEST(WalkTest, ADirectorySwappedForALinkIsNotFollowed) {
  const TempDir dir;
  ASSERT_OK(ArrangeTree(dir / "outside", "secret \"s\""));
  ASSERT_OK(ArrangeTree(dir / "from", "d/e/x \"x\""));
  for (const char* swapped : {"from/d", "from/d/e"}) {
    for (const bool new_kernel : {true, false}) {
      FaultySys sys(RealSys());
      const std::string path = dir / swapped;
      if (!new_kernel) sys.Fail("OpenBeneath", ENOSYS);
      sys.Before("OpenBeneath",
                 [&] {
                   std::filesystem::rename(path, dir / "aside");
                   std::filesystem::create_directory_symlink(dir / "outside",
                                                             path);
                 },
                 {.count = 1, .path = path});
      const Listed listed = List(sys, dir / "from");
      EXPECT_THAT(listed.lines, Each(Not(HasSubstr("secret"))));
      EXPECT_THAT(std::string(listed.status.message()),
                  AllOf(HasSubstr("open " + path),
                        AnyOf(HasSubstr(strerror(ELOOP)),
                              HasSubstr(strerror(ENOTDIR)))));
      std::filesystem::remove(path);
      std::filesystem::rename(dir / "aside", path);
    }
  }
}

}  // namespace
}  // namespace materialize
