// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// A tree against what its receipt says: a guess from what a stat tells, and the
// proof that reading gives.

#ifndef MATERIALIZE_INSPECT_COMPARE_H_
#define MATERIALIZE_INSPECT_COMPARE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "materialize/digest.h"
#include "materialize/inspect/contents.h"
#include "materialize/inspect/tree.h"
#include "materialize/os/sys.h"
#include "materialize/plan/mtree.h"
#include "materialize/plan/selection.h"

namespace materialize {

enum class Proof : uint8_t { kNone, kContent };

// One entry of the receipt.
struct Compared {
  const MtreeEntry* wanted = nullptr;
  const Seen* seen = nullptr;  // null: it is missing
  // What differs, in mtree(5)'s words.
  std::vector<std::string> what = {};
  Proof proof = Proof::kNone;

  bool differs() const { return seen == nullptr || !what.empty(); }
};

// The strongest digest that `wanted` names; null where it names none.
const DigestClaim* StrongestDigest(const MtreeEntry& wanted);
bool Accepts(const DigestClaim& claim, const std::string& digest);

// Every entry of `receipt` that `selection` takes, in the order of paths. Both
// lists outlive the answer. ctime is compared of files with one name only:
// another hardlink changes it.
std::vector<Compared> CompareFacts(const std::vector<MtreeEntry>& receipt,
                                   const std::vector<Seen>& seen,
                                   const Selection& selection);

// The cache, as far as proofs need it.
struct Originals {
  const std::vector<Seen>& files;
  Contents* contents;
};

// Reads the file where its size is right: what content proves equal differs in
// mode at most. Where the receipt has no digest, the file of the cache at the
// same path stands for it, if it has an inode of its own and the receipt's size
// and time.
absl::Status Prove(Contents* contents, const Originals& cache,
                   Compared* compared);

}  // namespace materialize

#endif  // MATERIALIZE_INSPECT_COMPARE_H_
