// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Where filesystems end: all the names an inode can have, all the blocks of a
// disk, holes, files above 2 GiB, and files whose size is a pretence.

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <map>
#include <optional>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/rows/files.h"
#include "tests/testing/faulty_sys.h"
#include "tests/testing/lab.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"
#include "tests/testing/tree_text.h"

namespace materialize {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
namespace fs = std::filesystem;
using enum Method;

constexpr int64_t kMiB = 1 << 20;
constexpr int64_t kGiB = 1 << 30;
constexpr int64_t kBlock = 512;  // st_blocks' unit, stat(2)

// All the names an inode can have.

// ext4 stops at 65,000; the lab has made 64,990 of one file.
class FullLinksTest : public testing::Test {
 protected:
  static constexpr int kNames = 40;
  static constexpr int64_t kMost = 65000;

  void SetUp() override {
    REQUIRE_LAB("ext4-full-links");
    many_ = Lab("ext4-full-links") + "/many";
    before_ = StatOf(many_);
    ASSERT_LT(before_.links, static_cast<uint64_t>(kMost));
    ASSERT_GT(before_.links + kNames, static_cast<uint64_t>(kMost));
    dir_.emplace(TempDir::In(Lab("ext4-full-links")));
    to_ = *dir_ / "to";
  }
  Request Names(std::vector<Method> methods) const {
    Request request;
    request.methods = std::move(methods);
    request.destination = to_;
    for (int i = 0; i < kNames; ++i) {
      request.entries.push_back({.path = absl::StrCat("d/", i),
                                 .kind = Kind::kFile,
                                 .content = many_});
    }
    return request;
  }

  std::string many_, to_;
  Stat before_;
  std::optional<TempDir> dir_;
};

// Row C5: EMLINK is of that inode. The first file too many becomes a replica,
// the rest are links to it.
TEST_F(FullLinksTest, AReplicaTakesTheRest) {
  FaultySys sys(RealSys());
  ASSERT_OK_AND_ASSIGN(const Report report,
                       Materialize(Names({kHardlink, kCopy}), sys));
  EXPECT_EQ(report.of(kCopy).files, 1);
  EXPECT_EQ(report.of(kHardlink).files, kNames - 1);
  EXPECT_EQ(sys.Calls("CopyRange") + sys.Calls("Write"), 1);
  ASSERT_THAT(report.downgrades, SizeIs(1));
  EXPECT_EQ(report.downgrades[0].error, EMLINK);
  EXPECT_EQ(report.downgrades[0].files, 1);
  EXPECT_EQ(StatOf(many_).links, static_cast<uint64_t>(kMost));
  std::map<uint64_t, int64_t> names;
  for (int i = 0; i < kNames; ++i) {
    const std::string name = absl::StrCat(to_, "/d/", i);
    ++names[StatOf(name).inode];
    EXPECT_EQ(TreeText(name), TreeText(many_));
  }
  const auto linked = kMost - static_cast<int64_t>(before_.links);
  ASSERT_THAT(names, SizeIs(2));
  EXPECT_EQ(names[before_.inode], linked);
}

// Row C2.
TEST_F(FullLinksTest, WithoutAnotherMethodItIsAnError) {
  const absl::Status status = Materialize(Names({kHardlink})).status();
  EXPECT_THAT(std::string(status.message()),
              AllOf(HasSubstr("link " + many_ + " -> " + to_ + "/d/"),
                    HasSubstr(strerror(EMLINK)), HasSubstr("--methods")));
  EXPECT_FALSE(Exists(to_));
  EXPECT_THAT(Leftovers(*dir_), IsEmpty());
  EXPECT_EQ(StatOf(many_).links, before_.links);
}

// Row C5: other files of the pair keep being linked.
TEST_F(FullLinksTest, OtherFilesAreStillLinked) {
  ASSERT_OK(ArrangeTree(*dir_ / "other", "a \"a\"\nb \"b\"\nc \"c\""));
  Request request = Names({});
  request.jobs = 1;
  for (const char* name : {"a", "b", "c"}) {
    request.entries.push_back({.path = absl::StrCat("z/", name),
                               .kind = Kind::kFile,
                               .content = *dir_ / "other/" + name});
  }
  ASSERT_OK_AND_ASSIGN(const Report report, Materialize(request));
  EXPECT_EQ(report.of(kCopy).files, 1);
  for (const char* name : {"a", "b", "c"}) {
    EXPECT_TRUE(IsOneInode(*dir_ / "other/" + name, to_ + "/z/" + name));
  }
}

// Holes.

struct Segment {
  int64_t at;  // bytes
  const char* text;
};

struct SparseFile {
  const char* name;
  int64_t size;
  std::vector<Segment> segments;
};

void MakeSparse(const std::string& path, const SparseFile& file) {
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL, 0644);
  ASSERT_GE(fd, 0) << path << ": " << strerror(errno);
  for (const Segment& segment : file.segments) {
    const auto bytes = static_cast<ssize_t>(strlen(segment.text));
    EXPECT_EQ(pwrite(fd, segment.text, strlen(segment.text), segment.at),
              bytes);
  }
  EXPECT_EQ(ftruncate(fd, file.size), 0);
  close(fd);
}

// All data of a file that is mostly holes, by offset; zeros apart.
std::map<int64_t, std::string> DataOf(const std::string& path) {
  std::map<int64_t, std::string> data;
  const int fd = open(path.c_str(), O_RDONLY);
  EXPECT_GE(fd, 0) << path;
  for (off_t end = 0, at = 0; (at = lseek(fd, end, SEEK_DATA)) >= 0;) {
    end = lseek(fd, at, SEEK_HOLE);
    std::string bytes(static_cast<size_t>(end - at), '\0');
    EXPECT_EQ(pread(fd, bytes.data(), bytes.size(), at), end - at);
    for (size_t i = 0; (i = bytes.find_first_not_of('\0', i)) != bytes.npos;) {
      const size_t last = std::min(bytes.find('\0', i), bytes.size());
      data[at + static_cast<off_t>(i)] = bytes.substr(i, last - i);
      i = last;
    }
  }
  close(fd);
  return data;
}

void ExpectSameSparse(const std::string& from, const std::string& to) {
  SCOPED_TRACE(to);
  EXPECT_EQ(StatOf(to).size, StatOf(from).size);
  EXPECT_EQ(StatOf(to).mtime, StatOf(from).mtime);
  EXPECT_LT(StatOf(to).blocks * kBlock, kMiB);
  EXPECT_EQ(DataOf(to), DataOf(from));
  EXPECT_THAT(DataOf(to), SizeIs(testing::Le(3u)));
}

const SparseFile kSparse[] = {
    {"hole", 64 * kMiB, {}},
    {"leading", 64 * kMiB + 4, {{64 * kMiB, "tail"}}},
    {"trailing", 64 * kMiB, {{0, "head"}}},
    {"middle", 64 * kMiB + 4, {{0, "head"}, {64 * kMiB, "tail"}}},
    {"island", 64 * kMiB, {{5 * kMiB + 4095, "two blocks"}}},
    // Beyond what 31 and 32 bits can count.
    {"large", 5 * kGiB, {{2 * kGiB - 2, "2 GiB"}, {5 * kGiB - 3, "end"}}},
};

// Row H11.
TEST(HolesTest, StayHolesWhereverTheyAre) {
  for (const char* place : {"ext4", "xfs", "xfs-noreflink", "btrfs", "tmpfs"}) {
    if (!LabPlace(place)) continue;
    for (const bool ranges : {true, false}) {
      SCOPED_TRACE(place);
      const TempDir dir = TempDir::In(Lab(place));
      fs::create_directory(dir / "from");
      for (const SparseFile& file : kSparse)
        MakeSparse(dir / "from/" + file.name, file);
      FaultySys sys(RealSys());
      if (!ranges) sys.Fail("CopyRange", EOPNOTSUPP);
      ASSERT_OK(
          Materialize(FromTo(dir / "from", dir / "to", {kCopy}), sys).status());
      for (const SparseFile& file : kSparse) {
        ExpectSameSparse(dir / "from/" + file.name, dir / "to/" + file.name);
        EXPECT_THAT(DataOf(dir / "to/" + file.name),
                    SizeIs(file.segments.size()));
      }
    }
  }
}

// Row H11, across filesystems, by whatever auto finds.
TEST(HolesTest, StayHolesAcrossFilesystems) {
  for (const auto& [place, other] :
       {std::pair("ext4", "xfs"), std::pair("xfs", "tmpfs"),
        std::pair("tmpfs", "btrfs"), std::pair("btrfs", "fuse")}) {
    if (!LabPlace(place) || !LabPlace(other)) continue;
    const TempDir from = TempDir::In(Lab(place));
    const TempDir to = TempDir::In(Lab(other));
    MakeSparse(from / "middle", kSparse[3]);
    ASSERT_OK(Materialize(FromTo(from / "middle", to / "to")).status());
    ExpectSameSparse(from / "middle", to / "to");
  }
}

// Sizes that say nothing.

// Row H5.
TEST(PretendedSizesTest, FilesOfProcAndSysAreCopiedWhole) {
  const TempDir dir;
  Request request;
  request.destination = dir / "to";
  request.entries = {
      {.path = "status", .kind = Kind::kFile, .content = "/proc/self/status"},
      {.path = "version", .kind = Kind::kFile, .content = "/proc/version"},
      {.path = "mtu", .kind = Kind::kFile, .content = "/sys/class/net/lo/mtu"}};
  if (!Exists("/sys/class/net/lo")) request.entries.pop_back();
  for (const auto& methods : {std::vector<Method>(), {kCopy}}) {
    request.methods = methods;
    ASSERT_OK_AND_ASSIGN(const Report report, Materialize(request));
    EXPECT_EQ(report.of(kCopy).files,
              static_cast<int64_t>(request.entries.size()));
    EXPECT_EQ(report.created_empty.files, 0);
    EXPECT_THAT(
        ReadFile(dir / "to/status"),
        AllOf(HasSubstr("Name:"), HasSubstr("nonvoluntary_ctxt_switches:")));
    EXPECT_EQ(ReadFile(dir / "to/version"), ReadFile("/proc/version"));
    for (const ManifestEntry& entry : request.entries) {
      if (entry.path != "mtu") continue;
      // 4096 bytes, says stat.
      EXPECT_EQ(ReadFile(dir / "to/mtu"), ReadFile("/sys/class/net/lo/mtu"));
    }
    fs::remove_all(dir / "to");
  }
}

// Row C2: what pretends cannot be linked either.
TEST(PretendedSizesTest, AFileOfProcCannotBeShared) {
  const TempDir dir;
  for (const Method method : {kReflink, kHardlink}) {
    EXPECT_THAT(
        std::string(Materialize(FromTo("/proc/version", dir / "to", {method}))
                        .status()
                        .message()),
        AllOf(HasSubstr("/proc/version -> " + dir.path() + "/to"),
              HasSubstr(std::string(MethodName(method)))));
    EXPECT_FALSE(Exists(dir / "to"));
  }
}

// A full disk.

class DiskFullTest : public testing::Test {
 protected:
  void SetUp() override {
    REQUIRE_LAB("small");
    REQUIRE_LAB("tmpfs");
    small_.emplace(TempDir::In(Lab("small")));
    to_ = *small_ / "to";
    free_ = Free();
  }
  static int64_t Free() {
    const int fd = open(Lab("small").c_str(), O_RDONLY | O_DIRECTORY);
    EXPECT_EQ(syncfs(fd), 0);
    FilesystemStat facts;
    EXPECT_EQ(RealSys().StatFilesystem(fd, &facts), 0);
    close(fd);
    return facts.bytes_free;
  }
  // More than fits, elsewhere.
  static std::string TooMuch(const TempDir& dir) {
    std::string tree;
    for (int i = 0; i < 24; ++i)
      absl::StrAppend(&tree, "d", i % 3, "/f", i, " size=1M\n");
    EXPECT_OK(ArrangeTree(dir / "from", tree));
    return dir / "from";
  }
  void ExpectOneError(const absl::Status& status, const std::string& from) {
    EXPECT_THAT(
        std::string(status.message()),
        AllOf(HasSubstr(" " + from + "/d"), HasSubstr(" -> " + to_ + "/d"),
              HasSubstr(strerror(ENOSPC))));
  }
  void ExpectAsBefore() {
    EXPECT_THAT(Leftovers(*small_), IsEmpty());
    EXPECT_EQ(Free(), free_);
  }

  std::optional<TempDir> small_;
  std::string to_;
  int64_t free_ = 0;
};

// Row S17's half of this issue, R7, H4.
TEST_F(DiskFullTest, IsOneErrorAndLeavesNothing) {
  const TempDir source = TempDir::In(Lab("tmpfs"));
  const std::string from = TooMuch(source);
  const std::string before = TreeText(from);
  for (const int jobs : {1, 4}) {
    for (const bool ranges : {true, false}) {
      FaultySys sys(RealSys());
      if (!ranges) sys.Fail("CopyRange", EXDEV);
      Request request = FromTo(from, to_);
      request.jobs = jobs;
      ExpectOneError(Materialize(request, sys).status(), from);
      EXPECT_FALSE(Exists(to_));
      ExpectAsBefore();
    }
  }
  EXPECT_EQ(TreeText(from), before);
}

TEST_F(DiskFullTest, LeavesTheOldTreeOfASwap) {
  const TempDir source = TempDir::In(Lab("tmpfs"));
  const std::string from = TooMuch(source);
  ASSERT_OK(ArrangeTree(to_, "old size=1M"));
  const std::string before = TreeText(to_);
  free_ = Free();
  Request request = FromTo(from, to_);
  request.into = Into::kSwap;
  ExpectOneError(Materialize(request).status(), from);
  EXPECT_EQ(TreeText(to_), before);
  ExpectAsBefore();
}

TEST_F(DiskFullTest, EmptiesAFillAgain) {
  const TempDir source = TempDir::In(Lab("tmpfs"));
  const std::string from = TooMuch(source);
  fs::create_directory(to_);
  free_ = Free();
  const Stat before = StatOf(to_);
  Request request = FromTo(from, to_);
  request.into = Into::kFill;
  ExpectOneError(Materialize(request).status(), from);
  EXPECT_TRUE(fs::is_empty(to_));
  EXPECT_EQ(StatOf(to_).inode, before.inode);
  EXPECT_EQ(StatOf(to_).mode, before.mode);
  ExpectAsBefore();
}

// Row C5: a link that finds no room for its name is not replaced by a copy,
// which might find some.
TEST_F(DiskFullTest, OfALinkIsNoReasonToCopy) {
  std::string tree;
  for (int i = 0; i < 300; ++i)
    absl::StrAppend(&tree, std::string(200, 'n'), i, " \"x\"\n");
  ASSERT_OK(ArrangeTree(*small_ / "from", tree));
  const std::string filler = *small_ / "filler";
  const int fd = open(filler.c_str(), O_WRONLY | O_CREAT | O_EXCL, 0600);
  const std::string block(1 << 12, 'x');
  off_t size = 0;
  for (ssize_t put = 0; (put = write(fd, block.data(), block.size())) > 0;)
    size += put;
  ASSERT_EQ(fsync(fd), 0);
  // Room for the staging and some of the names.
  ASSERT_EQ(ftruncate(fd, size - (16 << 10)), 0);
  close(fd);
  free_ = Free();
  for (const auto& methods : {std::vector<Method>(), {kHardlink, kCopy}}) {
    FaultySys sys(RealSys());
    const absl::Status status =
        Materialize(FromTo(*small_ / "from", to_, methods), sys).status();
    EXPECT_THAT(
        std::string(status.message()),
        AllOf(HasSubstr("link " + *small_ / "from/nnn"),
              HasSubstr(" -> " + to_ + "/nnn"), HasSubstr(strerror(ENOSPC)),
              HasSubstr("directory's index")));
    EXPECT_GT(sys.Calls("LinkAt"), 1);
    EXPECT_EQ(sys.Calls("CopyRange") + sys.Calls("Write"), 0);
    EXPECT_FALSE(Exists(to_));
    ExpectAsBefore();
  }
}

}  // namespace
}  // namespace materialize
