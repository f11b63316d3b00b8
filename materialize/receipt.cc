// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/receipt.h"

#include <cstddef>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "materialize/digest.h"
#include "materialize/os/fd.h"
#include "materialize/os/path.h"
#include "materialize/os/status.h"
#include "materialize/plan/vis.h"
#include "materialize/receipt_order.h"

namespace materialize {
namespace {

constexpr absl::string_view kFileLine = " type=file";

void AppendFacts(const Stat& facts, std::string* line) {
  absl::StrAppendFormat(line, " mode=%04o time=%d.%09d", facts.permissions(),
                        facts.mtime.seconds, facts.mtime.nanoseconds);
}

// Everything of the line but the name; "" for what a receipt does not hold.
void AppendLine(const Outcome& outcome, std::string* line) {
  if (outcome.how == How::kSkipped || outcome.facts == nullptr) return;
  const Stat& facts = *outcome.facts;
  switch (facts.kind()) {
    case Kind::kFile:
      line->append(kFileLine.data(), kFileLine.size());
      AppendFacts(facts, line);
      absl::StrAppend(line, " size=", facts.size);
      return;
    case Kind::kDirectory:
      line->append(" type=dir");
      AppendFacts(facts, line);
      return;
    case Kind::kSymlink:
      line->append(" type=link");
      AppendFacts(facts, line);
      line->append(" link=");
      AppendVis(outcome.target, line);
      return;
    case Kind::kSpecial:
    case Kind::kUnknown:
      return;
  }
}

}  // namespace

Receipt::Receipt(Sys& sys, ReceiptOptions options,
                 std::unique_ptr<WholeFile> file)
    : sys_(sys),
      options_(std::move(options)),
      file_(std::move(file)),
      spool_(sys, {.workers = options_.workers}),
      scratch_(static_cast<size_t>(options_.workers)) {}

absl::StatusOr<std::unique_ptr<Receipt>> Receipt::Open(Sys& sys,
                                                       absl::string_view path,
                                                       ReceiptOptions options) {
  absl::StatusOr<std::unique_ptr<WholeFile>> file =
      WholeFile::Create(sys, path);
  if (!file.ok()) return file.status();
  return std::unique_ptr<Receipt>(
      new Receipt(sys, std::move(options), *std::move(file)));
}

void Receipt::Placed(int worker, const Outcome& outcome) {
  Scratch& scratch = scratch_[static_cast<size_t>(worker)];
  scratch.key.clear();
  scratch.line.clear();
  AppendLine(outcome, &scratch.line);
  if (scratch.line.empty()) return;
  AppendReceiptKey(outcome.directory, outcome.name, &scratch.key);
  spool_.Append(worker, scratch.key, scratch.line);
}

absl::Status Receipt::Write(int root, absl::string_view root_path) {
  std::string text = "#mtree\n";
  for (const auto& [name, value] : options_.stamps) {
    absl::StrAppend(&text, "# materialize ", name, "=", VisEncode(value), "\n");
  }
  if (absl::Status status = file_->Write(text); !status.ok()) return status;
  absl::Status status =
      spool_.Merge([&](absl::string_view key, absl::string_view line) {
        const std::string path = PathOfReceiptKey(key);
        text.assign(1, '.');  // g++ 12 warns of = "." without cause
        if (!path.empty()) text.push_back('/');
        AppendVis(path, &text);
        text.append(line.data(), line.size());
        const bool is_file = absl::StartsWith(line, kFileLine);
        if (options_.identity && is_file) AppendIdentity(root, path, &text);
        if (options_.digest && is_file) {
          absl::StatusOr<std::string> digest = Digest(root, root_path, path);
          if (!digest.ok()) return digest.status();
          absl::StrAppend(&text, " sha256digest=", *digest);
        }
        text.push_back('\n');
        return file_->Write(text);
      });
  if (!status.ok()) return status;
  return file_->Commit();
}

// mtree(8) knows no inode= and refuses what it does not know; tags it leaves
// alone, and so does bsdtar. What cannot be had is left out: nobody needs it.
void Receipt::AppendIdentity(int root, const std::string& path,
                             std::string* line) const {
  Stat facts;
  if (sys_.StatAt(root, path.c_str(), AT_SYMLINK_NOFOLLOW, &facts) < 0) return;
  absl::StrAppend(line, " tags=inode:", facts.inode);
  // Another name that comes or goes changes it.
  if (facts.links > 1) return;
  absl::StrAppendFormat(line, ",ctime:%d.%09d", facts.ctime.seconds,
                        facts.ctime.nanoseconds);
}

absl::StatusOr<std::string> Receipt::Digest(int root,
                                            absl::string_view root_path,
                                            const std::string& path) const {
  const Fd fd(sys_, OpenFileBeneath(sys_, root, path));
  const std::string name = absl::StrCat(root_path, "/", path);
  if (!fd.ok()) return ErrnoStatus(-fd.get(), "open", name);
  return Sha256OfFd(sys_, fd.get(), name);
}

}  // namespace materialize
