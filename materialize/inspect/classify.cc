// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/inspect/classify.h"

#include <algorithm>
#include <cerrno>
#include <optional>

#include "absl/strings/str_cat.h"
#include "materialize/os/path.h"
#include "materialize/os/status.h"
#include "materialize/plan/source.h"

namespace materialize {
namespace {

// A symlink, and what it leads to.
struct Link {
  const Seen& seen;
  std::string path;                       // absolute
  std::optional<std::string> entry = {};  // of the cache
  int error = 0;  // that a look at what it leads to gave
  Stat leads_to = {};

  bool dangling() const {
    return error == ENOENT || error == ENOTDIR || error == ELOOP;
  }
};

class Classifier {
 public:
  Classifier(Sys& sys, const Looked& looked, CacheLinks links, Cache* cache,
             InspectReport* report)
      : sys_(sys),
        looked_(looked),
        links_(links),
        cache_(*cache),
        report_(*report) {}

  absl::Status Add(const Seen& seen);

 private:
  void AddFile(const Seen& seen);
  absl::Status AddSymlink(const Seen& seen);
  absl::Status AddLinkAsFile(const Link& link);
  absl::Status Refuse(const Link& link) const;

  Sys& sys_;
  const Looked& looked_;
  const CacheLinks links_;
  Cache& cache_;
  InspectReport& report_;
};

absl::Status Classifier::Add(const Seen& seen) {
  switch (seen.facts.kind()) {
    case Kind::kFile:
      AddFile(seen);
      return absl::OkStatus();
    case Kind::kDirectory:
      ++report_.directories;
      return absl::OkStatus();
    case Kind::kSymlink:
      return AddSymlink(seen);
    case Kind::kSpecial:
    case Kind::kUnknown:
      report_.special.push_back(seen.path);
      return absl::OkStatus();
  }
  return absl::OkStatus();
}

void Classifier::AddFile(const Seen& seen) {
  const std::string entry =
      links_ == CacheLinks::kNever ? "" : NameInCache(looked_.names, seen);
  if (entry.empty()) {
    report_.files.push_back({.path = seen.path, .size = seen.facts.size});
  } else {
    report_.links.push_back(
        {.path = seen.path, .entry = entry, .how = Method::kHardlink});
  }
}

absl::Status Classifier::AddSymlink(const Seen& seen) {
  Link link = {.seen = seen, .path = JoinPath(looked_.path, seen.path)};
  link.entry = cache_.EntryOf(Split(link.path).directory, seen.target);
  const int looked =
      sys_.StatAt(AT_FDCWD, link.path.c_str(), 0, &link.leads_to);
  if (looked < 0) link.error = -looked;
  const bool is_directory =
      link.error == 0 && link.leads_to.kind() == Kind::kDirectory;
  const bool is_link = link.entry.has_value() && links_ != CacheLinks::kNever;
  if (!is_link && links_ == CacheLinks::kAlways) return Refuse(link);
  if (is_directory) {
    report_.linked_directories.push_back(
        {.path = seen.path, .target = seen.target, .entry = link.entry});
  }
  if (is_link) {
    report_.links.push_back({.path = seen.path,
                             .entry = *link.entry,
                             .is_directory = is_directory,
                             .dangling = link.dangling()});
    return absl::OkStatus();
  }
  return is_directory ? absl::OkStatus() : AddLinkAsFile(link);
}

// It stands for the file it leads to.
absl::Status Classifier::AddLinkAsFile(const Link& link) {
  if (link.error != 0) return Refuse(link);
  if (link.leads_to.kind() != Kind::kFile) {
    report_.special.push_back(link.seen.path);
    return absl::OkStatus();
  }
  report_.files.push_back({.path = link.seen.path,
                           .size = link.leads_to.size,
                           .target = link.seen.target});
  return absl::OkStatus();
}

absl::Status Classifier::Refuse(const Link& link) const {
  if (link.error == 0) {
    return absl::FailedPreconditionError(
        absl::StrCat(link.path, " -> ", link.seen.target,
                     ": no link into the cache (--links=auto takes it as the "
                     "file it leads to)"));
  }
  const absl::Status status =
      ErrnoStatus(link.error, "follow", link.path, link.seen.target);
  if (!link.dangling()) return status;
  const absl::Status hinted =
      WithHint(status, link.entry.has_value()
                           ? "a dangling link into the cache is a link with "
                             "--links=auto or always only"
                           : "a dangling link, and none into the cache");
  return absl::FailedPreconditionError(hinted.message());
}

}  // namespace

std::string NameInCache(const CacheNames& names, const Seen& seen) {
  const auto at = names.find(IdentityOf(seen.facts));
  if (at == names.end()) return "";
  const std::vector<std::string>& paths = at->second;
  const bool is_same =
      std::find(paths.begin(), paths.end(), seen.path) != paths.end();
  return is_same ? seen.path : paths.front();
}

absl::Status Classify(Sys& sys, const Looked& looked, CacheLinks links,
                      Cache* cache, InspectReport* report) {
  Classifier classifier(sys, looked, links, cache, report);
  for (const Seen& seen : looked.seen) {
    if (absl::Status status = classifier.Add(seen); !status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace materialize
