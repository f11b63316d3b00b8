// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Lays out again what is not as the receipt says.

#ifndef MATERIALIZE_INSPECT_REPAIR_H_
#define MATERIALIZE_INSPECT_REPAIR_H_

#include <vector>

#include "absl/status/status.h"
#include "materialize/inspect.h"
#include "materialize/inspect/classify.h"
#include "materialize/inspect/compare.h"
#include "materialize/inspect_report.h"
#include "materialize/os/sys.h"

namespace materialize {

struct Damage {
  const std::vector<Compared>& compared;
  const CacheNames& names;
  Originals originals;
};

// Fills repaired and failures of `report`. A file comes from the one of the
// cache that is what the receipt says: by digest where the receipt has one,
// else by size and time. It is a hardlink again where the receipt tells that it
// was one, else it gets an inode of its own.
absl::Status Repair(Sys& sys, const InspectRequest& request,
                    const Damage& damage, InspectReport* report);

}  // namespace materialize

#endif  // MATERIALIZE_INSPECT_REPAIR_H_
