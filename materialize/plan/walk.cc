// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/plan/walk.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "absl/strings/str_cat.h"
#include "materialize/os/dents.h"
#include "materialize/os/path.h"
#include "materialize/os/status.h"
#include "materialize/plan/entry_path.h"

namespace materialize {
namespace {

// Two thousand names of middling length: few calls for large directories, small
// enough to come from the heap.
constexpr size_t kListingBytes = 64 * 1024;

struct MountOf {
  uint64_t mount_id = 0;
  uint64_t device = 0;
  friend bool operator==(const MountOf&, const MountOf&) = default;
};

// The directories above one that was reached through links: following must come
// to an end.
struct Ancestors {
  Identity self;
  std::shared_ptr<const Ancestors> above;
};

bool IsAmong(const Ancestors* chain, const Identity& identity) {
  for (; chain != nullptr; chain = chain->above.get()) {
    if (chain->self == identity) return true;
  }
  return false;
}

}  // namespace

class WalkDirectory final : public Directory {
 public:
  WalkDirectory(const Walk& walk, std::string path)
      : Directory(std::move(path)), walk_(walk) {}

  absl::Status Open(Sys& sys, Stat* facts) override {
    return Use(sys, OpenByWay(sys), facts);
  }
  absl::Status OpenBelow(Sys& sys, int above, Stat* facts) override {
    return is_root_ ? Open(sys, facts)
                    : Use(sys, OpenByName(sys, above), facts);
  }
  absl::StatusOr<bool> Next(Sys& sys, Batch* batch) override;
  int from() const override { return fd_.get(); }
  std::string SourcePath(const char* source) const override {
    return JoinPath(JoinPath(walk_.root_path_, relative()), source);
  }
  ListingCounts counts() const override { return counts_; }
  bool is_whole() const override { return !is_empty_; }

 private:
  const WalkOptions& options() const { return walk_.options_; }
  bool follows() const { return options().symlinks == Symlinks::kFollow; }
  absl::string_view relative() const;
  int OpenByWay(Sys& sys) const;
  int OpenByName(Sys& sys, int above) const;
  static int OpenFollowing(Sys& sys, int dir, const std::string& way) {
    return OpenPatiently(sys, dir, way.c_str(), O_RDONLY | O_DIRECTORY, 0);
  }
  absl::Status Use(Sys& sys, int fd, Stat* facts);
  absl::Status Fail(int result, const char* call, const char* name) const {
    return ErrnoStatus(-result, call, SourcePath(name));
  }

  absl::Status Add(Sys& sys, const Dent& dent, Batch* batch);
  bool IsLeftOut(const char* name) const;
  absl::Status LookAt(Sys& sys, Entry* entry) const;
  absl::Status Follow(Sys& sys, Entry* entry, Stat* facts) const;
  absl::Status AddChild(Sys& sys, Entry entry, Batch* batch);

  const Walk& walk_;
  Fd fd_;
  Stat facts_;
  ListingCounts counts_;
  MountOf root_mount_;                          // with Span::kOneFilesystem
  std::shared_ptr<const Ancestors> ancestors_;  // with Symlinks::kFollow
  bool is_root_ = false;
  bool is_empty_ = false;  // another filesystem's: made, not listed

  friend class Walk;
};

absl::string_view WalkDirectory::relative() const {
  absl::string_view rest = path();
  rest.remove_prefix(walk_.prefix_.size());
  if (!rest.empty() && rest.front() == '/') rest.remove_prefix(1);
  return rest;
}

int WalkDirectory::OpenByWay(Sys& sys) const {
  const absl::string_view way = relative();
  if (!follows()) return OpenDirectoryBeneath(sys, walk_.root_.get(), way);
  return OpenFollowing(sys, walk_.root_.get(),
                       way.empty() ? "." : std::string(way));
}

int WalkDirectory::OpenByName(Sys& sys, int above) const {
  const absl::string_view name = NameOf(path());
  return follows() ? OpenFollowing(sys, above, std::string(name))
                   : OpenDirectoryIn(sys, above, name);
}

// `fd`: the directory's, to be owned, or -errno.
absl::Status WalkDirectory::Use(Sys& sys, int fd, Stat* facts) {
  fd_ = Fd(sys, fd);
  if (!fd_.ok()) return Fail(fd_.get(), "open", "");
  if (const int result = sys.StatAt(fd_.get(), "", 0, &facts_); result < 0) {
    return Fail(result, "stat", "");
  }
  if (is_root_)
    root_mount_ = {.mount_id = facts_.mount_id, .device = facts_.device};
  if (follows()) {
    const Identity self = IdentityOf(facts_);
    if (IsAmong(ancestors_.get(), self)) {
      return WithHint(Fail(-ELOOP, "follow", ""),
                      "the link leads back to a directory above it; "
                      "--symlinks=keep does not follow");
    }
    ancestors_ = std::make_shared<const Ancestors>(
        Ancestors{.self = self, .above = ancestors_});
  }
  *facts = facts_;
  return absl::OkStatus();
}

absl::StatusOr<bool> WalkDirectory::Next(Sys& sys, Batch* batch) {
  batch->Clear();
  batch->from = fd_.get();
  if (is_empty_) return false;
  // Whoever still places the last listing keeps its block.
  if (batch->block == nullptr || batch->block.use_count() > 1) {
    batch->block = std::make_shared_for_overwrite<char[]>(kListingBytes);
  }
  const int64_t bytes =
      sys.ReadDirectory(fd_.get(), batch->block.get(), kListingBytes);
  if (bytes < 0) return Fail(static_cast<int>(bytes), "list", "");
  absl::Status status;
  ForEachDent(batch->block.get(), static_cast<size_t>(bytes),
              [&](const Dent& dent) {
                if (status.ok()) status = Add(sys, dent, batch);
              });
  if (!status.ok()) return status;
  return bytes > 0;
}

absl::Status WalkDirectory::Add(Sys& sys, const Dent& dent, Batch* batch) {
  Entry entry = {.name = dent.name,
                 .source = dent.name,
                 .kind = dent.kind,
                 .inode = dent.inode};
  const bool must_look = entry.kind == Kind::kUnknown ||
                         (entry.kind == Kind::kSymlink && follows());
  if (walk_.takes_all_ && !must_look && entry.kind != Kind::kDirectory) {
    batch->entries.push_back(entry);
    return absl::OkStatus();
  }
  if (IsLeftOut(dent.name)) {
    ++counts_.excluded;
    return absl::OkStatus();
  }
  // What is left out by its name alone is not looked at, so that a dangling
  // link can be excluded.
  // Unless it takes a look to know which patterns are meant.
  if (must_look && !options().selection.needs_kind() &&
      !options().selection.Takes(path(), entry.name, entry.kind)) {
    ++counts_.excluded;
    return absl::OkStatus();
  }
  if (must_look) {
    if (absl::Status status = LookAt(sys, &entry); !status.ok()) return status;
  }
  if (!options().selection.Takes(path(), entry.name, entry.kind)) {
    ++counts_.excluded;
    return absl::OkStatus();
  }
  entry.is_private = options().all_private ||
                     options().privates.Matches(path(), entry.name, entry.kind);
  if (entry.kind == Kind::kDirectory) return AddChild(sys, entry, batch);
  batch->entries.push_back(entry);
  return absl::OkStatus();
}

bool WalkDirectory::IsLeftOut(const char* name) const {
  const std::vector<std::string>& paths = options().left_out_paths;
  return !paths.empty() && std::binary_search(paths.begin(), paths.end(),
                                              JoinPath(relative(), name));
}

absl::Status WalkDirectory::LookAt(Sys& sys, Entry* entry) const {
  Stat facts;
  if (entry->kind == Kind::kUnknown) {
    const int result =
        sys.StatAt(fd_.get(), entry->source, AT_SYMLINK_NOFOLLOW, &facts);
    if (result < 0) return Fail(result, "stat", entry->source);
    entry->kind = facts.kind();
  }
  if (entry->kind != Kind::kSymlink || !follows()) return absl::OkStatus();
  if (options().links == Links::kToFiles) {
    entry->kind = Kind::kFile;
    entry->follow = true;
    return absl::OkStatus();
  }
  return Follow(sys, entry, &facts);
}

absl::Status WalkDirectory::Follow(Sys& sys, Entry* entry, Stat* facts) const {
  if (const int result = sys.StatAt(fd_.get(), entry->source, 0, facts);
      result < 0) {
    return WithHint(Fail(result, "follow", entry->source),
                    "--symlinks=keep keeps links as they are");
  }
  entry->kind = facts->kind();
  entry->follow = true;
  return absl::OkStatus();
}

absl::Status WalkDirectory::AddChild(Sys& sys, Entry entry, Batch* batch) {
  auto child =
      std::make_unique<WalkDirectory>(walk_, JoinPath(path(), entry.name));
  child->ancestors_ = ancestors_;
  child->root_mount_ = root_mount_;
  const bool one_filesystem = options().span == Span::kOneFilesystem;
  const auto& left_out = options().left_out;
  const bool leaves_out = left_out != nullptr && !left_out->empty();
  if (one_filesystem || leaves_out) {
    Stat facts;
    if (const int result =
            sys.StatAt(fd_.get(), entry.source,
                       entry.follow ? 0 : AT_SYMLINK_NOFOLLOW, &facts);
        result < 0) {
      return Fail(result, "stat", entry.source);
    }
    if (leaves_out && std::find(left_out->begin(), left_out->end(),
                                IdentityOf(facts)) != left_out->end()) {
      return absl::OkStatus();
    }
    child->is_empty_ =
        one_filesystem && MountOf{.mount_id = facts.mount_id,
                                  .device = facts.device} != root_mount_;
  }
  entry.child = child.get();
  batch->children.push_back(std::move(child));
  batch->entries.push_back(entry);
  return absl::OkStatus();
}

Walk::Walk(Fd root, std::string root_path, WalkOptions options,
           std::string prefix)
    : root_(std::move(root)),
      root_path_(std::move(root_path)),
      options_(std::move(options)),
      prefix_(std::move(prefix)),
      takes_all_(options_.left_out_paths.empty() &&
                 options_.selection.takes_all() && options_.privates.empty() &&
                 !options_.privates.matches_all() && !options_.all_private) {}

Walk::~Walk() = default;

std::unique_ptr<Directory> Walk::Root() {
  auto root = std::make_unique<WalkDirectory>(*this, prefix_);
  root->is_root_ = true;
  return root;
}

}  // namespace materialize
