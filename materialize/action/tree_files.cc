// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/action/tree_files.h"

#include <algorithm>
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

using Queue = std::vector<std::unique_ptr<Directory>>;

absl::Status ListDirectory(Sys& sys, Directory& directory, Queue& queue,
                           std::vector<std::string>& files) {
  Stat facts;
  if (absl::Status opened = directory.Open(sys, &facts); !opened.ok())
    return opened;
  Batch batch;
  while (true) {
    const absl::StatusOr<bool> more = directory.Next(sys, &batch);
    if (!more.ok()) return more.status();
    if (!*more) return absl::OkStatus();
    for (const Entry& entry : batch.entries) {
      if (entry.child == nullptr)
        files.push_back(JoinPath(directory.path(), entry.name));
    }
    for (std::unique_ptr<Directory>& child : batch.children)
      queue.push_back(std::move(child));
  }
}

}  // namespace

absl::StatusOr<std::vector<std::string>> ListTreeFiles(
    Sys& sys, const std::string& root) {
  Fd fd(sys, sys.OpenAt(AT_FDCWD, root.c_str(), O_RDONLY | O_DIRECTORY, 0));
  if (!fd.ok()) return ErrnoStatus(-fd.get(), "open", root);
  Walk walk(std::move(fd), root,
            {.selection = {},
             .privates = {},
             .symlinks = Symlinks::kFollow,
             .left_out = {}});
  std::vector<std::string> files;
  Queue queue;
  queue.push_back(walk.Root());
  while (!queue.empty()) {
    const std::unique_ptr<Directory> directory = std::move(queue.back());
    queue.pop_back();
    if (absl::Status listed = ListDirectory(sys, *directory, queue, files);
        !listed.ok())
      return listed;
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace materialize
