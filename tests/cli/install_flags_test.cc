// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// What an installer needs of place: --chmod, --chown, --check.

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/cli/run_command.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"
#include "tests/testing/tree_text.h"

namespace materialize::cli {
namespace {

using ::testing::HasSubstr;
using Words = std::vector<std::string>;

constexpr char kTree[] = R"(
  bin/tool 0555 "t"
  bin/data 0444 "d"
  lib/ 0555
  lib/deep/a.so 0550 "s"
  link -> bin/tool
)";

class InstallFlagsTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_OK(ArrangeTree(from_, kTree)); }
  Said Place(Words words) {
    words.insert(words.begin(), {"place", "--into=merge", "--checksum"});
    words.insert(words.end(), {from_, to_});
    return RunCommand(words);
  }
  std::string Modes(const std::string& path) {
    struct stat facts = {};
    if (stat((to_ + "/" + path).c_str(), &facts) != 0) return "none";
    char text[8];
    snprintf(text, sizeof text, "%o", facts.st_mode & 07777);
    return text;
  }
  uid_t Owner(const std::string& path) {
    struct stat facts = {};
    EXPECT_EQ(lstat((to_ + "/" + path).c_str(), &facts), 0);
    return facts.st_uid;
  }

  TempDir dir_;
  const std::string from_ = dir_ / "from";
  const std::string to_ = dir_ / "to";
};

TEST_F(InstallFlagsTest, ChmodTellsProgramsFromData) {
  const Said said = Place({"--chmod=u=rwX,go=rX"});
  EXPECT_EQ(said.code, 0) << said.err;
  EXPECT_EQ(Modes("bin/tool"), "755");
  EXPECT_EQ(Modes("bin/data"), "644");
  EXPECT_EQ(Modes("lib"), "755");
  EXPECT_EQ(Modes("lib/deep/a.so"), "755");
}

TEST_F(InstallFlagsTest, TheLastGlobThatMatchesCountsAndOctalIsForFiles) {
  const Said said =
      Place({"--chmod=0600", "--chmod=bin:0711", "--chmod=*.so:0640"});
  EXPECT_EQ(said.code, 0) << said.err;
  EXPECT_EQ(Modes("bin/tool"), "711");
  EXPECT_EQ(Modes("bin/data"), "711");
  EXPECT_EQ(Modes("lib/deep/a.so"), "640");
  EXPECT_EQ(Modes("lib"), "555");
}

TEST_F(InstallFlagsTest, AManifestGoesBefore) {
  std::ofstream(dir_ / "m.mtree")
      << "./a type=file mode=0444 content=" << from_ << "/bin/data\n"
      << "./b type=file content=" << from_ << "/bin/data\n"
      << "./tree type=dir mode=0700 content=" << from_ << "/bin\n";
  const Said said = RunCommand({"place", "--manifest", dir_ / "m.mtree",
                                "--chmod=u=rwX,go=rX", "--chmod=0600", to_});
  EXPECT_EQ(said.code, 0) << said.err;
  EXPECT_EQ(Modes("a"), "444");
  EXPECT_EQ(Modes("b"), "600");
  EXPECT_EQ(Modes("tree/tool"), "600");
  EXPECT_EQ(Modes("tree"), "700");
}

TEST_F(InstallFlagsTest, AHardlinkIsMadeOnlyWhereTheModeIsTheSources) {
  const Said said = Place({"--chmod=bin/tool:0755", "--methods=hardlink,copy"});
  EXPECT_EQ(said.code, 0) << said.err;
  EXPECT_FALSE(
      std::filesystem::equivalent(from_ + "/bin/tool", to_ + "/bin/tool"));
  EXPECT_TRUE(
      std::filesystem::equivalent(from_ + "/bin/data", to_ + "/bin/data"));
}

TEST_F(InstallFlagsTest, ChownGivesFilesAndDirectoriesAway) {
  if (geteuid() != 0) GTEST_SKIP() << "only root gives files away";
  const Said said = Place({"--chown=daemon:12", "--methods=hardlink,copy"});
  EXPECT_EQ(said.code, 0) << said.err;
  EXPECT_EQ(Owner("bin/tool"), 1U);
  EXPECT_EQ(Owner("lib/deep"), 1U);
  EXPECT_EQ(Place({"--chown=daemon:12", "--check=all"}).code, 0);
  const Said other = Place({"--chown=2", "--check=all"});
  EXPECT_EQ(other.code, 3) << other.err;
  EXPECT_THAT(other.out, HasSubstr("differs  bin/tool\n"));
  EXPECT_THAT(other.out, HasSubstr("differs  lib\n"));
}

TEST_F(InstallFlagsTest, CheckListsWhatDiffersAndWritesNothing) {
  ASSERT_EQ(Place({"--methods=copy"}).code, 0);
  EXPECT_EQ(Place({"--check=all", "--delete"}).out, "0 differences\n");
  std::filesystem::permissions(to_ + "/lib", std::filesystem::perms(0755));
  std::filesystem::permissions(to_ + "/bin/tool", std::filesystem::perms(0755));
  std::filesystem::remove(to_ + "/link");
  std::ofstream(to_ + "/bin/more") << "m";
  const std::string before = TreeText(to_);
  const Said said = Place({"--check=all", "--delete"});
  EXPECT_EQ(said.code, 3);
  EXPECT_EQ(said.out,
            "surplus  bin/more\ndiffers  bin/tool\ndiffers  lib\n"
            "differs  link\n4 differences\n");
  EXPECT_EQ(TreeText(to_), before);
}

TEST_F(InstallFlagsTest, CheckOfContentLeavesModesButOneToTheCheckout) {
  ASSERT_EQ(Place({"--methods=copy"}).code, 0);
  std::filesystem::permissions(to_ + "/lib", std::filesystem::perms(0775));
  std::filesystem::permissions(to_ + "/bin/data", std::filesystem::perms(0664));
  std::filesystem::last_write_time(to_ + "/bin/data", {});
  EXPECT_EQ(Place({"--check=content"}).code, 0);
  std::filesystem::permissions(to_ + "/bin/data", std::filesystem::perms(0755));
  const Said said = Place({"--check=content"});
  EXPECT_EQ(said.code, 3);
  EXPECT_EQ(said.out, "differs  bin/data\n1 difference\n");
}

TEST_F(InstallFlagsTest, KeepTimesTouchesNothingThatHasTheRightContent) {
  ASSERT_EQ(Place({"--methods=copy"}).code, 0);
  for (const char* name : {"bin/data", "lib/deep", "lib", "bin", "."})
    std::filesystem::last_write_time(from_ + "/" + name, {});
  std::ofstream(from_ + "/bin/new") << "n";
  const std::string lib = TreeText(to_ + "/lib");
  const auto time = std::filesystem::last_write_time(to_ + "/bin/data");
  const Said said = Place({"--methods=copy", "--keep_times"});
  EXPECT_EQ(said.code, 0) << said.err;
  EXPECT_TRUE(std::filesystem::exists(to_ + "/bin/new"));
  EXPECT_EQ(TreeText(to_ + "/lib"), lib);
  EXPECT_EQ(std::filesystem::last_write_time(to_ + "/bin/data"), time);
  EXPECT_EQ(Place({"--methods=copy"}).code, 0);
  EXPECT_NE(std::filesystem::last_write_time(to_ + "/bin/data"), time);
  EXPECT_NE(TreeText(to_ + "/lib"), lib);
}

TEST_F(InstallFlagsTest, CheckOfNothingFindsAllAndMakesNothing) {
  EXPECT_EQ(Place({"--check=all"}).code, 3);
  EXPECT_FALSE(std::filesystem::exists(to_));
}

TEST_F(InstallFlagsTest, WrongValuesAreUsage) {
  for (const char* flag :
       {"--chmod=rwx", "--chmod=08", "--chmod=u", "--chmod=u~r", "--chmod=a[:7",
        "--chown=no-such-user", "--chown=0:no-such-group", "--chown=4294967295",
        "--chown=0:4294967295"}) {
    const Said said = Place({flag});
    EXPECT_EQ(said.code, 2) << flag << said.err;
    EXPECT_FALSE(std::filesystem::exists(to_)) << flag;
  }
  EXPECT_THAT(RunCommand({"place", "--check=all", from_, to_}).err,
              HasSubstr("--check needs --into=merge"));
}

}  // namespace
}  // namespace materialize::cli
