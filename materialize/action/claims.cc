// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/action/claims.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace materialize {

bool Claims::IsAlone(const std::string& place) const {
  if (anywhere_) return false;
  if (places_.at(place) > 1) return false;
  if (place.empty()) return places_.size() == 1;
  const std::string below = absl::StrCat(place, "/");
  const auto first = places_.lower_bound(below);
  if (first != places_.end() && absl::StartsWith(first->first, below))
    return false;
  for (size_t slash = place.size(); slash != std::string::npos;
       slash = place.rfind('/', slash - 1)) {
    const absl::string_view above = absl::string_view(place).substr(0, slash);
    if (above != place && places_.contains(std::string(above))) return false;
  }
  return !places_.contains("");
}

}  // namespace materialize
