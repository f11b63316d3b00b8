// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// System calls per file, exactly: of what moves, verifies, uninstalls and
// looks.

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "materialize/inspect.h"
#include "materialize/move.h"
#include "materialize/uninstall.h"
#include "materialize/verify.h"
#include "tests/filesystems/calls.h"
#include "tests/testing/lab.h"
#include "tests/testing/temp_dir.h"

namespace materialize {
namespace {

using enum Method;

// A receipt of a hundred more files has to be read, some blocks of it.
constexpr double kReading = 0.1;

TEST_F(CallsTest, OfAFileThatIsMoved) {
  const auto moved = [](Fork fork) {
    return CallsPerFile("ext4", kFullFile, nullptr,
                        [fork](const CountedTree& tree, Sys& sys) {
                          return Move({.source = tree.source(),
                                       .destination = tree.target(),
                                       .fork = fork,
                                       .jobs = 1},
                                      sys)
                              .status();
                        });
  };
  EXPECT_EQ(moved(Fork::kNone), 0);
  // Root looks whose it is.
  EXPECT_EQ(moved(Fork::kHardlink), 2);
  // With all that can be preserved: owner and mode, hardlinks, attributes.
  EXPECT_EQ(moved(Fork::kCopy), 7 + 4);

  const Counted across = [](const CountedTree& tree, Sys& sys) {
    const TempDir there = TempDir::In(Lab("xfs"));
    return Move({.source = tree.source(),
                 .destination = there.path() + "/to",
                 .jobs = 1},
                sys)
        .status();
  };
  // Copied with all that, synced, taken away.
  EXPECT_EQ(CallsPerFile("ext4", kFullFile, nullptr, across), 8 + 4 + 4 + 3);
}

// Counts `action` on what was copied with a receipt.
template <typename Action>
double WithReceipt(bool digest, Action action) {
  return CallsPerFile(
      "ext4", kFullFile,
      PlacingBut({kCopy},
                 [digest](Request& request, const CountedTree& tree) {
                   request.receipt = tree.receipt();
                   request.receipt_digest = digest;
                 }),
      action);
}

TEST_F(CallsTest, OfAFileThatIsVerified) {
  const Counted verify = [](const CountedTree& tree, Sys& sys) {
    return Verify({.manifest = tree.receipt(),
                   .destination = tree.target(),
                   .jobs = 1},
                  sys)
        .status();
  };
  EXPECT_NEAR(WithReceipt(false, verify), 1, kReading);
  EXPECT_NEAR(WithReceipt(true, verify), 6, kReading);
}

TEST_F(CallsTest, OfAFileThatIsUninstalled) {
  const Counted uninstall = [](const CountedTree& tree, Sys& sys) {
    return Uninstall({.receipt = tree.receipt(), .destination = tree.target()},
                     sys)
        .status();
  };
  EXPECT_NEAR(WithReceipt(false, uninstall), 2, kReading);
  EXPECT_NEAR(WithReceipt(true, uninstall), 8, kReading);
}

TEST_F(CallsTest, OfAFileThatIsLookedAt) {
  const auto inspected = [](bool against, bool checksum) {
    return WithReceipt(
        checksum, [against, checksum](const CountedTree& tree, Sys& sys) {
          return Inspect({.destination = tree.target(),
                          .cache = tree.source(),
                          .against = against ? tree.receipt() : "",
                          .checksum = checksum},
                         sys)
              .status();
        });
  };
  EXPECT_EQ(inspected(false, false), 1);
  EXPECT_NEAR(inspected(true, false), 1, kReading);
  EXPECT_NEAR(inspected(true, true), 7, kReading);
}

}  // namespace
}  // namespace materialize
