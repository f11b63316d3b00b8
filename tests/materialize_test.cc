// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// The front door: what it refuses, what it promises of the destination, and
// that its report is exact. Methods and mounts have tests of their own.

#include "materialize/materialize.h"

#include <atomic>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/cli/run_command.h"
#include "tests/rows/files.h"
#include "tests/testing/faulty_sys.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"
#include "tests/testing/tree_text.h"

namespace materialize {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

constexpr char kTree[] = R"(
  ./ 0750 @1500000000.25
  a 0644 @1500000001 "hello"
  d/b 0755 size=9000
  d/deep/c 0600 "x"
  d/deep/link -> ../b
  d/ 0711 @1500000003
  empty ""
)";

class MaterializeTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_OK(ArrangeTree(from_, kTree)); }
  Request Copy(Into into = Into::kNew) const {
    Request request = FromTo(from_, to_, {Method::kCopy});
    request.into = into;
    return request;
  }
  void ExpectNothingHappened() {
    EXPECT_FALSE(Exists(to_));
    EXPECT_THAT(Leftovers(dir_), IsEmpty());
  }

  const TempDir dir_;
  const std::string from_ = dir_ / "from";
  const std::string to_ = dir_ / "to";
};

struct Contradiction {
  const char* what;
  void (*change)(Request*);
};

TEST_F(MaterializeTest, RefusesWhatContradictsItself) {
  const Contradiction contradictions[] = {
      {"exclude each other", [](Request* r) { r->manifest = "m"; }},
      {"exclude each other",
       [](Request* r) {
         r->entries = {{.path = "a", .kind = Kind::kDirectory}};
       }},
      {"needs a source",
       [](Request* r) {
         r->source.clear();
         r->only_files = true;
       }},
      {"negative", [](Request* r) { r->jobs = -1; }},
      {"--receipt", [](Request* r) { r->receipt_digest = true; }},
      {"reflink or copy",
       [](Request* r) {
         r->methods = {Method::kHardlink};
         r->private_entries = {"**"};
       }},
      {"--dangling", [](Request* r) { r->allow_dangling = true; }},
      {"[a", [](Request* r) { r->exclude = {"[a"}; }},
      {"[b",
       [](Request* r) {
         r->exclude = {"*"};
         r->include = {"[b"};
       }},
      {"--exclude", [](Request* r) { r->include = {"a"}; }},
      {"[c", [](Request* r) { r->private_entries = {"[c"}; }},
      {"empty", [](Request* r) { r->destination = ""; }},
      {"root", [](Request* r) { r->destination = "/"; }},
  };
  for (const Contradiction& contradiction : contradictions) {
    SCOPED_TRACE(contradiction.what);
    Request request = Copy();
    contradiction.change(&request);
    EXPECT_THAT(Materialize(request),
                StatusIs(absl::StatusCode::kInvalidArgument,
                         HasSubstr(contradiction.what)));
    ExpectNothingHappened();
  }
}

TEST_F(MaterializeTest, ReportsExactNumbers) {
  for (const Into into : {Into::kNew, Into::kSwap, Into::kFill}) {
    std::filesystem::remove_all(to_);
    if (into == Into::kFill) std::filesystem::create_directory(to_);
    ASSERT_OK_AND_ASSIGN(const Report report, Materialize(Copy(into)));
    EXPECT_EQ(TreeText(to_), TreeText(from_));
    EXPECT_EQ(report.destination, to_);
    EXPECT_EQ(report.files(), 4);
    EXPECT_EQ(report.of(Method::kCopy).files, 4);
    EXPECT_EQ(report.of(Method::kCopy).bytes, 9006);
    EXPECT_EQ(report.apparent_bytes, 9006);
    EXPECT_GE(report.allocated_bytes, 9006);
    EXPECT_TRUE(report.bytes_exact);
    EXPECT_EQ(report.directories, 3);
    EXPECT_EQ(report.symlinks, 1);
    EXPECT_THAT(report.downgrades, IsEmpty());
    EXPECT_THAT(report.warnings, IsEmpty());
    EXPECT_FALSE(report.partial());
  }
}

TEST_F(MaterializeTest, CountsBytesOfLinksOnlyOnRequest) {
  Request request = FromTo(from_, to_, {Method::kHardlink});
  ASSERT_OK_AND_ASSIGN(Report report, Materialize(request));
  EXPECT_FALSE(report.bytes_exact);
  request.count_bytes = true;
  request.into = Into::kSwap;
  ASSERT_OK_AND_ASSIGN(report, Materialize(request));
  EXPECT_TRUE(report.bytes_exact);
  EXPECT_EQ(report.of(Method::kHardlink).bytes, 9006);
}

TEST_F(MaterializeTest, FillTakesAnEmptyDirectoryAndNothingElse) {
  EXPECT_THAT(Materialize(Copy(Into::kFill)),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  ExpectNothingHappened();
  ASSERT_OK(ArrangeTree(to_, "mine \"mine\""));
  const std::string before = TreeText(to_);
  EXPECT_THAT(Materialize(Copy(Into::kFill)),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("fill " + to_)));
  EXPECT_EQ(TreeText(to_), before);
  std::filesystem::remove_all(to_);
  std::filesystem::create_directory(to_);
  Request request = Copy(Into::kFill);
  request.source = from_ + "/a";
  EXPECT_THAT(Materialize(request),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_TRUE(std::filesystem::is_empty(to_));
}

TEST_F(MaterializeTest, FillNeverMakesParents) {
  Request request = Copy(Into::kFill);
  request.destination = dir_ / "new/to";
  EXPECT_THAT(Materialize(request), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_FALSE(Exists(dir_ / "new"));
}

TEST_F(MaterializeTest, AFailedFillIsEmptiedAndKeepsItsDirectory) {
  std::filesystem::create_directory(to_);
  const Stat before = StatOf(to_);
  FaultySys sys(RealSys());
  sys.Fail("CopyRange", EIO, {.path = "/c"});
  EXPECT_FALSE(Materialize(Copy(Into::kFill), sys).ok());
  EXPECT_TRUE(std::filesystem::is_empty(to_));
  EXPECT_EQ(StatOf(to_).inode, before.inode);
  EXPECT_EQ(StatOf(to_).mode, before.mode);
  EXPECT_THAT(Leftovers(dir_), IsEmpty());
}

TEST_F(MaterializeTest, FillKeepsTheDirectoryItWasGiven) {
  std::filesystem::create_directory(to_);
  const Stat before = StatOf(to_);
  ASSERT_OK(Materialize(Copy(Into::kFill)).status());
  EXPECT_EQ(StatOf(to_).inode, before.inode);
  EXPECT_EQ(StatOf(to_).permissions(), 0750u);
}

TEST_F(MaterializeTest, ADryRunIntoANewPlaceWritesNothing) {
  const Stat before = StatOf(dir_);
  const std::string tree = TreeText(dir_);
  for (const Into into : {Into::kNew, Into::kSwap, Into::kMerge}) {
    Request request = Copy(into);
    request.dry_run = true;
    request.destination = dir_ / "new/deep/to";
    request.receipt = dir_ / "receipt";
    Recorder recorder;
    ASSERT_OK_AND_ASSIGN(const Report report,
                         Materialize(request, RealSys(), &recorder));
    EXPECT_EQ(report.files(), 4);
    EXPECT_EQ(report.directories, 3);
    EXPECT_THAT(recorder.Lines(), SizeIs(4 + 3 + 1));
  }
  EXPECT_EQ(StatOf(dir_).ctime, before.ctime);
  EXPECT_EQ(TreeText(dir_), tree);
}

// Row H8.
TEST_F(MaterializeTest, ADryRunLeavesOutADestinationInsideItsSource) {
  std::filesystem::create_directory(from_ + "/inside");
  Request request = Copy(Into::kSwap);
  request.dry_run = true;
  request.destination = from_ + "/inside";
  ASSERT_OK_AND_ASSIGN(const Report report, Materialize(request));
  EXPECT_EQ(report.directories, 3);
}

// What the real mtree(8) says of `directory`: nothing, when all is as written.
std::string Mtree(const std::string& directory, const std::string& receipt) {
  const cli::Said said =
      cli::RunProgram({"/usr/bin/mtree", "-p", directory, "-f", receipt});
  return said.out + said.err;
}

TEST_F(MaterializeTest, MtreeAcceptsTheReceiptOfEveryMethod) {
  if (!Exists("/usr/bin/mtree")) GTEST_SKIP() << "no mtree(8) here";
  for (const Method method :
       {Method::kCopy, Method::kHardlink, Method::kSymlink}) {
    for (const Into into : {Into::kNew, Into::kFill}) {
      SCOPED_TRACE(MethodName(method));
      std::filesystem::remove_all(to_);
      if (into == Into::kFill) std::filesystem::create_directory(to_);
      Request request = Copy(into);
      request.methods = {method};
      request.receipt = dir_ / "receipt";
      request.receipt_digest = true;
      ASSERT_OK(Materialize(request).status());
      const std::string receipt = ReadFile(request.receipt);
      EXPECT_EQ(Mtree(to_, request.receipt), "") << receipt;
      EXPECT_EQ(receipt.find("sha256digest=") == std::string::npos,
                method == Method::kSymlink);
      // And it would not accept just anything.
      std::ofstream(to_ + "/extra").flush();
      EXPECT_THAT(Mtree(to_, request.receipt), HasSubstr("extra"));
    }
  }
}

TEST_F(MaterializeTest, TheReceiptOfOneFileIsOfThatFile) {
  Request request = Copy();
  request.source = from_ + "/d/b";
  request.receipt = dir_ / "receipt";
  request.receipt_digest = true;
  Recorder recorder;
  ASSERT_OK_AND_ASSIGN(const Report report,
                       Materialize(request, RealSys(), &recorder));
  EXPECT_EQ(report.directories, 0);
  EXPECT_THAT(recorder.Lines(), ElementsAre("copy to"));
  EXPECT_THAT(ReadFile(request.receipt),
              AllOf(HasSubstr("./to type=file mode=0755"),
                    HasSubstr("sha256digest="), Not(HasSubstr("type=dir"))));
}

TEST_F(MaterializeTest, AReceiptIsWrittenWholeOrNotAtAll) {
  Request request = Copy();
  request.receipt = dir_ / "receipt";
  std::ofstream(request.receipt) << "old";
  FaultySys sys(RealSys());
  sys.Fail("CopyRange", EIO);
  EXPECT_FALSE(Materialize(request, sys).ok());
  EXPECT_EQ(ReadFile(request.receipt), "old");
  request.receipt = dir_ / "no/such/place";
  EXPECT_THAT(Materialize(request),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("no/such")));
  ExpectNothingHappened();
}

TEST_F(MaterializeTest, ACancelSetBeforeStopsItAtOnce) {
  const std::atomic<bool> cancel = true;
  for (const bool dry_run : {true, false}) {
    Request request = Copy();
    request.cancel = &cancel;
    request.dry_run = dry_run;
    EXPECT_THAT(Materialize(request), StatusIs(absl::StatusCode::kCancelled));
    ExpectNothingHappened();
  }
}

TEST_F(MaterializeTest, ACancelInTheMiddleCleansUp) {
  for (const char* call : {"CopyRange", "MakeDirectoryAt", "Lock"}) {
    for (const Into into : {Into::kNew, Into::kSwap, Into::kFill}) {
      SCOPED_TRACE(call);
      std::filesystem::remove_all(to_);
      if (into != Into::kNew) std::filesystem::create_directory(to_);
      std::atomic<bool> cancel = false;
      FaultySys sys(RealSys());
      sys.Before(call, [&] { cancel = true; });
      Request request = Copy(into);
      request.cancel = &cancel;
      EXPECT_THAT(Materialize(request, sys),
                  StatusIs(absl::StatusCode::kCancelled));
      EXPECT_EQ(Exists(to_), into != Into::kNew);
      if (Exists(to_)) {
        EXPECT_TRUE(std::filesystem::is_empty(to_));
      }
      EXPECT_THAT(Leftovers(dir_), IsEmpty());
    }
  }
}

TEST_F(MaterializeTest, OnlyDurableRunsWaitForTheDisk) {
  FaultySys sys(RealSys());
  ASSERT_OK(Materialize(Copy(), sys).status());
  EXPECT_EQ(sys.Calls("Sync") + sys.Calls("SyncFilesystem"), 0);

  Request request = Copy(Into::kSwap);
  request.durable = true;
  sys.StartLog();
  ASSERT_OK(Materialize(request, sys).status());
  // Four files and three directories; the root once more after the exchange,
  // and the parent for the name.
  EXPECT_EQ(sys.Calls("Sync"), 9);
  EXPECT_EQ(sys.Calls("SyncFilesystem"), 0);
  const std::vector<std::string> log = sys.Log();
  const auto last_rename = std::find_if(
      log.rbegin(), log.rend(),
      [](const std::string& line) { return line.starts_with("RenameAt"); });
  const std::vector<std::string> after(last_rename.base(), log.end());
  EXPECT_THAT(after, Contains("Sync " + dir_.path()));
  EXPECT_THAT(after, Contains("Sync " + to_));
}

TEST_F(MaterializeTest, ADurableRunSyncsWhatHoldsTheParentsItMade) {
  Request request = Copy();
  request.destination = dir_ / "new/deep/to";
  request.durable = true;
  FaultySys sys(RealSys());
  sys.StartLog();
  ASSERT_OK(Materialize(request, sys).status());
  for (const char* made : {"", "/new", "/new/deep"}) {
    EXPECT_THAT(sys.Log(), Contains("Sync " + dir_.path() + made));
  }
}

TEST_F(MaterializeTest, ADurableRunOfManyFilesSyncsTheFilesystemOnce) {
  for (int i = 0; i < 1001; ++i) {
    std::ofstream(from_ + "/d/" + std::to_string(i)).flush();
  }
  Request request = Copy();
  request.durable = true;
  FaultySys sys(RealSys());
  ASSERT_OK(Materialize(request, sys).status());
  EXPECT_EQ(sys.Calls("SyncFilesystem"), 1);
  EXPECT_EQ(sys.Calls("Sync"), 1);  // the parent, for the new name
}

TEST_F(MaterializeTest, WhatCannotBeSyncedIsAnErrorBeforeItIsInPlace) {
  Request request = Copy();
  request.durable = true;
  FaultySys sys(RealSys());
  sys.Fail("Sync", EIO, {.path = "/a"});
  EXPECT_THAT(std::string(Materialize(request, sys).status().message()),
              AllOf(HasSubstr("fsync"), HasSubstr(strerror(EIO))));
  ExpectNothingHappened();
}

}  // namespace
}  // namespace materialize
