// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/settle.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "materialize/jobs.h"

namespace materialize {

absl::Status CheckRequest(const Request& request) {
  const bool has_source = !request.source.empty();
  const bool has_manifest = !request.manifest.empty();
  if (has_source + has_manifest + !request.entries.empty() > 1) {
    return absl::InvalidArgumentError(
        "a source and a manifest exclude each other");
  }
  if (request.only_files && !has_source)
    return absl::InvalidArgumentError("a list of files needs a source");
  if (!request.include.empty() && request.exclude.empty()) {
    return absl::InvalidArgumentError(
        "--include only keeps what --exclude names; with --exclude='*' nothing "
        "else is taken");
  }
  if (request.jobs < 0)
    return absl::InvalidArgumentError(
        absl::StrCat("jobs: ", request.jobs, " is negative"));
  if (request.receipt_digest && request.receipt.empty()) {
    return absl::InvalidArgumentError("--receipt_digest needs --receipt=FILE");
  }
  const auto lists = [&](Method method) {
    return std::find(request.methods.begin(), request.methods.end(), method) !=
           request.methods.end();
  };
  if (!request.private_entries.empty() && !request.methods.empty() &&
      !lists(Method::kReflink) && !lists(Method::kCopy)) {
    return absl::InvalidArgumentError(
        "private entries need reflink or copy in --methods");
  }
  if (request.into != Into::kMerge &&
      (request.present != Present::kUpdate ||
       request.compare != Compare::kTimes || request.deletion.enabled ||
       request.delay_updates)) {
    return absl::InvalidArgumentError(
        "--present, --checksum, --delete and --delay_updates need "
        "--into=merge");
  }
  if (request.deletion.limit.value_or(0) < 0) {
    return absl::InvalidArgumentError(absl::StrCat(
        "--max_delete: ", *request.deletion.limit, " is negative"));
  }
  if (request.deletion.enabled && request.only_files) {
    return absl::InvalidArgumentError(
        "--delete with a list of files would take away all that is not "
        "listed");
  }
  if (request.dedupe && (request.preserve.xattrs || request.preserve.acls)) {
    return absl::InvalidArgumentError(
        "--dedupe looks at contents only, so it does not go with "
        "--preserve=xattrs or acls");
  }
  if (request.protect && !request.methods.empty() &&
      !lists(Method::kHardlink) && !lists(Method::kSymlink)) {
    return absl::InvalidArgumentError(
        "--protect is for links: it needs hardlink or symlink in --methods");
  }
  if (request.allow_dangling && !lists(Method::kSymlink)) {
    return absl::InvalidArgumentError(
        "--dangling=allow is for --methods=symlink");
  }
  return absl::OkStatus();
}

ExecOptions OptionsOf(const Request& request, Sys& sys,
                      const Progress* progress) {
  const bool look =
      request.count_bytes || (progress != nullptr && progress->wants_entries());
  return {
      .methods = request.methods.empty() ? AutoMethods() : request.methods,
      .choice = request.methods.empty() ? Choice::kAuto : Choice::kNamed,
      .special = request.special,
      .symlinks = request.symlinks,
      .look = look ? Look::kEverywhere : Look::kWhereNeeded,
      .link_target = request.link_target,
      .allow_dangling = request.allow_dangling,
      .preserve = request.preserve,
      .protect = request.protect,
      .durable = request.durable && request.into == Into::kMerge,
      .user = sys.EffectiveUser(),
      .jobs = JobsFor(request.jobs),
      // In place, others could look in before a directory has the mode that
      // keeps them out.
      .made_mode = request.into == Into::kFill || request.into == Into::kMerge
                       ? mode_t{0700}
                       : mode_t{0755},
      .cancel = request.cancel};
}

}  // namespace materialize
