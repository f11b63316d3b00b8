// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Digests of bytes and of files.

#include "materialize/digest.h"

#include <atomic>
#include <cerrno>
#include <optional>
#include <string>
#include <vector>

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

// RFC 1321, FIPS 180.
TEST(DigestTest, KnowsSeveralAlgorithmsInOneReading) {
  const TempDir dir;
  ASSERT_OK(ArrangeTree(dir, "abc \"abc\"\n"));
  FaultySys sys(RealSys());
  const Fd abc(sys, sys.OpenAt(AT_FDCWD, (dir / "abc").c_str(), O_RDONLY, 0));
  const std::vector<DigestAlgorithm> all = {
      DigestAlgorithm::kSha512, DigestAlgorithm::kMd5, DigestAlgorithm::kSha1,
      DigestAlgorithm::kSha384, DigestAlgorithm::kSha256};
  ASSERT_OK_AND_ASSIGN(const std::vector<std::string> digests,
                       DigestsOfFd(sys, abc.get(), all, "abc"));
  EXPECT_EQ(
      digests,
      (std::vector<std::string>{
          "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
          "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
          "900150983cd24fb0d6963f7d28e17f72",
          "a9993e364706816aba3e25717850c26c9cd0d89d",
          "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
          "8086072ba1e7cc2358baeca134c825a7",
          Sha256("abc")}));
  EXPECT_EQ(sys.Calls("Read"), 2);
  for (size_t i = 0; i < all.size(); ++i) {
    EXPECT_EQ(DigestBytes(all[i]) * 2, digests[i].size());
    EXPECT_EQ(FindDigest(DigestName(all[i])), all[i]);
  }
  EXPECT_EQ(FindDigest("sha3"), std::nullopt);
}

TEST(DigestTest, StopsWhenAsked) {
  FaultySys sys(RealSys());
  std::atomic<bool> cancel{true};
  EXPECT_THAT(
      DigestsOfFd(sys, 0, {DigestAlgorithm::kSha1}, "x", &cancel).status(),
      StatusIs(absl::StatusCode::kCancelled, "interrupted"));
  EXPECT_EQ(sys.Calls("Read"), 0);
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
