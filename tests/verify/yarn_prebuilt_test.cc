// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// prebuiltVariants of a yarn.lock: names, digests, lines.

#include "materialize/verify/yarn_prebuilt.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace materialize {
namespace {

constexpr char kOne[] = "356a192b7913b04c54574d18c28d46e6395428ab";

std::string Read(const std::string& text) {
  std::string read;
  for (const YarnPrebuilt& one : ReadYarnPrebuilt(text))
    absl::StrAppend(&read, one.line, " ", one.name, " ", one.sha1, "\n");
  return read;
}

TEST(YarnPrebuiltTest, ReadsVariantsOfEachPackageAndNothingElse) {
  EXPECT_EQ(
      Read(absl::StrCat("a@1:\n  version \"1.0.0\"\n  prebuiltVariants:\n",
                        "    a-v1-linux-x64-1 \"", kOne, "\"\n",
                        "    \"@s-b-v1-darwin\" ", kOne, "\n",
                        "  dependencies:\n    b ", kOne, "\n\nc@1:\n",
                        "    not-one ", kOne, "\n")),
      absl::StrCat("4 a-v1-linux-x64-1 ", kOne, "\n5 @s-b-v1-darwin ", kOne,
                   "\n"));
}

TEST(YarnPrebuiltTest, TakesLowerCaseAndCarriageReturns) {
  EXPECT_EQ(Read("  prebuiltVariants:\r\n    a "
                 "356A192B7913B04C54574D18C28D46E6395428AB\r\n"),
            absl::StrCat("2 a ", kOne, "\n"));
}

TEST(YarnPrebuiltTest, LeavesOutWhatHasNoSha1) {
  EXPECT_EQ(Read("  prebuiltVariants:\n    a 1234\n    b\n    c \"\"\n"), "");
}

}  // namespace
}  // namespace materialize
