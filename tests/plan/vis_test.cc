// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Names as vis(3) text: round trips, and what other programs print.

#include "materialize/plan/vis.h"

#include <random>
#include <string>

#include "gtest/gtest.h"

namespace materialize {
namespace {

TEST(VisTest, EscapesWhatIsNotPrintableAndWhatPatternsAreMadeOf) {
  EXPECT_EQ(VisEncode("plain-name_1.txt~{}=!"), "plain-name_1.txt~{}=!");
  EXPECT_EQ(VisEncode("a b"), "a\\040b");
  EXPECT_EQ(VisEncode("#\\*?["), "\\043\\134\\052\\077\\133");
  EXPECT_EQ(VisEncode("\xc3\xa9\n\x7f"), "\\303\\251\\012\\177");
  EXPECT_EQ(VisEncode("a/b"), "a/b");
}

TEST(VisTest, ReadsWhatBsdtarPrints) {
  EXPECT_EQ(VisDecode("t\\377a\\040\\043[*]\\134x\\012"),
            "t\xff"
            "a #[*]\\x\n");
}

// As printed by Debian's mtree -c for names of these bytes.
TEST(VisTest, ReadsWhatMtreePrints) {
  EXPECT_EQ(VisDecode("\\^A"), "\x01");
  EXPECT_EQ(VisDecode("\\^?"), "\x7f");
  EXPECT_EQ(VisDecode("\\slead\\t\\n"), " lead\t\n");
  EXPECT_EQ(VisDecode("\\#lead\\\\040"), "#lead\\040");
  EXPECT_EQ(VisDecode("\\M-C\\M-)"), "\xc3\xa9");
  EXPECT_EQ(VisDecode("\\M^?\\M-~"), "\xff\xfe");
  EXPECT_EQ(VisDecode("\\M^A"), "\x81");
  EXPECT_EQ(VisDecode("\\0\\7x"), std::string("\0\7x", 3));
}

TEST(VisTest, TakesBytesThatNobodyEscaped) {
  EXPECT_EQ(VisDecode("\xc3\xa9 \x01"), "\xc3\xa9 \x01");
}

TEST(VisTest, RefusesEscapesThatMeanNothing) {
  for (const char* bad : {"\\", "a\\", "\\x41", "\\400", "\\777", "\\^", "\\M",
                          "\\M-", "\\M^", "\\Mx", "\\q", "\\8"}) {
    EXPECT_FALSE(VisDecode(bad).has_value()) << bad;
  }
}

TEST(VisTest, EveryStringComesBack) {
  std::mt19937 random(11);
  for (int i = 0; i < 20000; ++i) {
    std::string bytes;
    for (size_t n = random() % 20; n > 0; --n) {
      bytes.push_back(static_cast<char>(random()));
    }
    const std::string text = VisEncode(bytes);
    ASSERT_EQ(VisDecode(text), bytes);
    for (const char c : text) ASSERT_TRUE('!' <= c && c <= '~') << text;
  }
}

// Any text: an answer, and one whose bytes round-trip.
TEST(VisTest, AnyTextIsReadOrRefused) {
  std::mt19937 random(13);
  const std::string letters = "\\\\\\M-^?017nsE#a8\xff";
  int read = 0;
  for (int i = 0; i < 50000; ++i) {
    std::string text;
    for (size_t n = random() % 12; n > 0; --n) {
      text += letters[random() % letters.size()];
    }
    const std::optional<std::string> bytes = VisDecode(text);
    if (!bytes.has_value()) continue;
    ++read;
    ASSERT_EQ(VisDecode(VisEncode(*bytes)), *bytes);
  }
  EXPECT_GT(read, 5000);
}

}  // namespace
}  // namespace materialize
