// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Every kind of difference, on a real filesystem.

#include "materialize/verify.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "materialize/digest.h"
#include "tests/testing/faulty_sys.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"
#include "tests/testing/tree_text.h"
#include "tests/verify/verified.h"

namespace materialize {
namespace {

// What `dst` is said to be; each test changes one line of it, or dst.
constexpr char kTree[] =
    "./ 0755 @1600000000\n"
    "d/ 0750 @1600000001\n"
    "d/f 0640 @1600000002.5 \"abc\"\n"
    "l -> d/f\n"
    "p |\n"
    "twin = d/f\n";

std::string Manifest() {
  return absl::StrCat(
      "#mtree\n. type=dir mode=0755\n"
      "./d type=dir mode=0750 time=1600000001.0\n"
      "./d/f type=file mode=0640 time=1600000002.500000000 size=3 nlink=2 uid=",
      getuid(), " gid=", getgid(), " sha256=", Sha256("abc"),
      "\n./l type=link mode=0777 link=d/f\n./p type=fifo\n./twin type=file\n");
}

class VerifyTest : public testing::Test {
 protected:
  VerifyTest() {
    EXPECT_OK(ArrangeTree(dst_, kTree));
    manifest_ = Manifest();
  }
  std::string Now() const { return VerifiedText(manifest_, dst_); }
  void Say(const std::string& from, const std::string& to) {
    const size_t at = manifest_.find(from);
    ASSERT_NE(at, std::string::npos);
    manifest_.replace(at, from.size(), to);
  }

  const TempDir dir_;
  const std::string dst_ = dir_ / "dst";
  std::string manifest_;
};

TEST_F(VerifyTest, AnEqualTreeHasNoDifferences) { EXPECT_EQ(Now(), ""); }

TEST_F(VerifyTest, SeesWhatIsMissingAndExtra) {
  ASSERT_OK(ArrangeTree(
      dst_, "./ 0755\nd/ 0750 @1600000001\nd/new \"\"\nx/y/z \"\"\n"));
  ASSERT_EQ(unlink((dst_ + "/l").c_str()), 0);
  Say("./p type=fifo", "./p type=fifo\n./d/e/f type=file\n./m type=dir");
  EXPECT_EQ(Now(),
            "missing: ./d/e/f\nextra: ./d/new\nmissing: ./l\nmissing: ./m\n"
            "extra: ./x\n");
}

struct Change {
  const char* from;
  const char* to;
  const char* told;
};

// One word of the manifest after the other.
TEST_F(VerifyTest, SeesEachFact) {
  const std::string uid = absl::StrCat("uid=", getuid());
  const std::string user =
      absl::StrCat("./d/f: user (4294967294, ", getuid(), ")\n");
  const std::string gid = absl::StrCat("gid=", getgid());
  const std::string group = absl::StrCat("./d/f: gid (77, ", getgid(), ")\n");
  const std::string digest = "sha256=" + Sha256("abc");
  const std::string other = Sha256("x");
  const std::string told =
      absl::StrCat("./d/f: sha256 (", other, ", ", Sha256("abc"), ")\n");
  const std::string wrong = "sha256=" + other;
  const Change changes[] = {
      {"mode=0640", "mode=0600", "./d/f: permissions (0600, 0640)\n"},
      {"mode=0755", "mode=1755", ".: permissions (1755, 0755)\n"},
      {"mode=0777", "mode=0700", ""},  // Links have none.
      {"2.500000000", "2.500000001",
       "./d/f: modification time (1600000002.500000001, "
       "1600000002.500000000)\n"},
      {"2.500000000", "2", ""},
      {"2.500000000", "3",
       "./d/f: modification time (1600000003.000000000, "
       "1600000002.500000000)\n"},
      {"1600000001.0", "1600000000",
       "./d: modification time (1600000000.000000000, "
       "1600000001.000000000)\n"},
      {"size=3", "size=4", "./d/f: size (4, 3)\n"},
      {"nlink=2", "nlink=1", "./d/f: link count (1, 2)\n"},
      {"link=d/f", "link=d", "./l: link ref (d, d/f)\n"},
      {"type=fifo", "type=socket", "./p: type (socket, fifo)\n"},
      {"./twin type=file", "./twin type=dir", "./twin: type (dir, file)\n"},
      {uid.c_str(), "uid=4294967294", user.c_str()},
      {gid.c_str(), "gid=77", group.c_str()},
      {digest.c_str(), wrong.c_str(), told.c_str()},
  };
  for (const Change& change : changes) {
    const std::string before = manifest_;
    Say(change.from, change.to);
    EXPECT_EQ(Now(), change.told) << change.to;
    manifest_ = before;
  }
}

TEST_F(VerifyTest, SeesEachDigestInOneReading) {
  Say("sha256=",
      absl::StrCat("md5=900150983cd24fb0d6963f7d28e17f72 sha1digest=",
                   std::string(40, '0'), " sha512=", std::string(128, '1'),
                   " sha384=", std::string(96, '2'), " sha256="));
  FaultySys sys(RealSys());
  const std::string told = VerifiedText(manifest_, dst_, sys);
  EXPECT_EQ(std::count(told.begin(), told.end(), '\n'), 3);
  EXPECT_NE(told.find("./d/f: sha1 (" + std::string(40, '0') +
                      ", a9993e364706816aba3e25717850c26c9cd0d89d)\n./d/f: "
                      "sha384 (2"),
            std::string::npos);
  EXPECT_NE(told.find("./d/f: sha512 (1"), std::string::npos);
  EXPECT_EQ(sys.Calls("Read"), 4);  // Manifest and file, with their ends.
}

TEST_F(VerifyTest, AnythingInPlaceOfADirectoryLeavesItsEntriesMissing) {
  ASSERT_OK(ArrangeTree(dst_, "else/f \"abc\"\n"));
  ASSERT_EQ(unlink((dst_ + "/d/f").c_str()), 0);
  ASSERT_EQ(rmdir((dst_ + "/d").c_str()), 0);
  ASSERT_OK(ArrangeTree(dst_, "d \"\"\n"));
  EXPECT_EQ(Now(), "./d: type (dir, file)\nmissing: ./d/f\nextra: ./else\n");
}

TEST_F(VerifyTest, OptionalMayBeMissingWithAllBelowIt) {
  Say("./p type=fifo",
      "./p type=fifo optional\n./o type=dir optional\n./o/a/b type=file\n"
      "./twin2 type=file optional");
  EXPECT_EQ(Now(), "");
  ASSERT_OK(ArrangeTree(dst_, "o/ \ntwin2/ \n"));
  EXPECT_EQ(Now(), "missing: ./o/a/b\n./twin2: type (file, dir)\n");
}

TEST_F(VerifyTest, NothingBelowIgnoredIsLookedAt) {
  Say("./d type=dir", "./d type=dir ignore");
  std::ofstream(dst_ + "/d/f") << "changed";
  FaultySys sys(RealSys());
  EXPECT_EQ(VerifiedText(manifest_, dst_, sys), "");
  EXPECT_EQ(sys.Calls("OpenBeneath"), 0);
}

TEST_F(VerifyTest, ALineMayOmitTheType) {
  EXPECT_EQ(
      VerifiedText("./d\n./d/f size=3\n./l\n./p\n./twin mode=0600\n", dst_),
      "./twin: permissions (0600, 0640)\n");
}

TEST_F(VerifyTest, AListDoesNotMindWhatItDoesNotName) {
  const std::string list =
      absl::StrCat(Sha256("abc"), "  d/f\n", Sha256(""), "  twin\n", Sha256(""),
                   "  gone/x\n", Sha256(""), "  l\n");
  EXPECT_EQ(VerifiedText(list, dst_),
            absl::StrCat("missing: ./gone/x\n./l: type (file, link)\n"
                         "./twin: sha256 (",
                         Sha256(""), ", ", Sha256("abc"), ")\n"));
}

TEST_F(VerifyTest, OneFileIsComparedAlone) {
  const std::string text = "#mtree\n./f type=file size=4\n";
  EXPECT_EQ(VerifiedText(text, dst_ + "/d/f"), "./f: size (4, 3)\n");
  EXPECT_EQ(VerifiedText("#mtree\n./g type=file\n", dst_ + "/d/f"),
            absl::StrCat("!! open ", dst_, "/d/f: Not a directory\n"));
}

TEST_F(VerifyTest, LargeDirectoriesAreComparedInPieces) {
  std::string tree;
  std::string manifest = ". type=dir\n";
  for (int i = 0; i < 300; ++i) {
    absl::StrAppend(&tree, "f", i, " \"abc\"\n");
    absl::StrAppend(&manifest, "./f", i, " type=file sha256=", Sha256("abc"),
                    i == 250 ? " size=9" : "", "\n");
  }
  absl::StrAppend(&tree, "f1000 \"\"\n");
  ASSERT_OK(ArrangeTree(dir_ / "large", tree));
  EXPECT_EQ(VerifiedText(manifest, dir_ / "large"),
            "extra: ./f1000\n./f250: size (9, 3)\n");
}

TEST_F(VerifyTest, CountsAndAnswersInOrder) {
  const std::string manifest = dir_ / "m";
  Say("size=3", "size=3 mode=0600");
  std::ofstream(manifest) << manifest_;
  ASSERT_OK_AND_ASSIGN(const VerifyReport report,
                       Verify({.manifest = manifest, .destination = dst_}));
  EXPECT_EQ(report.format, "mtree");
  EXPECT_EQ(report.entries, 6);
  EXPECT_EQ(report.files_read, 1);
  EXPECT_EQ(report.bytes_read, 3);
  EXPECT_FALSE(report.equal());
}

TEST_F(VerifyTest, StopsWhenAsked) {
  const std::string manifest = dir_ / "m";
  std::ofstream(manifest) << manifest_;
  const std::atomic<bool> cancel{true};
  EXPECT_THAT(
      Verify({.manifest = manifest, .destination = dst_, .cancel = &cancel}),
      StatusIs(absl::StatusCode::kCancelled, "interrupted"));
}

}  // namespace
}  // namespace materialize
