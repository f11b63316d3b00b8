// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// What a Request may not say.

#include "materialize/settle.h"

#include <functional>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace materialize {
namespace {

struct Wrong {
  const char* names;  // what the error must name
  std::function<void(Request&)> make;
};

const Wrong kWrong[] = {
    {"exclude each other", [](Request& r) { r.manifest = "m"; }},
    {"exclude each other", [](Request& r) { r.entries.resize(1); }},
    {"--exclude", [](Request& r) { r.include = {"*.tgz"}; }},
    {"-1", [](Request& r) { r.jobs = -1; }},
    {"--receipt=FILE", [](Request& r) { r.receipt_digest = true; }},
    {"private entries",
     [](Request& r) {
       r.private_entries = {"**"};
       r.methods = {Method::kHardlink, Method::kSymlink};
     }},
    {"--dangling=allow", [](Request& r) { r.allow_dangling = true; }},
};

TEST(CheckRequestTest, RefusesWhatContradictsItselfAndNamesIt) {
  for (const Wrong& wrong : kWrong) {
    Request request;
    request.source = "s";
    request.destination = "d";
    ASSERT_OK(CheckRequest(request));
    wrong.make(request);
    const absl::Status status = CheckRequest(request);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << wrong.names;
    EXPECT_THAT(std::string(status.message()), testing::HasSubstr(wrong.names));
  }
}

TEST(OptionsOfTest, AutoIsReflinkHardlinkCopy) {
  const ExecOptions options = OptionsOf(Request(), RealSys(), nullptr);
  EXPECT_EQ(options.methods,
            (std::vector<Method>{Method::kReflink, Method::kHardlink,
                                 Method::kCopy}));
  EXPECT_EQ(options.choice, Choice::kAuto);
  EXPECT_GE(options.jobs, 1);
  EXPECT_LE(options.jobs, 4);
}

TEST(OptionsOfTest, WhatIsFilledInPlaceKeepsOthersOutUntilItIsFinished) {
  Request request;
  EXPECT_EQ(OptionsOf(request, RealSys(), nullptr).made_mode, 0755U);
  request.into = Into::kFill;
  EXPECT_EQ(OptionsOf(request, RealSys(), nullptr).made_mode, 0700U);
}

}  // namespace
}  // namespace materialize
