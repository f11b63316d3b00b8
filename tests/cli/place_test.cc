// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// materialize place as a user runs it: what appears, what is said where, and
// with which exit code.

#include <signal.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/cli/run_command.h"
#include "tests/testing/lab.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"
#include "tests/testing/tree_text.h"

namespace materialize::cli {
namespace {

using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;
using Json = nlohmann::json;
using Words = std::vector<std::string>;

constexpr char kTree[] = R"(
  a 0644 "hello"
  dir/b 0755 size=8K
  dir/deep/c "x"
  empty ""
  link -> a
)";

std::string ReadFile(const std::string& path) {
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

class PlaceTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_OK(ArrangeTree(from_, kTree)); }
  Said Place(Words words, const Surroundings& surroundings = {}) {
    words.insert(words.begin(), "place");
    words.insert(words.end(), {from_, to_});
    return RunCommand(words, surroundings);
  }
  bool Exists(const std::string& path) { return std::filesystem::exists(path); }
  // Names beside the source that no test made.
  std::vector<std::string> Leftovers() {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(dir_.path())) {
      const std::string name = entry.path().filename();
      if (name[0] == '.') names.push_back(name);
    }
    return names;
  }

  TempDir dir_;
  const std::string from_ = dir_ / "from";
  const std::string to_ = dir_ / "to";
};

TEST_F(PlaceTest, LaysOutTheTreeAndSaysSoOnce) {
  const Said said = Place({"--methods=copy"});
  EXPECT_EQ(said.code, 0) << said.err;
  EXPECT_EQ(TreeText(to_), TreeText(from_));
  EXPECT_THAT(
      said.out,
      ContainsRegex(
          "^4 files and 1 symlink in 3 directories: .*; [0-9]+\\.[0-9] s\n$"));
  EXPECT_EQ(said.err, "");
  EXPECT_THAT(Leftovers(), IsEmpty());
}

TEST_F(PlaceTest, QuietSaysNothing) {
  const Said said = Place({"--quiet"});
  EXPECT_EQ(said.code, 0) << said.err;
  EXPECT_EQ(said.out + said.err, "");
  EXPECT_EQ(TreeText(to_), TreeText(from_));
}

TEST_F(PlaceTest, TakesTheMethodsFromTheEnvironment) {
  const Said said = Place({}, {.environment = {"MATERIALIZE_METHODS=hardlink",
                                               "MATERIALIZE_JOBS=1"}});
  EXPECT_EQ(said.code, 0) << said.err;
  EXPECT_TRUE(std::filesystem::equivalent(from_ + "/a", to_ + "/a"));
}

// Row C1.
TEST_F(PlaceTest, ReportsTotalsAndEveryEntry) {
  const Said said = Place(
      {"--methods=copy", "--report=" + (dir_ / "report"), "--report_entries"});
  EXPECT_EQ(said.code, 0) << said.err;
  const Json json = Json::parse(ReadFile(dir_ / "report"));
  EXPECT_EQ(json["files"], 4);
  EXPECT_EQ(json["symlinks"], 1);
  EXPECT_EQ(json["bytes_exact"], true);
  EXPECT_EQ(json["apparent_bytes"], 5 + 8192 + 1);
  std::string text;
  for (const Json& entry : json["entries"]) {
    text += entry["how"].get<std::string>() + " " +
            entry["path"].get<std::string>() + "\n";
  }
  EXPECT_THAT(text,
              AllOf(HasSubstr("copy a\n"), HasSubstr("directory dir\n"),
                    HasSubstr("copy dir/b\n"), HasSubstr("copy dir/deep/c\n"),
                    HasSubstr("kept link\n")));
  EXPECT_LT(text.find(" a\n"), text.find(" dir\n"));
  EXPECT_LT(text.find(" dir/b\n"), text.find(" link\n"));
}

TEST_F(PlaceTest, ReportToStandardOutputLeavesTheSummaryToStandardError) {
  const Said said = Place({"--methods=copy", "--report=-"});
  EXPECT_EQ(Json::parse(said.out)["files"], 4);
  EXPECT_THAT(said.err, StartsWith("4 files"));
}

// Row S18.
TEST_F(PlaceTest, DryRunListsEverythingAndWritesNothing) {
  const Said said = Place({"--dry_run", "--methods=copy"});
  EXPECT_EQ(said.code, 0) << said.err;
  EXPECT_THAT(
      said.out,
      AllOf(HasSubstr("copy      a\n"), HasSubstr("copy      dir/deep/c\n"),
            HasSubstr("directory dir\n"), HasSubstr("kept      link -> a\n"),
            HasSubstr("\ndry run: 4 files")));
  EXPECT_FALSE(Exists(to_));
  EXPECT_THAT(Leftovers(), IsEmpty());
}

// Row S14.
TEST_F(PlaceTest, TakesRepeatedPatterns) {
  const Said said =
      Place({"--exclude=/dir", "--exclude", "empty", "--methods=copy"});
  EXPECT_EQ(said.code, 0) << said.err;
  EXPECT_TRUE(Exists(to_ + "/a"));
  EXPECT_FALSE(Exists(to_ + "/dir"));
  EXPECT_FALSE(Exists(to_ + "/empty"));
}

// Row S22.
TEST_F(PlaceTest, TakesAListOfFilesAndSaysWhichAreMissing) {
  const Said said = Place({"--files_from=-", "--methods=copy"},
                          {.input = "a\ndir/deep/c\nnot/there\n"});
  EXPECT_EQ(said.code, 4);
  EXPECT_THAT(said.err, HasSubstr("not/there"));
  EXPECT_TRUE(Exists(to_ + "/a"));
  EXPECT_TRUE(Exists(to_ + "/dir/deep/c"));
  EXPECT_FALSE(Exists(to_ + "/dir/b"));
}

// Row S22.
TEST_F(PlaceTest, AListWithNulBytesTakesNamesWithNewlines) {
  ASSERT_OK(ArrangeTree(from_, R"(odd\012name "x")"));
  const Said said = Place({"--files_from=-", "--methods=copy"},
                          {.input = std::string("a\0odd\nname\0", 11)});
  EXPECT_EQ(said.code, 0) << said.err;
  EXPECT_TRUE(Exists(to_ + "/odd\nname"));
}

// Row C2.
TEST_F(PlaceTest, TellsADowngradeOnceAndAnExactListRefusesIt) {
  REQUIRE_LAB("ext4");
  REQUIRE_LAB("xfs");
  const TempDir ext4 = TempDir::In(Lab("ext4"));
  const TempDir xfs = TempDir::In(Lab("xfs"));
  ASSERT_OK(ArrangeTree(ext4, kTree));
  const Said said = RunCommand({"place", ext4, xfs / "out"});
  EXPECT_EQ(said.code, 0) << said.err;
  EXPECT_THAT(said.err, HasSubstr("not reflinked (ext4:"));
  EXPECT_THAT(
      said.err,
      HasSubstr("; --methods=copy does not try, --methods=reflink fails"));
  EXPECT_EQ(RunCommand({"place", "--quiet", ext4, xfs / "out2"}).err, "");
  const Said exact =
      RunCommand({"place", "--methods=reflink", ext4, xfs / "exact"});
  EXPECT_EQ(exact.code, 1);
  EXPECT_THAT(exact.err, StartsWith("materialize: reflink "));
  EXPECT_FALSE(Exists(xfs / "exact"));
}

TEST_F(PlaceTest, SaysHowManyBytesWereReflinked) {
  REQUIRE_LAB("xfs");
  const TempDir xfs = TempDir::In(Lab("xfs"));
  ASSERT_OK(ArrangeTree(xfs / "from", kTree));
  const Said said =
      RunCommand({"place", "--methods=reflink", "--report=" + (xfs / "report"),
                  xfs / "from", xfs / "to"});
  EXPECT_EQ(said.code, 0) << said.err;
  EXPECT_THAT(said.out, HasSubstr("0 copied; 8.2 kB reflinked; "));
  EXPECT_EQ(said.err, "");
}

// Row S21.
TEST_F(PlaceTest, AnOddNameCannotBreakTheLine) {
  const Said said = RunCommand({"place", dir_ / "no\nsuch\x1b[2J", to_});
  EXPECT_EQ(said.code, 1);
  EXPECT_THAT(said.err, HasSubstr("no\\012such\\033[2J"));
}

TEST_F(PlaceTest, ExplainsTheOrder) {
  const Said said = Place({"--explain"});
  EXPECT_THAT(
      said.out,
      StartsWith(
          "methods in order of preference: reflink, hardlink, copy (auto)\n"));
}

// Row C2.
TEST_F(PlaceTest, AWrongDestinationIsOneLineAndOne) {
  ASSERT_OK(ArrangeTree(to_, "something \"x\""));
  const Said said = Place({});
  EXPECT_EQ(said.code, 1);
  EXPECT_EQ(said.out, "");
  EXPECT_THAT(said.err, AllOf(StartsWith("materialize: "), HasSubstr(to_)));
}

// Row R13.
TEST_F(PlaceTest, AFailedRunLeavesNoReport) {
  const Said said = RunCommand(
      {"place", "--report=" + (dir_ / "report"), dir_ / "none", to_});
  EXPECT_EQ(said.code, 1);
  EXPECT_FALSE(Exists(dir_ / "report"));
  EXPECT_THAT(Leftovers(), IsEmpty());
}

TEST_F(PlaceTest, AManifestTakesThePlaceOfTheSource) {
  std::ofstream(dir_ / "manifest")
      << "./x/y type=file mode=0600 content=" << from_ << "/a\n";
  const Said said = RunCommand(
      {"place", "--manifest=" + (dir_ / "manifest"), "--methods=copy", to_});
  EXPECT_EQ(said.code, 0) << said.err;
  EXPECT_EQ(ReadFile(to_ + "/x/y"), "hello");
}

TEST_F(PlaceTest, AlwaysDrawsAProgressLineAndAPipeGetsNone) {
  for (int file = 0; file < 200; ++file)
    std::ofstream(from_ + "/many" + std::to_string(file)) << file;
  EXPECT_EQ(Place({"--methods=copy"}).err, "");
  std::filesystem::remove_all(to_);
  const Said said = Place({"--methods=copy", "--progress=always"});
  EXPECT_EQ(said.code, 0);
  EXPECT_THAT(said.err, Not(HasSubstr("materialize:")));
}

TEST_F(PlaceTest, ASignalStopsItAndNothingIsLeft) {
  for (int file = 0; file < 30'000; ++file)
    std::ofstream(from_ + "/many" + std::to_string(file)) << file;
  for (const int signal : {SIGINT, SIGTERM}) {
    const Said said =
        Place({"--methods=copy", "--jobs=1"}, {.while_running = [&](pid_t pid) {
                // Not before it has begun to write.
                for (int i = 0; i < 10'000 && Leftovers().empty(); ++i)
                  usleep(1'000);
                kill(pid, signal);
              }});
    EXPECT_EQ(said.code, 130) << said.out;
    EXPECT_THAT(said.err, StartsWith("materialize: "));
    EXPECT_FALSE(Exists(to_));
    EXPECT_THAT(Leftovers(), IsEmpty());
  }
}

}  // namespace
}  // namespace materialize::cli
