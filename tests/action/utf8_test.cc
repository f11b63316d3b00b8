// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/action/utf8.h"

#include <gtest/gtest.h>

namespace materialize {
namespace {

TEST(Utf8Test, TakesCharactersOfEverySize) {
  EXPECT_TRUE(IsUtf8(""));
  EXPECT_TRUE(IsUtf8("plain \x01\x7f"));
  EXPECT_TRUE(IsUtf8("\xc2\x80 \xdf\xbf \xe0\xa0\x80 \xef\xbf\xbf"));
  EXPECT_TRUE(IsUtf8("\xed\x9f\xbf \xee\x80\x80"));
  EXPECT_TRUE(IsUtf8("\xf0\x90\x80\x80 \xf4\x8f\xbf\xbf"));
}

TEST(Utf8Test, RefusesWhatIsNoCharacter) {
  for (const char* bytes :
       {"\x80", "a\xbf", "\xc0\x80", "\xc1\xbf", "\xc3", "\xc3(",
        "\xe0\x9f\xbf", "\xe2\x82", "\xe2\x82(", "\xed\xa0\x80",
        "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff",
        "\xf0\x90\x80"}) {
    EXPECT_FALSE(IsUtf8(bytes)) << bytes;
  }
}

}  // namespace
}  // namespace materialize
