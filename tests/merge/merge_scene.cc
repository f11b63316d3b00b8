// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "tests/merge/merge_scene.h"

#include <algorithm>
#include <fstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/tree_text.h"

namespace materialize {
namespace {

using ::testing::IsEmpty;

constexpr int kUnits = 5;

constexpr char kOld[] = R"(
  ./ 0755 @1500000000
  kept 0640 size=3K
  changed 0644 @1500000001 "the old text"
  grown 0755 @1500000002 size=2K
  rotated.1 @1500000003 "one"
  rotated.2 @1500000004 "two"
  rotated.3 @1500000005 "three"
  retimed @1500000006 "same bytes"
  remoded 0600 "same bytes, other mode"
  link -> old-target
  to-link "a file"
  to-file -> somewhere
  to-directory "a file that becomes a directory"
  from-directory/inside "goes with its directory"
  from-directory/deep/er "this too"
  sub/ 0755 @1500000007
  sub/kept "kept"
  sub/changed @1500000008 size=5K
  sub/gone "surplus"
  gone/ 0555
  gone/a "surplus"
  gone/b/c -> nowhere
  twin.a @1500000009 "twins, old"
  twin.b = twin.a
  same.1 @1500000010 size=4K
  same.2 @1500000010 size=4K
)";

constexpr char kNew[] = R"(
  ./ 0750 @1600000001
  kept 0640 size=3K
  changed 0600 @1600000002 "the new text"
  grown 0755 @1600000003 size=9K
  rotated.1 @1500000005 "three"
  rotated.2 @1500000003 "one"
  rotated.3 @1500000004 "two"
  retimed @1600000006 "same bytes"
  remoded 0644 "same bytes, other mode"
  link -> new-target
  to-link -> changed
  to-file "a link that becomes a file"
  to-directory/new "in it"
  to-directory/deep/new "in it"
  from-directory "a directory that becomes a file"
  sub/ 0700 @1600000007
  sub/kept "kept"
  sub/changed @1600000008 size=6K
  sub/new 0444 "new"
  fresh/ 0555 @1600000009
  fresh/a size=4K
  fresh/b/c "new"
  fresh/link -> b/c
  fresh/empty ""
  twin.a @1600000010 "twins, new"
  twin.b = twin.a
  same.1 @1600000011 "one content under many names"
  same.2 @1600000012 "one content under many names"
  same.3 @1600000013 "one content under many names"
)";

// Packages of which some change, one is as it was, one is new and one goes.
std::string Package(int number, const char* version) {
  const std::string top = absl::StrCat("p", number, "/");
  return absl::StrCat(top, " 0755 @1500000000\n", top, "package.json @15000000",
                      10 + number, " \"version ", version, "\"\n", top,
                      "lib/index.js \"", version, " of ", number, "\"\n", top,
                      "lib/", version, ".js size=2K\n", top,
                      "bin/run 0755 \"#!", version, "\"\n");
}

std::string OldOf(const MergeWay& way) {
  if (!way.units) return kOld;
  std::string text = "p1 \"a file where a unit goes\"\nsurplus/file \"x\"\n";
  for (int number = 2; number <= kUnits; ++number)
    absl::StrAppend(&text, Package(number, number == 2 ? "new" : "old"));
  return text;
}

std::string NewOf(const MergeWay& way) {
  if (!way.units) return kNew;
  std::string text;
  for (int number = 0; number < kUnits; ++number)
    absl::StrAppend(&text, Package(number, "new"));
  return text;
}

// With units the root is nobody's.
TreeTextOptions AllOf(const MergeWay& way) {
  return {.root = !way.units, .twins = way.hardlinks};
}

Entries Below(const Entries& entries, const std::string& unit) {
  Entries below;
  for (const auto& [path, shown] : entries)
    if (path == unit || absl::StartsWith(path, unit + "/")) below[path] = shown;
  return below;
}

}  // namespace

MergeScene::MergeScene(std::string_view place, const MergeWay& way)
    : dir_(TempDir::In(place)),
      way_(way),
      source_(dir_ / "from"),
      destination_(dir_ / "to") {
  EXPECT_OK(ArrangeTree(source_, NewOf(way)));
  if (way.units) {
    std::ofstream manifest(dir_ / "manifest");
    for (int number = 0; number < kUnits; ++number)
      manifest << "./p" << number << " type=dir tags=unit content=" << source_
               << "/p" << number << "\n";
  }
  source_text_ = TreeText(source_, {.symlink_times = true, .twins = true});
  done_text_ = TreeText(source_, AllOf(way));
  Prepare();
  before_ = EntriesOf(destination_);
  after_ = EntriesOf(source_);
}

void MergeScene::Prepare() const {
  (void)RemoveTree(destination_);
  for (const std::string& left : AllLeftovers(destination_))
    (void)RemoveTree(left);
  EXPECT_OK(ArrangeTree(destination_, OldOf(way_)));
}

Request MergeScene::MakeRequest() const {
  Request request;
  (way_.units ? request.manifest : request.source) =
      way_.units ? dir_ / "manifest" : source_;
  request.destination = destination_;
  request.into = Into::kMerge;
  request.methods = way_.methods;
  request.deletion.enabled = true;
  request.delay_updates = way_.delay_updates;
  request.dedupe = way_.dedupe;
  request.preserve.hardlinks = way_.hardlinks;
  request.jobs = 1;
  return request;
}

std::vector<std::string> MergeScene::Words() const {
  std::vector<std::string> words = {"place", "--quiet", "--into=merge",
                                    "--delete"};
  if (!way_.methods.empty())
    words.push_back(absl::StrCat(
        "--methods=",
        absl::StrJoin(way_.methods, ",", [](std::string* out, Method method) {
          absl::StrAppend(out, MethodName(method));
        })));
  if (way_.delay_updates) words.push_back("--delay_updates");
  if (way_.dedupe) words.push_back("--dedupe");
  if (way_.hardlinks) words.push_back("--preserve=hardlinks");
  words.push_back(way_.units ? absl::StrCat("--manifest=", dir_ / "manifest")
                             : source_);
  words.push_back(destination_);
  return words;
}

bool MergeScene::ExpectOldOrNew() const {
  const Entries now = EntriesOf(destination_);
  ExpectWhole(now);
  if (way_.delay_updates) ExpectUpdatesLast(now);
  return now != before_;
}

void MergeScene::ExpectWhole(const Entries& now) const {
  EXPECT_EQ(TreeText(source_, {.symlink_times = true, .twins = true}),
            source_text_);
  EXPECT_THAT(Harmed(now, before_, after_), IsEmpty());
  if (way_.units) ExpectUnitsWhole(now);
}

void MergeScene::ExpectUnitsWhole(const Entries& now) const {
  for (int number = 0; number < kUnits; ++number) {
    const std::string unit = absl::StrCat("p", number);
    const Entries there = Below(now, unit);
    EXPECT_TRUE(there == Below(before_, unit) || there == Below(after_, unit))
        << unit << " is neither the old nor the new one:\n"
        << TreeText(destination_, {.times = false});
  }
}

// Row S11. What comes below a name that changes its kind comes with it.
void MergeScene::ExpectUpdatesLast(const Entries& now) const {
  std::string updated;
  std::string missing;
  for (const auto& [path, shown] : after_) {
    const auto was = before_.find(path);
    const auto is = now.find(path);
    const bool is_new =
        was == before_.end() && !absl::StartsWith(path, "to-directory/");
    if (is_new && is == now.end()) missing = path;
    if (was != before_.end() && was->second != shown && is != now.end() &&
        is->second == shown)
      updated = path;
  }
  EXPECT_TRUE(updated.empty() || missing.empty())
      << updated << " is updated, and " << missing << " is not there";
}

void MergeScene::ExpectDone() const {
  EXPECT_EQ(TreeText(source_, {.symlink_times = true, .twins = true}),
            source_text_);
  EXPECT_EQ(TreeText(destination_, AllOf(way_)), done_text_);
  EXPECT_THAT(AllLeftovers(destination_), IsEmpty());
}

void MergeScene::ExpectDoneBut(const std::vector<Failure>& failures) const {
  const Entries now = EntriesOf(destination_);
  ExpectWhole(now);
  Entries all = now;
  all.insert(after_.begin(), after_.end());
  for (const auto& [path, shown] : all) {
    const bool is_told = std::any_of(
        failures.begin(), failures.end(), [&, at = path](const Failure& told) {
          return told.path == at || absl::StartsWith(told.path, at + "/") ||
                 absl::StartsWith(at, told.path + "/");
        });
    if (is_told) continue;
    EXPECT_EQ(now.contains(path) ? now.at(path) : "",
              after_.contains(path) ? after_.at(path) : "")
        << path;
  }
}

}  // namespace materialize
