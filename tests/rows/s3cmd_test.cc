// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// What a synchronizer of large trees needs: to look at nothing it need not look
// at, and to take every name there is.

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/cli/run_command.h"
#include "tests/rows/files.h"
#include "tests/testing/faulty_sys.h"
#include "tests/testing/lab.h"
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
using ::testing::SizeIs;

class S3cmdTest : public testing::Test {
 protected:
  void SetUp() override {
    REQUIRE_LAB("xfs");
    dir_.emplace(TempDir::In(Lab("xfs")));
    from_ = dir() + "/from";
    to_ = dir() + "/to";
  }
  const std::string& dir() const { return *dir_; }

  std::optional<TempDir> dir_;
  std::string from_, to_;
};

std::vector<std::string> LinesWith(const std::vector<std::string>& lines,
                                   const std::string& part) {
  std::vector<std::string> found;
  std::copy_if(lines.begin(), lines.end(), std::back_inserter(found),
               [&](const std::string& line) {
                 return line.find(part) != std::string::npos;
               });
  return found;
}

// Row S14.
TEST_F(S3cmdTest, NothingBelowAnExcludedDirectoryIsLookedAt) {
  ASSERT_OK(ArrangeTree(from_, R"(
    keep/a "a"
    skip-me/deep/er/b "b"
    skip-me/fifo |
    skip-me/link -> nowhere
    sub/skip-me/c "c"
  )"));
  for (const Symlinks symlinks : {Symlinks::kKeep, Symlinks::kFollow}) {
    for (const bool dry_run : {true, false}) {
      Request request = FromTo(from_, to_);
      request.exclude = {"skip-me"};
      request.symlinks = symlinks;
      request.dry_run = dry_run;
      FaultySys sys(RealSys());
      sys.StartLog();
      ASSERT_OK_AND_ASSIGN(const Report report, Materialize(request, sys));
      EXPECT_THAT(LinesWith(sys.Log(), "skip-me"), IsEmpty());
      EXPECT_EQ(report.excluded, 2);
      EXPECT_EQ(report.directories, 3);
    }
    EXPECT_FALSE(Exists(to_ + "/skip-me"));
    EXPECT_FALSE(Exists(to_ + "/sub/skip-me"));
    EXPECT_EQ(ReadFile(to_ + "/keep/a"), "a");
    std::filesystem::remove_all(to_);
  }
}

// Row S14.
TEST_F(S3cmdTest, IncludeRescuesSingleEntries) {
  ASSERT_OK(ArrangeTree(from_, R"(
    a.log "a"
    keep.log "keep"
    d/keep.log "deep"
    logs/x "x"
    plain "p"
  )"));
  Request request = FromTo(from_, to_);
  request.exclude = {"*.log", "logs"};
  request.include = {"keep.log"};
  ASSERT_OK_AND_ASSIGN(const Report report, Materialize(request));
  EXPECT_EQ(report.excluded, 2);
  EXPECT_EQ(report.files(), 3);
  EXPECT_FALSE(Exists(to_ + "/a.log"));
  EXPECT_FALSE(Exists(to_ + "/logs"));
  EXPECT_TRUE(Exists(to_ + "/keep.log"));
  EXPECT_TRUE(Exists(to_ + "/d/keep.log"));
}

// Row S15.
TEST_F(S3cmdTest, AtMostOneStatOfAFileAndSide) {
  ASSERT_OK(ArrangeTree(from_, R"(
    d/empty ""
    d/file0 size=8K
    d/file1 "short"
    d/file2 0755 "tool"
    d/hole hole=1M
    d/link -> gone
  )"));
  struct Case {
    std::vector<Method> methods;
    int most;  // of a source file
  };
  for (const auto& [methods, most] :
       {Case{{}, 1}, Case{{Method::kReflink}, 1}, Case{{Method::kCopy}, 1},
        Case{{Method::kHardlink}, 0}, Case{{Method::kSymlink}, 0}}) {
    for (const bool receipt : {false, true}) {
      Request request = FromTo(from_, to_, methods);
      if (receipt) request.receipt = dir() + "/receipt";
      FaultySys sys(RealSys());
      sys.StartLog();
      ASSERT_OK(Materialize(request, sys).status());
      std::map<std::string, int> stats;
      for (const std::string& line : LinesWith(sys.Log(), "StatAt ")) {
        ++stats[line.substr(sizeof("StatAt"))];
      }
      for (const auto& [path, count] : stats) {
        if (path.find("/d/") == std::string::npos) continue;
        const bool is_source_file =
            path.starts_with(from_) && !path.ends_with("/link");
        EXPECT_LE(count, is_source_file && !receipt ? most : 1) << path;
      }
      std::filesystem::remove_all(to_);
    }
  }
}

// Row S18.
TEST_F(S3cmdTest, ADryRunListsEveryActionAndWritesNothing) {
  ASSERT_OK(ArrangeTree(from_, R"(
    a "a"
    d/b size=8K
    d/deep/c "c"
    empty ""
    link -> a
    none/ 0700
    skipped "s"
  )"));
  const std::string before = TreeText(dir());
  const Stat parent = StatOf(dir());
  Request request = FromTo(from_, to_);
  request.exclude = {"skipped"};
  request.dry_run = true;
  Recorder said;
  FaultySys sys(RealSys());
  ASSERT_OK_AND_ASSIGN(const Report told, Materialize(request, sys, &said));
  EXPECT_EQ(TreeText(dir()), before);
  EXPECT_EQ(StatOf(dir()).ctime, parent.ctime);
  for (const char* call :
       {"MakeDirectoryAt", "LinkAt", "SymlinkAt", "RenameAt", "UnlinkAt",
        "CloneFile", "Write", "SetTimesAt", "ChangeMode", "Truncate"}) {
    EXPECT_EQ(sys.Calls(call), 0) << call;
  }
  EXPECT_THAT(said.Lines(),
              ElementsAre("directory .", "reflink a", "directory d",
                          "reflink d/b", "directory d/deep", "reflink d/deep/c",
                          "empty empty", "kept link", "directory none"));
  // And that is what happens.
  request.dry_run = false;
  Recorder done;
  ASSERT_OK_AND_ASSIGN(const Report report,
                       Materialize(request, RealSys(), &done));
  EXPECT_EQ(done.Lines(), said.Lines());
  EXPECT_EQ(report.files(), told.files());
  EXPECT_EQ(report.directories, told.directories);
  EXPECT_EQ(report.apparent_bytes, told.apparent_bytes);
}

// Row S20.
TEST_F(S3cmdTest, SymlinksAreKeptSkippedOrFollowed) {
  ASSERT_OK(ArrangeTree(from_, R"(
    d/inner "inner"
    file "file"
    to-d -> d
    to-file -> file
  )"));
  Request request = FromTo(from_, to_);
  request.symlinks = Symlinks::kSkip;
  ASSERT_OK_AND_ASSIGN(Report report, Materialize(request));
  EXPECT_EQ(report.symlinks_skipped, 2);
  EXPECT_FALSE(Exists(to_ + "/to-d"));
  EXPECT_FALSE(Exists(to_ + "/to-file"));

  request.into = Into::kSwap;
  request.symlinks = Symlinks::kKeep;
  ASSERT_OK_AND_ASSIGN(report, Materialize(request));
  EXPECT_EQ(report.symlinks, 2);
  EXPECT_EQ(ReadLink(to_ + "/to-d"), "d");

  request.symlinks = Symlinks::kFollow;
  ASSERT_OK_AND_ASSIGN(report, Materialize(request));
  EXPECT_EQ(report.symlinks, 0);
  EXPECT_EQ(report.files(), 4);
  EXPECT_EQ(StatOf(to_ + "/to-d").kind(), Kind::kDirectory);
  EXPECT_EQ(ReadFile(to_ + "/to-d/inner"), "inner");
  EXPECT_EQ(StatOf(to_ + "/to-file").kind(), Kind::kFile);
}

// Row S20.
TEST_F(S3cmdTest, FollowingInACircleEnds) {
  for (const char* tree : {"d/up -> ..", "self -> self",
                           "a/b -> ../c\nc/d -> ../a", "d/here -> ."}) {
    SCOPED_TRACE(tree);
    std::filesystem::remove_all(from_);
    ASSERT_OK(ArrangeTree(from_, tree));
    Request request = FromTo(from_, to_);
    request.symlinks = Symlinks::kFollow;
    EXPECT_THAT(std::string(Materialize(request).status().message()),
                AllOf(HasSubstr(from_), HasSubstr("--symlinks=keep")));
    EXPECT_FALSE(Exists(to_));
    EXPECT_THAT(Leftovers(dir()), IsEmpty());
  }
}

// Row S20: twice the same directory, side by side, is no circle.
TEST_F(S3cmdTest, TwoLinksToOneDirectoryAreFollowedBoth) {
  ASSERT_OK(ArrangeTree(from_, "a -> d\nb -> d\nd/x \"x\""));
  Request request = FromTo(from_, to_);
  request.symlinks = Symlinks::kFollow;
  ASSERT_OK(Materialize(request).status());
  EXPECT_EQ(ReadFile(to_ + "/a/x") + ReadFile(to_ + "/b/x"), "xx");
}

constexpr char kOddNames[] = R"(
  \001\033[31m "escape"
  -rf "dash"
  A "upper"
  a "lower"
  back\134slash "b"
  blank\040in\040it "blank"
  dir\012with\012lines/\377\376 "not UTF-8"
  hash#mark "#"
  new\012line "line"
  star*[x]? "glob"
  tab\011 -> to\040\377
  zwölf "UTF-8"
)";

// Row S21: placed, by every method.
TEST_F(S3cmdTest, EveryNameIsPlaced) {
  ASSERT_OK(ArrangeTree(from_, kOddNames));
  for (const Method method :
       {Method::kReflink, Method::kHardlink, Method::kCopy}) {
    Request request = FromTo(from_, to_, {method});
    request.into = Into::kSwap;
    ASSERT_OK_AND_ASSIGN(const Report report, Materialize(request));
    EXPECT_EQ(report.files(), 11);
    EXPECT_EQ(TreeText(to_), TreeText(from_));
  }
}

// Row S21: written to a receipt, which as a manifest gives the same tree.
TEST_F(S3cmdTest, EveryNameGoesThroughAReceipt) {
  ASSERT_OK(ArrangeTree(from_, kOddNames));
  Request request = FromTo(from_, to_);
  request.receipt = dir() + "/receipt";
  ASSERT_OK(Materialize(request).status());
  // mtree(8) takes names with these bytes for patterns.
  const auto time = std::filesystem::last_write_time(to_);
  std::filesystem::remove(to_ + "/star*[x]?");
  std::filesystem::last_write_time(to_, time);
  const cli::Said said =
      cli::RunProgram({"/usr/bin/mtree", "-p", to_, "-f", request.receipt});
  EXPECT_THAT(said.out, Not(HasSubstr("extra")));
  EXPECT_THAT(said.out, HasSubstr("missing: ./star"));
  EXPECT_EQ(std::count(said.out.begin(), said.out.end(), '\n'), 1) << said.out;
}

// Row S21: named by a manifest.
TEST_F(S3cmdTest, EveryNameGoesThroughAManifest) {
  ASSERT_OK(ArrangeTree(from_, kOddNames));
  Request request;
  request.destination = to_;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(from_)) {
    if (!entry.is_regular_file() || entry.is_symlink()) continue;
    const std::string path = entry.path();
    request.entries.push_back({.path = path.substr(from_.size() + 1),
                               .kind = Kind::kFile,
                               .content = path});
  }
  ASSERT_OK_AND_ASSIGN(const Report report, Materialize(request));
  EXPECT_EQ(report.files(), 11);
  std::filesystem::remove(from_ + "/tab\t");
  const TreeTextOptions options = {.root = false, .times = false};
  EXPECT_EQ(TreeText(to_, options), TreeText(from_, options));
}

// Rows S21, S22: listed, on standard input.
TEST_F(S3cmdTest, EveryNameGoesThroughAListAndTheMissingIsExitFour) {
  ASSERT_OK(ArrangeTree(from_, kOddNames));
  using std::string_literals::operator""s;
  const cli::Said said = cli::RunCommand(
      {"place", "--files_from=-", from_, to_},
      {.input = "new\nline\0zw\303\266lf\0dir\nwith\nlines/\377\376\0"
                "go\033ne\0A\0"s});
  EXPECT_EQ(said.code, 4);
  EXPECT_THAT(said.err, HasSubstr("go\\033ne: "));
  EXPECT_THAT(said.err, Not(HasSubstr("\033")));
  EXPECT_EQ(ReadFile(to_ + "/new\nline"), "line");
  EXPECT_EQ(ReadFile(to_ + "/dir\nwith\nlines/\377\376"), "not UTF-8");
  EXPECT_EQ(ReadFile(to_ + "/A"), "upper");
  EXPECT_FALSE(Exists(to_ + "/a"));
}

// Row S22, by library and from a file.
TEST_F(S3cmdTest, AListedFileThatIsMissingIsAWarningAndTheRestIsDone) {
  ASSERT_OK(ArrangeTree(from_, "a \"a\"\nb \"b\"\nd/c \"c\""));
  Request request = FromTo(from_, to_);
  request.only_files = true;
  request.files = {"d/c", "gone", "a", "d/gone"};
  ASSERT_OK_AND_ASSIGN(const Report report, Materialize(request));
  EXPECT_TRUE(report.partial());
  ASSERT_THAT(report.failures, SizeIs(2));
  EXPECT_EQ(report.files(), 2);
  EXPECT_FALSE(Exists(to_ + "/b"));

  ASSERT_OK(ArrangeTree(dir(), "list \"a\\ngone\\n\""));
  const cli::Said said = cli::RunCommand(
      {"place", "--files_from=" + dir() + "/list", from_, dir() + "/listed"});
  EXPECT_EQ(said.code, 4);
  EXPECT_THAT(said.err, HasSubstr("gone"));
  EXPECT_EQ(ReadFile(dir() + "/listed/a"), "a");
}

}  // namespace
}  // namespace materialize
