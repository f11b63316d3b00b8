// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/plan/digest_claim.h"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace materialize {

absl::StatusOr<std::vector<UnmetClaim>> UnmetClaims(
    Sys& sys, int fd, const std::vector<DigestClaim>& claims,
    absl::string_view path, const std::atomic<bool>* cancel) {
  std::vector<DigestAlgorithm> algorithms;
  algorithms.reserve(claims.size());
  for (const DigestClaim& claim : claims) algorithms.push_back(claim.algorithm);
  absl::StatusOr<std::vector<std::string>> digests =
      DigestsOfFd(sys, fd, algorithms, path, cancel);
  if (!digests.ok()) return digests.status();
  std::vector<UnmetClaim> unmet;
  for (size_t i = 0; i < claims.size(); ++i) {
    std::string& found = (*digests)[i];
    const std::vector<std::string>& accepted = claims[i].accepted;
    if (std::find(accepted.begin(), accepted.end(), found) == accepted.end())
      unmet.push_back({.claim = &claims[i], .found = std::move(found)});
  }
  return unmet;
}

}  // namespace materialize
