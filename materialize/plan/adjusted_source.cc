// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/plan/adjusted_source.h"

#include <algorithm>
#include <cstddef>
#include <deque>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "materialize/plan/entry_path.h"

namespace materialize {
namespace {

using Shared = std::shared_ptr<const Adjustments>;

// What is asked for in `own`, and the rest of `more`.
Wanted Both(const Wanted& own, const Wanted& more) {
  Wanted both = own;
  if (!both.mode.has_value() && !both.change.has_value())
    both.change = more.change;
  both.uid = own.uid.has_value() ? own.uid : more.uid;
  both.gid = own.gid.has_value() ? own.gid : more.gid;
  return both;
}

// Wishes made up for one batch, and what its entries point at otherwise.
struct BatchStorage {
  std::shared_ptr<const void> inner;
  std::deque<Wanted> made;
};

class AdjustedDirectory final : public Directory {
 public:
  // `own`: what a manifest says of it.
  AdjustedDirectory(Shared adjustments, std::unique_ptr<Directory> inner,
                    const Wanted& own)
      : Directory(inner->path()),
        adjustments_(std::move(adjustments)),
        inner_(std::move(inner)),
        own_(own) {}

  absl::Status Open(Sys& sys, Stat* facts) override {
    return Adjust(inner_->Open(sys, facts), facts);
  }
  absl::Status OpenBelow(Sys& sys, int above, Stat* facts) override {
    return Adjust(inner_->OpenBelow(sys, above, facts), facts);
  }
  absl::StatusOr<bool> Next(Sys& sys, Batch* batch) override;
  int from() const override { return inner_->from(); }
  std::string SourcePath(const char* source) const override {
    return inner_->SourcePath(source);
  }
  bool wants_owner() const override {
    return inner_->wants_owner() ||
           (adjustments_->names_owner() && !KeepsOwner());
  }
  const Wanted* wanted_only() const override {
    return wanted_.has_value() ? &*wanted_ : inner_->wanted_only();
  }
  ListingCounts counts() const override { return inner_->counts(); }
  bool is_whole() const override { return inner_->is_whole(); }
  std::unique_ptr<Directory> Again() const override {
    std::unique_ptr<Directory> again = inner_->Again();
    if (again == nullptr) return nullptr;
    return std::make_unique<AdjustedDirectory>(adjustments_, std::move(again),
                                               own_);
  }

 private:
  absl::Status Adjust(absl::Status opened, Stat* facts);

  // A directory of a manifest that nobody describes.
  bool IsLeftOpen() const {
    const Wanted* const only = inner_->wanted_only();
    return only != nullptr && !only->mode.has_value();
  }

  // The destination itself is the caller's to give away.
  bool KeepsOwner() const { return path().empty() || IsLeftOpen(); }

  Shared adjustments_;
  std::unique_ptr<Directory> inner_;
  Wanted own_;
  std::optional<Wanted> wanted_;  // of a directory that has no source
};

absl::Status AdjustedDirectory::Adjust(absl::Status opened, Stat* facts) {
  if (!opened.ok() || IsLeftOpen()) return opened;
  Wanted more =
      adjustments_->For(DirectoryOf(path()), NameOf(path()), Kind::kDirectory);
  if (KeepsOwner()) more.uid = more.gid = std::nullopt;
  const Wanted* const only = inner_->wanted_only();
  const Wanted both = Both(only == nullptr ? own_ : *only, more);
  if (only == nullptr && both.change.has_value()) {
    facts->mode =
        (facts->mode & S_IFMT) | both.change->Of(facts->permissions(), true);
  }
  facts->uid = both.uid.value_or(facts->uid);
  facts->gid = both.gid.value_or(facts->gid);
  if (only != nullptr) wanted_ = both;
  return absl::OkStatus();
}

absl::StatusOr<bool> AdjustedDirectory::Next(Sys& sys, Batch* batch) {
  absl::StatusOr<bool> more = inner_->Next(sys, batch);
  if (!more.ok()) return more;
  auto storage = std::make_shared<BatchStorage>();
  size_t next = 0;  // children are in the order of their entries
  for (Entry& entry : batch->entries) {
    if (entry.child != nullptr) {
      std::unique_ptr<Directory>& child = batch->children[next++];
      const Wanted own = entry.wanted == nullptr ? Wanted() : *entry.wanted;
      child = std::make_unique<AdjustedDirectory>(adjustments_,
                                                  std::move(child), own);
      entry.child = child.get();
    }
    if (entry.kind == Kind::kDirectory || entry.kind == Kind::kSymlink)
      continue;
    const Wanted& wanted = adjustments_->For(path(), entry.name, entry.kind);
    entry.wanted =
        entry.wanted == nullptr
            ? &wanted
            : &storage->made.emplace_back(Both(*entry.wanted, wanted));
  }
  storage->inner = std::move(batch->storage);
  batch->storage = std::move(storage);
  return more;
}

class AdjustedSource final : public Source {
 public:
  AdjustedSource(std::unique_ptr<Source> inner, Shared adjustments)
      : adjustments_(std::move(adjustments)), inner_(std::move(inner)) {}

  std::unique_ptr<Directory> Root() override {
    return std::make_unique<AdjustedDirectory>(adjustments_, inner_->Root(),
                                               Wanted());
  }
  const std::vector<ManifestEntry>* entries() const override {
    return inner_->entries();
  }

 private:
  Shared adjustments_;
  std::unique_ptr<Source> inner_;
};

}  // namespace

absl::StatusOr<Adjustments> Adjustments::Parse(
    const std::vector<std::string>& modes, Wanted owner) {
  Adjustments adjustments;
  adjustments.owner_ = owner;
  for (const absl::string_view text : modes) {
    const size_t colon = text.rfind(':');
    const bool has_glob = colon != absl::string_view::npos;
    absl::StatusOr<GlobList> globs =
        GlobList::Parse({has_glob ? std::string(text.substr(0, colon)) : "**"});
    if (!globs.ok()) return globs.status();
    const absl::StatusOr<ModeChange> change =
        ParseModeChange(has_glob ? text.substr(colon + 1) : text);
    if (!change.ok()) return change.status();
    Wanted wanted = owner;
    wanted.change = *change;
    adjustments.rules_.push_back({*std::move(globs), wanted});
  }
  return adjustments;
}

const Wanted& Adjustments::For(absl::string_view directory,
                               absl::string_view name, Kind kind) const {
  const bool is_directory = kind == Kind::kDirectory;
  const auto rule =
      std::find_if(rules_.rbegin(), rules_.rend(), [&](const Rule& one) {
        return !(is_directory && one.wanted.change->octal) &&
               one.globs.Matches(directory, name, kind);
      });
  return rule == rules_.rend() ? owner_ : rule->wanted;
}

std::unique_ptr<Source> Adjusted(std::unique_ptr<Source> source,
                                 Adjustments adjustments) {
  return std::make_unique<AdjustedSource>(
      std::move(source),
      std::make_shared<const Adjustments>(std::move(adjustments)));
}

}  // namespace materialize
