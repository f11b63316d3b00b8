// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/strategy/race.h"

#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace materialize {
namespace {

using std::chrono::microseconds;
using ::testing::ElementsAre;

constexpr int64_t kSize = 4096;

bool Prefers(const Race& race, int64_t size) {
  return race.LaneOf(size) != Race::Lane::kClones;
}
void Clone(Race& race, int files, microseconds took) {
  for (int i = 0; i < files; ++i) race.Cloned(kSize, took);
}
void Copy(Race& race, int files, microseconds took) {
  for (int i = 0; i < files; ++i) race.Copied(kSize, took);
}

TEST(RaceTest, ClonesAsLongAsTheyAreQuick) {
  Race race;
  for (int i = 0; i < 100; ++i) {
    Clone(race, Race::kSample - 1, microseconds(500));
    Clone(race, 1, microseconds(20));
  }
  EXPECT_FALSE(Prefers(race, kSize));
}

TEST(RaceTest, CopiesWhereThatIsFasterByFar) {
  Race race;
  Clone(race, Race::kSample, microseconds(90));
  EXPECT_TRUE(Prefers(race, kSize));  // to see
  Copy(race, Race::kSample, microseconds(20));
  EXPECT_TRUE(Prefers(race, kSize));
  EXPECT_TRUE(Prefers(race, Race::kSmall));
  EXPECT_FALSE(Prefers(race, Race::kSmall + 1));
  EXPECT_FALSE(Prefers(race, 0));
}

TEST(RaceTest, GoesBackToClonesWhereACopyGainsLittle) {
  Race race;
  Clone(race, Race::kSample, microseconds(90));
  Copy(race, Race::kSample, microseconds(60));
  EXPECT_FALSE(Prefers(race, kSize));
  // And asks again only after a while.
  Clone(race, Race::kPatience + Race::kSample - 1, microseconds(90));
  EXPECT_FALSE(Prefers(race, kSize));
  Clone(race, 1, microseconds(90));
  EXPECT_TRUE(Prefers(race, kSize));
}

TEST(RaceTest, AsksAgainWhatACloneTakesAfterAWhile) {
  Race race;
  Clone(race, Race::kSample, microseconds(90));
  Copy(race, Race::kSample, microseconds(20));
  Copy(race, Race::kPatience - 1, microseconds(20));
  EXPECT_TRUE(Prefers(race, kSize));
  Copy(race, 1, microseconds(20));
  EXPECT_FALSE(Prefers(race, kSize));
  Clone(race, Race::kSample, microseconds(20));
  EXPECT_FALSE(Prefers(race, kSize));
}

// Copies until clones are asked again, which are as slow as before.
int CopiesTillAsked(Race& race) {
  Clone(race, Race::kSample, microseconds(90));
  Copy(race, Race::kSample, microseconds(20));
  int copies = 0;
  for (; Prefers(race, kSize); ++copies) Copy(race, 1, microseconds(20));
  return copies;
}

TEST(RaceTest, AsksAgainEverMoreRarely) {
  Race race;
  std::vector<int> copies;
  for (int i = 0; i < 7; ++i) copies.push_back(CopiesTillAsked(race));
  constexpr int kFirst = Race::kPatience;
  constexpr int kMost = Race::kMostPatience;
  EXPECT_THAT(copies, ElementsAre(kFirst, 2 * kFirst, 4 * kFirst, kMost, kMost,
                                  kMost, kMost));
  Clone(race, Race::kSample, microseconds(20));  // quick again
  EXPECT_EQ(CopiesTillAsked(race), kFirst);
  Clone(race, Race::kSample, microseconds(90));
  Copy(race, Race::kSample, microseconds(60));  // copies gain little
  Clone(race, Race::kPatience, microseconds(90));
  EXPECT_EQ(CopiesTillAsked(race), kFirst);
}

TEST(RaceTest, LargeAndEmptyFilesSayNothing) {
  Race race;
  for (int i = 0; i < 100; ++i) {
    race.Cloned(Race::kSmall + 1, microseconds(400));
    race.Cloned(0, microseconds(400));
  }
  EXPECT_FALSE(Prefers(race, kSize));
  Clone(race, Race::kSample, microseconds(90));
  for (int i = 0; i < 100; ++i) race.Copied(0, microseconds(0));
  Copy(race, Race::kSample, microseconds(90));
  EXPECT_FALSE(Prefers(race, kSize));
}

}  // namespace
}  // namespace materialize
