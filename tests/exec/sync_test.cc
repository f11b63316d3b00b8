// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// What --durable syncs, and that nothing else does.

#include "materialize/exec/sync.h"

#include <cerrno>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "materialize/os/fd.h"
#include "tests/testing/faulty_sys.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"
#include "tests/testing/tree_text.h"

namespace materialize {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class SyncTest : public testing::Test {
 protected:
  absl::Status Sync(int64_t files) {
    const Fd root(sys_, sys_.OpenAt(AT_FDCWD, dir_.path().c_str(),
                                    O_RDONLY | O_DIRECTORY, 0));
    return SyncTree(sys_, root.get(), files, "tree");
  }
  TempDir dir_;
  FaultySys sys_{RealSys()};
};

TEST_F(SyncTest, FewFilesOneByOneWithTheirDirectories) {
  ASSERT_OK(ArrangeTree(dir_, "a\nsub/b\nsub/c\nsub/link -> b\nsub/deep/d"));
  EXPECT_OK(Sync(4));
  EXPECT_EQ(sys_.Calls("Sync"), 4 + 3);
  EXPECT_EQ(sys_.Calls("SyncFilesystem"), 0);
}

TEST_F(SyncTest, ManyFilesAtOnce) {
  EXPECT_OK(Sync(1001));
  EXPECT_EQ(sys_.Calls("Sync"), 0);
  EXPECT_EQ(sys_.Calls("SyncFilesystem"), 1);
}

TEST_F(SyncTest, TheDeepAtOnce) {
  std::string path;
  for (int level = 0; level < 100; ++level) absl::StrAppend(&path, "d/");
  ASSERT_OK(ArrangeTree(dir_, absl::StrCat(path, "\ntop")));
  EXPECT_OK(Sync(1));
  EXPECT_EQ(sys_.Calls("SyncFilesystem"), 1);
  EXPECT_GT(sys_.Calls("Sync"), 60);
}

TEST_F(SyncTest, ErrorsNameCallAndPath) {
  ASSERT_OK(ArrangeTree(dir_, "sub/b"));
  sys_.Fail("Sync", EIO, {.path = "sub/b"});
  EXPECT_THAT(std::string(Sync(1).message()),
              AllOf(HasSubstr("fsync tree/sub/b"), HasSubstr("Input/output")));
  sys_.Fail("SyncFilesystem", ENOSPC);
  EXPECT_THAT(std::string(Sync(5000).message()), HasSubstr("syncfs tree: "));
}

}  // namespace
}  // namespace materialize
