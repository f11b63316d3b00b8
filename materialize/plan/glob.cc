// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/plan/glob.h"

#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace materialize {
namespace {

constexpr size_t kNone = absl::string_view::npos;

struct CharacterClass {
  absl::string_view name;
  bool (*contains)(unsigned char);
};

constexpr CharacterClass kClasses[] = {
    {"alnum", absl::ascii_isalnum}, {"alpha", absl::ascii_isalpha},
    {"blank", absl::ascii_isblank}, {"cntrl", absl::ascii_iscntrl},
    {"digit", absl::ascii_isdigit}, {"graph", absl::ascii_isgraph},
    {"lower", absl::ascii_islower}, {"print", absl::ascii_isprint},
    {"punct", absl::ascii_ispunct}, {"space", absl::ascii_isspace},
    {"upper", absl::ascii_isupper}, {"xdigit", absl::ascii_isxdigit},
};

const CharacterClass* FindClass(absl::string_view name) {
  for (const CharacterClass& c : kClasses) {
    if (c.name == name) return &c;
  }
  return nullptr;
}

// One member of a bracket expression: a class, or a range of bytes.
struct Member {
  const CharacterClass* named = nullptr;
  unsigned char first = 0;
  unsigned char last = 0;

  bool Contains(unsigned char c) const {
    return named != nullptr ? named->contains(c) : first <= c && c <= last;
  }
};

// Reads bytes of a bracket expression from `at` on, undoing `\`.
std::optional<unsigned char> ReadByte(absl::string_view pattern, size_t* at) {
  if (*at < pattern.size() && pattern[*at] == '\\') ++*at;
  if (*at >= pattern.size()) return std::nullopt;
  return static_cast<unsigned char>(pattern[(*at)++]);
}

std::optional<Member> ReadMember(absl::string_view pattern, size_t* at) {
  Member member;
  if (pattern.substr(*at, 2) == "[:") {
    const size_t end = pattern.find(":]", *at + 2);
    if (end == kNone) return std::nullopt;
    member.named = FindClass(pattern.substr(*at + 2, end - *at - 2));
    *at = end + 2;
    if (member.named == nullptr) return std::nullopt;
    return member;
  }
  const std::optional<unsigned char> first = ReadByte(pattern, at);
  if (!first.has_value()) return std::nullopt;
  member.first = member.last = *first;
  const bool range = *at + 1 < pattern.size() && pattern[*at] == '-' &&
                     pattern[*at + 1] != ']';
  if (!range) return member;
  ++*at;
  const std::optional<unsigned char> last = ReadByte(pattern, at);
  if (!last.has_value()) return std::nullopt;
  member.last = *last;
  return member;
}

// Matches `c` against the bracket expression at `*at` ("[...]") and moves
// `*at` behind it; nothing when the expression has no end or no meaning.
std::optional<bool> MatchesBracket(absl::string_view pattern, size_t* at,
                                   unsigned char c) {
  size_t i = *at + 1;
  const bool negated =
      i < pattern.size() && (pattern[i] == '!' || pattern[i] == '^');
  if (negated) ++i;
  bool found = false;
  for (bool first = true; i < pattern.size(); first = false) {
    if (pattern[i] == ']' && !first) {
      *at = i + 1;
      return found != negated;
    }
    const std::optional<Member> member = ReadMember(pattern, &i);
    if (!member.has_value()) return std::nullopt;
    found = found || member->Contains(c);
  }
  return std::nullopt;
}

// Whether the piece of `pattern` at `*at` (anything but `*`) matches `c`;
// moves `*at` behind it.
bool MatchesOne(absl::string_view pattern, size_t* at, unsigned char c) {
  switch (pattern[*at]) {
    case '?':
      ++*at;
      return true;
    case '[':
      return MatchesBracket(pattern, at, c).value_or(false);
    case '\\':
      ++*at;
      break;
  }
  return *at < pattern.size() &&
         static_cast<unsigned char>(pattern[(*at)++]) == c;
}

// What is wrong with what stands at `*at`, which moves behind it.
absl::string_view ProblemAt(absl::string_view component, size_t* at) {
  switch (component[*at]) {
    case '\0':
      return "NUL in it";
    case '[':
      return MatchesBracket(component, at, 0).has_value()
                 ? ""
                 : "[ without its ], or an unknown class";
    case '\\':
      if (++*at == component.size())
        return "nothing follows the last backslash";
      break;
  }
  ++*at;
  return "";
}

absl::string_view FirstProblem(absl::string_view component) {
  if (component.empty()) return "empty component";
  if (component == "." || component == "..") return "no entry is named . or ..";
  for (size_t i = 0; i < component.size();) {
    const absl::string_view problem = ProblemAt(component, &i);
    if (!problem.empty()) return problem;
  }
  return "";
}

absl::Status Bad(absl::string_view pattern, absl::string_view why) {
  return absl::InvalidArgumentError(
      absl::StrCat("pattern \"", pattern, "\": ", why));
}

// The components of directory/name, one after the other, without joining.
class Components {
 public:
  Components(absl::string_view directory, absl::string_view name)
      : directory_(directory), name_(name) {}

  bool done() const { return directory_.empty() && name_.empty(); }

  absl::string_view Pop() {
    if (directory_.empty()) return std::exchange(name_, absl::string_view());
    const size_t slash = directory_.find('/');
    const absl::string_view first = directory_.substr(0, slash);
    directory_.remove_prefix(slash == kNone ? directory_.size() : slash + 1);
    return first;
  }

 private:
  absl::string_view directory_;
  absl::string_view name_;
};

}  // namespace

bool MatchesComponent(absl::string_view pattern, absl::string_view name) {
  size_t p = 0;
  size_t n = 0;
  size_t star = kNone;  // behind the last `*`; it swallowed name[.. star_n)
  size_t star_n = 0;
  while (true) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = ++p;
      star_n = n;
      continue;
    }
    if (n == name.size() && p == pattern.size()) return true;
    if (n < name.size() && p < pattern.size() &&
        MatchesOne(pattern, &p, static_cast<unsigned char>(name[n]))) {
      ++n;
      continue;
    }
    if (star == kNone || star_n >= name.size()) return false;
    p = star;
    n = ++star_n;
  }
}

absl::StatusOr<Glob> Glob::Parse(absl::string_view pattern) {
  Glob glob;
  absl::string_view rest = pattern;
  if (rest.empty()) return Bad(pattern, "empty");
  if (rest.back() == '/') {
    glob.directories_only_ = true;
    rest.remove_suffix(1);
  }
  glob.anchored_ = rest.find('/') != kNone;
  if (!rest.empty() && rest.front() == '/') rest.remove_prefix(1);
  if (rest.empty()) return Bad(pattern, "the root itself is no entry");
  for (absl::string_view component : absl::StrSplit(rest, '/')) {
    const absl::string_view problem = FirstProblem(component);
    if (!problem.empty()) return Bad(pattern, problem);
    // Adjacent ** are one.
    if (component == "**" && !glob.components_.empty() &&
        glob.components_.back() == "**") {
      continue;
    }
    glob.components_.emplace_back(component);
  }
  glob.matches_all_ = !glob.directories_only_ && glob.components_.size() == 1 &&
                      (glob.components_[0] == "**" ||
                       (glob.components_[0] == "*" && !glob.anchored_));
  return glob;
}

bool Glob::Matches(absl::string_view directory, absl::string_view name,
                   bool is_directory) const {
  if (directories_only_ && !is_directory) return false;
  if (anchored_) return MatchesAnchored(directory, name);
  return MatchesComponent(components_[0], name);
}

// As MatchesComponent(), one level up: `**` is the star.
bool Glob::MatchesAnchored(absl::string_view directory,
                           absl::string_view name) const {
  Components path(directory, name);
  std::optional<std::pair<size_t, Components>> star;
  size_t at = 0;
  while (true) {
    if (at < components_.size() && components_[at] == "**") {
      if (++at == components_.size()) return !path.done();
      star.emplace(at, path);
      continue;
    }
    if (path.done() && at == components_.size()) return true;
    if (!path.done() && at < components_.size() &&
        MatchesComponent(components_[at], path.Pop())) {
      ++at;
      continue;
    }
    if (!star.has_value() || star->second.done()) return false;
    star->second.Pop();
    at = star->first;
    path = star->second;
  }
}

}  // namespace materialize
