// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// What tests of equal contents start from: files that are full of one letter,
// and the question whether two of them share.

#ifndef MATERIALIZE_TESTS_ROWS_DEDUPE_H_
#define MATERIALIZE_TESTS_ROWS_DEDUPE_H_

#include <cstdlib>
#include <filesystem>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/rows/files.h"
#include "tests/testing/extents.h"
#include "tests/testing/faulty_sys.h"
#include "tests/testing/lab.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"
#include "tests/testing/tree_text.h"

namespace materialize {

constexpr int64_t kSize = 16384;  // more than a block, so extents tell

// The whole content of a file: one letter, all the way.
inline std::string Filled(char letter) { return std::string(kSize, letter); }

struct File {
  std::string name;  // and what ArrangeTree() knows beside it
  char letter;
};

class DedupeTest : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    REQUIRE_LAB(place());
    dir_.emplace(TempDir::In(Lab(place())));
    from_ = *dir_ / "from";
    to_ = *dir_ / "to";
    setenv("XDG_CACHE_HOME", (*dir_ / "cache").c_str(), 1);
  }
  const char* place() const { return GetParam(); }
  bool reflinks() const { return std::string_view(place()) != "ext4"; }

  static void Arrange(const std::string& root,
                      std::initializer_list<File> files) {
    std::string text;
    for (const File& file : files) {
      const size_t length = file.name.find(' ');  // npos: all of it
      std::filesystem::remove(root + "/" + file.name.substr(0, length));
      absl::StrAppend(&text, file.name, " \"", Filled(file.letter), "\"\n");
    }
    ASSERT_OK(ArrangeTree(root, text));
  }
  Request Deduped(std::vector<Method> methods = {},
                  Into into = Into::kMerge) const {
    Request request = FromTo(from_, to_, std::move(methods));
    request.into = into;
    request.dedupe = true;
    return request;
  }
  static void Expect(const std::string& path, char letter) {
    EXPECT_TRUE(ReadFile(path) == Filled(letter)) << path << ": " << letter;
  }
  // By what this filesystem has.
  void ExpectShared(const std::string& a, const std::string& b) const {
    if (reflinks()) {
      EXPECT_EQ(SharesExtents(a, b), true) << a << " " << b;
    } else {
      EXPECT_TRUE(IsOneInode(a, b)) << a << " " << b;
    }
  }
  void ExpectEqualTrees() const {
    EXPECT_EQ(TreeText(to_, {.root = false}), TreeText(from_, {.root = false}));
    EXPECT_THAT(Leftovers(*dir_), testing::IsEmpty());
  }
  // Lines of the log that read a file of the input.
  size_t ReadsOf(const FaultySys& sys, const std::string& name = "") const {
    size_t reads = 0;
    for (const std::string& line : sys.Log())
      reads += absl::StartsWith(line, "Read " + from_ + "/" + name) ? 1 : 0;
    return reads;
  }

  std::optional<TempDir> dir_;
  std::string from_, to_;
};

inline std::string PlaceName(const testing::TestParamInfo<const char*>& test) {
  return test.param;
}

}  // namespace materialize

#endif  // MATERIALIZE_TESTS_ROWS_DEDUPE_H_
