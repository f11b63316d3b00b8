// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/verify/digest_list.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "materialize/digest.h"
#include "materialize/plan/entry_path.h"

namespace materialize {
namespace {

constexpr size_t kNone = absl::string_view::npos;

struct Line {
  DigestAlgorithm algorithm = DigestAlgorithm::kSha256;
  absl::string_view digest;
  absl::string_view name;  // as written
  bool escaped = false;
};

bool IsHexadecimal(absl::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), absl::ascii_isxdigit);
}

std::optional<DigestAlgorithm> AlgorithmOfLength(size_t characters) {
  for (size_t i = 0; i < kDigestAlgorithmCount; ++i) {
    const auto algorithm = static_cast<DigestAlgorithm>(i);
    if (2 * DigestBytes(algorithm) == characters) return algorithm;
  }
  return std::nullopt;
}

// `DIGEST  NAME`: a blank, then a blank for text or a star for binary.
bool ReadPlain(absl::string_view text, Line* line) {
  const size_t blank = text.find(' ');
  if (blank == kNone || text.size() < blank + 3) return false;
  if (text[blank + 1] != ' ' && text[blank + 1] != '*') return false;
  line->digest = text.substr(0, blank);
  line->name = text.substr(blank + 2);
  const std::optional<DigestAlgorithm> algorithm = AlgorithmOfLength(blank);
  if (!algorithm.has_value() || !IsHexadecimal(line->digest)) return false;
  line->algorithm = *algorithm;
  return true;
}

// `SHA256 (NAME) = DIGEST`.
bool ReadTagged(absl::string_view text, Line* line) {
  const size_t open = text.find(" (");
  const size_t close = text.rfind(") = ");
  if (open == kNone || close == kNone || close < open + 2) return false;
  const std::optional<DigestAlgorithm> algorithm =
      FindDigest(absl::AsciiStrToLower(text.substr(0, open)));
  line->name = text.substr(open + 2, close - open - 2);
  line->digest = text.substr(close + 4);
  if (!algorithm.has_value() || line->name.empty() ||
      !IsHexadecimal(line->digest) ||
      line->digest.size() != 2 * DigestBytes(*algorithm))
    return false;
  line->algorithm = *algorithm;
  return true;
}

bool ReadLine(absl::string_view text, Line* line) {
  line->escaped = absl::ConsumePrefix(&text, "\\");
  return ReadPlain(text, line) || ReadTagged(text, line);
}

bool SaysNothing(absl::string_view text) {
  return text.empty() || text.front() == '#';
}

// What a letter behind a backslash stands for.
std::optional<char> Meaning(char letter) {
  switch (letter) {
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case '\\':
      return '\\';
    default:
      return std::nullopt;
  }
}

std::optional<std::string> Unescape(absl::string_view text) {
  std::string name;
  for (size_t i = 0; i < text.size(); ++i) {
    std::optional<char> c = text[i];
    if (c == '\\') c = ++i < text.size() ? Meaning(text[i]) : std::nullopt;
    if (!c.has_value()) return std::nullopt;
    name.push_back(*c);
  }
  return name;
}

absl::StatusOr<MtreeEntry> EntryOf(absl::string_view text, std::string origin) {
  const auto bad = [&](absl::string_view what, absl::string_view why) {
    return absl::InvalidArgumentError(
        absl::StrCat(origin, ": ", what, why.empty() ? "" : ": ", why));
  };
  Line line;
  if (!ReadLine(text, &line)) return bad("no digest and name", "");
  std::optional<std::string> name =
      line.escaped ? Unescape(line.name) : std::string(line.name);
  if (!name.has_value()) return bad(line.name, "an unknown escape");
  absl::string_view path = *name;
  while (absl::ConsumePrefix(&path, "./")) {
  }
  const absl::string_view problem = EntryPathProblem(path);
  if (!problem.empty()) return bad(line.name, problem);
  MtreeEntry entry;
  entry.entry.path = std::string(path);
  entry.entry.kind = Kind::kFile;
  entry.entry.origin = std::move(origin);
  entry.claims.digests = {{.algorithm = line.algorithm,
                           .accepted = {absl::AsciiStrToLower(line.digest)}}};
  return entry;
}

}  // namespace

bool LooksLikeDigestList(absl::string_view text) {
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    if (SaysNothing(line)) continue;
    Line ignored;
    return ReadLine(line, &ignored);
  }
  return false;
}

absl::StatusOr<std::vector<MtreeEntry>> ParseDigestList(
    absl::string_view text, absl::string_view file) {
  std::vector<MtreeEntry> entries;
  int number = 0;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    ++number;
    if (SaysNothing(line)) continue;
    absl::StatusOr<MtreeEntry> entry =
        EntryOf(line, absl::StrCat(file, ":", number));
    if (!entry.ok()) return entry.status();
    entries.push_back(*std::move(entry));
  }
  return entries;
}

}  // namespace materialize
