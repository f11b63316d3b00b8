// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/strategy/race.h"

#include <algorithm>

namespace materialize {

void Race::Cloned(int64_t size, Duration took) {
  if (!IsSmall(size)) return;
  const std::lock_guard<std::mutex> lock(mutex_);
  if (lane_.load() != Lane::kClones || !IsSampled(took)) return;
  clone_ = least_;
  if (clone_ > kSlow) return Turn(Lane::kTrial, 0);
  next_patience_ = kPatience;
  Turn(Lane::kClones, 0);
}

// A clone saves space: a copy has to be the faster one by far.
void Race::Copied(int64_t size, Duration took) {
  if (LaneOf(size) == Lane::kClones) return;
  const std::lock_guard<std::mutex> lock(mutex_);
  switch (lane_.load()) {
    case Lane::kClones:
      return;
    case Lane::kTrial:
      if (!IsSampled(took)) return;
      if (2 * least_ < clone_) return TurnToCopies();
      next_patience_ = kPatience;
      return Turn(Lane::kClones, kPatience);
    case Lane::kCopies:
      if (--patience_ <= 0) Turn(Lane::kClones, 0);
      return;
  }
}

// Whether that was the last of a sample.
bool Race::IsSampled(Duration took) {
  if (patience_ > 0) {
    --patience_;
    return false;
  }
  least_ = std::min(least_, took);
  return ++sampled_ == kSample;
}

void Race::TurnToCopies() {
  Turn(Lane::kCopies, next_patience_);
  next_patience_ = std::min(2 * next_patience_, kMostPatience);
}

void Race::Turn(Lane lane, int patience) {
  lane_.store(lane, std::memory_order_relaxed);
  patience_ = patience;
  sampled_ = 0;
  least_ = Duration::max();
}

}  // namespace materialize
