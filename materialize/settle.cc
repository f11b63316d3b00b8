// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/settle.h"

#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"
#include "materialize/jobs.h"

namespace materialize {
namespace {

struct Contradiction {
  bool is_there;
  std::string text;
};

// Named methods of which none is `one` or `other`.
bool HasNeither(const Request& request, Method one, Method other) {
  return !request.methods.empty() && !Lists(request.methods, one) &&
         !Lists(request.methods, other);
}

bool IsForMerges(const Request& request) {
  return request.present != Present::kUpdate ||
         request.compare != Compare::kTimes || request.deletion.enabled ||
         request.delay_updates;
}

// What looks at single entries, or changes them.
bool IsForEntries(const Request& request) {
  return !request.exclude.empty() || request.only_files ||
         !request.private_entries.empty() || !request.modes.empty() ||
         request.owner.has_value() || request.group.has_value() ||
         request.plain_directories || request.dedupe || request.protect ||
         request.symlinks != Symlinks::kKeep ||
         request.special != Special::kError || !request.receipt.empty();
}

}  // namespace

absl::Status CheckRequest(const Request& request) {
  const bool has_source = !request.source.empty();
  const int inputs =
      has_source + !request.manifest.empty() + !request.entries.empty();
  const int64_t limit = request.deletion.limit.value_or(0);
  const Contradiction contradictions[] = {
      {inputs > 1, "a source and a manifest exclude each other"},
      {request.only_files && !has_source, "a list of files needs a source"},
      {!request.include.empty() && request.exclude.empty(),
       "--include only keeps what --exclude names; with --exclude='*' nothing "
       "else is taken"},
      {request.jobs < 0, absl::StrCat("jobs: ", request.jobs, " is negative")},
      {request.receipt_digest && request.receipt.empty(),
       "--receipt_digest needs --receipt=FILE"},
      {!request.private_entries.empty() &&
           HasNeither(request, Method::kReflink, Method::kCopy),
       "private entries need reflink or copy in --methods"},
      {request.into != Into::kMerge && IsForMerges(request),
       "--present, --checksum, --delete and --delay_updates need "
       "--into=merge"},
      {limit < 0, absl::StrCat("--max_delete: ", limit, " is negative")},
      {!request.deletion.only.empty() && !request.deletion.enabled,
       "--delete_only needs --delete"},
      {request.deletion.enabled && request.only_files,
       "--delete with a list of files would take away all that is not listed"},
      {request.keep_times && request.compare != Compare::kContent,
       "--keep_times needs --checksum: without it a file of another time is "
       "another file"},
      {request.dedupe && (request.preserve.xattrs || request.preserve.acls),
       "--dedupe looks at contents only, so it does not go with "
       "--preserve=xattrs or acls"},
      {request.protect &&
           HasNeither(request, Method::kHardlink, Method::kSymlink),
       "--protect is for links: it needs hardlink or symlink in --methods"},
      {request.allow_dangling && !Lists(request.methods, Method::kSymlink),
       "--dangling=allow is for --methods=symlink"},
      {request.snapshot && !has_source, "a snapshot needs a source"},
      {request.snapshot && !request.methods.empty(),
       "a snapshot goes with no other method"},
      {request.snapshot && request.into != Into::kNew &&
           request.into != Into::kSwap,
       "--methods=snapshot makes a tree of its own: --into=new or swap"},
      {request.snapshot && IsForEntries(request),
       "--methods=snapshot takes all of SRC as it is: nothing can be left out, "
       "changed, shared or listed in a receipt"},
  };
  for (const Contradiction& one : contradictions) {
    if (one.is_there) return absl::InvalidArgumentError(one.text);
  }
  return absl::OkStatus();
}

ExecOptions OptionsOf(const Request& request, Sys& sys,
                      const Progress* progress) {
  const bool look =
      request.count_bytes || (progress != nullptr && progress->wants_entries());
  const bool in_place =
      request.into == Into::kFill || request.into == Into::kMerge;
  return {.methods = request.methods.empty() ? AutoMethods() : request.methods,
          .choice = request.methods.empty() ? Choice::kAuto : Choice::kNamed,
          .special = request.special,
          .symlinks = request.symlinks,
          .look = look ? Look::kEverywhere : Look::kWhereNeeded,
          .link_target = request.link_target,
          .allow_dangling = request.allow_dangling,
          .plain_directories = request.plain_directories,
          .preserve = request.preserve,
          .check = request.check,
          .protect = request.protect,
          .durable = request.durable && request.into == Into::kMerge,
          .user = sys.EffectiveUser(),
          .jobs = JobsFor(request.jobs),
          // In place, others could look in before a directory has the mode that
          // keeps them out.
          .made_mode = in_place && !request.plain_directories ? mode_t{0700}
                                                              : mode_t{0755},
          .cancel = request.cancel};
}

}  // namespace materialize
