// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/inspect/tree.h"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <memory>
#include <utility>

#include "materialize/os/status.h"
#include "materialize/plan/entry_path.h"
#include "materialize/plan/source.h"

namespace materialize {
namespace {

class Lister {
 public:
  Lister(Sys& sys, const ListOptions& options) : sys_(sys), options_(options) {}

  absl::Status List(Directory& directory);
  std::vector<Seen> Take() { return std::move(seen_); }

  // Directories that are still to be listed.
  std::vector<std::unique_ptr<Directory>> pending;

 private:
  absl::Status Look(const Directory& directory, const Entry& entry);
  absl::Status ReadTarget(const Directory& directory, const Entry& entry,
                          Seen* seen);
  bool cancelled() const {
    return options_.cancel != nullptr && options_.cancel->load();
  }

  Sys& sys_;
  const ListOptions& options_;
  std::vector<Seen> seen_;
};

absl::Status Lister::List(Directory& directory) {
  Seen self = {.path = directory.path()};
  const absl::Status opened = directory.Open(sys_, &self.facts);
  if (ErrnoOf(opened) == ENOENT && !self.path.empty()) return absl::OkStatus();
  if (!opened.ok()) return opened;
  seen_.push_back(std::move(self));
  Batch batch;
  while (true) {
    if (cancelled()) return absl::CancelledError("interrupted");
    const absl::StatusOr<bool> more = directory.Next(sys_, &batch);
    if (!more.ok()) return more.status();
    if (!*more) return absl::OkStatus();
    for (const Entry& entry : batch.entries) {
      if (entry.child != nullptr) continue;
      if (absl::Status status = Look(directory, entry); !status.ok())
        return status;
    }
    for (auto& child : batch.children) pending.push_back(std::move(child));
  }
}

absl::Status Lister::Look(const Directory& directory, const Entry& entry) {
  Seen seen = {.path = JoinPath(directory.path(), entry.name)};
  const int result = sys_.StatAt(directory.from(), entry.name,
                                 AT_SYMLINK_NOFOLLOW, &seen.facts);
  if (result == -ENOENT) return absl::OkStatus();
  if (result < 0)
    return ErrnoStatus(-result, "stat", directory.SourcePath(entry.name));
  if (options_.wants && !options_.wants(seen.facts)) return absl::OkStatus();
  if (seen.facts.kind() == Kind::kSymlink) {
    absl::Status status = ReadTarget(directory, entry, &seen);
    if (ErrnoOf(status) == ENOENT) return absl::OkStatus();
    if (!status.ok()) return status;
  }
  seen_.push_back(std::move(seen));
  return absl::OkStatus();
}

absl::Status Lister::ReadTarget(const Directory& directory, const Entry& entry,
                                Seen* seen) {
  char text[PATH_MAX];
  const int64_t length =
      sys_.ReadLinkAt(directory.from(), entry.name, text, sizeof(text));
  if (length < 0) {
    return ErrnoStatus(static_cast<int>(-length), "readlink",
                       directory.SourcePath(entry.name));
  }
  seen->target.assign(text, static_cast<size_t>(length));
  return absl::OkStatus();
}

bool SeenLess(const Seen& a, const Seen& b) {
  return EntryPathLess(a.path, b.path);
}

}  // namespace

absl::StatusOr<std::vector<Seen>> ListTree(Sys& sys, Fd root,
                                           const std::string& root_path,
                                           const ListOptions& options) {
  Walk walk(std::move(root), root_path,
            {.selection = options.selection,
             .left_out = std::make_shared<const std::vector<Identity>>(
                 options.left_out)});
  Lister lister(sys, options);
  lister.pending.push_back(walk.Root());
  while (!lister.pending.empty()) {
    const std::unique_ptr<Directory> directory =
        std::move(lister.pending.back());
    lister.pending.pop_back();
    if (absl::Status status = lister.List(*directory); !status.ok())
      return status;
  }
  std::vector<Seen> seen = lister.Take();
  std::sort(seen.begin(), seen.end(), SeenLess);
  return seen;
}

const Seen* FindSeen(const std::vector<Seen>& list, absl::string_view path) {
  const auto at = std::lower_bound(list.begin(), list.end(), path,
                                   [](const Seen& a, absl::string_view b) {
                                     return EntryPathLess(a.path, b);
                                   });
  return at != list.end() && at->path == path ? &*at : nullptr;
}

}  // namespace materialize
