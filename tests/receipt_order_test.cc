// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// The order of names in a receipt.

#include "materialize/receipt_order.h"

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_join.h"
#include "gtest/gtest.h"

namespace materialize {
namespace {

std::string KeyOf(absl::string_view path) {
  const size_t slash = path.rfind('/');
  std::string key;
  if (slash == absl::string_view::npos) {
    AppendReceiptKey("", path, &key);
  } else {
    AppendReceiptKey(path.substr(0, slash), path.substr(slash + 1), &key);
  }
  return key;
}

std::string Sorted(std::vector<std::string> paths) {
  std::sort(paths.begin(), paths.end(),
            [](const auto& a, const auto& b) { return KeyOf(a) < KeyOf(b); });
  return absl::StrJoin(paths, " ");
}

TEST(ReceiptOrderTest, DirectoriesComeRightBeforeWhatIsBelow) {
  EXPECT_EQ(Sorted({"a.b", "a/c", "a", "", "a/b/c", "a!", "\xff", "a/b"}),
            " a a/b a/b/c a/c a! a.b \xff");
}

TEST(ReceiptOrderTest, PatternsComeLastAndTheWidestVeryLast) {
  EXPECT_EQ(Sorted({"*", "z", "a*", "a*b", "!x*", "a?b", "b[c", "\xff"}),
            "z \xff b[c a?b a*b a* !x* *");
  EXPECT_EQ(Sorted({"d/*", "d*/x", "d*", "d", "d/z", "e"}),
            "d d/z d/* e d* d*/x");
}

TEST(ReceiptOrderTest, EveryKeyGivesItsPathBack) {
  std::mt19937 random(3);
  for (int i = 0; i < 5000; ++i) {
    std::string path;
    for (size_t n = 1 + random() % 4; n > 0; --n) {
      if (!path.empty()) path += '/';
      for (size_t c = 1 + random() % 6; c > 0; --c) {
        char byte = static_cast<char>(1 + random() % 255);
        if (random() % 4 == 0) byte = '*';
        path += byte == '/' ? 'x' : byte;
      }
    }
    ASSERT_EQ(PathOfReceiptKey(KeyOf(path)), path);
  }
  EXPECT_EQ(PathOfReceiptKey(KeyOf("")), "");
}

}  // namespace
}  // namespace materialize
