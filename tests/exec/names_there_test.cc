// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// The names of a directory, found in whatever order they are asked for.

#include "materialize/exec/names_there.h"

#include <algorithm>
#include <cerrno>
#include <optional>
#include <string>
#include <thread>
#include <vector>

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

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class NamesThereTest : public testing::Test {
 protected:
  Fd Open() {
    return {sys_, sys_.OpenAt(AT_FDCWD, dir_.path().c_str(),
                              O_RDONLY | O_DIRECTORY, 0)};
  }
  int Read() { return names_.Read(sys_, Open().get()); }
  // A directory of one file, not to its end.
  Fd ReadMost() {
    EXPECT_OK(ArrangeTree(dir_, "file"));
    Fd fd = Open();
    EXPECT_EQ(names_.Begin(sys_, fd.get()), 0);
    return fd;
  }
  static std::vector<std::string> LeftOf(const NamesThere& names) {
    std::vector<std::string> left;
    names.ForEachLeft(
        [&](const char* name, NameThere) { left.emplace_back(name); });
    return left;
  }
  std::vector<std::string> Left() const { return LeftOf(names_); }
  // More than fit into one block, as the directory lists them.
  std::vector<std::string> ArrangeMany() {
    std::string tree;
    for (int i = 0; i < 2500; ++i)
      absl::StrAppend(&tree, "file-with-a-longer-name-", i, "\n");
    EXPECT_OK(ArrangeTree(dir_, tree));
    EXPECT_EQ(Read(), 0);
    return Left();
  }

  TempDir dir_;
  FaultySys sys_{RealSys()};
  NamesThere names_;
};

TEST_F(NamesThereTest, TellsWhatANameIs) {
  ASSERT_OK(ArrangeTree(dir_, "file\nlink -> file\nsub/below"));
  ASSERT_EQ(Read(), 0);
  EXPECT_EQ(names_.Take("link")->kind, Kind::kSymlink);
  EXPECT_EQ(names_.Take("file")->kind, Kind::kFile);
  EXPECT_EQ(names_.Take("fil"), std::nullopt);
  EXPECT_EQ(names_.Take("files"), std::nullopt);
  EXPECT_EQ(names_.Take("below"), std::nullopt);
  EXPECT_THAT(Left(), ElementsAre("sub"));
  Stat facts;
  ASSERT_EQ(sys_.StatAt(AT_FDCWD, (dir_ / "file").c_str(), 0, &facts), 0);
  EXPECT_EQ(names_.Take("file")->inode, facts.inode);  // and a second time
}

TEST_F(NamesThereTest, NothingIsInAnEmptyDirectory) {
  ASSERT_EQ(Read(), 0);
  EXPECT_EQ(names_.Take("file"), std::nullopt);
  EXPECT_THAT(Left(), IsEmpty());
}

TEST_F(NamesThereTest, AsListedBackwardsAndInAnyOrder) {
  const std::vector<std::string> listed = ArrangeMany();
  ASSERT_EQ(listed.size(), 2500);
  const std::vector<std::string> backwards(listed.rbegin(), listed.rend());
  std::vector<std::string> by_name = listed;
  std::sort(by_name.begin(), by_name.end());
  for (const std::vector<std::string>& order : {listed, backwards, by_name}) {
    const Fd fd = Open();
    NamesThere names;
    ASSERT_EQ(names.Read(sys_, fd.get()), 0);
    for (const std::string& name : order)
      ASSERT_NE(names.Take(name.c_str()), std::nullopt) << name;
    EXPECT_THAT(LeftOf(names), IsEmpty());
  }
}

TEST_F(NamesThereTest, SeveralThreadsEachTakeTheirOwn) {
  const std::vector<std::string> listed = ArrangeMany();
  const auto take = [&](size_t first) {
    for (size_t i = first; i < listed.size(); i += 3)
      EXPECT_NE(names_.Take(listed[i].c_str()), std::nullopt);
  };
  std::thread one(take, 0);
  std::thread two(take, 1);
  one.join();
  two.join();
  EXPECT_EQ(Left().size(), listed.size() / 3);
}

TEST_F(NamesThereTest, ThatASmallOneIsWholeIsAskedOnlyWhenNeeded) {
  const Fd fd = ReadMost();
  EXPECT_NE(names_.Take("file"), std::nullopt);
  EXPECT_EQ(sys_.Calls("ReadDirectory"), 1);
  for (int i = 0; i < 2; ++i) EXPECT_TRUE(names_.IsWhole(sys_, fd.get()));
  EXPECT_EQ(sys_.Calls("ReadDirectory"), 2);
}

TEST_F(NamesThereTest, WhatIsReadToTheEndIsWhole) {
  ASSERT_OK(ArrangeTree(dir_, "file"));
  const Fd fd = Open();
  ASSERT_EQ(names_.Read(sys_, fd.get()), 0);
  EXPECT_TRUE(names_.IsWhole(sys_, fd.get()));
  EXPECT_EQ(sys_.Calls("ReadDirectory"), 2);
}

TEST_F(NamesThereTest, ALargeOneIsReadToTheEndByWhoComesFirst) {
  const std::vector<std::string> listed = ArrangeMany();
  const Fd fd = Open();
  NamesThere names;
  ASSERT_EQ(names.Begin(sys_, fd.get()), 0);
  EXPECT_FALSE(names.is_small());
  EXPECT_LT(LeftOf(names).size(), listed.size());
  EXPECT_FALSE(names.is_read());
  const auto read = [&] {
    EXPECT_EQ(names.ReadRest(sys_, fd.get()), 0);
    EXPECT_EQ(LeftOf(names), listed);
  };
  const int before = sys_.Calls("ReadDirectory");
  std::thread one(read);
  std::thread two(read);
  one.join();
  two.join();
  EXPECT_TRUE(names.is_read());
  EXPECT_EQ(sys_.Calls("ReadDirectory"), before + 2);  // the rest, the end
}

TEST_F(NamesThereTest, ARestThatCannotBeReadIsToldToAll) {
  (void)ArrangeMany();
  const Fd fd = Open();
  NamesThere names;
  ASSERT_EQ(names.Begin(sys_, fd.get()), 0);
  sys_.Fail("ReadDirectory", EIO, {.count = 1});
  for (int i = 0; i < 2; ++i) EXPECT_EQ(names.ReadRest(sys_, fd.get()), -EIO);
}

TEST_F(NamesThereTest, WhatGoesOnIsNotWhole) {
  const Fd fd = ReadMost();
  sys_.Return("ReadDirectory", 24);
  EXPECT_FALSE(names_.IsWhole(sys_, fd.get()));
}

TEST_F(NamesThereTest, WhatCannotBeReadToTheEndIsNotWhole) {
  const Fd fd = ReadMost();
  sys_.Fail("ReadDirectory", EIO, {});
  EXPECT_FALSE(names_.IsWhole(sys_, fd.get()));
}

TEST_F(NamesThereTest, AnErrorIsTold) {
  ASSERT_OK(ArrangeTree(dir_, "file"));
  sys_.Fail("ReadDirectory", EIO, {});
  EXPECT_EQ(Read(), -EIO);
}

}  // namespace
}  // namespace materialize
