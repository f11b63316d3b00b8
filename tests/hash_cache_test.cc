// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// What is remembered, what is forgotten, and that nothing wrong is believed.

#include "materialize/hash_cache.h"

#include <sys/wait.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "materialize/digest.h"
#include "tests/testing/faulty_sys.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"
#include "tests/testing/tree_text.h"

namespace materialize {
namespace {

using ::testing::HasSubstr;

constexpr Time kChanged = {.seconds = 1700000000, .nanoseconds = 5};
constexpr Time kLater = {.seconds = 1800000000, .nanoseconds = 0};

Stat Facts(uint64_t inode, int64_t size = 10) {
  Stat facts;
  facts.mode = S_IFREG | 0644;
  facts.device = 7;
  facts.inode = inode;
  facts.size = size;
  facts.mtime = kChanged;
  facts.ctime = kChanged;
  return facts;
}

std::string DigestOf(uint64_t inode) { return Sha256(absl::StrCat(inode)); }

std::string ReadFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}
void WriteFile(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

class HashCacheTest : public ::testing::Test {
 protected:
  std::unique_ptr<HashCache> Open() { return OpenBy(RealSys()); }
  std::unique_ptr<HashCache> OpenBy(Sys& sys) {
    return HashCache::Open(sys, base_, "/input");
  }
  std::string folder() const { return base_ / "materialize/hashes"; }
  std::string file() const {
    return absl::StrCat(folder(), "/", Sha256("/input").substr(0, 16));
  }
  // Runs that hashed these files and looked at nothing else.
  void Remember(const std::vector<uint64_t>& inodes) {
    const std::unique_ptr<HashCache> cache = Open();
    for (const uint64_t inode : inodes) {
      cache->Add(Facts(inode), DigestOf(inode), kLater);
    }
    ASSERT_OK(cache->Save(HashCache::Look::kPart));
  }
  // Which of the first ten inodes are known; what is known is right.
  std::string Known() {
    const std::unique_ptr<HashCache> cache = Open();
    std::string known;
    for (uint64_t inode = 1; inode <= 10; ++inode) {
      const std::optional<std::string> found = cache->Find(Facts(inode));
      if (!found.has_value()) continue;
      EXPECT_EQ(*found, DigestOf(inode));
      absl::StrAppend(&known, inode, " ");
    }
    return known;
  }

  const TempDir base_;
};

// Row S6.
TEST_F(HashCacheTest, KnowsAFileByDeviceInodeTimesAndSize) {
  Remember({3});
  const std::unique_ptr<HashCache> cache = Open();
  EXPECT_EQ(cache->Find(Facts(3)), DigestOf(3));
  Stat other = Facts(3);
  other.device = 8;
  EXPECT_EQ(cache->Find(other), std::nullopt);
  other = Facts(3);
  ++other.mtime.nanoseconds;
  EXPECT_EQ(cache->Find(other), std::nullopt);
  other = Facts(3);
  ++other.ctime.nanoseconds;
  EXPECT_EQ(cache->Find(other), std::nullopt);
  EXPECT_EQ(cache->Find(Facts(3, 11)), std::nullopt);
  EXPECT_EQ(cache->Find(Facts(4)), std::nullopt);
  EXPECT_EQ(HashCache::Open(RealSys(), base_, "/other")->Find(Facts(3)),
            std::nullopt);
}

// Row S4.
TEST_F(HashCacheTest, ZeroIsNoIdentity) {
  const std::unique_ptr<HashCache> cache = Open();
  Stat nowhere = Facts(3);
  nowhere.device = 0;
  cache->Add(nowhere, DigestOf(3), kLater);
  cache->Add(Facts(0), DigestOf(0), kLater);
  ASSERT_OK(cache->Save(HashCache::Look::kWhole));
  EXPECT_EQ(Open()->Find(nowhere), std::nullopt);
  EXPECT_EQ(Open()->Find(Facts(0)), std::nullopt);
  EXPECT_EQ(TreeText(base_, {.root = false, .modes = false, .times = false}),
            "materialize/\nmaterialize/hashes/\n");
}

TEST_F(HashCacheTest, DoesNotKeepWhatMightChangeUnseen) {
  const std::unique_ptr<HashCache> cache = Open();
  const auto read_after = [&](uint64_t inode, int64_t nanoseconds) {
    Time started = kChanged;
    started.seconds += nanoseconds / 1'000'000'000;
    started.nanoseconds += static_cast<uint32_t>(nanoseconds % 1'000'000'000);
    cache->Add(Facts(inode), DigestOf(inode), started);
  };
  read_after(1, 0);
  read_after(2, 19'999'999);
  read_after(3, 20'000'000);
  read_after(4, 3'600'000'000'000);
  read_after(5, -100'000'000'000);  // a time to come
  ASSERT_OK(cache->Save(HashCache::Look::kPart));
  EXPECT_EQ(Known(), "3 4 ");
}

TEST_F(HashCacheTest, WholeSecondsSettleLater) {
  const std::unique_ptr<HashCache> cache = Open();
  Stat whole = Facts(1);
  whole.ctime.nanoseconds = 0;
  Time started = whole.ctime;
  started.seconds += 2;
  started.nanoseconds = 999'999'999;
  cache->Add(whole, DigestOf(1), started);
  EXPECT_EQ(cache->Save(HashCache::Look::kPart), absl::OkStatus());
  EXPECT_EQ(Open()->Find(whole), std::nullopt);
  started.seconds += 1;
  started.nanoseconds = 0;
  cache->Add(whole, DigestOf(1), started);
  ASSERT_OK(cache->Save(HashCache::Look::kPart));
  EXPECT_EQ(Open()->Find(whole), DigestOf(1));
}

// Row S6.
TEST_F(HashCacheTest, OnlyAWholeLookForgets) {
  Remember({1, 2, 3, 4});
  std::unique_ptr<HashCache> cache = Open();
  EXPECT_NE(cache->Find(Facts(1)), std::nullopt);
  cache->Keep(Facts(2));
  cache->Keep(Facts(3, 11));  // another one by now
  cache->Add(Facts(5), DigestOf(5), kLater);
  ASSERT_OK(cache->Save(HashCache::Look::kPart));
  EXPECT_EQ(Known(), "1 2 3 4 5 ");
  ASSERT_OK(cache->Save(HashCache::Look::kWhole));
  EXPECT_EQ(Known(), "1 2 5 ");
}

TEST_F(HashCacheTest, AWholeLookKeepsWhatOthersAddedMeanwhile) {
  Remember({1, 2});
  const std::unique_ptr<HashCache> cache = Open();
  cache->Keep(Facts(1));
  Remember({6});
  const std::unique_ptr<HashCache> other = Open();
  other->Add(Facts(2, 11), DigestOf(2), kLater);  // changed since `cache` read
  ASSERT_OK(other->Save(HashCache::Look::kPart));
  ASSERT_OK(cache->Save(HashCache::Look::kWhole));
  EXPECT_EQ(Known(), "1 6 ");
  EXPECT_EQ(Open()->Find(Facts(2, 11)), DigestOf(2));
}

TEST_F(HashCacheTest, WritesNothingWhereNothingIsNew) {
  Remember({1});
  FaultySys sys(RealSys());
  const std::unique_ptr<HashCache> cache = OpenBy(sys);
  cache->Keep(Facts(1));
  ASSERT_OK(cache->Save(HashCache::Look::kWhole));
  EXPECT_EQ(sys.Calls("RenameAt"), 0);
  EXPECT_EQ(sys.Calls("Write"), 0);
}

// Every byte of a good file, replaced in several ways, and every length.
TEST_F(HashCacheTest, BelievesNothingThatWasDamaged) {
  Remember({1, 2, 3});
  const std::string good = ReadFile(file());
  ASSERT_GT(good.size(), 300u);
  for (size_t at = 0; at < good.size(); ++at) {
    for (const char byte : {'0', '7', 'a', ' ', '\n', '\0', '\xff'}) {
      std::string bad = good;
      if (bad[at] == byte) continue;
      bad[at] = byte;
      WriteFile(file(), bad);
      const std::string known = Known();  // which checks the digests
      // The line it is in is lost, and at its end perhaps the next.
      ASSERT_LE(known.size(), 4u) << at;
      ASSERT_GE(known.size(), good[at] == '\n' ? 2u : 4u) << at;
    }
    if (at + 1 == good.size()) break;  // Only the last line's end is missing.
    WriteFile(file(), good.substr(0, at));
    ASSERT_LE(Known().size(), 4u) << at;
    WriteFile(file(), good.substr(at + 1));
    ASSERT_LE(Known().size(), 4u) << at;
  }
}

TEST_F(HashCacheTest, GarbageIsAnEmptyCache) {
  Remember({1});
  std::string garbage;
  for (int i = 0; i < 100000; ++i) garbage += static_cast<char>(i * i * 31);
  WriteFile(file(), garbage);
  EXPECT_EQ(Known(), "");
  Remember({2});
  EXPECT_EQ(Known(), "2 ");
}

TEST_F(HashCacheTest, IsTheUsersAlone) {
  Remember({1});
  EXPECT_EQ(TreeText(folder(), {.times = false}).substr(0, 8), "./ 0700\n");
  EXPECT_THAT(TreeText(file(), {.times = false}), HasSubstr("0600"));
  Fd fd(RealSys(), RealSys().OpenAt(AT_FDCWD, file().c_str(), O_RDONLY, 0));
  ASSERT_EQ(RealSys().ChangeMode(fd.get(), 0620), 0);
  EXPECT_EQ(Known(), "");
  ASSERT_EQ(RealSys().ChangeMode(fd.get(), 0640), 0);
  EXPECT_EQ(Known(), "1 ");
  ASSERT_EQ(RealSys().ChangeModeAt(AT_FDCWD, folder().c_str(), 0702), 0);
  EXPECT_EQ(Known(), "");
}

TEST_F(HashCacheTest, NeverFollowsAPlantedLink) {
  Remember({1});
  const TempDir elsewhere;
  const std::string good = ReadFile(file());
  WriteFile(elsewhere / "file", good);
  ASSERT_EQ(::unlink(file().c_str()), 0);
  ASSERT_EQ(::symlink((elsewhere / "file").c_str(), file().c_str()), 0);
  EXPECT_EQ(Known(), "");
  const std::string temporary =
      absl::StrCat(folder(), "/.", Sha256("/input").substr(0, 16), ".new");
  ASSERT_EQ(::symlink((elsewhere / "file").c_str(), temporary.c_str()), 0);
  Remember({2});
  EXPECT_EQ(Known(), "2 ");
  EXPECT_EQ(ReadFile(elsewhere / "file"), good);
  // Nor is the folder one.
  ASSERT_EQ(::rename(folder().c_str(), (elsewhere / "hashes").c_str()), 0);
  ASSERT_EQ(::symlink((elsewhere / "hashes").c_str(), folder().c_str()), 0);
  EXPECT_EQ(Known(), "");
  EXPECT_THAT(Open()->Save(HashCache::Look::kWhole),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("materialize/hashes")));
}

TEST_F(HashCacheTest, AFifoInItsPlaceHoldsNobodyUp) {
  Remember({1});
  ASSERT_EQ(::unlink(file().c_str()), 0);
  ASSERT_EQ(::mkfifo(file().c_str(), 0600), 0);
  EXPECT_EQ(Known(), "");
  Remember({2});
  EXPECT_EQ(Known(), "2 ");
}

TEST_F(HashCacheTest, AnErrorCostsTheCacheOnly) {
  Remember({1});
  for (const char* call : {"OpenAt", "StatAt", "Read"}) {
    FaultySys sys(RealSys());
    sys.Fail(call, EIO);
    EXPECT_EQ(OpenBy(sys)->Find(Facts(1)), std::nullopt) << call;
  }
  for (const char* call : {"OpenAt", "Write", "RenameAt", "Close"}) {
    FaultySys sys(RealSys());
    const std::unique_ptr<HashCache> cache = OpenBy(sys);
    cache->Add(Facts(2), DigestOf(2), kLater);
    sys.Fail(call, ENOSPC);
    EXPECT_THAT(cache->Save(HashCache::Look::kPart).message(),
                HasSubstr("No space left"))
        << call;
    sys.Heal();
    EXPECT_EQ(Known(), "1 ") << call;
  }
  FaultySys unlockable(RealSys());
  unlockable.Fail("Lock", EOPNOTSUPP);
  const std::unique_ptr<HashCache> cache = OpenBy(unlockable);
  cache->Add(Facts(2), DigestOf(2), kLater);
  ASSERT_OK(cache->Save(HashCache::Look::kPart));
  EXPECT_EQ(Known(), "1 2 ");
}

TEST_F(HashCacheTest, WorksWithoutAFolder) {
  const std::unique_ptr<HashCache> none =
      HashCache::Open(RealSys(), "", "/input");
  none->Add(Facts(1), DigestOf(1), kLater);
  EXPECT_OK(none->Save(HashCache::Look::kWhole));
  const std::unique_ptr<HashCache> bad =
      HashCache::Open(RealSys(), "/proc/none/such", "/input");
  bad->Add(Facts(1), DigestOf(1), kLater);
  EXPECT_THAT(bad->Save(HashCache::Look::kWhole),
              StatusIs(absl::StatusCode::kNotFound,
                       "open /proc/none/such: No such file or directory"));
}

TEST_F(HashCacheTest, RunsAtOnceLoseNothing) {
  constexpr int kRuns = 8;
  constexpr uint64_t kRounds = 25;
  Remember({100000});
  std::vector<pid_t> children;
  for (uint64_t run = 0; run < kRuns; ++run) {
    const pid_t child = ::fork();
    if (child == 0) {
      for (uint64_t i = 0; i < kRounds; ++i) {
        const std::unique_ptr<HashCache> cache = Open();
        const uint64_t inode = run * kRounds + i + 1;
        cache->Add(Facts(inode), DigestOf(inode), kLater);
        cache->Keep(Facts(100000));
        if (!cache->Save(HashCache::Look::kPart).ok()) ::_exit(1);
      }
      ::_exit(0);
    }
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int status = 1;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
  }
  const std::unique_ptr<HashCache> cache = Open();
  for (uint64_t inode = 1; inode <= kRuns * kRounds; ++inode) {
    EXPECT_EQ(cache->Find(Facts(inode)), DigestOf(inode));
  }
  EXPECT_EQ(cache->Find(Facts(100000)), DigestOf(100000));
}

TEST_F(HashCacheTest, ThreadsAtOnceLoseNothing) {
  const std::unique_ptr<HashCache> cache = Open();
  std::vector<std::thread> threads;
  for (uint64_t first = 0; first < 4; ++first) {
    threads.emplace_back([&cache, first] {
      for (uint64_t inode = first * 100 + 1; inode <= first * 100 + 100;
           ++inode) {
        cache->Add(Facts(inode), DigestOf(inode), kLater);
        (void)cache->Find(Facts(inode));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  ASSERT_OK(cache->Save(HashCache::Look::kWhole));
  const std::unique_ptr<HashCache> again = Open();
  for (uint64_t inode = 1; inode <= 400; ++inode) {
    EXPECT_EQ(again->Find(Facts(inode)), DigestOf(inode));
  }
}

TEST(UserCacheDirectoryTest, IsWhatTheEnvironmentSays) {
  ::setenv("HOME", "/home/me", 1);
  ::setenv("XDG_CACHE_HOME", "/cache", 1);
  EXPECT_EQ(UserCacheDirectory(), "/cache");
  ::setenv("XDG_CACHE_HOME", "relative", 1);
  EXPECT_EQ(UserCacheDirectory(), "/home/me/.cache");
  ::unsetenv("XDG_CACHE_HOME");
  EXPECT_EQ(UserCacheDirectory(), "/home/me/.cache");
  ::unsetenv("HOME");
  EXPECT_EQ(UserCacheDirectory(), "");
}

}  // namespace
}  // namespace materialize
