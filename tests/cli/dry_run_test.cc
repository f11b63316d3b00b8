// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// place --dry_run makes the refusals of the real run, in the same words, and
// foretells the methods that are used.

#include <filesystem>
#include <fstream>
#include <optional>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/cli/run_command.h"
#include "tests/testing/lab.h"
#include "tests/testing/scoped_mount.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"
#include "tests/testing/tree_text.h"

namespace materialize::cli {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using Words = std::vector<std::string>;

constexpr char kTree[] = "a \"hello\"\n";

// A refusal changes nothing: so the real run can come right after.
void ExpectSameRefusal(const Words& words, const std::string& why,
                       const Surroundings& surroundings = {}) {
  SCOPED_TRACE(testing::PrintToString(words));
  Words rehearsal = {"place", "--jobs=1", "--dry_run"};
  Words real = {"place", "--jobs=1"};
  rehearsal.insert(rehearsal.end(), words.begin(), words.end());
  real.insert(real.end(), words.begin(), words.end());
  const Said told = RunCommand(rehearsal, surroundings);
  const Said done = RunCommand(real, surroundings);
  EXPECT_NE(done.code, 0);
  EXPECT_EQ(told.code, done.code);
  EXPECT_EQ(told.err, done.err);
  EXPECT_THAT(told.err, HasSubstr(why));
  EXPECT_THAT(told.out, IsEmpty());
}

class DryRunTest : public testing::Test {
 protected:
  void SetUp() override {
    for (const char* place : {"xfs", "xfs2", "ext4", "btrfs"})
      REQUIRE_LAB(place);
    Use("ext4", "ext4");
  }
  void Use(const char* from, const char* to) {
    here_.emplace(TempDir::In(Lab(from)));
    there_.emplace(TempDir::In(Lab(to)));
    from_ = *here_ / "from";
    to_ = *there_ / "to";
    ASSERT_OK(ArrangeTree(from_, kTree));
  }

  std::optional<TempDir> here_, there_;
  std::string from_, to_;
};

TEST_F(DryRunTest, RefusesWhatIsInTheWay) {
  ASSERT_OK(ArrangeTree(to_, "old \"x\""));
  const std::string file = *there_ / "file";
  ASSERT_OK(ArrangeTree(*there_, "file \"x\"\nempty/"));
  fs::create_directory_symlink(to_, *there_ / "link");
  ExpectSameRefusal({from_, to_}, "already there and not empty");
  ExpectSameRefusal({from_, *there_ / "link"}, "already there and not empty");
  ExpectSameRefusal({from_, file}, "already there; --into=swap");
  ExpectSameRefusal({from_ + "/a", file}, "already there; --into=swap");
  for (const char* into : {"new", "swap", "merge"}) {
    for (const std::string& directory : {to_, *there_ / "empty"}) {
      ExpectSameRefusal(
          {"--into=" + std::string(into), from_ + "/a", directory},
          "a directory is there, where a file is to go");
    }
  }
  ExpectSameRefusal({"--into=merge", from_, file}, "a file is there");
  ExpectSameRefusal({"--into=merge", "--delete", from_ + "/a", file},
                    "--delete is for directories");
  ExpectSameRefusal({"--into=fill", from_, to_}, "and empty");
  ExpectSameRefusal({"--into=fill", from_, *there_ / "absent"}, "and empty");
  ExpectSameRefusal({"--into=fill", from_, *there_ / "absent/to"},
                    "No such file or directory");
  ExpectSameRefusal({from_, file + "/to"}, "Not a directory");
}

// Row C9.
TEST_F(DryRunTest, RefusesWhatIsPrecious) {
  const std::string above = *here_;
  ASSERT_OK(ArrangeTree(to_, "old/deep/x \"x\""));
  for (const Words& flags :
       {Words{"--into=swap"}, Words{"--into=merge", "--delete"}}) {
    const auto refused = [&](const std::string& to, const std::string& why,
                             const Surroundings& surroundings = {}) {
      Words words = flags;
      words.insert(words.end(), {from_, to});
      ExpectSameRefusal(words, why, surroundings);
    };
    refused(above, "is or holds the input");
    refused(to_, "the working directory", {.directory = to_ + "/old/deep"});
    refused(to_, "the home directory", {.environment = {"HOME=" + to_}});
    refused("/", "is the root directory");
  }
}

// Rows C10, C11.
TEST_F(DryRunTest, RefusesAMountPoint) {
  if (!CanMount()) GTEST_SKIP() << "needs to mount";
  ASSERT_OK(ArrangeTree(to_, "below/"));
  {
    const ScopedMount below = ScopedMount::Tmpfs(to_ + "/below");
    ExpectSameRefusal({"--into=swap", from_, to_}, "is mounted below it");
  }
  fs::remove(to_ + "/below");
  const ScopedMount mounted = ScopedMount::Tmpfs(to_);
  for (const char* into : {"new", "swap"}) {
    const Said told = RunCommand(
        {"place", "--dry_run", "--into=" + std::string(into), from_, to_});
    EXPECT_EQ(told.code, 1);
    EXPECT_THAT(told.err, HasSubstr("Device or resource busy (it is a mount "
                                    "point; --into=fill"));
  }
}

TEST_F(DryRunTest, AnExactListThatCannotBeMetIsAnError) {
  struct Case {
    const char* from;
    const char* to;
    const char* methods;
    const char* why;
  };
  const Case cases[] = {
      {"ext4", "ext4", "reflink", "Operation not supported"},
      {"xfs", "ext4", "hardlink", "Invalid cross-device link"},
      {"xfs", "ext4", "hardlink,reflink", "Invalid cross-device link"},
      // Of one kind, and still two.
      {"xfs", "xfs2", "reflink", "Invalid cross-device link"},
  };
  for (const Case& row : cases) {
    SCOPED_TRACE(row.from);
    Use(row.from, row.to);
    const std::string methods = absl::StrCat("--methods=", row.methods);
    ExpectSameRefusal({methods, from_, to_}, row.why);
    ExpectSameRefusal({methods, from_ + "/a", to_}, row.why);
    fs::create_directory(to_);
    ExpectSameRefusal({methods, "--into=merge", from_, to_}, row.why);
  }
}

TEST_F(DryRunTest, WhatHasAttributesOfItsOwnSharesNoInode) {
  const std::string manifest = *here_ / "manifest";
  std::ofstream(manifest) << "./a type=file mode=0751 content=" << from_
                          << "/a\n";
  ExpectSameRefusal({"--methods=hardlink", "--manifest=" + manifest, to_},
                    "needs reflink or copy in --methods");
  const Said told =
      RunCommand({"place", "--dry_run", "--manifest=" + manifest, to_});
  EXPECT_THAT(told.out, HasSubstr("1 copied"));
}

// The summaries of both, without the time.
TEST_F(DryRunTest, ForetellsTheMethods) {
  const char* const kPlaces[] = {"ext4",  "xfs",          "xfs2",
                                 "btrfs", "btrfs-sub2",   "bind-xfs",
                                 "tmpfs", "xfs-noreflink"};
  const auto without_time = [](const std::string& text) {
    const size_t from = text.rfind("1 file in 1 directory: ");
    return from == std::string::npos ? "" : text.substr(from, text.rfind(';'));
  };
  for (const char* from : kPlaces) {
    for (const char* to : kPlaces) {
      if (!LabPlace(from).has_value() || !LabPlace(to).has_value()) continue;
      SCOPED_TRACE(testing::Message() << from << " -> " << to);
      Use(from, to);
      const Said told = RunCommand({"place", "--dry_run", from_, to_});
      const Said done =
          RunCommand({"place", "--report=" + (*here_ / "report"), from_, to_});
      ASSERT_EQ(done.code, 0) << done.err;
      const std::string what = without_time(told.out);
      EXPECT_THAT(what, Not(IsEmpty()));
      // What the tables do not know is said.
      if (told.err.find("after a try only") != std::string::npos) continue;
      EXPECT_EQ(what.substr(0, what.find(" copied")),
                without_time(done.out).substr(0, what.find(" copied")));
    }
  }
}

TEST_F(DryRunTest, SaysWhatOnlyATryTells) {
  Use("xfs", "xfs");
  for (const char* into : {"new", "merge"}) {
    const Said told = RunCommand(
        {"place", "--dry_run", "--into=" + std::string(into), from_, to_});
    EXPECT_EQ(told.code, 0);
    EXPECT_THAT(told.out, HasSubstr("1 reflinked"));
    EXPECT_THAT(told.err, HasSubstr("can reflink is known after a try only"));
    fs::create_directories(to_);
  }
  Use("btrfs", "btrfs");
  EXPECT_THAT(RunCommand({"place", "--dry_run", from_, to_}).err, IsEmpty());
}

// A link at the destination of one file gives way itself.
TEST_F(DryRunTest, AFileOverALinkToItsOriginalIsToldAsItIsDone) {
  fs::create_symlink(from_ + "/a", to_);
  for (const Words& flags : {Words{"--dry_run"}, Words{}}) {
    Words words = {"place", "--into=swap", "--methods=copy"};
    words.insert(words.end(), flags.begin(), flags.end());
    words.insert(words.end(), {from_ + "/a", to_});
    const Said said = RunCommand(words);
    EXPECT_EQ(said.code, 0) << said.err;
    EXPECT_THAT(said.out, HasSubstr("1 copied"));
  }
}

TEST_F(DryRunTest, TheSourceItselfIsToldAsSuch) {
  for (const Words& flags : {Words{"--dry_run"}, Words{}}) {
    Words words = {"place", "--into=merge"};
    words.insert(words.end(), flags.begin(), flags.end());
    words.insert(words.end(), {from_, from_});
    const Said said = RunCommand(words);
    EXPECT_EQ(said.code, 0);
    EXPECT_THAT(said.err, HasSubstr("is the source itself"));
    EXPECT_THAT(said.out, HasSubstr("0 files: 0 copied"));
  }
}

}  // namespace
}  // namespace materialize::cli
