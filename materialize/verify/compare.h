// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// One entry against what stat(2) says of it: pure, no system calls.

#ifndef MATERIALIZE_VERIFY_COMPARE_H_
#define MATERIALIZE_VERIFY_COMPARE_H_

#include <cstdint>
#include <vector>

#include "absl/strings/string_view.h"
#include "materialize/os/sys.h"
#include "materialize/plan/mtree.h"
#include "materialize/verify_report.h"

namespace materialize {

// mtree's word for the type in st_mode: "file", "dir", "link", "fifo", ...
absl::string_view TypeName(mode_t mode);
// The same of what a manifest says; "" when it does not say.
absl::string_view TypeName(const MtreeEntry& said);

// The step in which a filesystem of this statfs(2) magic keeps times,
// nanoseconds; 1 where it is not known to be coarse.
int64_t TimeGrain(uint64_t magic);

// Whether a file with `wanted` may show `found` on a filesystem with `grain`.
// Where either has no nanoseconds, seconds count: manifests are written
// without, and ext3 or an ext4 of small inodes keep none.
bool SameTime(const Time& wanted, const Time& found, int64_t grain);

// Adds the differences in type, and then in user, group, permissions (not of
// symlinks, which have none), number of links (not of directories, whose links
// are the filesystem's matter), size (of files) and mtime, as far as `said`
// says them. Whether there is more to compare: the type is right, and not just
// being there is asked.
bool CompareFacts(const MtreeEntry& said, const Stat& found, int64_t grain,
                  std::vector<Difference>* differences);

}  // namespace materialize

#endif  // MATERIALIZE_VERIFY_COMPARE_H_
