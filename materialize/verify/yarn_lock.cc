// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/verify/yarn_lock.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "materialize/digest.h"
#include "materialize/plan/entry_path.h"

namespace materialize {
namespace {

constexpr size_t kNone = absl::string_view::npos;

// One package as the lock file has it. Views into its text.
struct Locked {
  absl::string_view pattern;  // the first of "name@range, name@range"
  absl::string_view version;
  absl::string_view resolved;
  absl::string_view integrity;
  int line = 0;
};

struct Field {
  absl::string_view name;
  absl::string_view Locked::*value;
};

constexpr Field kFields[] = {
    {"version ", &Locked::version},
    {"resolved ", &Locked::resolved},
    {"integrity ", &Locked::integrity},
};

// Of ranges that no tarball of a registry stands behind.
constexpr absl::string_view kLocal[] = {"file:", "link:"};
constexpr absl::string_view kGit[] = {"git+", "git:", "git@", "ssh:"};

template <size_t N>
bool BeginsWithAny(absl::string_view text,
                   const absl::string_view (&beginnings)[N]) {
  return std::any_of(beginnings, beginnings + N, [&](absl::string_view one) {
    return absl::StartsWith(text, one);
  });
}

// "a" or a.
absl::string_view Unquoted(absl::string_view text) {
  if (text.size() < 2 || text.front() != '"' || text.back() != '"') return text;
  return text.substr(1, text.size() - 2);
}

// The first of `"a@1", "a@2":`, without its quotes.
absl::string_view FirstPattern(absl::string_view line) {
  if (absl::ConsumePrefix(&line, "\"")) return line.substr(0, line.find('"'));
  return line.substr(0, line.find(", "));
}

struct Pattern {
  absl::string_view name;
  absl::string_view range;
};

// "@scope/name@^1.0.0"; of "alias@npm:name@^1.0.0" the name that counts.
Pattern SplitPattern(absl::string_view pattern) {
  const size_t at = pattern.find('@', 1);
  if (at == kNone) return {.name = pattern, .range = ""};
  Pattern split = {.name = pattern.substr(0, at),
                   .range = pattern.substr(at + 1)};
  if (absl::ConsumePrefix(&split.range, "npm:") && !split.range.empty())
    return SplitPattern(split.range);
  return split;
}

bool IsMarker(absl::string_view component) {
  return component == "-" || component == "_attachments";
}

// The scope in ".../@scope/name/-/..." or ".../@scope%2fname/-/...", or "".
absl::string_view ScopeBefore(const std::vector<absl::string_view>& components,
                              size_t marker) {
  if (marker == 0) return "";
  const absl::string_view name = components[marker - 1];
  const size_t escaped = name.find("%2f");
  if (absl::StartsWith(name, "@") && escaped != kNone)
    return name.substr(0, escaped);
  if (marker < 2 || !absl::StartsWith(components[marker - 2], "@")) return "";
  return components[marker - 2];
}

// What a URL points at, below its host; without `?query`.
absl::string_view PathOfUrl(absl::string_view url) {
  url = url.substr(0, url.find_first_of("?#"));
  const size_t host = url.find("://");
  if (host == kNone) return url;
  url.remove_prefix(host + 3);
  const size_t slash = url.find('/');
  return slash == kNone ? "" : url.substr(slash);
}

bool IsGit(absl::string_view resolved) {
  return BeginsWithAny(resolved, kGit) ||
         absl::EndsWith(PathOfUrl(resolved), ".git");
}

bool IsSha1(absl::string_view text) {
  return text.size() == 2 * DigestBytes(DigestAlgorithm::kSha1) &&
         std::all_of(text.begin(), text.end(), absl::ascii_isxdigit);
}

// One of "sha512-BASE64 sha1-BASE64?options".
std::optional<DigestClaim> ReadIntegrity(absl::string_view word) {
  const size_t dash = word.find('-');
  if (dash == kNone) return std::nullopt;
  const std::optional<DigestAlgorithm> algorithm =
      FindDigest(word.substr(0, dash));
  std::string bytes;
  const absl::string_view base64 = word.substr(dash + 1);
  if (!algorithm.has_value() ||
      !absl::Base64Unescape(base64.substr(0, base64.find('?')), &bytes) ||
      bytes.size() != DigestBytes(*algorithm))
    return std::nullopt;
  return DigestClaim{.algorithm = *algorithm,
                     .accepted = {absl::BytesToHexString(bytes)}};
}

// The strongest algorithm's, any of them. Nothing when none can be read.
std::optional<DigestClaim> ReadIntegrities(absl::string_view text) {
  std::optional<DigestClaim> best;
  for (const absl::string_view word :
       absl::StrSplit(text, ' ', absl::SkipEmpty())) {
    std::optional<DigestClaim> claim = ReadIntegrity(word);
    if (!claim.has_value()) continue;
    if (!best.has_value() || best->algorithm < claim->algorithm) {
      best = std::move(claim);
    } else if (best->algorithm == claim->algorithm) {
      best->accepted.push_back(claim->accepted.front());
    }
  }
  return best;
}

class Reader {
 public:
  explicit Reader(absl::string_view file) : file_(file) {}

  absl::Status Read(absl::string_view text) {
    int number = 0;
    for (absl::string_view line : absl::StrSplit(text, '\n')) {
      ++number;
      line = absl::StripSuffix(line, "\r");
      if (absl::Status status = Line(line, number); !status.ok()) return status;
    }
    return Finish();
  }
  std::vector<MtreeEntry> TakeEntries() { return std::move(entries_); }

 private:
  absl::Status Line(absl::string_view line, int number) {
    if (line.empty() || line.front() == '#') return absl::OkStatus();
    if (line.front() != ' ') {
      if (absl::Status status = Finish(); !status.ok()) return status;
      locked_.line = number;
      if (!absl::ConsumeSuffix(&line, ":")) return Bad("not of a yarn.lock");
      locked_.pattern = FirstPattern(line);
      if (locked_.pattern == "__metadata")
        return Bad("of Yarn 2 or later, whose checksums are of no tarball");
      return absl::OkStatus();
    }
    // Deeper lines are dependencies.
    if (!absl::ConsumePrefix(&line, "  ") || absl::StartsWith(line, " "))
      return absl::OkStatus();
    for (const Field& field : kFields) {
      if (absl::ConsumePrefix(&line, field.name))
        locked_.*field.value = Unquoted(line);
    }
    return absl::OkStatus();
  }

  absl::Status Bad(absl::string_view why) const {
    return absl::InvalidArgumentError(
        absl::StrCat(file_, ":", locked_.line, ": ", why));
  }

  // The package whose lines have ended.
  absl::Status Finish() {
    if (locked_.line == 0) return absl::OkStatus();
    const Pattern pattern = SplitPattern(locked_.pattern);
    const bool local = BeginsWithAny(pattern.range, kLocal) ||
                       BeginsWithAny(locked_.resolved, kLocal);
    absl::Status status = local ? absl::OkStatus() : Add(pattern);
    locked_ = Locked();
    return status;
  }

  absl::Status Add(const Pattern& pattern) {
    if (locked_.version.empty())
      return Bad(absl::StrCat(locked_.pattern, ": no version"));
    const std::string name =
        locked_.resolved.empty()
            ? absl::StrCat(absl::StrReplaceAll(pattern.name, {{"/", "-"}}), "-",
                           locked_.version, ".tgz")
            : YarnMirrorName(locked_.resolved);
    absl::string_view problem = EntryPathProblem(name);
    if (problem.empty() && absl::StrContains(name, '/'))
      problem = "a file name is expected";
    if (!problem.empty())
      return Bad(
          absl::StrCat(name.empty() ? locked_.resolved : name, ": ", problem));
    MtreeEntry entry;
    entry.entry.path = name;
    entry.entry.kind = Kind::kFile;
    entry.entry.origin = absl::StrCat(file_, ":", locked_.line);
    if (absl::Status status = AddDigests(&entry.claims.digests); !status.ok())
      return status;
    entries_.push_back(std::move(entry));
    return absl::OkStatus();
  }

  absl::Status AddDigests(std::vector<DigestClaim>* digests) const {
    if (!locked_.integrity.empty()) {
      std::optional<DigestClaim> claim = ReadIntegrities(locked_.integrity);
      if (!claim.has_value())
        return Bad(absl::StrCat("integrity ", locked_.integrity,
                                ": nothing in it can be checked"));
      digests->push_back(*std::move(claim));
    }
    const size_t mark = locked_.resolved.find('#');
    if (mark == kNone || IsGit(locked_.resolved)) return absl::OkStatus();
    const absl::string_view hash = locked_.resolved.substr(mark + 1);
    if (IsSha1(hash)) {
      digests->push_back({.algorithm = DigestAlgorithm::kSha1,
                          .accepted = {absl::AsciiStrToLower(hash)}});
    }
    return absl::OkStatus();
  }

  absl::string_view file_;
  Locked locked_;
  std::vector<MtreeEntry> entries_;
};

}  // namespace

std::string YarnMirrorName(absl::string_view resolved) {
  const absl::string_view path = PathOfUrl(resolved);
  const std::vector<absl::string_view> components = absl::StrSplit(path, '/');
  const absl::string_view last = components.back();
  if (IsGit(resolved)) {
    const size_t mark = resolved.find('#');
    if (mark == kNone) return std::string(last);
    return absl::StrCat(last, "-", resolved.substr(mark + 1));
  }
  // ".../NAME/-/BASE", or ".../NAME/-/@scope/BASE".
  size_t marker = components.size() < 2 ? 0 : components.size() - 2;
  if (marker > 0 && absl::StartsWith(components[marker], "@")) --marker;
  const absl::string_view scope =
      IsMarker(components[marker]) ? ScopeBefore(components, marker) : "";
  return scope.empty() ? std::string(last) : absl::StrCat(scope, "-", last);
}

bool LooksLikeYarnLock(absl::string_view text) {
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    if (absl::StartsWith(line, "# yarn lockfile v")) return true;
    // Of Yarn 2 and later: said to be so when it is read.
    if (absl::StartsWith(line, "__metadata:")) return true;
    if (!line.empty() && line.front() != '#' && line != "\r") return false;
  }
  return false;
}

absl::StatusOr<std::vector<MtreeEntry>> ParseYarnLock(absl::string_view text,
                                                      absl::string_view file) {
  Reader reader(file);
  if (absl::Status status = reader.Read(text); !status.ok()) return status;
  return reader.TakeEntries();
}

}  // namespace materialize
