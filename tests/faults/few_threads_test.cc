// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// The kernel gives no thread beside the first: a user's processes are used up.

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <functional>
#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "materialize/materialize.h"
#include "materialize/os/threads.h"
#include "tests/rows/files.h"
#include "tests/testing/run_as.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"
#include "tests/testing/tree_text.h"

namespace materialize {
namespace {

constexpr uid_t kSomebody = 54321;  // nothing else runs as this user

// What `body` answers where no process or thread can be made any more.
std::string RunAlone(const std::function<std::string()>& body) {
  return RunAs(kSomebody, [&]() -> std::string {
    const rlimit limit = {.rlim_cur = 1, .rlim_max = 1};
    if (setrlimit(RLIMIT_NPROC, &limit) != 0) return "no limit";
    if (StartThread([] {}).joinable()) return "there are threads";
    return body();
  });
}

class FewThreadsTest : public testing::Test {
 protected:
  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "needs root, to be somebody else";
  }
};

TEST(RunTogetherTest, CallsEachOnce) {
  std::atomic<int> called{0};
  RunTogether(4, [&](int number) { called.fetch_add(1 << (8 * number)); });
  EXPECT_EQ(called.load(), 0x01010101);
}

TEST_F(FewThreadsTest, TheFirstIsCalledWhereItIs) {
  EXPECT_EQ(RunAlone([] {
              std::string called;
              RunTogether(4, [&called](int number) {
                absl::StrAppend(&called, number, ";");
              });
              return called;
            }),
            "0;");
}

TEST_F(FewThreadsTest, ATreeIsPlacedAndMergedByOne) {
  const TempDir dir = TempDir::In("/tmp");  // where anybody may search
  std::filesystem::permissions(dir / "", std::filesystem::perms(0777));
  ASSERT_OK(
      ArrangeTree(dir / "from", "a \"one\"\nd/b \"two\"\nd/e/f \"three\""));
  EXPECT_EQ(RunAlone([&dir]() -> std::string {
              Request request = Merging(dir / "from", dir / "to");
              request.jobs = 4;
              umask(077);
              for (int run = 0; run < 2; ++run) {
                const auto placed = Materialize(request);
                if (!placed.ok()) return std::string(placed.status().message());
              }
              if (umask(077) != 077) return "the caller's umask was changed";
              return TreeText(dir / "to");
            }),
            TreeText(dir / "from"));
}

}  // namespace
}  // namespace materialize
