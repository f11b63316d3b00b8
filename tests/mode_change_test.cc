// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/mode_change.h"

#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace materialize {
namespace {

struct Row {
  const char* text;
  mode_t own;
  mode_t file;
  mode_t directory;
};

// As chmod(1) of coreutils has it, with `a` where it says nobody.
constexpr Row kRows[] = {
    {"0644", 0555, 0644, 0644},        {"7", 0555, 07, 07},
    {"4755", 0555, 04755, 04755},      {"u=rwX,go=rX", 0555, 0755, 0755},
    {"u=rwX,go=rX", 0440, 0644, 0755}, {"u=rwX,go=rX", 0001, 0755, 0755},
    {"u+w", 0555, 0755, 0755},         {"go-w", 0666, 0644, 0644},
    {"a-x", 0755, 0644, 0644},         {"+x", 0644, 0755, 0755},
    {"ug=rw,o=", 0777, 0660, 0660},    {"a+X", 0744, 0755, 0755},
    {"a+X", 0644, 0644, 0755},         {"u=rwx,u-w", 0000, 0500, 0500},
    {"a+X,a-x", 0700, 0600, 0600},
};

TEST(ModeChangeTest, DoesWhatChmodDoes) {
  for (const Row& row : kRows) {
    const absl::StatusOr<ModeChange> change = ParseModeChange(row.text);
    ASSERT_OK(change.status());
    EXPECT_EQ(change->Of(row.own, false), row.file) << row.text;
    EXPECT_EQ(change->Of(row.own, true), row.directory) << row.text;
  }
}

TEST(ModeChangeTest, RefusesWhatIsNoMode) {
  for (const char* text :
       {"", "8", "00644", "u", "u=q", "=rw,", "x", "u+s", "go-X"})
    EXPECT_FALSE(ParseModeChange(text).ok()) << text;
}

}  // namespace
}  // namespace materialize
