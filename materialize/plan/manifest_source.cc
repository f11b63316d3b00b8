// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/plan/manifest_source.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "materialize/os/clock.h"
#include "materialize/plan/entry_path.h"
#include "materialize/plan/manifest_check.h"

namespace materialize {
namespace {

constexpr size_t kBatchEntries = 1024;
constexpr mode_t kDirectoryMode = 0755;

// What all directories of one manifest share, and what their batches point at.
struct Plan {
  std::vector<ManifestEntry> entries;  // as CheckManifest() orders them
  ManifestOptions options;
  Time made;
};

void Apply(const Wanted& wanted, Stat* facts) {
  if (wanted.mode.has_value()) {
    facts->mode = (facts->mode & ~mode_t{07777}) | *wanted.mode;
  }
  if (wanted.mtime.has_value()) facts->mtime = *wanted.mtime;
  if (wanted.uid.has_value()) facts->uid = *wanted.uid;
  if (wanted.gid.has_value()) facts->gid = *wanted.gid;
}

// A directory of somebody else's Source, which it keeps alive.
class BorrowedDirectory final : public Directory {
 public:
  BorrowedDirectory(std::shared_ptr<Source> owner,
                    std::unique_ptr<Directory> inner)
      : Directory(inner->path()),
        owner_(std::move(owner)),
        inner_(std::move(inner)) {}

  absl::Status Open(Sys& sys, Stat* facts) override {
    return inner_->Open(sys, facts);
  }
  absl::Status OpenBelow(Sys& sys, int above, Stat* facts) override {
    return inner_->OpenBelow(sys, above, facts);
  }
  absl::StatusOr<bool> Next(Sys& sys, Batch* batch) override;
  int from() const override { return inner_->from(); }
  std::string SourcePath(const char* source) const override {
    return inner_->SourcePath(source);
  }
  ListingCounts counts() const override { return inner_->counts(); }
  bool is_whole() const override { return inner_->is_whole(); }

 private:
  std::shared_ptr<Source> owner_;  // goes after inner_
  std::unique_ptr<Directory> inner_;
};

absl::StatusOr<bool> BorrowedDirectory::Next(Sys& sys, Batch* batch) {
  absl::StatusOr<bool> more = inner_->Next(sys, batch);
  if (!more.ok()) return more;
  size_t next = 0;  // children are in the order of their entries
  for (Entry& entry : batch->entries) {
    if (entry.child == nullptr) continue;
    std::unique_ptr<Directory>& child = batch->children[next++];
    if (child.get() != entry.child) {
      return absl::InternalError("children are not in the order of entries");
    }
    child = std::make_unique<BorrowedDirectory>(owner_, std::move(child));
    entry.child = child.get();
  }
  return more;
}

bool NamesOwner(const Wanted& wanted) {
  return wanted.uid.has_value() || wanted.gid.has_value();
}

// An entry `type=dir content=DIR`: opened when its turn has come, so that
// thousands of them do not hold descriptors.
class ContentDirectory final : public Directory {
 public:
  ContentDirectory(std::shared_ptr<const Plan> plan, const ManifestEntry& entry)
      : Directory(entry.path), plan_(std::move(plan)), entry_(entry) {}

  absl::Status Open(Sys& sys, Stat* facts) override {
    absl::StatusOr<std::unique_ptr<Source>> source =
        plan_->options.open_directory(sys, entry_);
    if (!source.ok()) return source.status();
    std::shared_ptr<Source> owner = *std::move(source);
    std::unique_ptr<Directory> root = owner->Root();
    inner_ =
        std::make_unique<BorrowedDirectory>(std::move(owner), std::move(root));
    absl::Status status = inner_->Open(sys, facts);
    if (status.ok()) Apply(entry_.wanted, facts);
    return status;
  }
  absl::StatusOr<bool> Next(Sys& sys, Batch* batch) override {
    return inner_->Next(sys, batch);
  }
  int from() const override { return inner_->from(); }
  std::string SourcePath(const char* source) const override {
    return inner_ != nullptr ? inner_->SourcePath(source)
                             : JoinPath(entry_.content, source);
  }
  bool wants_owner() const override { return NamesOwner(entry_.wanted); }
  ListingCounts counts() const override {
    return inner_ != nullptr ? inner_->counts() : ListingCounts();
  }
  std::unique_ptr<Directory> Again() const override {
    return std::make_unique<ContentDirectory>(plan_, entry_);
  }

 private:
  std::shared_ptr<const Plan> plan_;
  const ManifestEntry& entry_;
  std::unique_ptr<Directory> inner_;
};

// The entries right below `self`, which stand behind it, each directory with
// its own right behind.
class ManifestDirectory final : public Directory {
 public:
  ManifestDirectory(std::shared_ptr<const Plan> plan, size_t self)
      : Directory(plan->entries[self].path),
        plan_(std::move(plan)),
        self_(self),
        next_(self + 1) {}

  absl::Status Open(Sys& sys, Stat* facts) override;
  absl::StatusOr<bool> Next(Sys& sys, Batch* batch) override;
  int from() const override { return AT_FDCWD; }
  std::string SourcePath(const char* source) const override {
    return source == nullptr || *source == '\0' ? path() : source;
  }
  bool wants_owner() const override {
    return NamesOwner(plan_->entries[self_].wanted);
  }
  const Wanted* wanted_only() const override {
    return &plan_->entries[self_].wanted;
  }
  ListingCounts counts() const override { return counts_; }

 private:
  size_t After(size_t at) const;
  void Add(size_t at, Batch* batch);

  std::shared_ptr<const Plan> plan_;
  size_t self_;
  size_t next_;
  ListingCounts counts_;
};

std::unique_ptr<Directory> MakeDirectory(
    const std::shared_ptr<const Plan>& plan, size_t self) {
  const ManifestEntry& entry = plan->entries[self];
  if (entry.content.empty()) {
    return std::make_unique<ManifestDirectory>(plan, self);
  }
  return std::make_unique<ContentDirectory>(plan, entry);
}

absl::Status ManifestDirectory::Open(Sys& sys, Stat* facts) {
  (void)sys;  // There is nothing to open.
  *facts = Stat();
  facts->mode = S_IFDIR | kDirectoryMode;
  facts->uid = static_cast<uid_t>(-1);
  facts->gid = static_cast<gid_t>(-1);
  facts->mtime = plan_->made;
  Apply(plan_->entries[self_].wanted, facts);
  return absl::OkStatus();
}

// The first entry behind `at` that is not below it.
size_t ManifestDirectory::After(size_t at) const {
  const std::vector<ManifestEntry>& entries = plan_->entries;
  const ManifestEntry& entry = entries[at];
  if (entry.kind != Kind::kDirectory) return at + 1;
  const auto end = std::partition_point(
      entries.begin() + static_cast<std::ptrdiff_t>(at) + 1, entries.end(),
      [&](const ManifestEntry& e) { return IsBelow(e.path, entry.path); });
  return static_cast<size_t>(end - entries.begin());
}

absl::StatusOr<bool> ManifestDirectory::Next(Sys& sys, Batch* batch) {
  (void)sys;  // Everything is in memory.
  batch->Clear();
  batch->from = AT_FDCWD;
  batch->storage = plan_;
  const std::vector<ManifestEntry>& entries = plan_->entries;
  size_t at = next_;
  while (at < entries.size() && IsBelow(entries[at].path, path()) &&
         batch->entries.size() < kBatchEntries) {
    Add(at, batch);
    at = After(at);
  }
  const bool any = at != next_;
  next_ = at;
  return any;
}

void ManifestDirectory::Add(size_t at, Batch* batch) {
  const ManifestEntry& from = plan_->entries[at];
  const char* name =
      from.path.c_str() + (path().empty() ? 0 : path().size() + 1);
  if (!plan_->options.selection.Takes(path(), name, from.kind)) {
    ++counts_.excluded;
    return;
  }
  Entry entry = {
      .name = name,
      .source = from.content.empty() ? nullptr : from.content.c_str(),
      .kind = from.kind,
      .follow = !from.content.empty(),
      .is_private = from.is_private ||
                    plan_->options.privates.Matches(path(), name, from.kind),
      .unit = from.unit,
      .target = from.kind == Kind::kSymlink ? from.target.c_str() : nullptr,
      .wanted = &from.wanted,
  };
  if (from.kind == Kind::kDirectory) {
    batch->children.push_back(MakeDirectory(plan_, at));
    entry.child = batch->children.back().get();
  }
  batch->entries.push_back(entry);
}

class ManifestSource final : public Source {
 public:
  explicit ManifestSource(std::shared_ptr<const Plan> plan)
      : plan_(std::move(plan)) {}

  std::unique_ptr<Directory> Root() override { return MakeDirectory(plan_, 0); }
  const std::vector<ManifestEntry>* entries() const override {
    return &plan_->entries;
  }

 private:
  std::shared_ptr<const Plan> plan_;
};

absl::Status CheckOpener(const Plan& plan) {
  if (plan.options.open_directory) return absl::OkStatus();
  for (const ManifestEntry& entry : plan.entries) {
    if (entry.kind != Kind::kDirectory || entry.content.empty()) continue;
    return absl::InvalidArgumentError(
        absl::StrCat(entry.path, ": whole directories are not taken here"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<Source>> MakeManifestSource(
    Sys& sys, std::vector<ManifestEntry> entries, ManifestOptions options) {
  FoldEqualFiles(sys, &entries);
  absl::StatusOr<std::vector<ManifestEntry>> checked =
      CheckManifest(std::move(entries));
  if (!checked.ok()) return checked.status();
  absl::Status status =
      options.allow_missing ? absl::OkStatus() : CheckContents(sys, *checked);
  if (!status.ok()) return status;
  auto plan = std::make_shared<Plan>(Plan{.entries = *std::move(checked),
                                          .options = std::move(options),
                                          .made = WallClock()});
  status = CheckOpener(*plan);
  if (!status.ok()) return status;
  return std::make_unique<ManifestSource>(std::move(plan));
}

}  // namespace materialize
