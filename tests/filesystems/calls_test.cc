// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// System calls per file, exactly: of the ways that a file can go.

#include "tests/filesystems/calls.h"

#include <filesystem>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/rows/files.h"
#include "tests/testing/scoped_mount.h"

namespace materialize {
namespace {

using enum Method;

TEST_F(CallsTest, OfAFileThatIsNew) {
  struct Row {
    const char* place;
    std::vector<Method> methods;
    double calls;
  };
  for (const Row& row : std::vector<Row>{
           {"ext4", {kHardlink}, 1},
           {"xfs", {kHardlink}, 1},
           {"btrfs", {kHardlink}, 1},
           {"tmpfs", {kHardlink}, 1},
           {"ext4", {}, 2},  // root looks whose it is
           {"xfs", {kReflink}, 7},
           {"btrfs", {kReflink}, 7},
           {"ext4", {kCopy}, 7},
           {"xfs", {kCopy}, 8},  // read and write
           {"btrfs", {kCopy}, 7},
           {"tmpfs", {kCopy}, 7},
           {"ext4", {kSymlink}, 1},
           {"overlay-ext4", {}, 2},  // one shows in which layer all are
       }) {
    EXPECT_EQ(CallsPerFile(row.place, kFullFile, nullptr, Placing(row.methods)),
              row.calls)
        << row.place;
  }
}

// Nothing more than the copy: that all are in the lower layer shows with the
// first.
TEST_F(CallsTest, OfAFileInALowerLayer) {
  const Counted lower = [](const CountedTree& tree, Sys& sys) {
    std::filesystem::create_directory(tree.directory + "/lower");
    std::filesystem::rename(tree.source(), tree.directory + "/lower/from");
    const ScopedMount overlay = ScopedMount::Overlay(tree.directory);
    return PlaceCounted(
        FromTo(overlay.path() + "/from", overlay.path() + "/to"), sys);
  };
  EXPECT_EQ(CallsPerFile("ext4", kFullFile, nullptr, lower), 7);
}

TEST_F(CallsTest, OfWhatIsNoFullFile) {
  EXPECT_EQ(CallsPerFile("ext4", "", nullptr, Placing({kCopy})), 6);
  EXPECT_EQ(CallsPerFile("xfs", "", nullptr, Placing({kReflink})), 6);
  EXPECT_EQ(CallsPerFile("ext4", " -> target", nullptr, Placing({})), 4);
}

TEST_F(CallsTest, OfAFileThatIsThere) {
  const auto merged = [](std::vector<Method> methods) {
    return CallsPerFile("xfs", kFullFile, Placing(methods), Updating(methods));
  };
  EXPECT_EQ(merged({kHardlink}), 0);
  EXPECT_EQ(merged({kReflink}), 2);
  EXPECT_EQ(merged({kCopy}), 2);
}

TEST_F(CallsTest, OfAFileThatIsReplaced) {
  const auto replaced = [](std::vector<Method> methods, Change change) {
    return CallsPerFile("ext4", kFullFile, PlacingOthers(),
                        UpdatingBut(methods, change));
  };
  EXPECT_EQ(replaced({kHardlink}, nullptr), 4);
  EXPECT_EQ(replaced({kCopy}, nullptr), 10);
  const Change delayed = [](Request& request, const CountedTree&) {
    request.delay_updates = true;
  };
  // Two renames instead of one, and looks at what is there by then.
  EXPECT_EQ(replaced({kCopy}, delayed), 14);
}

TEST_F(CallsTest, OfAFileThatGoes) {
  const Change swap = [](Request& request, const CountedTree&) {
    request.into = Into::kSwap;
  };
  EXPECT_EQ(CallsPerFile("ext4", kFullFile, Placing({kHardlink}),
                         PlacingBut({kHardlink}, swap)),
            1 + 1);
  const Change empty = [](Request& request, const CountedTree&) {
    request.source.clear();
    request.entries = {{.path = "", .kind = Kind::kDirectory}};
    request.deletion = {.enabled = true, .force = true};
  };
  EXPECT_EQ(CallsPerFile("ext4", kFullFile, Placing({kCopy}),
                         UpdatingBut({kCopy}, empty)),
            1);
}

TEST_F(CallsTest, OfADirectoryOfOneFile) {
  const auto directory = [](const Counted& before, const Counted& counted) {
    return CallsPerFile("ext4", "/file size=4000", before, counted);
  };
  EXPECT_EQ(directory(nullptr, Placing({kHardlink})), 10);
  EXPECT_EQ(directory(Placing({kHardlink}), Updating({kHardlink})), 9);
  EXPECT_EQ(directory(Placing({kCopy}), Updating({kCopy})), 11);
}

// Each directory of the source is one.
Change AsUnits() {
  return [](Request& request, const CountedTree& tree) {
    request.source.clear();
    request.entries = {{.path = "", .kind = Kind::kDirectory}};
    for (const auto& package :
         std::filesystem::directory_iterator(tree.source()))
      request.entries.push_back({.path = package.path().filename(),
                                 .kind = Kind::kDirectory,
                                 .content = package.path(),
                                 .unit = true});
  };
}

TEST_F(CallsTest, OfAUnitOfOneFile) {
  const auto unit = [](const Counted& before) {
    return CallsPerFile("ext4", "/file size=4000", before,
                        UpdatingBut({kHardlink}, AsUnits()));
  };
  const Counted nothing = [](const CountedTree& tree, Sys&) {
    std::filesystem::create_directory(tree.target());
    return absl::OkStatus();
  };
  EXPECT_EQ(unit(nothing), 19);
  EXPECT_EQ(unit(Updating({kHardlink})), 15);
  EXPECT_EQ(unit(Updating({kCopy})), 17);
  // Compared, built, exchanged, the old one taken away; and the table of mounts
  // is read, whether one is in it.
  EXPECT_EQ(unit(PlacingOthers()), 51);
}

TEST_F(CallsTest, OfALineOfAManifest) {
  const Change lines = [](Request& request, const CountedTree& tree) {
    request.source.clear();
    for (const auto& file : std::filesystem::directory_iterator(tree.source()))
      request.entries.push_back({.path = file.path().filename(),
                                 .kind = Kind::kFile,
                                 .content = file.path()});
  };
  EXPECT_EQ(
      CallsPerFile("ext4", kFullFile, nullptr, PlacingBut({kHardlink}, lines)),
      3);
  EXPECT_EQ(
      CallsPerFile("ext4", kFullFile, nullptr, PlacingBut({kCopy}, lines)), 8);
}

using Tree = const CountedTree&;

void ExpectNew(const char* what, std::vector<Method> methods, double calls,
               Change change) {
  EXPECT_EQ(CallsPerFile("ext4", kFullFile, nullptr,
                         PlacingBut(std::move(methods), std::move(change))),
            calls)
      << what;
}

TEST_F(CallsTest, OfMoreThatIsAskedOfALink) {
  ExpectNew("exclude", {kHardlink}, 1,
            [](Request& it, Tree) { it.exclude = {"g*"}; });
  ExpectNew("bytes", {kHardlink}, 1 + 1,
            [](Request& it, Tree) { it.count_bytes = true; });
  ExpectNew("receipt", {kHardlink}, 1 + 1,
            [](Request& it, Tree tree) { it.receipt = tree.receipt(); });
  // Open, stat, chmod or fsync, close.
  ExpectNew("protect", {kHardlink}, 1 + 4,
            [](Request& it, Tree) { it.protect = true; });
  ExpectNew("durable", {kHardlink}, 1 + 4,
            [](Request& it, Tree) { it.durable = true; });
  ExpectNew("follow", {}, 2,
            [](Request& it, Tree) { it.symlinks = Symlinks::kFollow; });
  ExpectNew("private", {}, 7,
            [](Request& it, Tree) { it.private_entries = {"**"}; });
  ExpectNew("dry run", {}, 1, [](Request& it, Tree) { it.dry_run = true; });
}

TEST_F(CallsTest, OfMoreThatIsAskedOfACopy) {
  // Looked at before it is placed; then chown, chmod.
  ExpectNew("mode", {kCopy}, 7 + 1,
            [](Request& it, Tree) { it.modes = {"0600"}; });
  ExpectNew("owner", {kCopy}, 7 + 1 + 2,
            [](Request& it, Tree) { it.owner = it.group = 1; });
  ExpectNew("preserve owner", {kCopy}, 7 + 2,
            [](Request& it, Tree) { it.preserve.owner = true; });
  ExpectNew("preserve hardlinks", {kCopy}, 7 + 1,
            [](Request& it, Tree) { it.preserve.hardlinks = true; });
  ExpectNew("preserve xattrs", {kCopy}, 7 + 1,
            [](Request& it, Tree) { it.preserve.xattrs = true; });
  ExpectNew("preserve acls", {kCopy}, 7 + 1,
            [](Request& it, Tree) { it.preserve.acls = true; });
  // Few enough to be synced one by one, once all are there.
  ExpectNew("durable", {kCopy}, 7 + 4,
            [](Request& it, Tree) { it.durable = true; });
  // Read once more.
  ExpectNew("digest", {kCopy}, 7 + 4, [](Request& it, Tree tree) {
    it.receipt = tree.receipt();
    it.receipt_digest = true;
  });
  ExpectNew("fill", {kCopy}, 7, [](Request& it, Tree tree) {
    std::filesystem::create_directory(tree.target());
    it.into = Into::kFill;
  });
}

TEST_F(CallsTest, OfMoreThatIsAskedOfWhatIsThere) {
  const auto asked = [](Change change) {
    return CallsPerFile("ext4", kFullFile, Placing({kCopy}),
                        UpdatingBut({kCopy}, std::move(change)));
  };
  EXPECT_EQ(asked([](Request& it, Tree) { it.deletion.enabled = true; }), 2);
  EXPECT_EQ(asked([](Request& it, Tree) { it.present = Present::kSkip; }), 1);
  // Two opened, one of them looked at again, read, read to the end, closed.
  EXPECT_EQ(asked([](Request& it, Tree) { it.compare = Compare::kContent; }),
            2 + 9);
  EXPECT_EQ(asked([](Request& it, Tree) {
              it.dry_run = true;
              it.check = Check::kAll;
            }),
            2);
}

TEST_F(CallsTest, OfWhatMayHaveATwin) {
  const Counted dedupe =
      PlacingBut({kCopy}, [](Request& it, Tree) { it.dedupe = true; });
  // Looked at and read, for its digest; a twin is linked, and checked before.
  EXPECT_EQ(CallsPerFile("ext4", kFullFile, nullptr, dedupe), 15);
  EXPECT_EQ(CallsPerFile("ext4", " \"the same\"", nullptr, dedupe), 17);
}

}  // namespace
}  // namespace materialize
