// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// A thousand pairs of trees at random, merged with flags at random: rsync and
// mtree(8) find no difference, the source is as it was, and a second run
// changes nothing. A failure prints the pair; MATERIALIZE_PAIR=<its number>
// runs that one alone, MATERIALIZE_SEED=<number> a thousand others.

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "materialize/materialize.h"
#include "tests/cli/run_command.h"
#include "tests/merge/entries.h"
#include "tests/merge/random_tree.h"
#include "tests/testing/lab.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"
#include "tests/testing/tree_text.h"

namespace materialize {
namespace {

namespace fs = std::filesystem;
using ::testing::IsEmpty;

constexpr int kPairs = 250;   // of each filesystem
constexpr int kAtOnce = 50;   // compared by one rsync
constexpr int kForMtree = 8;  // every so many
constexpr TreeTextOptions kAll = {.symlink_times = true};

// What rsync is told apart from the trees: its own idea of the flags.
struct Kind {
  const char* name;
  std::vector<std::string> options;
};
const Kind kKinds[] = {
    {"plain", {}},
    {"links", {"--hard-links"}},
    {"excluded", {"--exclude=kept-*"}},
};

uint64_t Seed() {
  const char* const seed = std::getenv("MATERIALIZE_SEED");
  return seed == nullptr ? 20200913 : std::strtoull(seed, nullptr, 10);
}

struct Pair {
  int number = 0;
  size_t kind = 0;
  bool is_plain = false;  // names that are no patterns to mtree
  NodeTree source;
  NodeTree destination;
  Request request;

  std::string Text() const {
    const Request& r = request;
    return absl::StrCat(
        "MATERIALIZE_SEED=", Seed(), " MATERIALIZE_PAIR=", number, " (",
        kKinds[kind].name, ") methods=[",
        absl::StrJoin(r.methods, ",",
                      [](std::string* out, Method method) {
                        absl::StrAppend(out, MethodName(method));
                      }),
        "] private=", r.private_entries.size(),
        " checksum=", r.compare == Compare::kContent,
        " delay_updates=", r.delay_updates, " dedupe=", r.dedupe,
        " hardlinks=", r.preserve.hardlinks, " count_bytes=", r.count_bytes,
        " jobs=", r.jobs, "\n", Describe(source, destination));
  }
};

class MergePropertyTest : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    REQUIRE_LAB(GetParam());
    setenv("XDG_CACHE_HOME", (cache_ / "home").c_str(), 1);
    dir_.emplace(TempDir::In(Lab(GetParam())));
  }
  bool can_reflink() const {
    const std::string_view place = GetParam();
    return place == "xfs" || place == "btrfs";
  }
  std::string Side(const Pair& pair, const char* side) const {
    return absl::StrCat(dir_->path(), "/", kKinds[pair.kind].name, "/", side,
                        "/", pair.number);
  }
  Pair MakePair(int number) const;
  void SetFlags(Random& random, Pair* pair) const;
  void KeepSome(Random& random, Pair* pair) const;
  void Run(const Pair& pair);
  void RunAgain(const Pair& pair);
  void CompareByMtree(const Pair& pair);
  void CompareByRsync(const std::vector<Pair>& pairs);
  void MakeSides() const;

  TempDir cache_;
  std::optional<TempDir> dir_;
};

void MergePropertyTest::SetFlags(Random& random, Pair* pair) const {
  Request& request = pair->request;
  std::vector<std::vector<Method>> lists = {
      {}, {}, {Method::kCopy}, {Method::kHardlink, Method::kCopy}};
  if (can_reflink()) lists.push_back({Method::kReflink, Method::kCopy});
  request.methods = random.Pick(lists);
  // A private entry is nobody's other name.
  if (pair->kind != 1 && random.Chance(20)) request.private_entries = {"**"};
  if (random.Chance(30)) request.compare = Compare::kContent;
  request.delay_updates = random.Chance(30);
  request.dedupe = random.Chance(30);
  request.preserve.hardlinks = pair->kind == 1;
  request.count_bytes = random.Chance(20);
  request.jobs = 1 + static_cast<int>(random.Below(4));
}

// Excluded names, here and there: in directories that stay.
void MergePropertyTest::KeepSome(Random& random, Pair* pair) const {
  pair->request.exclude = {"kept-*"};
  for (const auto& [path, node] : NodeTree(pair->destination)) {
    const auto wanted = pair->source.find(path);
    if (node->kind != NodeKind::kDirectory || wanted == pair->source.end() ||
        wanted->second->kind != NodeKind::kDirectory || random.Chance(40))
      continue;
    const auto excluded = std::make_shared<Node>(Node{.size = 5, .bytes = 1});
    const std::string prefix = path.empty() ? "" : path + "/";
    pair->destination[prefix + "kept-there"] = excluded;
    pair->source[prefix + "kept-here"] = excluded;
  }
}

Pair MergePropertyTest::MakePair(int number) const {
  Pair pair;
  pair.number = number;
  Random random(Seed() + static_cast<uint64_t>(number) +
                1000 * static_cast<uint64_t>(GetParam()[0]));
  pair.is_plain = number % kForMtree == 0;
  pair.kind = random.Below(std::size(kKinds));
  SetFlags(random, &pair);
  const TreeWish tree = {.entries = 24, .any_bytes = !pair.is_plain};
  pair.source = MakeTree(random, tree);
  const std::vector<size_t> shares = {0, 0, 50, 100};
  pair.destination =
      Edited(pair.source, random,
             {.tree = tree,
              .edits = 10,
              .shared_inodes = random.Pick(shares),
              .changes_show = pair.request.compare == Compare::kTimes});
  if (pair.kind == 2) KeepSome(random, &pair);
  pair.request.source = Side(pair, "src");
  pair.request.destination = Side(pair, "dst");
  pair.request.into = Into::kMerge;
  pair.request.deletion = {.enabled = true, .force = true};
  return pair;
}

void MergePropertyTest::Run(const Pair& pair) {
  const std::string& to = pair.request.destination;
  Written written;
  WriteTree(pair.source, pair.request.source, &written);
  WriteTree(pair.destination, to, &written);
  const std::string source = TreeText(pair.request.source, kAll);
  const absl::StatusOr<Report> report = Materialize(pair.request);
  ASSERT_OK(report);
  for (const Failure& failure : report->failures)
    ADD_FAILURE() << failure.path << ": " << failure.text;
  EXPECT_EQ(TreeText(pair.request.source, kAll), source);
  if (pair.kind != 2) {
    EXPECT_EQ(TreeText(to, kAll), source);
  }
  if (pair.request.private_entries.empty()) return;
  for (const auto& entry : fs::recursive_directory_iterator(to)) {
    const std::string name = entry.path().filename();
    const bool counts =
        fs::is_regular_file(entry.symlink_status()) && name != "kept-there";
    EXPECT_EQ(counts ? entry.hard_link_count() : 1, 1) << entry.path();
  }
}

void MergePropertyTest::RunAgain(const Pair& pair) {
  const std::string& to = pair.request.destination;
  const std::string& from = pair.request.source;
  const std::string parent = fs::path(to).parent_path();
  const auto all = [&] {
    struct stat facts = {};
    (void)stat(parent.c_str(), &facts);
    return absl::StrCat(facts.st_ctim.tv_sec, ".", facts.st_ctim.tv_nsec, "\n",
                        Identities(to), Identities(from));
  };
  const std::string before = all();
  ASSERT_OK_AND_ASSIGN(const Report report, Materialize(pair.request));
  EXPECT_EQ(all(), before);
  EXPECT_EQ(report.unchanged.files, report.files());
  EXPECT_EQ(report.deleted, 0);
  EXPECT_EQ(report.duplicates.files, 0);
}

void MergePropertyTest::CompareByMtree(const Pair& pair) {
  const std::string spec = cache_ / "spec";
  const cli::Said said = cli::RunProgram(
      {"/bin/sh", "-c",
       "mtree -c -k type,mode,size,time,link,sha256 -p \"$1\" >\"$3\" && "
       "mtree -p \"$2\" -f \"$3\"",
       "sh", pair.request.source, pair.request.destination, spec});
  EXPECT_EQ(said.code, 0) << said.err;
  EXPECT_EQ(said.out, "");
}

void MergePropertyTest::CompareByRsync(const std::vector<Pair>& pairs) {
  for (const Kind& kind : kKinds) {
    const std::string base = absl::StrCat(dir_->path(), "/", kind.name);
    std::vector<std::string> words = {"/usr/bin/rsync", "-anc", "--delete",
                                      "-i", "--modify-window=-1"};
    words.insert(words.end(), kind.options.begin(), kind.options.end());
    words.push_back(base + "/src/");
    words.push_back(base + "/dst/");
    const cli::Said said = cli::RunProgram(words);
    EXPECT_EQ(said.code, 0) << said.err;
    std::set<std::string> told;
    for (const absl::string_view line : absl::StrSplit(said.out, '\n')) {
      constexpr size_t kItemized = 12;
      if (line.size() <= kItemized || line.substr(kItemized) == "./") continue;
      const std::string name(line.substr(kItemized));
      ADD_FAILURE() << "rsync: " << line;
      for (const Pair& pair : pairs) {
        const std::string number = absl::StrCat(pair.number);
        if (name.substr(0, name.find('/')) == number &&
            told.insert(number).second)
          ADD_FAILURE() << pair.Text();
      }
    }
  }
}

void MergePropertyTest::MakeSides() const {
  for (const Kind& kind : kKinds) {
    const std::string base = absl::StrCat(dir_->path(), "/", kind.name);
    (void)RemoveTree(base);
    fs::create_directories(base + "/src");
    fs::create_directories(base + "/dst");
  }
}

TEST_P(MergePropertyTest, TheDestinationBecomesTheSource) {
  const char* const only = std::getenv("MATERIALIZE_PAIR");
  for (int first = 0; first < kPairs; first += kAtOnce) {
    MakeSides();
    std::vector<Pair> pairs;
    for (int number = first; number < first + kAtOnce; ++number) {
      if (only != nullptr && absl::StrCat(number) != only) continue;
      pairs.push_back(MakePair(number));
      const Pair& pair = pairs.back();
      SCOPED_TRACE(pair.Text());
      ASSERT_NO_FATAL_FAILURE(Run(pair));
      if (pair.is_plain && pair.kind != 2) CompareByMtree(pair);
      ASSERT_NO_FATAL_FAILURE(RunAgain(pair));
      EXPECT_THAT(AllLeftovers(pair.request.destination), IsEmpty());
      if (HasFailure()) break;
    }
    CompareByRsync(pairs);
    if (HasFailure()) break;
  }
}

INSTANTIATE_TEST_SUITE_P(Places, MergePropertyTest,
                         testing::Values("ext4", "xfs", "btrfs", "tmpfs"),
                         [](const auto& test) {
                           return std::string(test.param);
                         });

}  // namespace
}  // namespace materialize
