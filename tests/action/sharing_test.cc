// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/action/sharing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "tests/testing/temp_dir.h"
#include "tests/testing/tree_text.h"

namespace materialize {
namespace {

using ::testing::ElementsAre;

std::vector<Method> Methods(const std::vector<std::string>& names,
                            Hardlink hardlink = Hardlink::kAuto,
                            bool strict = false) {
  ActionRequest request;
  request.methods = names;
  request.hardlink = hardlink;
  request.strict = strict;
  const auto methods = MethodsOf(request);
  EXPECT_TRUE(methods.ok()) << methods.status();
  return methods.ok() ? *methods : std::vector<Method>();
}

std::string Error(const std::vector<std::string>& names, Hardlink hardlink,
                  bool strict) {
  ActionRequest request;
  request.methods = names;
  request.hardlink = hardlink;
  request.strict = strict;
  return std::string(MethodsOf(request).status().message());
}

TEST(SharingTest, MethodsArePreferencesThatEndInCopy) {
  EXPECT_THAT(Methods({}),
              ElementsAre(Method::kReflink, Method::kHardlink, Method::kCopy));
  EXPECT_THAT(Methods({"hardlink"}),
              ElementsAre(Method::kHardlink, Method::kCopy));
  EXPECT_THAT(Methods({"copy", "reflink"}),
              ElementsAre(Method::kCopy, Method::kReflink));
}

TEST(SharingTest, HardlinkOffTakesItFromTheList) {
  EXPECT_THAT(Methods({}, Hardlink::kOff),
              ElementsAre(Method::kReflink, Method::kCopy));
  EXPECT_THAT(Methods({}, Hardlink::kOn),
              ElementsAre(Method::kReflink, Method::kHardlink, Method::kCopy));
}

TEST(SharingTest, StrictIsJustTheList) {
  EXPECT_THAT(Methods({"reflink"}, Hardlink::kAuto, true),
              ElementsAre(Method::kReflink));
  EXPECT_EQ(Error({}, Hardlink::kAuto, true),
            "strict: methods are to be named");
  EXPECT_EQ(Error({"hardlink"}, Hardlink::kOff, true),
            "methods: nothing is left, for hardlink is off");
}

TEST(SharingTest, AWrongMethodIsNamed) {
  EXPECT_EQ(Error({"symlink"}, Hardlink::kAuto, false),
            "methods: \"symlink\" is not one of reflink, hardlink, copy");
  EXPECT_EQ(Error({"clone"}, Hardlink::kAuto, false),
            "methods: \"clone\" is not one of reflink, hardlink, copy");
  EXPECT_EQ(Error({"copy", "copy"}, Hardlink::kAuto, false),
            "methods: \"copy\" is there twice");
}

TEST(SharingTest, NothingIsHardlinkedThatMethodsDoNotName) {
  ActionRequest request;
  ActionSource source;
  source.is_generated = true;
  EXPECT_TRUE(MayBeHardlinked(request, source));
  request.methods = {"reflink"};
  EXPECT_FALSE(MayBeHardlinked(request, source));
  request.methods = {"reflink", "hardlink"};
  EXPECT_TRUE(MayBeHardlinked(request, source));
}

// A sandbox shows bazel-out/x as a link to <elsewhere>/bazel-out/x.
TEST(SharingTest, WhatASandboxShowsIsItself) {
  TempDir dir;
  ASSERT_TRUE(ArrangeTree(dir,
                          "real/out/x \"1\"\nreal/out/l -> ../../source\n"
                          "source \"2\"\n"
                          "box/out/x -> ../../real/out/x\n"
                          "box/out/l -> ../../real/out/l")
                  .ok());
  ASSERT_EQ(chdir((dir / "box").c_str()), 0);
  EXPECT_TRUE(IsItself(RealSys(), "out/x"));
  EXPECT_FALSE(IsItself(RealSys(), "out/l"));
  EXPECT_FALSE(IsItself(RealSys(), "out/none"));
  EXPECT_TRUE(IsItself(RealSys(), dir / "source"));
  ASSERT_EQ(chdir("/"), 0);
}

}  // namespace
}  // namespace materialize
