// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// What a dry merge lists, when several threads find it out.

#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "materialize/entry_log.h"
#include "materialize/materialize.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"

namespace materialize {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAreArray;

TEST(DryRunEntriesTest, EachIsListedOnceByWhateverThread) {
  constexpr int kJobs = 4;
  const TempDir dir;
  const std::string from = dir / "from";
  std::vector<std::string> wanted = {"."};
  for (int i = 100; i < 250; ++i) {
    const std::string folder = absl::StrCat("folder ", i);
    fs::create_directories(from + "/" + folder);
    wanted.push_back(folder);
    for (const char* name : {"/a", "/b", "/c"}) {
      fs::create_symlink("nowhere", from + "/" + folder + name);
      wanted.push_back(folder + name);
    }
  }
  fs::create_directory(dir / "to");
  for (int turn = 0; turn < 10; ++turn) {
    EntryLog log(RealSys(), kJobs);
    Request request;
    request.source = from;
    request.destination = dir / "to";
    request.into = Into::kMerge;
    request.dry_run = true;
    request.jobs = kJobs;
    ASSERT_OK(Materialize(request, RealSys(), &log).status());
    std::vector<std::string> listed;
    ASSERT_OK(log.ForEach([&](const LoggedEntry& entry) {
      listed.push_back(entry.path);
      return absl::OkStatus();
    }));
    EXPECT_THAT(listed, ElementsAreArray(wanted));
  }
}

}  // namespace
}  // namespace materialize
