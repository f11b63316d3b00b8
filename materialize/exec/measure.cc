// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/exec/measure.h"

#include <vector>

#include "materialize/exec/list_names.h"
#include "materialize/os/fd.h"
#include "materialize/os/path.h"
#include "materialize/os/status.h"
#include "materialize/plan/source.h"

namespace materialize {
namespace {

constexpr int64_t kBlock = 512;  // st_blocks' unit, stat(2)

void Count(const Stat& facts, Report* report) {
  switch (facts.kind()) {
    case Kind::kDirectory:
      ++report->directories;
      return;
    case Kind::kSymlink:
      ++report->symlinks;
      return;
    case Kind::kFile:
      ++report->unchanged.files;
      report->unchanged.bytes += facts.size;
      report->apparent_bytes += facts.size;
      report->allocated_bytes += facts.blocks * kBlock;
      return;
    case Kind::kSpecial:
    case Kind::kUnknown:
      ++report->special_skipped;
      return;
  }
}

absl::Status MeasureBelow(Sys& sys, int root, const MoveEnd& end,
                          Report* report) {
  std::vector<std::string> waiting = {""};
  while (!waiting.empty()) {
    const std::string relative = std::move(waiting.back());
    waiting.pop_back();
    const std::string path = JoinPath(end.path, relative);
    const Fd fd(sys, OpenDirectoryBeneath(sys, root, relative));
    if (!fd.ok()) return ErrnoStatus(-fd.get(), "open", path);
    const auto names = ListNames(sys, fd.get(), path);
    if (!names.ok()) return names.status();
    for (const std::string& name : *names) {
      Stat facts;
      const int result =
          sys.StatAt(fd.get(), name.c_str(), AT_SYMLINK_NOFOLLOW, &facts);
      if (result < 0) return ErrnoStatus(-result, "stat", JoinPath(path, name));
      Count(facts, report);
      if (facts.kind() == Kind::kDirectory)
        waiting.push_back(JoinPath(relative, name));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status Measure(Sys& sys, const MoveEnd& end, Depth depth,
                     Report* report) {
  Stat facts;
  if (const int result =
          sys.StatAt(end.dir, end.name.c_str(), AT_SYMLINK_NOFOLLOW, &facts);
      result < 0)
    return ErrnoStatus(-result, "stat", end.path);
  Count(facts, report);
  report->destination = end.path;
  report->bytes_exact =
      depth == Depth::kAll || facts.kind() != Kind::kDirectory;
  if (facts.kind() != Kind::kDirectory || depth == Depth::kRoot)
    return absl::OkStatus();
  const Fd root(sys, OpenPatiently(sys, end.dir, end.name.c_str(),
                                   O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0));
  if (!root.ok()) return ErrnoStatus(-root.get(), "open", end.path);
  return MeasureBelow(sys, root.get(), end, report);
}

}  // namespace materialize
