// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// SHA-256 of bytes and of files.

#include "materialize/digest.h"

#include <cerrno>
#include <string>

#include "gtest/gtest.h"
#include "materialize/os/fd.h"
#include "tests/testing/faulty_sys.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"
#include "tests/testing/tree_text.h"

namespace materialize {
namespace {

TEST(DigestTest, KnowsTheVectorsOfFips180) {
  EXPECT_EQ(Sha256(""),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(Sha256("abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(Sha256(std::string(1000000, 'a')),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(DigestTest, OfAFileIsThatOfItsBytes) {
  const TempDir dir;
  ASSERT_OK(ArrangeTree(dir, "empty \"\"\nabc \"abc\"\n"));
  FaultySys sys(RealSys());
  sys.Shorten("Read", 2);
  sys.Return("Read", -EINTR, {.count = 1});
  const Fd abc(sys, sys.OpenAt(AT_FDCWD, (dir / "abc").c_str(), O_RDONLY, 0));
  ASSERT_OK_AND_ASSIGN(const std::string digest,
                       Sha256OfFd(sys, abc.get(), "abc"));
  EXPECT_EQ(digest, Sha256("abc"));
  const Fd empty(sys,
                 sys.OpenAt(AT_FDCWD, (dir / "empty").c_str(), O_RDONLY, 0));
  ASSERT_OK_AND_ASSIGN(const std::string none,
                       Sha256OfFd(sys, empty.get(), "empty"));
  EXPECT_EQ(none, Sha256(""));
}

TEST(DigestTest, AnErrorNamesThePath) {
  FaultySys sys(RealSys());
  sys.Fail("Read", EIO);
  EXPECT_THAT(
      Sha256OfFd(sys, 0, "out/x"),
      StatusIs(absl::StatusCode::kUnknown, "read out/x: Input/output error"));
}

}  // namespace
}  // namespace materialize
