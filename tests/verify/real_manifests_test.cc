// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Manifests that bsdtar, mtree(8), sha256sum and its siblings really make, and
// a mirror with a yarn.lock whose digests openssl computed.

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gtest/gtest.h"
#include "tests/cli/run_command.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"
#include "tests/testing/tree_text.h"
#include "tests/verify/verified.h"

namespace materialize {
namespace {

// Odd names, empty and nested directories, two names of one file, a FIFO.
constexpr char kTree[] =
    "./ 0755 @1600000000.000000007\n"
    "a/b/c 0755 @1600000001.123456789 \"content\"\n"
    "a/b.x \"\"\n"
    "a-b \"x\"\n"
    "empty/ 0700\n"
    "nested/empty/ 01777\n"
    "l -> a/b\\040c\\012\\303\\251\n"
    "odd\\040na[me]*?\\043 \"odd\"\n"
    "\\012line\\134\\303\\251\\377 \"bytes\"\n"
    "set 04755 size=300K\n"
    "twin = a/b/c\n"
    "p |\n";

// Runs a shell's command in `directory`; its output.
std::string Shell(const std::string& directory, const std::string& command) {
  const cli::Said said =
      cli::RunProgram({"/bin/sh", "-ec", command}, {.directory = directory});
  EXPECT_EQ(said.code, 0) << command << "\n" << said.err;
  return said.out;
}

class RealManifestsTest : public testing::TestWithParam<const char*> {
 protected:
  RealManifestsTest() { EXPECT_OK(ArrangeTree(dst_, kTree)); }
  std::string Against(const std::string& text) const {
    EXPECT_NE(text, "");
    return VerifiedText(text, dst_);
  }

  const TempDir dir_;
  const std::string dst_ = dir_ / "dst";
};

using MtreeMakersTest = RealManifestsTest;

TEST_P(MtreeMakersTest, IsEqualAndThenSeesEveryChange) {
  const std::string manifest = Shell(dst_, GetParam());
  EXPECT_EQ(Against(manifest), "");
  ASSERT_OK(ArrangeTree(dst_, "nested/empty/new \"\"\n"));
  Shell(dst_,
        "touch -d @1600000005 l nested/empty; chmod 1777 nested/empty; "
        "touch -d @1600000000.000000007 . ; chmod 700 a-b; rm a/b.x; "
        "touch -d @1600000000 a; rm p; echo >p; "
        "chmod 600 p; touch -h -d @1600000009 l");
  const std::string told = Against(manifest);
  for (const char* line :
       {"./a-b: permissions (0644, 0700)\n", "missing: ./a/b.x\n",
        "extra: ./nested/empty/new\n", "./p: type (fifo, file)\n",
        "./l: modification time ("}) {
    EXPECT_NE(told.find(line), std::string::npos) << line << "not in\n" << told;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Makers, MtreeMakersTest,
    testing::Values(
        "bsdtar -cf - --format=mtree .",
        "bsdtar -cf - --format=mtree --options='mtree:all' .",
        "bsdtar -cf - --format=mtree "
        "--options='mtree:sha256,mtree:sha1,mtree:indent,mtree:use-set' .",
        "mtree -c", "mtree -c -k type,mode,time,size,link,nlink,uid,gid",
        "mtree -c -k type,mode,time,link,md5,sha1,sha256,sha384,sha512",
        "mtree -c -k type,mode,time,link,sha256 | mtree -C -k all"));

struct Change {
  const char* keyword;  // to mtree -k
  const char* change;   // to the tree
};

// Of the first line: "size (1, 4)" of "./a: size (1, 4)", "extra: " of
// "extra: ./a", since mtree(8) writes names in another way.
std::string WordsOf(const std::string& lines) {
  const std::string line = lines.substr(0, lines.find('\n'));
  const size_t colon = line.find(": ");
  if (colon == std::string::npos) return "no differences";
  return line[0] == '.' ? line.substr(colon + 2) : line.substr(0, colon + 2);
}

using WordsTest = RealManifestsTest;

// The same words and values as mtree(8) has for the same change.
TEST_F(WordsTest, AreThoseOfMtree) {
  const Change changes[] = {
      {"mode", "chmod 640 a-b"},
      {"size", "echo xyz >a-b"},
      {"uid | sed s/uid=.*/uid=77/", ":"},
      {"gid | sed s/gid=.*/gid=77/", ":"},
      {"nlink", "ln a-b a-c"},
      {"type", "rm a-b; mkdir a-b"},
      {"md5", "printf y >a-b"},
      {"sha1", "printf y >a-b"},
      {"sha256", "printf y >a-b"},
      {"sha512", "printf y >a-b"},
      {"type", "rm a-b"},
  };
  for (const Change& c : changes) {
    ASSERT_EQ(RemoveTree(dst_), 0);
    ASSERT_OK(ArrangeTree(dst_, "a-b 0644 \"x\"\n"));
    const std::string manifest =
        Shell(dst_, absl::StrCat("mtree -c -k type,", c.keyword));
    Shell(dir_, absl::StrCat("cd dst; ", c.change));
    const cli::Said theirs =
        cli::RunProgram({"/usr/bin/mtree", "-f", "/dev/stdin", "-p", dst_},
                        {.input = manifest});
    const std::string ours = Against(manifest);
    const std::string said = absl::StrReplaceAll(theirs.out, {{"0x", ""}});
    EXPECT_NE(said.find(WordsOf(ours)), std::string::npos) << ours << "\n"
                                                           << said;
  }
}

using ListMakersTest = RealManifestsTest;

TEST_P(ListMakersTest, IsEqualAndThenSeesContent) {
  const std::string list =
      Shell(dst_, absl::StrCat("find . -type f -exec ", GetParam(), " {} +"));
  EXPECT_EQ(Against(list), "");
  Shell(dst_, "printf y >a-b; printf y >'odd na[me]*?#'; rm a/b.x; touch new");
  const std::string told = Against(list);
  EXPECT_EQ(std::count(told.begin(), told.end(), '\n'), 3) << told;
  EXPECT_NE(told.find("\n./a-b: "), std::string::npos) << told;
  EXPECT_NE(told.find("missing: ./a/b.x\n"), std::string::npos) << told;
  EXPECT_NE(told.find("./odd\\040na\\133me]\\052\\077\\043: "),
            std::string::npos)
      << told;
}

INSTANTIATE_TEST_SUITE_P(Makers, ListMakersTest,
                         testing::Values("sha256sum", "sha512sum", "sha1sum",
                                         "sha384sum", "md5sum", "sha256sum -b",
                                         "sha512sum --tag"));

using YarnTest = RealManifestsTest;

// A lock file as Yarn 1 writes it, and a mirror with the names it gives.
std::string LockOf(const std::string& mirror) {
  const auto sum = [&](const std::string& algorithm, const std::string& file) {
    return absl::StrCat(
        algorithm, "-",
        Shell(mirror, absl::StrCat("openssl dgst -", algorithm, " -binary '",
                                   file, "' | base64 -w0")));
  };
  const std::string hash =
      Shell(mirror, "sha1sum plain-1.0.0.tgz | cut -c1-40 | tr -d '\\n'");
  return absl::StrCat(
      "# THIS IS AN AUTOGENERATED FILE. DO NOT EDIT THIS FILE DIRECTLY.\n"
      "# yarn lockfile v1\n\n\n"
      "\"@scope/name@^1.0.0\", \"@scope/name@^1.1.0\":\n"
      "  version \"1.2.3\"\n"
      "  resolved \"https://r.example/@scope/name/-/name-1.2.3.tgz\"\n  "
      "integrity ",
      sum("sha512", "@scope-name-1.2.3.tgz"),
      "\n\n\"alias@npm:plain@^2.0.0\":\n  version \"2.0.0\"\n"
      "  resolved \"https://r.example/plain/-/plain-2.0.0.tgz\"\n  integrity ",
      sum("sha1", "plain-2.0.0.tgz"), " ", sum("sha512", "plain-2.0.0.tgz"),
      "\n  dependencies:\n    \"@scope/name\" \"^1.0.0\"\n\nplain@^1.0.0:\n"
      "  version \"1.0.0\"\n"
      "  resolved \"https://r.example/plain/-/plain-1.0.0.tgz#",
      hash, "\"\n\nunresolved@1.x:\n  version \"1.5.0\"\n  integrity ",
      sum("sha1", "unresolved-1.5.0.tgz"), "\n");
}

TEST_F(YarnTest, AMirrorIsComparedWithItsLock) {
  const std::string mirror = dir_ / "mirror";
  ASSERT_OK(ArrangeTree(mirror,
                        "@scope-name-1.2.3.tgz size=20K\n"
                        "plain-1.0.0.tgz size=3K\nplain-2.0.0.tgz size=300K\n"
                        "unresolved-1.5.0.tgz size=1K\nold-0.0.1.tgz \"\"\n"));
  const std::string lock = LockOf(mirror);
  EXPECT_EQ(VerifiedText(lock, mirror), "");
  Shell(mirror,
        "echo >>@scope-name-1.2.3.tgz; rm plain-2.0.0.tgz; "
        "cp unresolved-1.5.0.tgz plain-1.0.0.tgz; echo >unresolved-1.5.0.tgz");
  const std::string told = VerifiedText(lock, mirror);
  EXPECT_EQ(std::count(told.begin(), told.end(), '\n'), 4) << told;
  for (const char* line :
       {"./@scope-name-1.2.3.tgz: sha512 (", "./plain-1.0.0.tgz: sha1 (",
        "missing: ./plain-2.0.0.tgz\n", "./unresolved-1.5.0.tgz: sha1 ("}) {
    EXPECT_NE(told.find(line), std::string::npos) << told;
  }
}

}  // namespace
}  // namespace materialize
