// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/plan/mtree.h"

#include <cstddef>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "materialize/plan/entry_path.h"
#include "materialize/plan/vis.h"

namespace materialize {
namespace {

constexpr size_t kNone = absl::string_view::npos;
constexpr absl::string_view kBlanks = " \t\r";

using Problem = absl::string_view;

class Parser {
 public:
  Parser(absl::string_view file, MtreeUse use) : file_(file), use_(use) {}

  absl::Status Parse(absl::string_view text);
  std::vector<MtreeEntry> TakeEntries() { return std::move(entries_); }

 private:
  absl::Status ParseLine(absl::string_view line);
  absl::Status ParseEntry(absl::string_view name,
                          const std::vector<absl::string_view>& words);
  absl::Status Set(const std::vector<absl::string_view>& words);
  absl::Status Unset(const std::vector<absl::string_view>& words);
  absl::Status ReadKeywords(const std::vector<absl::string_view>& words,
                            MtreeFacts* facts) const;
  absl::StatusOr<std::string> ReadPath(absl::string_view name, Kind kind,
                                       bool* relative) const;
  absl::Status CheckEntry(const MtreeFacts& facts) const;
  absl::Status Leave();
  absl::Status Bad(absl::string_view what, absl::string_view why = "") const;
  std::string Origin() const { return absl::StrCat(file_, ":", line_number_); }

  absl::string_view file_;
  MtreeUse use_;
  int line_number_ = 0;  // of the first line of what is being read
  MtreeFacts defaults_;  // from /set
  std::string below_;    // where names without '/' go
  int depth_ = 0;        // directory lines not left yet, the root's included
  std::vector<MtreeEntry> entries_;
};

absl::Status Parser::Bad(absl::string_view what, absl::string_view why) const {
  return absl::InvalidArgumentError(
      absl::StrCat(Origin(), ": ", what, why.empty() ? "" : ": ", why));
}

// Whether a line goes on: it ends in a backslash that is not itself escaped.
bool IsContinued(absl::string_view line) {
  const size_t last = line.find_last_not_of('\\');
  const size_t backslashes = line.size() - (last == kNone ? 0 : last + 1);
  return backslashes % 2 == 1;
}

absl::Status Parser::Parse(absl::string_view text) {
  std::string joined;
  bool continued = false;
  int number = 0;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    ++number;
    line = absl::StripSuffix(line, "\r");
    if (!continued) line_number_ = number;
    const bool comment =
        !continued &&
        absl::StartsWith(absl::StripLeadingAsciiWhitespace(line), "#");
    const bool goes_on = !comment && IsContinued(line);
    if (goes_on) line.remove_suffix(1);
    if (!continued && !goes_on) {
      if (absl::Status status = ParseLine(line); !status.ok()) return status;
      continue;
    }
    absl::StrAppend(&joined, line);
    continued = goes_on;
    if (continued) continue;
    if (absl::Status status = ParseLine(joined); !status.ok()) return status;
    joined.clear();
  }
  if (continued) return Bad("line ends in a backslash, and nothing follows");
  return absl::OkStatus();
}

absl::Status Parser::ParseLine(absl::string_view line) {
  std::vector<absl::string_view> words =
      absl::StrSplit(line, absl::ByAnyChar(kBlanks), absl::SkipEmpty());
  if (words.empty() || words[0][0] == '#') return absl::OkStatus();
  const absl::string_view first = words[0];
  words.erase(words.begin());
  if (first == "/set") return Set(words);
  if (first == "/unset") return Unset(words);
  if (first == "..") return Leave();
  return ParseEntry(first, words);
}

absl::Status Parser::Leave() {
  if (depth_ == 0) return Bad("..", "above the root");
  --depth_;
  const size_t slash = below_.rfind('/');
  below_.resize(slash == std::string::npos ? 0 : slash);
  return absl::OkStatus();
}

absl::Status Parser::Set(const std::vector<absl::string_view>& words) {
  return ReadKeywords(words, &defaults_);
}

absl::Status Parser::Unset(const std::vector<absl::string_view>& words) {
  for (absl::string_view word : words) {
    ForgetMtreeKeyword(word, &defaults_);
  }
  return absl::OkStatus();
}

absl::Status Parser::ReadKeywords(const std::vector<absl::string_view>& words,
                                  MtreeFacts* facts) const {
  for (absl::string_view word : words) {
    const Problem problem = ReadMtreeKeyword(word, use_, facts);
    if (!problem.empty()) return Bad(word, problem);
  }
  return absl::OkStatus();
}

// The path that `name` (in vis) means here; "" is the root. `relative`: the
// name has no '/', so that it counts from the directory line before it.
absl::StatusOr<std::string> Parser::ReadPath(absl::string_view name, Kind kind,
                                             bool* relative) const {
  const std::optional<std::string> decoded = VisDecode(name);
  if (!decoded.has_value()) return Bad(name, "not vis(3)");
  absl::string_view path = *decoded;
  *relative = path.find('/') == kNone;
  if (path == "." || path == "./") return std::string();
  absl::ConsumePrefix(&path, "./");
  if (kind == Kind::kDirectory) absl::ConsumeSuffix(&path, "/");
  const Problem problem = EntryPathProblem(path);
  if (!problem.empty()) return Bad(name, problem);
  if (!*relative || below_.empty()) return std::string(path);
  return absl::StrCat(below_, "/", path);
}

absl::Status Parser::CheckEntry(const MtreeFacts& facts) const {
  if (use_ == MtreeUse::kCompare) return absl::OkStatus();
  switch (facts.kind) {
    case Kind::kUnknown:
      return Bad("no type=");
    case Kind::kSpecial:
      return Bad("neither file, dir nor link");
    case Kind::kSymlink:
      if (!facts.target.has_value()) return Bad("no link=");
      return absl::OkStatus();
    case Kind::kFile:
    case Kind::kDirectory:
      return absl::OkStatus();
  }
  return absl::OkStatus();
}

absl::Status Parser::ParseEntry(absl::string_view name,
                                const std::vector<absl::string_view>& words) {
  MtreeFacts facts = defaults_;
  if (absl::Status status = ReadKeywords(words, &facts); !status.ok()) {
    return status;
  }
  if (absl::Status status = CheckEntry(facts); !status.ok()) return status;
  bool relative = false;
  absl::StatusOr<std::string> path = ReadPath(name, facts.kind, &relative);
  if (!path.ok()) return path.status();
  const bool directory =
      facts.kind == Kind::kDirectory ||
      (facts.kind == Kind::kUnknown && use_ == MtreeUse::kCompare);
  if (path->empty() && !directory) {
    return Bad(name, "the root is a directory");
  }
  // Names without '/' that follow are in it.
  if (facts.kind == Kind::kDirectory && relative) {
    depth_ = path->empty() ? 1 : depth_ + 1;
    below_ = *path;
  }
  MtreeEntry parsed;
  parsed.entry.path = *std::move(path);
  parsed.entry.kind = facts.kind;
  if (facts.kind != Kind::kSymlink) {
    parsed.entry.content = std::move(facts.content).value_or("");
  } else {
    parsed.entry.target = std::move(facts.target).value_or("");
  }
  parsed.entry.unit = facts.unit;
  parsed.entry.wanted = facts.wanted;
  parsed.entry.origin = Origin();
  parsed.size = facts.size;
  parsed.claims = std::move(facts.claims);
  entries_.push_back(std::move(parsed));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<MtreeEntry>> ParseMtree(absl::string_view text,
                                                   absl::string_view file,
                                                   MtreeUse use) {
  Parser parser(file, use);
  if (absl::Status status = parser.Parse(text); !status.ok()) return status;
  return parser.TakeEntries();
}

absl::StatusOr<std::vector<ManifestEntry>> ParseManifest(
    absl::string_view text, absl::string_view file) {
  absl::StatusOr<std::vector<MtreeEntry>> parsed = ParseMtree(text, file);
  if (!parsed.ok()) return parsed.status();
  std::vector<ManifestEntry> entries;
  entries.reserve(parsed->size());
  for (MtreeEntry& one : *parsed) {
    ManifestEntry& entry = one.entry;
    if (entry.kind == Kind::kFile && entry.content.empty() && one.size != 0) {
      return absl::InvalidArgumentError(absl::StrCat(
          entry.origin, ": a file needs content=, or size=0 if it is empty"));
    }
    entries.push_back(std::move(entry));
  }
  return entries;
}

}  // namespace materialize
