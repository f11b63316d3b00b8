// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// The order of work, and its end.

#include "materialize/exec/work_list.h"

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "gtest/gtest.h"

namespace materialize {
namespace {

std::vector<int> Numbers(int from, int to) {
  std::vector<int> numbers;
  for (int number = from; number < to; ++number) numbers.push_back(number);
  return numbers;
}

void Push(WorkList<int>& list, std::vector<int> works) { list.Push(&works); }

TEST(WorkListTest, TheNewestIsFirst) {
  WorkList<int> list(10);
  Push(list, {1, 2, 3});
  EXPECT_EQ(list.Wait(), 3);
  Push(list, {4});
  list.Push(5);
  for (const int next : {5, 4, 2, 1}) EXPECT_EQ(list.Wait(), next);
}

TEST(WorkListTest, EachLaneGivesItsOwnAndThenTheOldestOfTheLongest) {
  WorkList<int> list(10, 3);
  std::vector<int> works = {1, 2, 3};
  list.Push(&works, 0);
  list.Push(4, 1);
  EXPECT_EQ(list.Wait(1), 4);
  EXPECT_EQ(list.Wait(1), 1);
  EXPECT_EQ(list.Wait(0), 3);
  works = {5, 6};
  list.Push(&works, 1);
  EXPECT_EQ(list.Wait(2), 5);
  EXPECT_EQ(list.Wait(0), 2);
  EXPECT_EQ(list.Wait(0), 6);
}

TEST(WorkListTest, TheOldestIsFirstWhereThatIsAskedForAndTheListIsShort) {
  WorkList<int> list(6, 2, Order::kOldestFirst);
  Push(list, Numbers(0, 5));
  for (const int next : {4, 3, 0, 1}) EXPECT_EQ(list.Wait(), next);
  list.Push(5, 1);
  EXPECT_EQ(list.Wait(), 2);
  EXPECT_EQ(list.Wait(), 5);
}

TEST(WorkListTest, HasSurplusAboveItsLimit) {
  WorkList<int> list(3);
  Push(list, Numbers(0, 5));
  EXPECT_TRUE(list.has_surplus());
  EXPECT_EQ(list.Wait(), 4);
  EXPECT_EQ(list.TakeSurplus(), 3);
  EXPECT_FALSE(list.has_surplus());
  EXPECT_EQ(list.TakeSurplus(), std::nullopt);
  EXPECT_EQ(list.Wait(), 2);
}

TEST(WorkListTest, EndsWhenAllIsDone) {
  WorkList<int> list(10);
  EXPECT_EQ(list.Wait(), std::nullopt);
  Push(list, {1});
  EXPECT_EQ(list.Wait(), 1);
  list.Done();
  EXPECT_EQ(list.Wait(), std::nullopt);
}

TEST(WorkListTest, StoppedItGivesNothing) {
  WorkList<int> list(1);
  Push(list, {1, 2, 3});
  list.Stop();
  EXPECT_EQ(list.Wait(), std::nullopt);
  EXPECT_EQ(list.TakeSurplus(), std::nullopt);
}

TEST(WorkListTest, StopWakesWhoWaits) {
  WorkList<int> list(10);
  Push(list, {1});
  EXPECT_EQ(list.Wait(), 1);  // at work: others wait for what it may push
  std::thread waiting([&] { EXPECT_EQ(list.Wait(), std::nullopt); });
  while (!list.hungry()) std::this_thread::yield();
  list.Stop();
  waiting.join();
}

// Every work makes two more until there are enough, on many threads.
TEST(WorkListTest, ManyThreadsDoEverythingOnce) {
  constexpr int kWorks = 20000;
  constexpr int kThreads = 4;
  WorkList<std::unique_ptr<int>> list(64, kThreads);
  std::vector<std::atomic<int>> done(kWorks);
  std::atomic<int> made{1};
  std::vector<std::unique_ptr<int>> first;
  first.push_back(std::make_unique<int>(0));
  list.Push(&first);
  const auto work = [&](const std::unique_ptr<int>& one, int lane) {
    done[static_cast<size_t>(*one)].fetch_add(1);
    std::vector<std::unique_ptr<int>> more;
    for (int child = 0; child < 2; ++child) {
      const int number = made.fetch_add(1);
      if (number < kWorks) more.push_back(std::make_unique<int>(number));
    }
    list.Push(&more, lane);
  };
  std::vector<std::thread> threads;
  for (int lane = 0; lane < kThreads; ++lane) {
    threads.emplace_back([&, lane] {
      while (const auto one = list.Wait(lane)) {
        work(*one, lane);
        if (list.has_surplus()) {
          if (const auto surplus = list.TakeSurplus(lane)) {
            work(*surplus, lane);
            list.Done();
          }
        }
        list.Done();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const std::atomic<int>& times : done) ASSERT_EQ(times.load(), 1);
}

}  // namespace
}  // namespace materialize
