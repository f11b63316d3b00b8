// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// What was changed since a tree was laid out: by receipt, by guess and by
// proof.

#include "materialize/inspect.h"

#include <sys/stat.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <optional>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/cli/run_command.h"
#include "tests/rows/files.h"
#include "tests/testing/faulty_sys.h"
#include "tests/testing/lab.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"
#include "tests/testing/tree_text.h"

namespace materialize {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// "a (size, time)", and " = entry" where the cache's file was changed too.
std::vector<std::string> Changes(const InspectReport& report) {
  std::vector<std::string> lines;
  for (const Modified& modified : report.modified) {
    std::string line = modified.path + " (";
    for (const std::string& what : modified.what)
      line += (line.back() == '(' ? "" : ", ") + what;
    line += ")";
    if (!modified.entry.empty()) line += " = " + modified.entry;
    lines.push_back(line);
  }
  return lines;
}

// The same size and mtime, other bytes: in place, by all names of the inode.
void EditUnseen(const std::string& path) {
  const Stat before = StatOf(path);
  std::string text = ReadFile(path);
  for (char& c : text) c = static_cast<char>(c ^ 1);
  WriteFile(path, text);
  ASSERT_EQ(RealSys().SetTimesAt(AT_FDCWD, path.c_str(), before.mtime, 0), 0);
}

class InspectTest : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    REQUIRE_LAB(GetParam());
    dir_.emplace(TempDir::In(Lab(GetParam())));
    cache_ = dir() + "/cache";
    to_ = dir() + "/to";
    receipt_ = dir() + "/receipt";
    ASSERT_OK(ArrangeTree(
        cache_, "a \"aaaa\"\nd/b 0755 \"bbbbb\"\nd/c \"cc\"\nl -> a"));
  }
  const std::string& dir() const { return *dir_; }

  void Place(std::vector<Method> methods, bool digest = false,
             bool identity = false) {
    Request request = FromTo(cache_, to_, std::move(methods));
    request.receipt = receipt_;
    request.receipt_digest = digest;
    request.receipt_identity = identity;
    ASSERT_OK(Materialize(request).status());
  }
  absl::StatusOr<InspectReport> Look(bool checksum = false,
                                     CacheLinks links = CacheLinks::kAuto) {
    return Inspect({.destination = to_,
                    .cache = cache_,
                    .links = links,
                    .against = receipt_,
                    .checksum = checksum});
  }

  std::optional<TempDir> dir_;
  std::string cache_, to_, receipt_;
};

INSTANTIATE_TEST_SUITE_P(Places, InspectTest,
                         testing::Values("ext4", "xfs", "btrfs", "tmpfs"),
                         [](const auto& place) {
                           return std::string(place.param);
                         });

TEST_P(InspectTest, WhatNobodyTouchedIsProbablyUnchangedAndThenProven) {
  for (const Method method : {Method::kHardlink, Method::kCopy}) {
    std::filesystem::remove_all(to_);
    Place({method}, /*digest=*/true, /*identity=*/true);
    ASSERT_OK_AND_ASSIGN(const InspectReport guess, Look());
    EXPECT_THAT(Changes(guess), IsEmpty());
    EXPECT_THAT(guess.missing, IsEmpty());
    EXPECT_THAT(guess.added, IsEmpty());
    EXPECT_EQ(guess.unproven, 3);
    EXPECT_EQ(guess.proven, 0);
    ASSERT_OK_AND_ASSIGN(const InspectReport proof, Look(/*checksum=*/true));
    EXPECT_THAT(Changes(proof), IsEmpty());
    EXPECT_EQ(proof.unproven, 0);
    EXPECT_EQ(proof.proven, 3);
  }
}

TEST_P(InspectTest, Mtree8AcceptsAReceiptWithIdentities) {
  if (!std::filesystem::exists("/usr/bin/mtree"))
    GTEST_SKIP() << "no mtree(8) here";
  Place({Method::kCopy}, /*digest=*/true, /*identity=*/true);
  EXPECT_THAT(ReadFile(receipt_), HasSubstr(" tags=inode:"));
  EXPECT_THAT(ReadFile(receipt_), HasSubstr(",ctime:"));
  const cli::Said said =
      cli::RunProgram({"/usr/bin/mtree", "-p", to_, "-f", receipt_});
  EXPECT_EQ(said.code, 0) << said.out << said.err;
  std::filesystem::remove_all(to_);
  Place({Method::kHardlink}, /*digest=*/true, /*identity=*/false);
  EXPECT_THAT(ReadFile(receipt_), testing::Not(HasSubstr("tags=")));
}

// Row G6: an edit through a hardlink that nobody can see from outside.
TEST_P(InspectTest, AnUnseenEditOfASharedInodeTakesAChecksum) {
  Place({Method::kHardlink}, /*digest=*/true, /*identity=*/true);
  EditUnseen(to_ + "/a");
  ASSERT_OK_AND_ASSIGN(const InspectReport guess, Look());
  EXPECT_THAT(Changes(guess), IsEmpty());
  EXPECT_EQ(guess.unproven, 3);
  ASSERT_OK_AND_ASSIGN(const InspectReport proof, Look(/*checksum=*/true));
  EXPECT_THAT(Changes(proof), ElementsAre("a (sha256digest) = a"));
  EXPECT_EQ(proof.proven, 2);
}

TEST_P(InspectTest, AnEditOfASharedInodeNamesTheEntryOfTheCache) {
  Place({Method::kHardlink});
  WriteFile(cache_ + "/d/b", "longer than before");
  for (const CacheLinks links : {CacheLinks::kAuto, CacheLinks::kNever}) {
    ASSERT_OK_AND_ASSIGN(const InspectReport report, Look(false, links));
    EXPECT_THAT(Changes(report), ElementsAre("d/b (size, time) = d/b"));
  }
}

// ctime counts where no other hardlink can have changed it.
TEST_P(InspectTest, AnUnseenEditOfAnIndependentFileShowsInItsCtime) {
  Place({Method::kCopy}, /*digest=*/true, /*identity=*/true);
  EditUnseen(to_ + "/a");
  ASSERT_OK_AND_ASSIGN(const InspectReport guess, Look());
  EXPECT_THAT(Changes(guess), ElementsAre("a (ctime)"));
  ASSERT_OK_AND_ASSIGN(const InspectReport proof, Look(/*checksum=*/true));
  EXPECT_THAT(Changes(proof), ElementsAre("a (ctime, sha256digest)"));
}

TEST_P(InspectTest, AnotherHardlinkIsNoChange) {
  Place({Method::kCopy}, /*digest=*/false, /*identity=*/true);
  std::filesystem::create_hard_link(to_ + "/a", dir() + "/third");
  ASSERT_OK_AND_ASSIGN(const InspectReport report, Look());
  EXPECT_THAT(Changes(report), IsEmpty());
  std::filesystem::remove_all(to_);
  Place({Method::kHardlink}, /*digest=*/false, /*identity=*/true);
  // The last of several names is no independent file of the receipt's time.
  std::filesystem::remove(cache_ + "/d/c");
  ASSERT_OK_AND_ASSIGN(const InspectReport last, Look());
  EXPECT_THAT(Changes(last), IsEmpty());
}

// Only an inode number tells: size and mtime are the same.
TEST_P(InspectTest, AReplacedFileIsAnotherInode) {
  Place({Method::kHardlink}, /*digest=*/true, /*identity=*/true);
  std::filesystem::copy_file(cache_ + "/a", to_ + "/new");
  RealSys().SetTimesAt(AT_FDCWD, (to_ + "/new").c_str(),
                       StatOf(cache_ + "/a").mtime, 0);
  std::filesystem::rename(to_ + "/new", to_ + "/a");
  ASSERT_OK_AND_ASSIGN(const InspectReport guess, Look());
  EXPECT_THAT(Changes(guess), ElementsAre("a (inode)"));
  ASSERT_EQ(guess.files.size(), 2u);  // no link any more
  EXPECT_EQ(guess.files[0].path, "a");
  EXPECT_EQ(guess.files[1].path, "l");
  ASSERT_OK_AND_ASSIGN(const InspectReport proof, Look(/*checksum=*/true));
  EXPECT_THAT(Changes(proof), IsEmpty());  // by content it is the same
}

TEST_P(InspectTest, WithoutDigestsTheCacheProves) {
  Place({Method::kCopy});
  EditUnseen(to_ + "/a");
  ASSERT_OK_AND_ASSIGN(const InspectReport proof, Look(/*checksum=*/true));
  EXPECT_THAT(Changes(proof), ElementsAre("a (sha256digest)"));
  EXPECT_EQ(proof.proven, 2);
  // A file that shares its inode with the cache proves nothing of itself.
  std::filesystem::remove_all(to_);
  Place({Method::kHardlink});
  ASSERT_OK_AND_ASSIGN(const InspectReport shared, Look(/*checksum=*/true));
  EXPECT_EQ(shared.proven, 0);
  EXPECT_EQ(shared.unproven, 3);
}

TEST_P(InspectTest, KindsModesTargetsAndNamesAreCompared) {
  Place({Method::kCopy});
  std::filesystem::remove(to_ + "/a");
  std::filesystem::create_directory(to_ + "/a");
  ASSERT_EQ(chmod((to_ + "/d").c_str(), 0700), 0);
  ASSERT_EQ(chmod((to_ + "/d/b").c_str(), 0644), 0);
  std::filesystem::remove(to_ + "/d/c");
  std::filesystem::remove(to_ + "/l");
  std::filesystem::create_symlink("d/b", to_ + "/l");
  ASSERT_OK(ArrangeTree(to_ + "/a", "new \"n\""));
  ASSERT_OK_AND_ASSIGN(const InspectReport report, Look());
  EXPECT_THAT(Changes(report),
              ElementsAre("a (type)", "d (mode)", "d/b (mode)", "l (link)"));
  EXPECT_THAT(report.missing, ElementsAre("d/c"));
  EXPECT_THAT(report.added, ElementsAre("a/new"));
}

TEST_P(InspectTest, WhatIsSkippedIsNotMissing) {
  ASSERT_OK(ArrangeTree(cache_, ".git/config \"c\"\n.x \"x\""));
  Place({Method::kCopy});
  std::filesystem::remove_all(to_ + "/.git");
  InspectRequest request = {
      .destination = to_, .cache = cache_, .against = receipt_};
  ASSERT_OK_AND_ASSIGN(const InspectReport all, Inspect(request));
  EXPECT_THAT(all.missing, ElementsAre(".git", ".git/config"));
  request.hidden = Hidden::kSkip;
  ASSERT_OK_AND_ASSIGN(const InspectReport shown, Inspect(request));
  EXPECT_THAT(shown.missing, IsEmpty());
}

TEST_P(InspectTest, ChecksumsAreThoseOfTheFiles) {
  ASSERT_OK(ArrangeTree(to_, "own \"abc\""));
  std::filesystem::create_symlink("own", to_ + "/also");
  ASSERT_OK_AND_ASSIGN(
      const InspectReport report,
      Inspect({.destination = to_, .cache = cache_, .checksum = true}));
  ASSERT_EQ(report.files.size(), 2u);
  for (const InspectedFile& file : report.files) {
    EXPECT_EQ(
        file.sha256,
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  }
  ASSERT_OK_AND_ASSIGN(const InspectReport without,
                       Inspect({.destination = to_, .cache = cache_}));
  EXPECT_EQ(without.files[0].sha256, "");
}

// Lists like bsdtar's and mtree(8)'s own are receipts too; whole seconds in
// them stand for any time in that second.
TEST_P(InspectTest, AManifestOfAnotherProgramWillDo) {
  Place({Method::kCopy});
  std::ofstream(receipt_)
      << "#mtree\n/set type=file\n./a size=4 time=1600000000.0 "
         "sha256="
         "61be55a8e2f6b4e172338bddf184d6dbee29c98853e0a0485ecee7f27b9af0b4"
         "\n./gone optional\n./d type=dir\n";
  ASSERT_OK_AND_ASSIGN(const InspectReport proof, Look(/*checksum=*/true));
  EXPECT_THAT(Changes(proof), IsEmpty());
  EXPECT_THAT(proof.missing, IsEmpty());
  EXPECT_EQ(proof.proven, 1);
  EXPECT_THAT(proof.added, ElementsAre("d/b", "d/c", "l"));
}

TEST_P(InspectTest, ErrorsNameThePath) {
  Place({Method::kCopy});
  FaultySys sys(RealSys());
  sys.Fail("Read", EIO, {.nth = 2});
  EXPECT_THAT(
      std::string(
          Inspect({.destination = to_, .cache = cache_, .checksum = true}, sys)
              .status()
              .message()),
      HasSubstr("read " + to_ + "/"));
  EXPECT_THAT(Inspect({.destination = dir() + "/none", .cache = cache_}),
              StatusIs(absl::StatusCode::kNotFound,
                       HasSubstr("open " + dir() + "/none")));
  EXPECT_THAT(Inspect({.destination = to_, .cache = cache_ + "/a"}),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr(cache_ + "/a")));
  std::ofstream(receipt_) << "../x type=file\n";
  EXPECT_THAT(Look(), StatusIs(absl::StatusCode::kInvalidArgument,
                               HasSubstr("receipt:1")));
  const std::atomic<bool> stop = true;
  EXPECT_THAT(Inspect({.destination = to_, .cache = cache_, .cancel = &stop}),
              StatusIs(absl::StatusCode::kCancelled));
}

TEST_P(InspectTest, TheCommandTellsPeopleAndProgramsAndScripts) {
  const auto run = [&](const std::vector<std::string>& words) {
    return cli::RunCommand(words);
  };
  ASSERT_EQ(run({"place", "--receipt=" + receipt_, "--receipt_identity",
                 "--methods=copy", cache_, to_})
                .code,
            0);
  const std::vector<std::string> look = {"status", "--cache=" + cache_,
                                         "--against=" + receipt_, to_};
  const cli::Said same = run(look);
  EXPECT_EQ(same.code, 0);
  EXPECT_THAT(same.err, HasSubstr("3 probably unchanged (--checksum"));
  std::filesystem::remove(to_ + "/d/c");
  WriteFile(to_ + "/a", "AAAAA");
  const cli::Said json = run(look);
  EXPECT_EQ(json.code, 3);
  const auto parsed = nlohmann::json::parse(json.out);
  EXPECT_EQ(parsed["modified"][0]["path"], "a");
  EXPECT_EQ(parsed["missing"][0]["path"], "d/c");
  std::vector<std::string> words = look;
  words.push_back("--report=" + dir() + "/report");
  const cli::Said people = run(words);
  EXPECT_EQ(people.code, 3);
  EXPECT_THAT(people.out, HasSubstr("missing    d/c\n"));
  EXPECT_EQ(ReadFile(dir() + "/report"), json.out);
  EXPECT_EQ(run({"status", to_}).code, 2);
  EXPECT_EQ(run({"status", "--cache=" + cache_, "--repair", to_}).code, 2);
  EXPECT_EQ(run({"status", "--cache=" + cache_, to_ + "/none"}).code, 1);
}

}  // namespace
}  // namespace materialize
