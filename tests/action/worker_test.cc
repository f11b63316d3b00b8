// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Lines in, lines out.

#include "materialize/action/worker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <vector>

namespace materialize {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class WorkerTest : public ::testing::Test {
 protected:
  // The answers to `requests`; what is run answers 1 and its first argument.
  std::string Answers(const std::string& requests) {
    std::istringstream in(requests);
    std::ostringstream out;
    ServeRequests(in, out, [&](const std::vector<std::string>& arguments) {
      ran_.push_back(arguments);
      return ActionEnd{.exit_code = 1, .output = arguments.at(0)};
    });
    return out.str();
  }

  std::vector<std::vector<std::string>> ran_;
};

TEST_F(WorkerTest, EachRequestIsAnsweredByALine) {
  EXPECT_EQ(Answers("{\"arguments\": [\"a\", \"b\"], \"inputs\": [{}]}\n\n"
                    "{\"arguments\": [\"c\"], \"requestId\": 7}\n"),
            "{\"exitCode\":1,\"output\":\"a\",\"requestId\":0}\n"
            "{\"exitCode\":1,\"output\":\"c\",\"requestId\":7}\n");
  EXPECT_THAT(ran_, ElementsAre(ElementsAre("a", "b"), ElementsAre("c")));
}

TEST_F(WorkerTest, AnObjectEndsWithItsBrace) {
  Answers(
      "{\"arguments\": [\"a}\\\\\", \"{\\\"]\"], \"inputs\": [{}]}"
      "{\"arguments\": [\"c\"]}");
  EXPECT_THAT(ran_, ElementsAre(ElementsAre("a}\\", "{\"]"), ElementsAre("c")));
}

TEST_F(WorkerTest, AWrongRequestIsAnsweredAndTheNextOneIsRun) {
  EXPECT_EQ(
      Answers("nonsense\n3\n{\"requestId\": 5}\n"
              "{\"arguments\": [3]}\n{\"arguments\": [\"a\"]}\n"),
      "{\"exitCode\":2,\"output\":\"materialize: work request: not a JSON "
      "object\\n\",\"requestId\":0}\n"
      "{\"exitCode\":2,\"output\":\"materialize: work request: not a JSON "
      "object\\n\",\"requestId\":0}\n"
      "{\"exitCode\":2,\"output\":\"materialize: work request: arguments: not "
      "a "
      "list\\n\",\"requestId\":5}\n"
      "{\"exitCode\":2,\"output\":\"materialize: work request: arguments: not "
      "a "
      "list of strings\\n\",\"requestId\":0}\n"
      "{\"exitCode\":1,\"output\":\"a\",\"requestId\":0}\n");
  EXPECT_THAT(ran_, ElementsAre(ElementsAre("a")));
}

TEST_F(WorkerTest, CancellingIsNotAnswered) {
  EXPECT_EQ(Answers("{\"requestId\": 5, \"cancel\": true}\n"), "");
  EXPECT_THAT(ran_, IsEmpty());
}

// Some file of the request may have such a name.
TEST_F(WorkerTest, TheAnswerIsUtf8) {
  std::istringstream in("{\"arguments\": [\"a\"]}");
  std::ostringstream out;
  ServeRequests(in, out, [](const std::vector<std::string>&) {
    return ActionEnd{.exit_code = 1, .output = "x\xff"};
  });
  EXPECT_EQ(out.str(),
            "{\"exitCode\":1,\"output\":\"x\xef\xbf\xbd\",\"requestId\":0}\n");
}

}  // namespace
}  // namespace materialize
