// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// What works between two places, through the engine: one row per pair of
// filesystems, one test per method. The table is the fact; how it was laid out
// is looked at from outside (inodes, extents, times), never asked of the engine
// alone.

#include <fcntl.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <map>
#include <optional>
#include <ostream>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "materialize/os/fd.h"
#include "materialize/os/sys.h"
#include "materialize/strategy/filesystem.h"
#include "tests/rows/files.h"
#include "tests/testing/extents.h"
#include "tests/testing/lab.h"
#include "tests/testing/scoped_mount.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"
#include "tests/testing/tree_text.h"

namespace materialize {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;
namespace fs = std::filesystem;

constexpr int kWorks = 0;
constexpr int kCopiesUp = -1;  // linkat works, by copying the source

enum class Origin {
  kArranged,      // kTree, in a directory of its own
  kReady,         // what the lab has put there; read-only
  kOverlayLower,  // kTree, in the lower layer of a fresh overlay over the place
};

enum class Same { kNo, kYes };

struct Cell {
  const char* name;
  const char* from;  // places of the lab
  const char* to;
  int reflink;  // an errno, or kWorks
  int hardlink;
  Method automatic;  // what auto comes to
  // What stat says of source and destination: no field alone tells what works.
  Same device;
  Same mount;
  Origin origin = Origin::kArranged;
  const char* content = "";  // below `from`, with Origin::kReady
};

void PrintTo(const Cell& cell, std::ostream* out) { *out << cell.name; }

using enum Method;
constexpr Same kYes = Same::kYes;
constexpr Same kNo = Same::kNo;

// clang-format off
constexpr Cell kCells[] = {
    // name                from             to              reflink     hardlink   auto       st_dev mount
    {"Ext4",               "ext4",          "ext4",         EOPNOTSUPP, kWorks,    kHardlink, kYes, kYes},
    {"Tmpfs",              "tmpfs",         "tmpfs",        EOPNOTSUPP, kWorks,    kHardlink, kYes, kYes},
    {"XfsWithoutReflink",  "xfs-noreflink", "xfs-noreflink", EOPNOTSUPP, kWorks,   kHardlink, kYes, kYes},
    {"Xfs",                "xfs",           "xfs",          kWorks,     kWorks,    kReflink,  kYes, kYes},
    {"Btrfs",              "btrfs",         "btrfs",        kWorks,     kWorks,    kReflink,  kYes, kYes},
    {"BindOfXfs",          "xfs",           "bind-xfs",     kWorks,     EXDEV,     kReflink,  kYes, kNo},
    {"BindOfExt4",         "ext4",          "bind-ext4",    EOPNOTSUPP, EXDEV,     kCopy,     kYes, kNo},
    {"Ext4OfBind",         "bind-ext4",     "ext4",         EOPNOTSUPP, EXDEV,     kCopy,     kYes, kNo},
    {"XfsProject",         "xfs",           "xfs/project",  kWorks,     EXDEV,     kReflink,  kYes, kYes},
    {"BtrfsSubvolumes",    "btrfs/sub1",    "btrfs/sub2",   kWorks,     EXDEV,     kReflink,  kNo,  kYes},
    {"BtrfsSubvolumesOnTwoMounts",
                           "btrfs/sub1",    "btrfs-sub2",   kWorks,     EXDEV,     kReflink,  kNo,  kNo},
    {"OneSubvolumeOnTwoMounts",
                           "btrfs/sub2",    "btrfs-sub2",   kWorks,     EXDEV,     kReflink,  kYes, kNo},
    {"BtrfsToNodatacow",   "btrfs",         "btrfs/nocow",  EINVAL,     kWorks,    kHardlink, kYes, kYes},
    {"BtrfsOfNodatacow",   "btrfs/nocow",   "btrfs",        EINVAL,     kWorks,    kHardlink, kYes, kYes},
    {"Nodatacow",          "btrfs/nocow",   "btrfs/nocow",  kWorks,     kWorks,    kReflink,  kYes, kYes},
    {"SnapshotToItsOrigin", "btrfs/snap-ro", "btrfs/sub1",  kWorks,     EXDEV,     kReflink,  kNo,  kYes,
     Origin::kReady, "/kept"},
    {"TwoXfs",             "xfs",           "xfs2",         EXDEV,      EXDEV,     kCopy,     kNo,  kNo},
    {"XfsToBtrfs",         "xfs",           "btrfs",        EXDEV,      EXDEV,     kCopy,     kNo,  kNo},
    {"Ext4ToTmpfs",        "ext4",          "tmpfs",        EXDEV,      EXDEV,     kCopy,     kNo,  kNo},
    {"TmpfsToXfs",         "tmpfs",         "xfs",          EXDEV,      EXDEV,     kCopy,     kNo,  kNo},
    {"Fuse",               "fuse",          "fuse",         EOPNOTSUPP, kWorks,    kHardlink, kYes, kYes},
    {"FuseToExt4",         "fuse",          "ext4",         EXDEV,      EXDEV,     kCopy,     kNo,  kNo},
    {"Ext4ToFuse",         "ext4",          "fuse",         EXDEV,      EXDEV,     kCopy,     kNo,  kNo},
    {"SquashfsToExt4",     "squashfs",      "ext4",         EXDEV,      EXDEV,     kCopy,     kNo,  kNo,
     Origin::kReady, "/lower-dir"},
    {"OverlayUpperOnExt4", "overlay-ext4",  "overlay-ext4", EOPNOTSUPP, kWorks,    kHardlink, kYes, kYes},
    {"OverlayUpperOnBtrfs", "overlay-btrfs", "overlay-btrfs", kWorks,   kWorks,    kReflink,  kYes, kYes},
    {"OverlayLowerOnExt4", "ext4",          "ext4",         EOPNOTSUPP, kCopiesUp, kCopy,     kYes, kYes,
     Origin::kOverlayLower},
    {"OverlayLowerOnBtrfs", "btrfs",        "btrfs",        kWorks,     kCopiesUp, kReflink,  kYes, kYes,
     Origin::kOverlayLower},
    {"OverlayLowerOnXfs",  "xfs",           "xfs",          kWorks,     kCopiesUp, kReflink,  kYes, kYes,
     Origin::kOverlayLower},
};
// clang-format on

constexpr char kTree[] = R"(
  ./ 0750 @1500000000.25
  12k 0640 @1500000001.5 size=12K
  d/1m 0644 @1500000002 size=1M
  d/empty 0600 @1500000003 ""
  d/link -> ../12k
  d/ 0711 @1500000004
  small 0444 @1500000005 size=100
  tool 0755 @1500000006 size=9000
)";

// Below two blocks the data may lie where it cannot be shared.
constexpr int64_t kLeastShared = 8 << 10;

// Whether a copy of `size` bytes at `path` is made by copy_file_range.
bool IsCopiedByRange(const std::string& path, int64_t size) {
  const Fd fd(RealSys(), open(path.c_str(), O_PATH | O_CLOEXEC));
  FilesystemStat filesystem;
  EXPECT_EQ(RealSys().StatFilesystem(fd.get(), &filesystem), 0);
  return size > FilesystemOf(filesystem.magic).traits.written;
}

class MatrixTest : public testing::TestWithParam<Cell> {
 protected:
  void SetUp() override {
    REQUIRE_LAB(cell().from);
    REQUIRE_LAB(cell().to);
    switch (cell().origin) {
      case Origin::kArranged:
        Arrange();
        break;
      case Origin::kReady:
        from_ = Lab(cell().from) + cell().content;
        to_dir_.emplace(TempDir::In(Lab(cell().to)));
        to_ = *to_dir_ / "to";
        break;
      case Origin::kOverlayLower:
        if (!CanMount()) GTEST_SKIP() << "an overlay needs root";
        from_dir_.emplace(TempDir::In(Lab(cell().from)));
        ASSERT_OK(ArrangeTree(*from_dir_ / "lower/from", kTree));
        overlay_.emplace(ScopedMount::Overlay(*from_dir_));
        from_ = overlay_->path() + "/from";
        to_ = overlay_->path() + "/to";
        break;
    }
    before_ = TreeText(from_, {.symlink_times = true});
    ctimes_ = Ctimes();
  }
  void Arrange() {
    from_dir_.emplace(TempDir::In(Lab(cell().from)));
    to_dir_.emplace(TempDir::In(Lab(cell().to)));
    from_ = *from_dir_ / "from";
    to_ = *to_dir_ / "to";
    ASSERT_OK(ArrangeTree(from_, kTree));
  }
  const Cell& cell() const { return GetParam(); }

  // Names of all regular files of the source.
  std::vector<std::string> Files() const {
    std::vector<std::string> files;
    for (const auto& entry : fs::recursive_directory_iterator(from_)) {
      if (entry.is_symlink() || !entry.is_regular_file()) continue;
      files.push_back(entry.path().string().substr(from_.size()));
    }
    return files;
  }
  std::map<std::string, Time> Ctimes() const {
    std::map<std::string, Time> times;
    for (const std::string& name : Files())
      times[name] = StatOf(from_ + name).ctime;
    return times;
  }

  int Expected(Method method) const {
    switch (method) {
      case kReflink:
        return cell().reflink;
      case kHardlink:
        return cell().hardlink;
      default:
        return kWorks;
    }
  }

  void ExpectPlacedBy(Method method, const Report& report);
  void ExpectShared(Method method, const std::string& name);
  void ExpectSourceUnchanged(Method method);
  void ExpectRefused(Method method, int error, const absl::Status& status);

  std::optional<TempDir> from_dir_, to_dir_;
  std::optional<ScopedMount> overlay_;
  std::string from_, to_;
  std::string before_;
  std::map<std::string, Time> ctimes_;
};

void MatrixTest::ExpectPlacedBy(Method method, const Report& report) {
  const auto files = static_cast<int64_t>(Files().size());
  for (const Method other : kAllMethods) {
    // An empty file has nothing to share.
    const int64_t made = report.of(other).files +
                         (other == method ? report.created_empty.files : 0);
    EXPECT_EQ(made, other == method ? files : 0) << MethodName(other);
  }
  EXPECT_LE(report.created_empty.files, method == kCopy ? 0 : 1);
  if (method != kSymlink) {
    EXPECT_EQ(TreeText(to_, {.symlink_times = true}), before_);
  }
  for (const std::string& name : Files()) ExpectShared(method, name);
  EXPECT_THAT(Leftovers(fs::path(to_).parent_path()), IsEmpty());
  ExpectSourceUnchanged(method);
}

void MatrixTest::ExpectShared(Method method, const std::string& name) {
  SCOPED_TRACE(name);
  if (method == kSymlink) {
    EXPECT_EQ(ReadLink(to_ + name), from_ + name);
    return;
  }
  const Stat facts = StatOf(to_ + name);
  // An empty file may be created where the rest is linked.
  if (method == kHardlink && facts.size == 0) return;
  EXPECT_EQ(IsOneInode(to_ + name, from_ + name), method == kHardlink);
  if (method == kHardlink || facts.size < kLeastShared) return;
  // copy_file_range clones as well wherever FICLONE does; but the report, which
  // cannot know, calls it what was asked for.
  const std::optional<bool> shared = SharesExtents(to_ + name, from_ + name);
  if (!shared.has_value()) {
    EXPECT_NE(cell().reflink, kWorks);  // no FIEMAP: tmpfs, FUSE, squashfs
  } else {
    const bool may_share =
        method != kCopy || IsCopiedByRange(to_ + name, facts.size);
    EXPECT_EQ(*shared, cell().reflink == kWorks && may_share);
  }
}

void MatrixTest::ExpectSourceUnchanged(Method method) {
  EXPECT_EQ(TreeText(from_, {.symlink_times = true}), before_);
  if (method != kHardlink) {
    EXPECT_EQ(Ctimes(), ctimes_);
  }
}

void MatrixTest::ExpectRefused(Method method, int error,
                               const absl::Status& status) {
  EXPECT_THAT(std::string(status.message()),
              AllOf(StartsWith(std::string(MethodName(method)) + " " + from_),
                    HasSubstr(" -> " + to_), HasSubstr(strerror(error))));
  EXPECT_FALSE(Exists(to_));
  EXPECT_THAT(Leftovers(fs::path(to_).parent_path()), IsEmpty());
  ExpectSourceUnchanged(method == kHardlink ? kCopy : method);
}

TEST_P(MatrixTest, NoFieldOfStatTellsWhatWorks) {
  const Stat from = StatOf(from_);
  const Stat to = StatOf(fs::path(to_).parent_path());
  EXPECT_EQ(from.device == to.device, cell().device == kYes);
  EXPECT_EQ(from.mount_id == to.mount_id, cell().mount == kYes);
}

// Rows C1, C4, C7, H9.
TEST_P(MatrixTest, AutoTakesTheBestAndTellsWhatItPassed) {
  ASSERT_OK_AND_ASSIGN(const Report report,
                       Materialize(FromTo(from_, to_), RealSys()));
  ExpectPlacedBy(cell().automatic, report);
  std::map<Method, int> passed;
  for (const Downgrade& downgrade : report.downgrades) {
    EXPECT_EQ(downgrade.used, cell().automatic);
    EXPECT_FALSE(downgrade.reason.empty());
    passed[downgrade.method] = downgrade.error;
  }
  std::map<Method, int> expected;
  for (const Method method : AutoMethods()) {
    if (method == cell().automatic) break;
    const int error = Expected(method);
    expected[method] = error == kCopiesUp ? 0 : error;
  }
  EXPECT_EQ(passed, expected);
}

// Rows C2, C6, G5.
TEST_P(MatrixTest, AnExactMethodWorksOrFails) {
  for (const Method method : {kReflink, kHardlink, kSymlink, kCopy}) {
    SCOPED_TRACE(MethodName(method));
    const int expected = Expected(method);
    if (expected == kCopiesUp) continue;
    ctimes_ = Ctimes();
    const absl::StatusOr<Report> report =
        Materialize(FromTo(from_, to_, {method}));
    if (expected != kWorks) {
      ExpectRefused(method, expected, report.status());
      continue;
    }
    ASSERT_OK(report.status());
    ExpectPlacedBy(method, *report);
    ASSERT_EQ(RemoveTree(to_), 0);
  }
}

class OverlayLowerTest : public MatrixTest {};

// Row C7: what overlayfs copied up is never called shared.
TEST_P(OverlayLowerTest, AnExactLinkIsReportedAsACopy) {
  ASSERT_OK_AND_ASSIGN(const Report report,
                       Materialize(FromTo(from_, to_, {kHardlink})));
  const auto files = static_cast<int64_t>(Files().size());
  EXPECT_EQ(report.of(kCopy).files, files);
  EXPECT_EQ(report.of(kHardlink).files, 0);
  ASSERT_EQ(report.downgrades.size(), 1u);
  EXPECT_THAT(report.downgrades[0].reason, HasSubstr("lower layer"));
  EXPECT_EQ(TreeText(to_, {.symlink_times = true}), before_);
  EXPECT_EQ(TreeText(from_, {.symlink_times = true}), before_);
  // Each name of the source has become one of a file of the upper layer.
  for (const std::string& name : Files()) {
    EXPECT_TRUE(IsOneInode(to_ + name, from_ + name));
    EXPECT_TRUE(Exists(*from_dir_ / "upper/from" + name)) << name;
  }
}

std::string NameOf(const testing::TestParamInfo<Cell>& info) {
  return info.param.name;
}

std::vector<Cell> CellsOf(Origin origin) {
  std::vector<Cell> cells;
  for (const Cell& cell : kCells)
    if (cell.origin == origin) cells.push_back(cell);
  return cells;
}

INSTANTIATE_TEST_SUITE_P(, MatrixTest, testing::ValuesIn(kCells), NameOf);
INSTANTIATE_TEST_SUITE_P(, OverlayLowerTest,
                         testing::ValuesIn(CellsOf(Origin::kOverlayLower)),
                         NameOf);

// A snapshot that cannot be written is an error whatever the method.
TEST(ReadOnlySnapshotTest, AsADestinationItIsAnError) {
  REQUIRE_LAB("btrfs/snap-ro");
  const TempDir dir = TempDir::In(Lab("btrfs/sub1"));
  ASSERT_OK(ArrangeTree(dir / "from", kTree));
  const std::string to = Lab("btrfs/snap-ro") + "/to";
  for (const auto& methods :
       {std::vector<Method>(), {kReflink}, {kHardlink}, {kCopy}}) {
    for (const Into into : {Into::kNew, Into::kSwap}) {
      Request request = FromTo(dir / "from", to, methods);
      request.into = into;
      EXPECT_THAT(
          std::string(Materialize(request).status().message()),
          AllOf(HasSubstr(Lab("btrfs/snap-ro")), HasSubstr(strerror(EROFS))));
    }
  }
  EXPECT_EQ(TreeText(dir / "from"), TreeTextOf(kTree));
}

}  // namespace
}  // namespace materialize
