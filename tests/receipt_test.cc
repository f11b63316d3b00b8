// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Receipts, and what mtree(8) says of them.

#include "materialize/receipt.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "materialize/digest.h"
#include "materialize/os/dents.h"
#include "materialize/os/fd.h"
#include "materialize/plan/mtree.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"
#include "tests/testing/tree_text.h"

namespace materialize {
namespace {

using ::testing::HasSubstr;

// Names of every kind that needs care, and a few that do not.
constexpr char kTree[] = R"(
./ 0750 @1600000001.5
a\040b 0644 @1600000002.000000005 "1"
\040lead "2"
trail\040 "3"
h#h "4"
#lead "5"
back\134slash "6"
\134040 "7"
utf\303\251 "8"
\377\376 "9"
new\012line "10"
tab\011 "11"
\001\177 "12"
eq=x 0600 "13"
-dash 0755 "14"
~{}!$'\042 "15"
.hidden/ 0700 @1600000003
.hidden/... "16"
dir\040x/y\040z/file 0444 "17"
empty ""
a/b 0644 "18"
a.b/c 0644 "19"
set "20"
link -> ../t\377a\040\043[*]\134x\012
a/link -> b
)";

constexpr char kPatterns[] = R"(
plain "1"
* "22"
?? "23"
a* "24"
a*b "25"
x[a]c "26"
x[ "27"
d*/in? "28"
d*/inn "29"
d/z "30"
)";

std::string Read(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// Tells `receipt` of everything in `directory`, as an executor would.
void PlaceAll(Receipt& receipt, int root, const std::string& directory) {
  Sys& sys = RealSys();
  const Fd fd(sys, sys.OpenAt(root, directory.empty() ? "." : directory.c_str(),
                              O_RDONLY | O_DIRECTORY, 0));
  std::string buffer(65536, '\0');
  while (true) {
    const int64_t bytes =
        sys.ReadDirectory(fd.get(), buffer.data(), buffer.size());
    if (bytes <= 0) break;
    const std::string copy = buffer;
    ForEachDent(copy.data(), static_cast<size_t>(bytes), [&](const Dent& dent) {
      Stat facts;
      sys.StatAt(fd.get(), dent.name, AT_SYMLINK_NOFOLLOW, &facts);
      char target[4096];
      const int64_t size =
          sys.ReadLinkAt(fd.get(), dent.name, target, sizeof(target));
      const Outcome outcome = {
          .directory = directory,
          .name = dent.name,
          .how = How::kCopy,
          .kind = facts.kind(),
          .target = {target, static_cast<size_t>(size > 0 ? size : 0)},
          .facts = &facts};
      receipt.Placed(static_cast<int>(dent.inode % 2), outcome);
      if (facts.kind() == Kind::kDirectory) {
        PlaceAll(receipt, root,
                 directory.empty() ? dent.name : directory + "/" + dent.name);
      }
    });
  }
}

// Writes the receipt of the tree `root` to `path`.
absl::Status WriteReceipt(const std::string& root, const std::string& path,
                          bool digest) {
  Sys& sys = RealSys();
  absl::StatusOr<std::unique_ptr<Receipt>> receipt = Receipt::Open(
      sys, path,
      {.workers = 2, .digest = digest, .stamps = {{"version", "1 2"}}});
  if (!receipt.ok()) return receipt.status();
  const Fd fd(sys, sys.OpenAt(AT_FDCWD, root.c_str(), O_RDONLY, 0));
  Stat facts;
  sys.StatAt(fd.get(), "", 0, &facts);
  (*receipt)->Placed(0, {.directory = "",
                         .name = "",
                         .how = How::kDirectory,
                         .kind = Kind::kDirectory,
                         .target = "",
                         .facts = &facts});
  PlaceAll(**receipt, fd.get(), "");
  return (*receipt)->Write(fd.get(), root);
}

struct Verdict {
  int exit_code = -1;
  std::string said;
};

Verdict RunMtree(const std::string& root, const std::string& receipt) {
  const std::string command =
      absl::StrCat("mtree -p '", root, "' -f '", receipt, "' 2>&1");
  Verdict verdict;
  FILE* pipe = popen(command.c_str(), "r");
  char buffer[4096];
  for (size_t n; (n = fread(buffer, 1, sizeof(buffer), pipe)) > 0;) {
    verdict.said.append(buffer, n);
  }
  verdict.exit_code = WEXITSTATUS(pclose(pipe));
  return verdict;
}

bool HasMtree() { return system("command -v mtree >/dev/null") == 0; }

class ReceiptTest : public ::testing::Test {
 protected:
  // What mtree(8) says of the receipt of this tree, nothing when it agrees.
  void ExpectMtreeAgrees(const char* tree, bool digest) {
    if (!HasMtree()) GTEST_SKIP() << "mtree(8) is not installed";
    ASSERT_OK(ArrangeTree(dir_ / "tree", tree));
    ASSERT_OK(WriteReceipt(dir_ / "tree", dir_ / "receipt", digest));
    const Verdict verdict = RunMtree(dir_ / "tree", dir_ / "receipt");
    EXPECT_EQ(verdict.exit_code, 0);
    EXPECT_EQ(verdict.said, "") << Read(dir_ / "receipt");
  }

  TempDir dir_;
};

TEST_F(ReceiptTest, MtreeAgrees) { ExpectMtreeAgrees(kTree, false); }

TEST_F(ReceiptTest, MtreeAgreesWithTheDigests) {
  ExpectMtreeAgrees(kTree, true);
  EXPECT_THAT(Read(dir_ / "receipt"),
              HasSubstr(absl::StrCat(" sha256digest=", Sha256("17"), "\n")));
}

TEST_F(ReceiptTest, MtreeAgreesWhereNamesArePatterns) {
  ExpectMtreeAgrees(kPatterns, true);
}

TEST_F(ReceiptTest, MtreeSeesAChange) {
  ExpectMtreeAgrees("a/b \"old\"\n", true);
  std::ofstream(dir_ / "tree/a/b") << "new";
  const Verdict verdict = RunMtree(dir_ / "tree", dir_ / "receipt");
  EXPECT_EQ(verdict.exit_code, 2);
  EXPECT_THAT(verdict.said, HasSubstr("sha256"));
}

TEST_F(ReceiptTest, HasOneLinePerEntryInOrder) {
  ASSERT_OK(ArrangeTree(dir_ / "tree",
                        "./ 0755 @1\nz 0600 @2 \"xyz\"\nd/ 0700 @3.5\n"
                        "d/e\\040f 0644 @4 \"\"\nd/l -> z\n"));
  ASSERT_OK(WriteReceipt(dir_ / "tree", dir_ / "receipt", false));
  std::string text = Read(dir_ / "receipt");
  // A symlink's time is its own.
  const size_t link = text.find("type=link");
  ASSERT_NE(link, std::string::npos);
  text.replace(text.find(" time=", link),
               text.find(" link=", link) - text.find(" time=", link), "");
  EXPECT_EQ(text,
            "#mtree\n"
            "# materialize version=1\\0402\n"
            ". type=dir mode=0755 time=1.000000000\n"
            "./d type=dir mode=0700 time=3.500000000\n"
            "./d/e\\040f type=file mode=0644 time=4.000000000 size=0\n"
            "./d/l type=link mode=0777 link=z\n"
            "./z type=file mode=0600 time=2.000000000 size=3\n");
}

TEST_F(ReceiptTest, IsReadBackAsItWasWritten) {
  ASSERT_OK(ArrangeTree(dir_ / "tree", kTree));
  ASSERT_OK(WriteReceipt(dir_ / "tree", dir_ / "receipt", true));
  ASSERT_OK_AND_ASSIGN(const std::vector<MtreeEntry> entries,
                       ParseMtree(Read(dir_ / "receipt"), "receipt"));
  for (const MtreeEntry& one : entries) {
    Stat facts;
    const std::string path = dir_ / "tree/" + one.entry.path;
    ASSERT_EQ(
        RealSys().StatAt(AT_FDCWD, path.c_str(), AT_SYMLINK_NOFOLLOW, &facts),
        0)
        << path;
    EXPECT_EQ(one.entry.kind, facts.kind());
    EXPECT_EQ(one.entry.wanted.mode, facts.permissions());
    EXPECT_EQ(one.entry.wanted.mtime, facts.mtime);
    if (one.size.has_value()) {
      EXPECT_EQ(*one.size, facts.size);
    }
    EXPECT_EQ(one.size.has_value(), facts.kind() == Kind::kFile);
  }
  EXPECT_EQ(entries.size(), 29u);
}

TEST_F(ReceiptTest, SaysBeforehandThatItCannotBeWritten) {
  EXPECT_THAT(Receipt::Open(RealSys(), dir_ / "none/receipt", {}),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("none")));
}

}  // namespace
}  // namespace materialize
