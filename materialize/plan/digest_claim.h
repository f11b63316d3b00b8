// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// What a list says of a file's content, and whether it is so.

#ifndef MATERIALIZE_PLAN_DIGEST_CLAIM_H_
#define MATERIALIZE_PLAN_DIGEST_CLAIM_H_

#include <atomic>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "materialize/digest.h"
#include "materialize/os/sys.h"

namespace materialize {

// A file's bytes have this digest.
struct DigestClaim {
  DigestAlgorithm algorithm = DigestAlgorithm::kSha256;
  std::vector<std::string> accepted;  // lower-case hexadecimal; any of them
  friend bool operator==(const DigestClaim&, const DigestClaim&) = default;
};

struct UnmetClaim {
  const DigestClaim* claim = nullptr;  // one of those that were asked about
  std::string found;                   // the digest that the bytes have
};

// Those of `claims` that do not hold for what is left to read of `fd`, in their
// order; it is read once. `path` is what people call the file. Cancelled when
// `cancel` (may be null) becomes true. Thread-safe.
absl::StatusOr<std::vector<UnmetClaim>> UnmetClaims(
    Sys& sys, int fd, const std::vector<DigestClaim>& claims,
    absl::string_view path, const std::atomic<bool>* cancel = nullptr);

}  // namespace materialize

#endif  // MATERIALIZE_PLAN_DIGEST_CLAIM_H_
