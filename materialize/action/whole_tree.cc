// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/action/whole_tree.h"

#include <cstddef>
#include <cstdint>
#include <utility>

#include "absl/strings/match.h"
#include "materialize/action/complaint.h"
#include "materialize/action/sharing.h"
#include "materialize/action/tree_scan.h"
#include "materialize/jobs.h"
#include "materialize/os/status.h"
#include "materialize/plan/source.h"

namespace materialize {
namespace {

class Answers final : public TreeAnswers {
 public:
  Answers(Sys& sys, const ActionRequest& request, const SourceFilter& filter,
          const ActionSource& source, const std::string& place)
      : sys_(sys),
        filter_(filter),
        source_(source),
        may_share_(MayBeHardlinked(request, source) &&
                   IsItself(sys, source.path)),
        at_(place.empty() ? "" : place + "/"),
        place_size_(at_.size()) {
    Stat facts;
    if (may_share_ &&
        sys.StatAt(AT_FDCWD, request.destination.c_str(), 0, &facts) == 0)
      output_mount_ = facts.mount_id;
  }

  absl::StatusOr<bool> Wants(absl::string_view path) override {
    at_.resize(place_size_);
    at_.append(path.data(), path.size());
    if (!filter_.TakesPlace(at_)) return false;
    if (absl::Status status = CheckName(at_, source_); !status.ok())
      return status;
    is_private_ = !may_share_ || filter_.IsPrivate(at_);
    if (is_private_) ++private_files_;
    return true;
  }

  void SeeLink(absl::string_view path, const Stat& facts) override {
    if (is_private_) return;
    // In a sandbox every input is a link to another mount, where no hardlink
    // comes from.
    const bool is_near = output_mount_ == 0 || facts.mount_id == output_mount_;
    if (!is_near || !IsItself(sys_, JoinPath(source_.path, path)))
      ++private_files_;
  }

  size_t private_files() const { return private_files_; }

 private:
  Sys& sys_;
  const SourceFilter& filter_;
  const ActionSource& source_;
  const bool may_share_;
  std::string at_;  // the place that was asked for last
  const size_t place_size_;
  uint64_t output_mount_ = 0;  // 0: not known
  bool is_private_ = false;    // the file that was asked for last
  size_t private_files_ = 0;
};

}  // namespace

absl::StatusOr<std::optional<std::vector<ManifestEntry>>> WholeTree(
    Sys& sys, const ActionRequest& request, const SourceFilter& filter,
    const ActionSource& source, const std::string& place) {
  std::vector<Answers> answers(JobsFor(0),
                               {sys, request, filter, source, place});
  std::vector<TreeAnswers*> asked;
  asked.reserve(answers.size());
  for (Answers& one : answers) asked.push_back(&one);
  absl::StatusOr<ScannedTree> scanned = ScanTree(sys, source.path, asked);
  if (!scanned.ok()) {
    const bool has_label =
        absl::StrContains(scanned.status().message(), From(source));
    return has_label ? scanned.status()
                     : WithHint(scanned.status(), From(source));
  }
  size_t private_files = 0;
  for (const Answers& one : answers) private_files += one.private_files();
  const bool all_private = private_files == scanned->files;
  if (scanned->is_entangled || (!all_private && private_files > 0))
    return std::nullopt;
  if (scanned->files == 0) return std::vector<ManifestEntry>();
  ManifestEntry entry;
  entry.path = place;
  entry.kind = Kind::kDirectory;
  entry.content = source.path;
  entry.left_out = std::move(scanned->left_out);
  entry.links_are_files = scanned->has_links;
  entry.is_private = all_private;
  entry.origin = source.Label();
  return std::vector<ManifestEntry>{std::move(entry)};
}

}  // namespace materialize
