// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Lines come back in order, whatever went to disk.

#include "materialize/spool.h"

#include <sys/resource.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/faulty_sys.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"

namespace materialize {
namespace {

using Lines = std::vector<std::pair<std::string, std::string>>;

Lines Merged(Spool& spool) {
  Lines lines;
  EXPECT_OK(spool.Merge([&](absl::string_view key, absl::string_view line) {
    lines.emplace_back(key, line);
    return absl::OkStatus();
  }));
  return lines;
}

Lines RandomLines(size_t count, unsigned seed) {
  std::mt19937 random(seed);
  Lines lines;
  for (size_t i = 0; i < count; ++i) {
    std::string key;
    for (size_t n = random() % 12; n > 0; --n) {
      key.push_back(static_cast<char>(random()));
    }
    absl::StrAppend(&key, "#", i);  // no two are equal
    lines.emplace_back(key, std::string(random() % 200, 'x'));
  }
  return lines;
}

TEST(SpoolTest, SortsWithoutATemporaryFileWhenThereIsLittle) {
  FaultySys sys(RealSys());
  Spool spool(sys, {.workers = 2});
  spool.Append(1, "b", "2");
  spool.Append(0, "c", "");
  spool.Append(1, "\xff", "4");
  spool.Append(0, absl::string_view("a\0", 2), "1\n");
  spool.Append(0, "", "0");
  const Lines expected = {{"", "0"},
                          {std::string("a\0", 2), "1\n"},
                          {"b", "2"},
                          {"c", ""},
                          {"\xff", "4"}};
  EXPECT_EQ(Merged(spool), expected);
  EXPECT_EQ(sys.AllCalls(), 0);
}

TEST(SpoolTest, MergesWhatSeveralWorkersWroteToDisk) {
  const TempDir dir;
  FaultySys sys(RealSys());
  Spool spool(
      sys, {.workers = 3, .bytes_per_worker = 20000, .directory = dir.path()});
  std::vector<Lines> input;
  for (unsigned w = 0; w < 3; ++w) input.push_back(RandomLines(5000, w));
  std::vector<std::thread> threads;
  for (int w = 0; w < 3; ++w) {
    threads.emplace_back([&, w] {
      for (const auto& [key, line] : input[static_cast<size_t>(w)]) {
        spool.Append(w, key, line);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  Lines expected;
  for (const Lines& lines : input) {
    expected.insert(expected.end(), lines.begin(), lines.end());
  }
  std::sort(expected.begin(), expected.end());
  Lines merged = Merged(spool);
  EXPECT_TRUE(std::is_sorted(
      merged.begin(), merged.end(),
      [](const auto& a, const auto& b) { return a.first < b.first; }));
  std::sort(merged.begin(), merged.end());  // equal keys of other workers
  EXPECT_TRUE(merged == expected);
  EXPECT_GT(sys.Calls("Write"), 50);
  EXPECT_TRUE(std::filesystem::is_empty(dir.path()));
}

TEST(SpoolTest, WorksWithoutOTmpfileAndWithShortReadsAndWrites) {
  const TempDir dir;
  FaultySys sys(RealSys());
  sys.Fail("OpenAt", EOPNOTSUPP, {.count = 1});
  sys.Shorten("Read", 777);
  sys.Shorten("Write", 999);
  Spool spool(sys, {.bytes_per_worker = 5000, .directory = dir.path()});
  Lines lines = RandomLines(300, 5);
  // One record larger than all buffers.
  lines.emplace_back("large", std::string(300000, 'y'));
  for (const auto& [key, line] : lines) spool.Append(0, key, line);
  EXPECT_TRUE(std::filesystem::is_empty(dir.path()));
  std::sort(lines.begin(), lines.end());
  EXPECT_TRUE(Merged(spool) == lines);
}

TEST(SpoolTest, MergeAnswersWhatAppendMet) {
  const TempDir dir;
  FaultySys sys(RealSys());
  sys.Fail("Write", ENOSPC);
  Spool spool(sys, {.bytes_per_worker = 100, .directory = dir.path()});
  for (int i = 0; i < 100; ++i) spool.Append(0, absl::StrCat(i), "line");
  EXPECT_THAT(spool.Merge([](auto, auto) { return absl::OkStatus(); }),
              StatusIs(absl::StatusCode::kResourceExhausted,
                       "write spool file: No space left on device"));
}

TEST(SpoolTest, StopsAtTheVisitorsError) {
  Spool spool(RealSys(), {});
  spool.Append(0, "a", "");
  spool.Append(0, "b", "");
  int visits = 0;
  EXPECT_THAT(spool.Merge([&](auto, auto) {
    ++visits;
    return absl::CancelledError("enough");
  }),
              StatusIs(absl::StatusCode::kCancelled));
  EXPECT_EQ(visits, 1);
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
// Row A4 needs bounded memory: a million entries of a usual length.
TEST(SpoolTest, AMillionEntriesStaySmall) {
  const auto peak = [] {
    rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;  // KiB
  };
  const TempDir dir;
  const long before = peak();
  Spool spool(RealSys(), {.workers = 4, .directory = dir.path()});
  const std::string line(100, 'f');
  for (unsigned i = 0; i < 1000000; ++i) {
    const unsigned mixed = i * 2654435761u;
    spool.Append(static_cast<int>(i % 4),
                 absl::StrCat("node_modules/some/package/lib/", mixed), line);
  }
  int64_t visits = 0;
  EXPECT_OK(spool.Merge([&](auto, auto) {
    ++visits;
    return absl::OkStatus();
  }));
  EXPECT_EQ(visits, 1000000);
  EXPECT_LT(peak() - before, 30 * 1024);
}
#endif

}  // namespace
}  // namespace materialize
