// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/cli/place_request.h"

#include <grp.h>
#include <pwd.h>

#include <cstddef>
#include <optional>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "materialize/cli/files.h"
#include "materialize/cli/flags.h"

namespace materialize::cli {
namespace {

template <typename T>
struct Choice {
  absl::string_view name;
  T value;
};

constexpr Choice<Into> kInto[] = {{"new", Into::kNew},
                                  {"swap", Into::kSwap},
                                  {"merge", Into::kMerge},
                                  {"fill", Into::kFill}};
constexpr Choice<Present> kPresent[] = {{"update", Present::kUpdate},
                                        {"skip", Present::kSkip},
                                        {"fail", Present::kFail}};
constexpr Choice<Symlinks> kSymlinks[] = {{"keep", Symlinks::kKeep},
                                          {"follow", Symlinks::kFollow},
                                          {"skip", Symlinks::kSkip}};
constexpr Choice<Special> kSpecial[] = {{"error", Special::kError},
                                        {"skip", Special::kSkip}};
constexpr Choice<LinkTarget> kLinkTarget[] = {
    {"absolute", LinkTarget::kAbsolute}, {"relative", LinkTarget::kRelative}};

constexpr Choice<Check> kCheck[] = {
    {"no", Check::kNo}, {"all", Check::kAll}, {"content", Check::kContent}};

constexpr Choice<bool Preserve::*> kPreserve[] = {
    {"owner", &Preserve::owner},
    {"hardlinks", &Preserve::hardlinks},
    {"xattrs", &Preserve::xattrs},
    {"acls", &Preserve::acls}};

// The flag table has let nothing else pass.
template <typename T, size_t N>
T Chosen(const Choice<T> (&choices)[N], absl::string_view name) {
  for (const Choice<T>& choice : choices) {
    if (choice.name == name) return choice.value;
  }
  return choices[0].value;
}

Preserve ParsePreserve(absl::string_view text) {
  Preserve preserve;
  for (const absl::string_view name : absl::StrSplit(text, ',')) {
    for (const auto& [known, member] : kPreserve) {
      if (known == name) preserve.*member = true;
    }
  }
  return preserve;
}

// A flag that means nothing without another.
struct Need {
  absl::string_view flag;
  bool given;
  absl::string_view needs;
  bool there;
};

absl::Status CheckNeeds() {
  constexpr absl::string_view kMerge = "--into=merge";
  const bool merges = FLAGS_into == "merge";
  const Need needs[] = {
      {"report_entries", FLAGS_report_entries, "--report",
       !FLAGS_report.empty()},
      {"receipt_digest", FLAGS_receipt_digest, "--receipt",
       !FLAGS_receipt.empty()},
      {"receipt_identity", FLAGS_receipt_identity, "--receipt",
       !FLAGS_receipt.empty()},
      {"allow_gap", FLAGS_allow_gap, "--into=swap", FLAGS_into == "swap"},
      {"present", FLAGS_present != "update", kMerge, merges},
      {"checksum", FLAGS_checksum, kMerge, merges},
      {"check", FLAGS_check != "no", kMerge, merges},
      {"delete", FLAGS_delete, kMerge, merges},
      {"delay_updates", FLAGS_delay_updates, kMerge, merges},
      {"delete_excluded", FLAGS_delete_excluded, "--delete", FLAGS_delete},
      {"max_delete", !FLAGS_max_delete.empty(), "--delete", FLAGS_delete},
      {"force", FLAGS_force, "--delete", FLAGS_delete},
  };
  for (const Need& need : needs) {
    if (!need.given || need.there) continue;
    return absl::InvalidArgumentError(
        absl::StrCat("--", need.flag, " needs ", need.needs));
  }
  if (!FLAGS_manifest.empty() && !FLAGS_files_from.empty()) {
    return absl::InvalidArgumentError(
        "--files_from lists paths of SRC, and with --manifest there is none");
  }
  if (FLAGS_report_entries && FLAGS_methods == kSnapshot) {
    return absl::InvalidArgumentError(
        "--report_entries tells of entries, and --methods=snapshot sees none");
  }
  return absl::OkStatus();
}

absl::Status SetPlaces(const Arguments& arguments, Request* request) {
  request->manifest = FLAGS_manifest;
  const size_t wanted = request->manifest.empty() ? 2 : 1;
  absl::Status status = arguments.CheckPlaces(
      wanted == 2 ? "SRC and DST" : "--manifest=FILE and DST", wanted, wanted);
  if (!status.ok()) return status;
  if (wanted == 2) request->source = arguments.positional.front();
  request->destination = arguments.positional.back();
  return absl::OkStatus();
}

// A number, or what `look_up` makes of a name; nothing where there is no such.
// chown(2) takes the highest for "leave it".
template <typename Number, typename LookUp>
std::optional<Number> NumberOf(const std::string& name, LookUp look_up) {
  Number number = 0;
  if (!absl::SimpleAtoi(name, &number)) return look_up(name.c_str());
  if (number == static_cast<Number>(-1)) return std::nullopt;
  return number;
}

std::optional<uid_t> UserNamed(const char* name) {
  const passwd* const found = getpwnam(name);
  if (found == nullptr) return std::nullopt;
  return found->pw_uid;
}
std::optional<gid_t> GroupNamed(const char* name) {
  const group* const found = getgrnam(name);
  if (found == nullptr) return std::nullopt;
  return found->gr_gid;
}

absl::Status SetOwner(Request* request) {
  const std::vector<std::string> names =
      absl::StrSplit(FLAGS_chown, absl::MaxSplits(':', 1));
  if (!names[0].empty()) {
    request->owner = NumberOf<uid_t>(names[0], UserNamed);
    if (!request->owner.has_value())
      return absl::InvalidArgumentError(
          absl::StrCat("--chown: there is no user ", names[0]));
  }
  if (names.size() < 2 || names[1].empty()) return absl::OkStatus();
  request->group = NumberOf<gid_t>(names[1], GroupNamed);
  if (request->group.has_value()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("--chown: there is no group ", names[1]));
}

void SetWhat(const Arguments& arguments, Request* request) {
  request->include = arguments.Values("include");
  request->exclude = arguments.Values("exclude");
  request->one_file_system = FLAGS_one_file_system;
  request->preserve = ParsePreserve(FLAGS_preserve);
  request->symlinks = Chosen(kSymlinks, FLAGS_symlinks);
  request->special = Chosen(kSpecial, FLAGS_special);
  request->modes = arguments.Values("chmod");
}

absl::Status SetHow(const Arguments& arguments, Request* request) {
  request->snapshot = FLAGS_methods == kSnapshot;
  if (!request->snapshot) {
    absl::StatusOr<std::vector<Method>> methods = ParseMethods(FLAGS_methods);
    if (!methods.ok()) return methods.status();
    request->methods = *std::move(methods);
  }
  request->private_entries = arguments.Values("private");
  request->link_target = Chosen(kLinkTarget, FLAGS_symlink_target);
  request->allow_dangling = FLAGS_dangling == "allow";
  request->jobs = FLAGS_jobs;
  request->dedupe = FLAGS_dedupe;
  request->protect = FLAGS_protect;
  request->durable = FLAGS_durable;
  return absl::OkStatus();
}

void SetWhere(const Arguments& arguments, Request* request) {
  request->into = Chosen(kInto, FLAGS_into);
  request->present = Chosen(kPresent, FLAGS_present);
  request->compare = FLAGS_checksum ? Compare::kContent : Compare::kTimes;
  request->deletion = {.enabled = FLAGS_delete,
                       .excluded = FLAGS_delete_excluded,
                       .force = FLAGS_force,
                       .only = arguments.Values("delete_only")};
  request->keep_times = FLAGS_keep_times;
  request->delay_updates = FLAGS_delay_updates;
  request->busy = FLAGS_no_wait ? Busy::kFail : Busy::kWait;
  request->swap_gap = FLAGS_allow_gap ? SwapGap::kAllow : SwapGap::kRefuse;
  request->tolerate_missing_base = FLAGS_tolerate_missing_base;
}

absl::Status SetLimit(Request* request) {
  if (FLAGS_max_delete.empty()) return absl::OkStatus();
  int64_t limit = 0;
  if (!absl::SimpleAtoi(FLAGS_max_delete, &limit) || limit < 0) {
    return absl::InvalidArgumentError(absl::StrCat(
        "--max_delete=", FLAGS_max_delete, " is not a number of entries"));
  }
  request->deletion.limit = limit;
  return absl::OkStatus();
}

void SetTelling(Request* request) {
  request->check = Chosen(kCheck, FLAGS_check);
  request->dry_run = FLAGS_dry_run || request->check != Check::kNo;
  request->count_bytes = !FLAGS_report.empty();
  request->receipt = FLAGS_receipt;
  request->receipt_digest = FLAGS_receipt_digest;
  request->receipt_identity = FLAGS_receipt_identity;
}

absl::Status SetFiles(Sys& sys, Request* request) {
  if (FLAGS_files_from.empty()) return absl::OkStatus();
  absl::StatusOr<std::string> text = ReadInput(sys, FLAGS_files_from);
  if (!text.ok()) return text.status();
  request->files = SplitPaths(*text);
  request->only_files = true;
  return absl::OkStatus();
}

}  // namespace

std::vector<std::string> SplitPaths(absl::string_view text) {
  const char end = text.find('\0') == absl::string_view::npos ? '\n' : '\0';
  return absl::StrSplit(text, end, absl::SkipEmpty());
}

absl::StatusOr<Request> PlaceRequest(Sys& sys, const Arguments& arguments) {
  Request request;
  if (const absl::Status status = CheckNeeds(); !status.ok()) return status;
  if (const absl::Status status = SetPlaces(arguments, &request); !status.ok())
    return status;
  SetWhat(arguments, &request);
  if (const absl::Status status = SetHow(arguments, &request); !status.ok())
    return status;
  if (const absl::Status status = SetOwner(&request); !status.ok())
    return status;
  SetWhere(arguments, &request);
  if (const absl::Status status = SetLimit(&request); !status.ok())
    return status;
  SetTelling(&request);
  if (const absl::Status status = SetFiles(sys, &request); !status.ok())
    return status;
  return request;
}

}  // namespace materialize::cli
