// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Equal contents are found, and what it costs: what is opened, read and kept.

#include "materialize/exec/twins.h"

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "materialize/hash_cache.h"
#include "materialize/os/fd.h"
#include "materialize/plan/manifest_source.h"
#include "materialize/plan/walk.h"
#include "tests/testing/fake_mounts.h"
#include "tests/testing/faulty_sys.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"
#include "tests/testing/tree_text.h"

namespace materialize {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class TwinsTest : public ::testing::Test {
 protected:
  void SetUp() override { Arrange(input_, ""); }
  static void Arrange(const std::string& root, const std::string& text) {
    ASSERT_OK(ArrangeTree(root, text));
    absl::SleepFor(absl::Milliseconds(25));  // or nothing would be remembered
  }

  // The same inode and size, another content or at least another time.
  void Rewrite(const std::string& name, const std::string& bytes) {
    const std::string path = input_ / name;
    std::ofstream(path, std::ios::binary) << bytes;
    ASSERT_EQ(RealSys().SetTimesAt(AT_FDCWD, path.c_str(),
                                   {.seconds = kDefaultTime + 1}, 0),
              0);
  }

  std::unique_ptr<Source> OpenInput(WalkOptions options = {}) {
    return std::make_unique<Walk>(
        Fd(sys_,
           sys_.OpenAt(AT_FDCWD, input().c_str(), O_RDONLY | O_DIRECTORY, 0)),
        input(), std::move(options));
  }
  void Find(std::unique_ptr<Source> source, int destination = -1) {
    sys_.StartLog();
    const std::unique_ptr<HashCache> cache =
        HashCache::Open(RealSys(), cache_, input());
    absl::StatusOr<std::unique_ptr<Twins>> twins =
        Twins::Find(sys_, options_, *source, destination, *cache);
    ASSERT_OK(twins);
    twins_ = *std::move(twins);
    ASSERT_OK(cache->Save(HashCache::Look::kWhole));
  }
  void Find() { Find(OpenInput()); }
  void FindInto(const std::string& destination) {
    const Fd root(sys_, sys_.OpenAt(AT_FDCWD, destination.c_str(),
                                    O_RDONLY | O_DIRECTORY, 0));
    Find(OpenInput(), root.get());
  }

  Stat FactsOf(const std::string& path) {
    Stat facts;
    EXPECT_GE(RealSys().StatAt(AT_FDCWD, path.c_str(), 0, &facts), 0) << path;
    return facts;
  }
  // "a b", for each group the paths that are in it, sorted; `(x)` is what the
  // destination has.
  std::vector<std::string> Groups(const std::vector<std::string>& paths) {
    std::map<uint32_t, std::vector<std::string>> found;
    for (const std::string& path : paths) {
      const auto group = twins_->NumbersOf(path, FactsOf(input_ / path));
      if (group.has_value()) found[group->group].push_back(path);
    }
    std::vector<std::string> lines;
    for (auto& [number, members] : found) {
      const TwinGroup& group = twins_->group(number);
      EXPECT_EQ(group.count, static_cast<int64_t>(members.size()));
      std::sort(members.begin(), members.end());
      if (!group.existing.empty()) {
        members.push_back(absl::StrCat("(", group.existing, ")"));
      }
      lines.push_back(absl::StrJoin(members, " "));
    }
    EXPECT_EQ(twins_->groups(), lines.size());
    std::sort(lines.begin(), lines.end());
    return lines;
  }
  // The names that were opened and were no directories.
  std::vector<std::string> Opened() {
    std::vector<std::string> names;
    for (const std::string& line : sys_.Log()) {
      if (!absl::StartsWith(line, "OpenAt ")) continue;
      const std::string path = line.substr(7);
      Stat facts;
      if (RealSys().StatAt(AT_FDCWD, path.c_str(), 0, &facts) < 0) continue;
      if (facts.kind() != Kind::kDirectory) {
        names.push_back(path.substr(path.rfind('/') + 1));
      }
    }
    std::sort(names.begin(), names.end());
    return names;
  }
  const std::string& input() const { return input_; }

  const TempDir input_;
  const TempDir cache_;
  FaultySys sys_{RealSys()};
  ExecOptions options_ = {.methods = {Method::kCopy}, .jobs = 3};
  std::unique_ptr<Twins> twins_;
};

// Rows S1, S3.
TEST_F(TwinsTest, FindsEqualContentsWhereverTheyAre) {
  Arrange(input_,
          "a \"same\"\nd/e/b \"same\"\nc \"diff\"\nd/longer \"longer\"\n"
          "big1 size=300K\nd/big2 size=300K\nlink -> a\n"
          "empty1 \"\"\nempty2 \"\"\n");
  Find();
  EXPECT_THAT(Groups({"a", "d/e/b", "c", "d/longer", "big1", "d/big2", "empty1",
                      "empty2"}),
              ElementsAre("a d/e/b"));
  EXPECT_EQ(twins_->group(0).size, 4);
  EXPECT_EQ(twins_->NumbersOf("link", FactsOf(input_ / "a")), std::nullopt);
  EXPECT_EQ(twins_->NumbersOf("none", FactsOf(input_ / "a")), std::nullopt);
}

TEST_F(TwinsTest, OpensNoFileWhoseSizeIsItsOwn) {
  Arrange(input_, "a \"1\"\nb \"22\"\nc \"333\"\nd/e \"4444\"\n");
  Find();
  EXPECT_THAT(Opened(), IsEmpty());
  EXPECT_EQ(sys_.Calls("Read"), 0);
  EXPECT_EQ(twins_->groups(), 0u);
  Arrange(input_, "d/f \"5555\"\n");
  Find();
  EXPECT_THAT(Opened(), ElementsAre("e", "f"));
}

// Row S5.
TEST_F(TwinsTest, ReadsAnInodeOnce) {
  Arrange(input_, "a \"same\"\nb = a\nd/c = a\nd/x \"same\"\n");
  Find();
  EXPECT_THAT(Groups({"a", "b", "d/c", "d/x"}), ElementsAre("a b d/c d/x"));
  EXPECT_EQ(Opened().size(), 2u);
}

// Row S5: and not at all where nothing else could be equal.
TEST_F(TwinsTest, NamesOfOneInodeAreTwinsUnread) {
  Arrange(input_, "a \"one\"\nd/b = a\nc \"four\"\n");
  Find();
  EXPECT_THAT(Groups({"a", "d/b", "c"}), ElementsAre("a d/b"));
  EXPECT_THAT(Opened(), IsEmpty());
}

// Row S6.
TEST_F(TwinsTest, OpensNothingThatTheCacheKnows) {
  Arrange(input_, "a \"same\"\nb \"same\"\nc \"else\"\n");
  Find();
  EXPECT_EQ(Opened().size(), 3u);
  const int reads = sys_.Calls("Read");
  sys_.Fail("Read", EIO);  // none of the following
  const size_t opened = Opened().size();
  Find();
  EXPECT_EQ(Opened().size(), opened);
  EXPECT_EQ(sys_.Calls("Read"), reads);
  EXPECT_THAT(Groups({"a", "b", "c"}), ElementsAre("a b"));
}

// Row S6.
TEST_F(TwinsTest, ReadsAgainWhatHasAnotherTime) {
  Arrange(input_, "a \"same\"\nb \"same\"\nc \"same\"\n");
  Find();
  Rewrite("b", "diff");
  const size_t opened = Opened().size();
  Find();
  EXPECT_EQ(Opened().size(), opened + 1);
  EXPECT_THAT(Groups({"a", "b", "c"}), ElementsAre("a c"));
}

TEST_F(TwinsTest, AFileThatChangedSinceHasNoGroup) {
  Arrange(input_, "a \"same\"\nb \"same\"\n");
  Find();
  const Stat good = FactsOf(input_ / "a");
  EXPECT_NE(twins_->NumbersOf("a", good), std::nullopt);
  Stat facts = good;
  ++facts.mtime.nanoseconds;
  EXPECT_EQ(twins_->NumbersOf("a", facts), std::nullopt);
  facts = good;
  ++facts.size;
  EXPECT_EQ(twins_->NumbersOf("a", facts), std::nullopt);
  facts = good;
  ++facts.inode;
  EXPECT_EQ(twins_->NumbersOf("a", facts), std::nullopt);
  facts = good;
  ++facts.device;
  EXPECT_EQ(twins_->NumbersOf("a", facts), std::nullopt);
}

TEST_F(TwinsTest, AFileThatChangesWhileItIsReadHasNoTwin) {
  Arrange(input_, "a \"same\"\nb \"same\"\nc \"same\"\n");
  options_.jobs = 1;
  sys_.Before("Read", [&] { Rewrite("b", "same"); },
              {.count = 1, .path = input_ / "b"});
  Find();
  EXPECT_THAT(Groups({"a", "b", "c"}), ElementsAre("a c"));
  // Nor did the cache hear of it.
  const size_t opened = Opened().size();
  Find();
  EXPECT_EQ(Opened().size(), opened + 1);
  EXPECT_THAT(Groups({"a", "b", "c"}), ElementsAre("a b c"));
}

TEST_F(TwinsTest, AFileThatIsExchangedBeforeItIsReadHasNoTwin) {
  Arrange(input_, "a \"same\"\nb \"same\"\n");
  sys_.Before("OpenAt",
              [&] {
                Arrange(input_, "new \"diff\"\n");
                std::rename((input_ / "new").c_str(), (input_ / "b").c_str());
              },
              {.count = 1, .path = input_ / "b"});
  Find();
  EXPECT_EQ(twins_->groups(), 0u);
  EXPECT_EQ(sys_.Calls("Read"), 2);  // "a" and its end
}

// Row S9: what cannot be read is for the placing to tell.
TEST_F(TwinsTest, WhatCannotBeReadHasNoTwin) {
  Arrange(input_,
          "a \"same\"\nb \"same\"\nc \"same\"\nd/x \"same\"\ne/y \"same\"\n");
  sys_.Fail("OpenAt", EACCES, {.path = input_ / "b"});
  sys_.Fail("Read", EIO, {.path = input_ / "c"});
  sys_.Fail("ReadDirectory", EIO, {.path = input_ / "d"});
  sys_.Fail("StatAt", EIO, {.path = input_ / "e/y"});
  Find();
  EXPECT_EQ(twins_->groups(), 0u);
  sys_.Heal();
  Find();
  EXPECT_EQ(twins_->groups(), 1u);
}

// Row S2.
TEST_F(TwinsTest, FindsWhatTheDestinationHasBesides) {
  const TempDir there;
  Arrange(input_, "a \"same\"\nd/b \"four\"\nc \"seven77\"\ne/f \"x\"\n");
  Arrange(there,
          "a \"four\"\n"            // listed: it will be another one
          "d/old \"same\"\n"        // beside what is listed
          "gone/deep/z \"same\"\n"  // below what is not
          "c/in \"seven77\"\n"      // a file is to go there
          "e \"x\"\n"               // a directory is to go there
          "u1 \"none\"\nu2 \"none\"\nu3 = u1\n"  // for nobody
          "link -> d/old\n");
  FindInto(there);
  EXPECT_THAT(Groups({"a", "d/b", "c", "e/f"}), ElementsAre("a (d/old)"));
  const TwinGroup& group = twins_->group(0);
  const Stat old = FactsOf(there / "d/old");
  EXPECT_EQ(IdentityOf(group.existing_facts), IdentityOf(old));
  EXPECT_EQ(group.existing_facts.mtime, old.mtime);
  EXPECT_EQ(group.existing_facts.size, 4);
  EXPECT_EQ(group.existing_facts.kind(), Kind::kFile);
}

TEST_F(TwinsTest, WhatOnlyTheDestinationHasIsNotRead) {
  const TempDir there;
  Arrange(input_, "a \"four\"\n");
  Arrange(there, "x \"seven77\"\ny \"seven77\"\n");
  FindInto(there);
  EXPECT_THAT(Opened(), IsEmpty());
  EXPECT_EQ(twins_->groups(), 0u);
}

TEST_F(TwinsTest, WhereTheListingBreaksOffNothingIsBesides) {
  const TempDir there;
  Arrange(input_, "a \"same\"\nd/b \"four\"\n");
  Arrange(there, "d/b \"same\"\n");
  sys_.Fail("ReadDirectory", EIO, {.path = input_ / "d"});
  FindInto(there);
  EXPECT_EQ(twins_->groups(), 0u);
}

TEST_F(TwinsTest, AnotherMountInTheDestinationIsNotBesides) {
  const TempDir there;
  Arrange(input_, "a \"same\"\n");
  Arrange(there, "m/old \"same\"\n");
  FakeMounts mounted(RealSys(), {{.prefix = there / "m", .mount_id = 1001}});
  for (Sys* sys : {&RealSys(), static_cast<Sys*>(&mounted)}) {
    const std::unique_ptr<HashCache> cache = HashCache::Open(*sys, "", "");
    const std::unique_ptr<Source> source = OpenInput();
    const Fd root(*sys, sys->OpenAt(AT_FDCWD, there.path().c_str(),
                                    O_RDONLY | O_DIRECTORY, 0));
    ASSERT_OK_AND_ASSIGN(
        const std::unique_ptr<Twins> twins,
        Twins::Find(*sys, options_, *source, root.get(), *cache));
    EXPECT_EQ(twins->groups(), sys == &mounted ? 0u : 1u);
  }
}

TEST_F(TwinsTest, WhatARunKeepsForItselfIsNotBesides) {
  const TempDir there;
  Arrange(input_, "a \"same\"\n");
  Arrange(there,
          "sub/.materialize-0123456789abcdef/0 \"same\"\n"
          ".materialize-x \"same\"\n");
  FindInto(there);
  EXPECT_EQ(twins_->groups(), 0u);
}

// Row S4.
TEST_F(TwinsTest, WithoutAnIdentityEveryNameIsRead) {
  class Nowhere : public FaultySys {
   public:
    using FaultySys::FaultySys;
    int StatAt(int dir, const char* path, int flags, Stat* out) override {
      const int result = FaultySys::StatAt(dir, path, flags, out);
      out->inode = 0;
      return result;
    }
  };
  Arrange(input_, "a \"same\"\nb = a\nc \"diff\"\nd = c\n");
  Nowhere sys(RealSys());
  const std::unique_ptr<HashCache> cache =
      HashCache::Open(RealSys(), cache_, input());
  const std::unique_ptr<Source> source = OpenInput();
  ASSERT_OK_AND_ASSIGN(const std::unique_ptr<Twins> twins,
                       Twins::Find(sys, options_, *source, -1, *cache));
  Stat facts = FactsOf(input_ / "a");
  facts.inode = 0;
  EXPECT_EQ(twins->groups(), 2u);
  EXPECT_EQ(twins->NumbersOf("a", facts), twins->NumbersOf("b", facts));
  EXPECT_EQ(twins->NumbersOf("c", facts), twins->NumbersOf("d", facts));
  EXPECT_NE(twins->NumbersOf("a", facts), twins->NumbersOf("c", facts));
  EXPECT_EQ(sys.Calls("Read"), 8);  // four files, and the end of each
}

TEST_F(TwinsTest, FilesOfAManifestAndFollowedLinks) {
  const TempDir from;
  Arrange(from,
          "real \"same\"\nlink -> real\ntree/x \"same\"\nother \"diff\"\n");
  const auto open = [&](Sys& sys, const ManifestEntry& e) {
    Fd root(sys, sys.OpenAt(AT_FDCWD, e.content.c_str(), O_RDONLY, 0));
    return absl::StatusOr<std::unique_ptr<Source>>(std::make_unique<Walk>(
        std::move(root), e.content, WalkOptions(), e.path));
  };
  std::vector<ManifestEntry> entries = {
      {.path = "p/1", .kind = Kind::kFile, .content = from / "link"},
      {.path = "p/2", .kind = Kind::kFile, .content = from / "other"},
      {.path = "t", .kind = Kind::kDirectory, .content = from / "tree"},
      {.path = "none", .kind = Kind::kFile}};
  ASSERT_OK_AND_ASSIGN(
      std::unique_ptr<Source> source,
      MakeManifestSource(
          sys_, std::move(entries),
          {.selection = {}, .privates = {}, .open_directory = open}));
  Find(std::move(source));
  ASSERT_EQ(twins_->groups(), 1u);
  EXPECT_EQ(twins_->group(0).count, 2);
  EXPECT_NE(twins_->NumbersOf("p/1", FactsOf(from / "real")), std::nullopt);
  EXPECT_NE(twins_->NumbersOf("t/x", FactsOf(from / "tree/x")), std::nullopt);
}

TEST_F(TwinsTest, NothingInAUnitIsBesides) {
  const TempDir from;
  const TempDir there;
  Arrange(from, "p/x \"same\"\n");
  Arrange(there, "p/old \"same\"\n");
  const auto open = [&](Sys& sys, const ManifestEntry& e) {
    Fd root(sys, sys.OpenAt(AT_FDCWD, e.content.c_str(), O_RDONLY, 0));
    return absl::StatusOr<std::unique_ptr<Source>>(std::make_unique<Walk>(
        std::move(root), e.content, WalkOptions(), e.path));
  };
  for (const bool unit : {true, false}) {
    std::vector<ManifestEntry> entries = {{.path = "p",
                                           .kind = Kind::kDirectory,
                                           .content = from / "p",
                                           .unit = unit}};
    ASSERT_OK_AND_ASSIGN(
        std::unique_ptr<Source> source,
        MakeManifestSource(
            sys_, std::move(entries),
            {.selection = {}, .privates = {}, .open_directory = open}));
    const Fd root(sys_, sys_.OpenAt(AT_FDCWD, there.path().c_str(),
                                    O_RDONLY | O_DIRECTORY, 0));
    Find(std::move(source), root.get());
    EXPECT_EQ(twins_->groups(), unit ? 0u : 1u);
  }
}

TEST_F(TwinsTest, CanBeInterrupted) {
  Arrange(input_, "a \"same\"\nb \"same\"\nd/c \"same\"\n");
  for (const char* call : {"ReadDirectory", "StatAt", "Read"}) {
    std::atomic<bool> cancel{false};
    options_.cancel = &cancel;
    sys_.Heal();
    sys_.Before(call, [&] { cancel = true; });
    const std::unique_ptr<HashCache> cache = HashCache::Open(RealSys(), "", "");
    const std::unique_ptr<Source> source = OpenInput();
    EXPECT_THAT(Twins::Find(sys_, options_, *source, -1, *cache),
                StatusIs(absl::StatusCode::kCancelled))
        << call;
  }
}

// Many of everything, with several threads.
TEST_F(TwinsTest, CountsRightWithManyFiles) {
  std::string text;
  for (int i = 0; i < 3000; ++i) {
    absl::StrAppend(&text, "d", i % 50, "/", i, " \"", 100 + i % 250, "\"\n");
  }
  Arrange(input_, text);
  options_.jobs = 8;
  Find();
  ASSERT_EQ(twins_->groups(), 250u);
  for (uint32_t group = 0; group < 250; ++group) {
    EXPECT_EQ(twins_->group(group).count, 12);
  }
}

}  // namespace
}  // namespace materialize
