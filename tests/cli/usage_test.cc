// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// The real binary, as far as it gets without work: exit codes, streams,
// start-up.

#include <algorithm>
#include <csignal>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/cli/run_command.h"

namespace materialize::cli {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;
using Words = std::vector<std::string>;

struct Case {
  Words words;
  int code;
  const char* out;
  const char* err;
};

TEST(UsageTest, AnswersOnTheRightStreamWithTheRightCode) {
  const Case kCases[] = {
      {{"--help"}, 0, "Commands:\n  materialize place SRC DST\n", ""},
      {{"-h"}, 0, "Commands:", ""},
      {{"place", "--help"}, 0, "Exit codes:", ""},
      {{"probe", "-h"}, 0, "materialize probe [FLAGS] [SRC] DST", ""},
      {{"--version"}, 0, "materialize 0.", ""},
      {{}, 2, "", "materialize: no command given (see --help)\n"},
      {{"plase", "a", "b"},
       2,
       "",
       "materialize: unknown command plase (did you mean place?)\n"},
      {{"place", "--quite", "a", "b"},
       2,
       "",
       "materialize: unknown flag --quite (did you mean --quiet?)\n"},
      {{"place", "--flagfile=/dev/null", "a", "b"},
       2,
       "",
       "materialize: unknown flag --flagfile"},
      {{"place", "a"},
       2,
       "",
       "materialize: place takes SRC and DST, not 1 argument\n"},
      {{"place", "a", "b", "c"},
       2,
       "",
       "materialize: place takes SRC and DST, not 3 arguments\n"},
      {{"place", "--manifest=m", "a", "b"},
       2,
       "",
       "materialize: place takes --manifest=FILE and DST, not 2 arguments\n"},
      {{"place", "", "b"},
       2,
       "",
       "materialize: an empty name for SRC or DST\n"},
      {{"place", "--report_entries", "a", "b"},
       2,
       "",
       "materialize: --report_entries needs --report\n"},
      {{"place", "--receipt_digest", "a", "b"},
       2,
       "",
       "materialize: --receipt_digest needs --receipt\n"},
      {{"place", "--jobs=x", "a", "b"}, 2, "", "materialize: --jobs: \"x\""},
      {{"place", "--files_from=/does/not/exist", "a", "b"},
       1,
       "",
       "materialize: open /does/not/exist: No such file"},
      {{"place", "--report=/does/not/exist", "a", "b"},
       1,
       "",
       "No such file or directory\n"},
      {{"place", "/does/not/exist", "/tmp/none"},
       1,
       "",
       "/does/not/exist: No such file or directory\n"},
      {{"probe"},
       2,
       "",
       "materialize: probe takes [SRC] and DST, not 0 arguments\n"},
      {{"probe", "/dev/null", "/tmp"},
       1,
       "",
       "materialize: open /dev/null: Not a directory\n"},
  };
  for (const Case& c : kCases) {
    const Said said = RunCommand(c.words);
    EXPECT_EQ(said.code, c.code) << testing::PrintToString(c.words) << said.err;
    EXPECT_THAT(said.out, HasSubstr(c.out));
    EXPECT_THAT(said.err, HasSubstr(c.err));
    if (c.code != 0) {
      EXPECT_THAT(said.err, AllOf(StartsWith("materialize: "), EndsWith("\n")));
      EXPECT_EQ(std::count(said.err.begin(), said.err.end(), '\n'), 1)
          << said.err;
      EXPECT_EQ(said.out, "");
    } else {
      EXPECT_EQ(said.err, "");
    }
  }
}

TEST(UsageTest, NamesTheVariableThatIsWrong) {
  const Said said = RunCommand({"place", "a", "b"},
                               {.environment = {"MATERIALIZE_JOBS=many"}});
  EXPECT_EQ(said.code, 2);
  EXPECT_THAT(
      said.err,
      StartsWith("materialize: MATERIALIZE_JOBS: \"many\" is not a number"));
}

TEST(UsageTest, AFullStandardOutputIsAnError) {
  const Said said =
      RunProgram({"/bin/sh", "-c", "exec " + Binary() + " --help >/dev/full"});
  EXPECT_EQ(said.code, 1);
  EXPECT_EQ(said.err,
            "materialize: write standard output: No space left on device\n");
}

TEST(UsageTest, ProbeTellsPeopleAndPrograms) {
  const Said people = RunCommand({"probe", "/tmp"});
  EXPECT_EQ(people.code, 0) << people.err;
  EXPECT_THAT(people.out,
              AllOf(HasSubstr("hardlink  yes"), HasSubstr("auto here: ")));
  const Said both = RunCommand({"probe", "--report=-", "/tmp"});
  EXPECT_THAT(both.out, AllOf(StartsWith("{"), HasSubstr("\"auto\": ["),
                              Not(HasSubstr("auto here"))));
  EXPECT_THAT(both.err, HasSubstr("auto here: "));
  EXPECT_EQ(RunCommand({"probe", "--quiet", "/tmp"}).out, "");
}

}  // namespace
}  // namespace materialize::cli
