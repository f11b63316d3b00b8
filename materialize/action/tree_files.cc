// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/action/tree_files.h"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "materialize/os/fd.h"
#include "materialize/os/status.h"
#include "materialize/plan/source.h"
#include "materialize/plan/walk.h"
#include "materialize/request.h"

namespace materialize {
namespace {

// A directory that waits for its listing.
struct Waiting {
  std::unique_ptr<Directory> directory;
  bool is_link = false;
};

void Take(const Waiting& from, Batch& batch, std::vector<Waiting>& queue,
          TreeListing& listing) {
  size_t next = 0;  // children are in the order of their entries
  for (const Entry& entry : batch.entries) {
    const bool is_link = from.is_link || entry.follow;
    if (entry.child != nullptr) {
      queue.push_back(
          {.directory = std::move(batch.children[next++]), .is_link = is_link});
    } else {
      listing.files.push_back(
          {.path = JoinPath(from.directory->path(), entry.name),
           .is_link = is_link});
    }
  }
}

absl::Status ListDirectory(Sys& sys, const Waiting& waiting,
                           std::vector<Waiting>& queue, TreeListing& listing) {
  Stat facts;
  absl::Status opened = waiting.directory->Open(sys, &facts);
  if (!opened.ok()) return opened;
  bool is_empty = true;
  Batch batch;
  while (true) {
    const absl::StatusOr<bool> more = waiting.directory->Next(sys, &batch);
    if (!more.ok()) return more.status();
    if (!*more) break;
    is_empty = is_empty && batch.entries.empty();
    Take(waiting, batch, queue, listing);
  }
  listing.has_empty_directories |= is_empty;
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<TreeListing> ListTree(Sys& sys, const std::string& root) {
  Fd fd(sys, sys.OpenAt(AT_FDCWD, root.c_str(), O_RDONLY | O_DIRECTORY, 0));
  if (!fd.ok()) return ErrnoStatus(-fd.get(), "open", root);
  Walk walk(std::move(fd), root,
            {.selection = {},
             .privates = {},
             .symlinks = Symlinks::kFollow,
             .left_out = {}});
  TreeListing listing;
  std::vector<Waiting> queue;
  queue.push_back({.directory = walk.Root()});
  while (!queue.empty()) {
    const Waiting waiting = std::move(queue.back());
    queue.pop_back();
    if (absl::Status listed = ListDirectory(sys, waiting, queue, listing);
        !listed.ok())
      return listed;
  }
  std::sort(
      listing.files.begin(), listing.files.end(),
      [](const TreeFile& a, const TreeFile& b) { return a.path < b.path; });
  return listing;
}

}  // namespace materialize
