// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/inspect.h"

#include <algorithm>
#include <map>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "materialize/exec/uninterrupted.h"
#include "materialize/inspect/cache.h"
#include "materialize/inspect/classify.h"
#include "materialize/inspect/compare.h"
#include "materialize/inspect/contents.h"
#include "materialize/inspect/repair.h"
#include "materialize/inspect/tree.h"
#include "materialize/os/fd.h"
#include "materialize/os/io.h"
#include "materialize/os/path.h"
#include "materialize/os/status.h"
#include "materialize/plan/entry_path.h"
#include "materialize/plan/mtree.h"
#include "materialize/plan/selection.h"

namespace materialize {
namespace {

absl::Status CheckRequest(const InspectRequest& request) {
  if (request.destination.empty())
    return absl::InvalidArgumentError("no destination to look at");
  if (request.cache.empty())
    return absl::InvalidArgumentError("no cache to look for");
  if (request.repair && request.against.empty())
    return absl::InvalidArgumentError("repair needs a receipt to go by");
  return absl::OkStatus();
}

// One call of Inspect().
class Inspection {
 public:
  Inspection(const InspectRequest& request, Sys& sys)
      : request_(request), sys_(sys) {}

  absl::StatusOr<InspectReport> Look();

 private:
  absl::Status Find();
  absl::Status List();
  absl::Status ListCache();
  absl::Status Read();
  absl::Status Compare();
  absl::Status Prove(std::vector<Compared>* compared);
  absl::Status Confirm();
  void Tell(const std::vector<Compared>& compared);
  void TellAdded();

  absl::StatusOr<Fd> Open(const std::string& path) const;
  bool proves() const { return request_.checksum || request_.repair; }
  bool compares() const { return !request_.against.empty(); }

  const InspectRequest& request_;
  Sys& sys_;
  InspectReport report_;
  Identity destination_;
  Selection selection_;
  std::unique_ptr<Cache> cache_;
  std::vector<Seen> seen_;       // of the destination
  std::vector<Seen> originals_;  // files of the cache that may be needed
  CacheNames names_;
  std::unique_ptr<Contents> contents_;  // of the destination
  std::unique_ptr<Contents> cache_contents_;
  std::vector<MtreeEntry> receipt_;
};

absl::StatusOr<InspectReport> Inspection::Look() {
  using Step = absl::Status (Inspection::*)();
  constexpr Step kSteps[] = {&Inspection::Find, &Inspection::List,
                             &Inspection::ListCache, &Inspection::Read,
                             &Inspection::Compare};
  for (const Step step : kSteps) {
    if (absl::Status status = (this->*step)(); !status.ok()) return status;
  }
  return std::move(report_);
}

absl::StatusOr<Fd> Inspection::Open(const std::string& path) const {
  Fd fd(sys_,
        OpenPatiently(sys_, AT_FDCWD, path.c_str(), O_RDONLY | O_DIRECTORY, 0));
  if (!fd.ok()) return ErrnoStatus(-fd.get(), "open", path);
  return fd;
}

// Destination and cache, whatever they are called.
absl::Status Inspection::Find() {
  report_.checksum = request_.checksum;
  report_.against = request_.against;
  absl::StatusOr<Fd> root = Open(request_.destination);
  if (!root.ok()) return root.status();
  Stat facts;
  if (const int result = sys_.StatAt(root->get(), "", 0, &facts); result < 0)
    return ErrnoStatus(-result, "stat", request_.destination);
  destination_ = IdentityOf(facts);
  report_.destination = PathOfFd(sys_, root->get());
  if (report_.destination.empty())
    report_.destination = AbsolutePath(request_.destination);
  contents_ = std::make_unique<Contents>(sys_, *std::move(root),
                                         report_.destination, request_.cancel);
  absl::StatusOr<Cache> cache = Cache::Find(sys_, request_.cache);
  if (!cache.ok()) return cache.status();
  cache_ = std::make_unique<Cache>(*std::move(cache));
  report_.cache = cache_->path();
  if (!cache_->there()) {
    report_.warnings.push_back(
        {.text = absl::StrCat("there is no cache ", request_.cache)});
  }
  if (cache_->identity() == destination_) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the destination ", report_.destination, " is the cache itself"));
  }
  return absl::OkStatus();
}

absl::Status Inspection::List() {
  if (request_.hidden == Hidden::kSkip) {
    absl::StatusOr<Selection> selection = Selection::Parse({}, {".*"});
    if (!selection.ok()) return selection.status();
    selection_ = *std::move(selection);
  }
  absl::StatusOr<Fd> root = Open(report_.destination);
  if (!root.ok()) return root.status();
  ListOptions options = {.selection = selection_, .cancel = request_.cancel};
  // A cache inside the destination is no part of what was laid out from it.
  if (cache_->there()) options.left_out = {*cache_->identity()};
  absl::StatusOr<std::vector<Seen>> seen =
      ListTree(sys_, *std::move(root), report_.destination, options);
  if (!seen.ok()) return seen.status();
  seen_ = *std::move(seen);
  return absl::OkStatus();
}

// A proof may need any file of the cache, the rest only what has names in the
// destination too. Without such the cache is not read at all.
absl::Status Inspection::ListCache() {
  std::vector<Identity> shared;
  for (const Seen& seen : seen_) {
    if (seen.facts.kind() == Kind::kFile && seen.facts.links > 1)
      shared.push_back(IdentityOf(seen.facts));
  }
  std::sort(shared.begin(), shared.end());
  const bool needs_all = compares() && proves();
  if (!cache_->there() || (shared.empty() && !needs_all))
    return absl::OkStatus();
  ListOptions options = {.left_out = {destination_}, .cancel = request_.cancel};
  options.wants = [&](const Stat& facts) {
    return facts.kind() == Kind::kFile &&
           (needs_all || std::binary_search(shared.begin(), shared.end(),
                                            IdentityOf(facts)));
  };
  absl::StatusOr<Fd> root = Open(report_.cache);
  if (!root.ok()) return root.status();
  absl::StatusOr<std::vector<Seen>> files =
      ListTree(sys_, *std::move(root), report_.cache, options);
  if (!files.ok()) return files.status();
  originals_ = *std::move(files);
  for (const Seen& file : originals_) {
    const Identity identity = IdentityOf(file.facts);
    // Some network filesystems number nothing.
    if (file.facts.kind() == Kind::kFile && identity.inode != 0)
      names_[identity].push_back(file.path);
  }
  if (!needs_all) return absl::OkStatus();
  absl::StatusOr<Fd> again = Open(report_.cache);
  if (!again.ok()) return again.status();
  cache_contents_ = std::make_unique<Contents>(sys_, *std::move(again),
                                               report_.cache, request_.cancel);
  return absl::OkStatus();
}

absl::Status Inspection::Read() {
  const Looked looked = {
      .path = report_.destination, .seen = seen_, .names = names_};
  if (absl::Status status =
          Classify(sys_, looked, request_.links, cache_.get(), &report_);
      !status.ok()) {
    return status;
  }
  if (!request_.checksum) return absl::OkStatus();
  for (InspectedFile& file : report_.files) {
    absl::StatusOr<std::string> digest =
        file.target.empty()
            ? contents_->DigestOf(file.path, DigestAlgorithm::kSha256)
            : contents_->DigestBehind(file.path);
    if (!digest.ok()) return digest.status();
    file.sha256 = *std::move(digest);
  }
  return absl::OkStatus();
}

absl::Status Inspection::Compare() {
  if (!compares()) return absl::OkStatus();
  const absl::StatusOr<std::string> text = ReadFile(sys_, request_.against);
  if (!text.ok()) return text.status();
  absl::StatusOr<std::vector<MtreeEntry>> receipt =
      ParseMtree(*text, request_.against, MtreeUse::kCompare);
  if (!receipt.ok()) return receipt.status();
  receipt_ = *std::move(receipt);
  std::vector<Compared> compared = CompareFacts(receipt_, seen_, selection_);
  if (absl::Status status = Prove(&compared); !status.ok()) return status;
  Tell(compared);
  TellAdded();
  if (!request_.repair) return absl::OkStatus();
  const Damage damage = {
      .compared = compared,
      .names = names_,
      .originals = {.files = originals_, .contents = cache_contents_.get()}};
  if (absl::Status status = Repair(sys_, request_, damage, &report_);
      !status.ok()) {
    return status;
  }
  return Confirm();
}

// Repaired is what a second look finds to be what the receipt says.
absl::Status Inspection::Confirm() {
  if (report_.repaired.empty()) return absl::OkStatus();
  absl::StatusOr<Fd> root = Open(report_.destination);
  if (!root.ok()) return root.status();
  contents_ = std::make_unique<Contents>(sys_, *std::move(root),
                                         report_.destination, request_.cancel);
  if (absl::Status status = List(); !status.ok()) return status;
  std::vector<Compared> compared = CompareFacts(receipt_, seen_, selection_);
  if (absl::Status status = Prove(&compared); !status.ok()) return status;
  std::map<std::string, std::string> wrong;  // path -> what
  for (const Compared& one : compared) {
    if (!one.differs()) continue;
    wrong[one.wanted->entry.path] =
        one.seen == nullptr ? "missing" : absl::StrJoin(one.what, ", ");
  }
  std::vector<Repaired> confirmed;
  for (Repaired& repaired : report_.repaired) {
    const auto at = wrong.find(repaired.path);
    if (at == wrong.end()) {
      confirmed.push_back(std::move(repaired));
    } else {
      report_.failures.push_back(
          {.path = repaired.path,
           .text = absl::StrCat("laid out again, and still not what the "
                                "receipt says (",
                                at->second, ")")});
    }
  }
  report_.repaired = std::move(confirmed);
  std::stable_sort(report_.failures.begin(), report_.failures.end(),
                   [](const Failure& a, const Failure& b) {
                     return EntryPathLess(a.path, b.path);
                   });
  return absl::OkStatus();
}

absl::Status Inspection::Prove(std::vector<Compared>* compared) {
  if (!proves()) return absl::OkStatus();
  const Originals originals = {.files = originals_,
                               .contents = cache_contents_.get()};
  for (Compared& one : *compared) {
    if (absl::Status status =
            materialize::Prove(contents_.get(), originals, &one);
        !status.ok())
      return status;
  }
  return absl::OkStatus();
}

void Inspection::Tell(const std::vector<Compared>& compared) {
  for (const Compared& one : compared) {
    if (one.seen == nullptr) {
      report_.missing.push_back(one.wanted->entry.path);
    } else if (one.differs()) {
      report_.modified.push_back({.path = one.seen->path,
                                  .what = one.what,
                                  .entry = NameInCache(names_, *one.seen)});
    } else if (one.seen->facts.kind() == Kind::kFile) {
      ++(one.proof == Proof::kContent ? report_.proven : report_.unproven);
    }
  }
}

void Inspection::TellAdded() {
  std::vector<absl::string_view> known;
  for (const MtreeEntry& wanted : receipt_)
    known.emplace_back(wanted.entry.path);
  std::sort(known.begin(), known.end());
  for (const Seen& seen : seen_) {
    const bool is_new = seen.facts.kind() != Kind::kDirectory &&
                        !std::binary_search(known.begin(), known.end(),
                                            absl::string_view(seen.path));
    if (is_new) report_.added.push_back(seen.path);
  }
}

}  // namespace

absl::StatusOr<InspectReport> Inspect(const InspectRequest& request, Sys& sys) {
  if (absl::Status status = CheckRequest(request); !status.ok()) return status;
  Uninterrupted uninterrupted(sys, request.cancel);
  return Inspection(request, uninterrupted).Look();
}

}  // namespace materialize
