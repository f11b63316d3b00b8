// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// What a data set client asks before it uploads a directory: which entries are
// links into its cache, which are files of their own.

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "materialize/inspect.h"
#include "nlohmann/json.hpp"
#include "tests/cli/run_command.h"
#include "tests/rows/files.h"
#include "tests/testing/faulty_sys.h"
#include "tests/testing/lab.h"
#include "tests/testing/scoped_mount.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"
#include "tests/testing/tree_text.h"

namespace materialize {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr CacheLinks kEveryChoice[] = {CacheLinks::kAuto, CacheLinks::kAlways,
                                       CacheLinks::kNever};

std::vector<std::string> Files(const InspectReport& report) {
  std::vector<std::string> lines;
  for (const InspectedFile& file : report.files)
    lines.push_back(file.path + " " + std::to_string(file.size));
  return lines;
}

// "symlink a -> one", with "/" after directories and "?" after what dangles.
std::vector<std::string> Links(const InspectReport& report) {
  std::vector<std::string> lines;
  for (const InspectedLink& link : report.links) {
    lines.push_back(std::string(MethodName(link.how)) + " " + link.path +
                    " -> " + link.entry + (link.is_directory ? "/" : "") +
                    (link.dangling ? "?" : ""));
  }
  return lines;
}

class GypsumStatusTest : public testing::Test {
 protected:
  void SetUp() override {
    REQUIRE_LAB("ext4");
    dir_.emplace(TempDir::In(Lab("ext4")));
    cache_ = dir() + "/cache";
    to_ = dir() + "/to";
    Arrange(cache_, "one \"1\"\nsub/two \"22\"\nsub/deep/three \"333\"");
    Arrange(to_, "own \"4444\"");
  }
  const std::string& dir() const { return *dir_; }
  static void Arrange(const std::string& root, const std::string& tree) {
    ASSERT_OK(ArrangeTree(root, tree));
  }
  void Symlink(const std::string& path, const std::string& target) const {
    std::filesystem::create_directories(
        std::filesystem::path(to_ + "/" + path).parent_path());
    std::filesystem::create_symlink(target, to_ + "/" + path);
  }
  void Hardlink(const std::string& path, const std::string& entry) const {
    std::filesystem::create_hard_link(cache_ + "/" + entry, to_ + "/" + path);
  }
  absl::StatusOr<InspectReport> Look(CacheLinks links = CacheLinks::kAuto) {
    return Inspect({.destination = to_, .cache = cache_, .links = links});
  }

  std::optional<TempDir> dir_;
  std::string cache_, to_;
};

// Row G6.
TEST_F(GypsumStatusTest, LinksIntoTheCacheAreLinksAndTheRestAreFiles) {
  Symlink("a", cache_ + "/one");
  Hardlink("b", "sub/two");
  Arrange(dir(), "elsewhere \"55555\"");
  for (const CacheLinks links : {CacheLinks::kAuto, CacheLinks::kAlways}) {
    ASSERT_OK_AND_ASSIGN(const InspectReport report, Look(links));
    EXPECT_THAT(Links(report),
                ElementsAre("symlink a -> one", "hardlink b -> sub/two"));
    EXPECT_THAT(Files(report), ElementsAre("own 4"));
  }
  Symlink("c", dir() + "/elsewhere");
  ASSERT_OK_AND_ASSIGN(const InspectReport report, Look());
  EXPECT_THAT(Files(report), ElementsAre("c 5", "own 4"));
  EXPECT_EQ(report.files[0].target, dir() + "/elsewhere");
  EXPECT_EQ(report.files[1].target, "");
}

// Row G6.
TEST_F(GypsumStatusTest, AlwaysRefusesOtherSymlinksByName) {
  Arrange(dir(), "elsewhere \"55555\"");
  Symlink("c", dir() + "/elsewhere");
  EXPECT_THAT(Look(CacheLinks::kAlways),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr(to_ + "/c -> " + dir() + "/elsewhere: ")));
  std::filesystem::remove(to_ + "/c");
  Symlink("d", dir());  // a directory is no exception
  EXPECT_THAT(Look(CacheLinks::kAlways),
              StatusIs(absl::StatusCode::kFailedPrecondition));
}

// Row G6.
TEST_F(GypsumStatusTest, NeverTakesEveryLinkAsTheFileItLeadsTo) {
  Symlink("a", cache_ + "/sub/deep/three");
  Hardlink("b", "sub/two");
  ASSERT_OK_AND_ASSIGN(const InspectReport report, Look(CacheLinks::kNever));
  EXPECT_THAT(Links(report), IsEmpty());
  EXPECT_THAT(Files(report), ElementsAre("a 3", "b 2", "own 4"));
}

// Row G6: the entry is what the link names, also when that is a link itself.
TEST_F(GypsumStatusTest, ALinkToALinkOfTheCacheIsThatEntry) {
  std::filesystem::create_symlink("sub/two", cache_ + "/alias");
  std::filesystem::create_symlink(cache_ + "/one", dir() + "/outside");
  Symlink("a", cache_ + "/alias");
  Symlink("b", dir() + "/outside");
  ASSERT_OK_AND_ASSIGN(const InspectReport report, Look());
  EXPECT_THAT(Links(report),
              ElementsAre("symlink a -> alias", "symlink b -> one"));
}

// Row G6: what merely begins like the cache is not in it, nor is what leaves
// it.
TEST_F(GypsumStatusTest, NeighboursOfTheCacheAreFiles) {
  Arrange(dir(), "cache2/one \"666666\"");
  Symlink("a", cache_ + "2/one");
  Symlink("b", cache_ + "/../cache2/one");
  ASSERT_OK_AND_ASSIGN(const InspectReport report, Look());
  EXPECT_THAT(Links(report), IsEmpty());
  EXPECT_THAT(Files(report), ElementsAre("a 6", "b 6", "own 4"));
}

// Row G6: of several names in the cache the same path counts first, then the
// first of all. The cache is not read where nothing can be its hardlink.
TEST_F(GypsumStatusTest, OneInodeWithManyNamesIsReportedPredictably) {
  std::filesystem::create_hard_link(cache_ + "/sub/two", cache_ + "/a0");
  std::filesystem::create_hard_link(cache_ + "/sub/two", cache_ + "/z");
  Hardlink("z", "sub/two");
  Hardlink("y", "sub/two");
  ASSERT_OK_AND_ASSIGN(const InspectReport report, Look());
  EXPECT_THAT(Links(report),
              ElementsAre("hardlink y -> a0", "hardlink z -> z"));
  std::filesystem::remove(to_ + "/y");
  std::filesystem::remove(to_ + "/z");
  FaultySys sys(RealSys());
  ASSERT_OK(Inspect({.destination = to_, .cache = cache_}, sys).status());
  EXPECT_EQ(sys.Calls("ReadDirectory"), 2);  // of the destination
}

// Row G7.
TEST_F(GypsumStatusTest, ADanglingLinkThatIsNotTheCachesIsAnErrorAlways) {
  Symlink("a", dir() + "/gone");
  for (const CacheLinks links : kEveryChoice) {
    const absl::Status status = Look(links).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_THAT(std::string(status.message()),
                HasSubstr("follow " + to_ + "/a -> " + dir() +
                          "/gone: " + strerror(ENOENT)));
  }
  std::filesystem::remove(to_ + "/a");
  Symlink("loop", "loop");
  for (const CacheLinks links : kEveryChoice) {
    EXPECT_THAT(std::string(Look(links).status().message()),
                HasSubstr(strerror(ELOOP)));
  }
}

// Row G8.
TEST_F(GypsumStatusTest, ADanglingLinkIntoTheCacheIsALinkButNotForNever) {
  Symlink("a", cache_ + "/gone");
  Symlink("b", cache_ + "/no/such/thing");
  Symlink("c", "../cache/nor/this");
  for (const CacheLinks links : {CacheLinks::kAuto, CacheLinks::kAlways}) {
    ASSERT_OK_AND_ASSIGN(const InspectReport report, Look(links));
    EXPECT_THAT(Links(report),
                ElementsAre("symlink a -> gone?", "symlink b -> no/such/thing?",
                            "symlink c -> nor/this?"));
    EXPECT_THAT(Files(report), ElementsAre("own 4"));
  }
  const absl::Status refused = Look(CacheLinks::kNever).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(refused.message()),
              AllOf(HasSubstr("follow " + to_ + "/a -> " + cache_ + "/gone"),
                    HasSubstr(strerror(ENOENT))));
}

// Row G8: also when the whole cache is gone.
TEST_F(GypsumStatusTest, ACacheThatIsGoneStillHasItsLinks) {
  Symlink("a", cache_ + "/one");
  std::filesystem::remove_all(cache_);
  ASSERT_OK_AND_ASSIGN(const InspectReport report, Look());
  EXPECT_THAT(Links(report), ElementsAre("symlink a -> one?"));
  ASSERT_EQ(report.warnings.size(), 1u);
  EXPECT_THAT(report.warnings[0].text, HasSubstr(cache_));
}

// Row G9.
TEST_F(GypsumStatusTest, SymlinkedDirectoriesAreReportedAndNotEntered) {
  Arrange(dir(), "elsewhere/file \"55555\"");
  Symlink("a", cache_ + "/sub");
  Symlink("b", dir() + "/elsewhere");
  Symlink("c", "..");  // it leads around in a circle
  ASSERT_OK_AND_ASSIGN(const InspectReport report, Look());
  EXPECT_THAT(Files(report), ElementsAre("own 4"));
  EXPECT_THAT(Links(report), ElementsAre("symlink a -> sub/"));
  ASSERT_EQ(report.linked_directories.size(), 3u);
  EXPECT_EQ(report.linked_directories[0].path, "a");
  EXPECT_EQ(report.linked_directories[0].entry, "sub");
  EXPECT_EQ(report.linked_directories[1].path, "b");
  EXPECT_EQ(report.linked_directories[1].target, dir() + "/elsewhere");
  EXPECT_EQ(report.linked_directories[1].entry, std::nullopt);
  EXPECT_EQ(report.linked_directories[2].target, "..");
  std::filesystem::remove(to_ + "/b");
  std::filesystem::remove(to_ + "/c");
  ASSERT_OK_AND_ASSIGN(const InspectReport never, Look(CacheLinks::kNever));
  EXPECT_THAT(Links(never), IsEmpty());
  ASSERT_EQ(never.linked_directories.size(), 1u);
}

// Row G10.
TEST_F(GypsumStatusTest, ARelativeLinkStartsFromItsOwnDirectory) {
  Arrange(to_, "cache/one \"not the cache\"");
  Symlink("a", "../cache/one");
  Symlink("x/y/b", "../../../cache/sub/two");
  Symlink("x/y/c", "../../cache/one");  // to/cache/one
  std::filesystem::create_directory_symlink(to_, dir() + "/deep-alias");
  for (const std::string& name : {to_, dir() + "/deep-alias"}) {
    ASSERT_OK_AND_ASSIGN(const InspectReport report,
                         Inspect({.destination = name, .cache = cache_}));
    EXPECT_THAT(Links(report),
                ElementsAre("symlink a -> one", "symlink x/y/b -> sub/two"));
    EXPECT_THAT(Files(report),
                ElementsAre("cache/one 13", "own 4", "x/y/c 13"));
  }
}

// Row G10, from another working directory.
TEST_F(GypsumStatusTest, TheWorkingDirectoryDoesNotMatter) {
  Symlink("x/a", "../../cache/one");
  const cli::Said said =
      cli::RunCommand({"status", "../to", "--cache=."}, {.directory = cache_});
  EXPECT_EQ(said.code, 0) << said.err;
  const auto json = nlohmann::json::parse(said.out);
  EXPECT_EQ(json["links"][0]["path"], "x/a");
  EXPECT_EQ(json["links"][0]["entry"], "one");
}

// Row G11.
TEST_F(GypsumStatusTest, TheCacheMayHaveManyNames) {
  std::filesystem::create_directory_symlink(cache_, dir() + "/alias");
  std::filesystem::create_directory_symlink(dir(), dir() + "/round");
  Symlink("a", cache_ + "/one");
  Symlink("b", dir() + "/alias/sub/two");
  Symlink("c", "../round/alias/./sub//deep/three");
  Symlink("d", dir() + "/alias/gone");
  Hardlink("e", "one");
  const std::string names[] = {
      "cache",
      "./cache/",
      "../" + dir().substr(dir().rfind('/') + 1) + "/cache",
      "to/../cache",
      "alias",
      "round/alias",
      dir() + "/cache/",
      dir() + "/to/../alias",
      cache_ + "/sub/..",
  };
  for (const std::string& name : names) {
    SCOPED_TRACE(name);
    const cli::Said said =
        cli::RunCommand({"status", "--cache=" + name, "--links=always", "to"},
                        {.directory = dir()});
    ASSERT_EQ(said.code, 0) << said.err;
    const auto json = nlohmann::json::parse(said.out);
    EXPECT_EQ(json["cache"], cache_);
    std::vector<std::string> entries;
    for (const auto& link : json["links"]) entries.push_back(link["entry"]);
    EXPECT_THAT(entries,
                ElementsAre("one", "sub/two", "sub/deep/three", "gone", "one"));
  }
}

// Row G11: one directory at two places is one cache.
TEST_F(GypsumStatusTest, ACacheThatIsMountedTwiceIsKnownByIdentity) {
  std::filesystem::create_directory(dir() + "/other");
  if (!CanMount()) GTEST_SKIP() << "this process may not mount";
  const ScopedMount mount = ScopedMount::Bind(cache_, dir() + "/other");
  Symlink("a", dir() + "/other/sub/two");
  Symlink("b", dir() + "/other/sub/gone");
  ASSERT_OK_AND_ASSIGN(const InspectReport report, Look(CacheLinks::kAlways));
  EXPECT_THAT(Links(report),
              ElementsAre("symlink a -> sub/two", "symlink b -> sub/gone?"));
}

// Row G11: a cache whose directories are links to where there was room.
TEST_F(GypsumStatusTest, ACacheMayKeepItsFilesElsewhere) {
  Arrange(dir(), "big/four \"4\"");
  std::filesystem::create_directory_symlink(dir() + "/big", cache_ + "/big");
  Symlink("a", cache_ + "/big/four");
  ASSERT_OK_AND_ASSIGN(const InspectReport report, Look(CacheLinks::kAlways));
  EXPECT_THAT(Links(report), ElementsAre("symlink a -> big/four"));
}

// Row G12.
TEST_F(GypsumStatusTest, HiddenFilesCountUnlessSkipped) {
  Arrange(to_,
          ".hidden \"1\"\n.git/config \"22\"\nsub/.keep \"\"\n..odd \"3\"");
  Symlink(".link", cache_ + "/one");
  ASSERT_OK_AND_ASSIGN(const InspectReport report, Look());
  EXPECT_THAT(Files(report), ElementsAre("..odd 1", ".git/config 2",
                                         ".hidden 1", "own 4", "sub/.keep 0"));
  EXPECT_THAT(Links(report), ElementsAre("symlink .link -> one"));
  const cli::Said said =
      cli::RunCommand({"status", "--cache=" + cache_, "--hidden=skip", to_});
  EXPECT_EQ(said.code, 0) << said.err;
  const auto json = nlohmann::json::parse(said.out);
  ASSERT_EQ(json["files"].size(), 1u);
  EXPECT_EQ(json["files"][0]["path"], "own");
  EXPECT_THAT(json["links"], IsEmpty());
}

TEST_F(GypsumStatusTest, FifosAreReportedAndNeverOpened) {
  Arrange(to_, "pipe |");
  Symlink("to-pipe", "pipe");
  ASSERT_OK_AND_ASSIGN(
      const InspectReport report,
      Inspect({.destination = to_, .cache = cache_, .checksum = true}));
  EXPECT_THAT(report.special, ElementsAre("pipe", "to-pipe"));
  EXPECT_THAT(Files(report), ElementsAre("own 4"));
}

TEST_F(GypsumStatusTest, ACacheInsideTheDestinationIsNoPartOfIt) {
  Arrange(to_, ".cache/one \"1\"");
  std::filesystem::create_hard_link(to_ + "/.cache/one", to_ + "/a");
  ASSERT_OK_AND_ASSIGN(const InspectReport report,
                       Inspect({.destination = to_, .cache = to_ + "/.cache"}));
  EXPECT_THAT(Links(report), ElementsAre("hardlink a -> one"));
  EXPECT_THAT(Files(report), ElementsAre("own 4"));
  EXPECT_THAT(Inspect({.destination = to_, .cache = to_}),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_F(GypsumStatusTest, NamesOfAnyBytesComeOutInOrderAndEncoded) {
  Arrange(to_, "b\\040c \"1\"\n\\377\\012 \"2\"\nb/z \"3\"\nb.x \"4\"");
  Symlink("l\n", cache_ + "/o\tne");
  const cli::Said said = cli::RunCommand({"status", "--cache=" + cache_, to_});
  EXPECT_EQ(said.code, 0) << said.err;
  const auto json = nlohmann::json::parse(said.out);
  std::vector<std::string> paths;
  for (const auto& file : json["files"]) paths.push_back(file["path"]);
  EXPECT_THAT(paths, ElementsAre("b/z", "b\\040c", "b.x", "own", "\\377\\012"));
  EXPECT_EQ(json["links"][0]["entry"], "o\\011ne");
  EXPECT_EQ(said.out,
            cli::RunCommand({"status", "--cache=" + cache_, to_}).out);
}

}  // namespace
}  // namespace materialize
