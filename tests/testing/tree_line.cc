// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// A cursor over one line; fields are recognised by their first character.

#include "tests/testing/tree_line.h"

#include <cctype>
#include <charconv>
#include <optional>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "tests/testing/tree_text.h"

namespace materialize {
namespace {

absl::Status Bad(std::string_view line, std::string_view why) {
  return absl::InvalidArgumentError(
      absl::StrCat("tree line `", std::string(line), "`: ", std::string(why)));
}

bool IsOctal(char c) { return c >= '0' && c <= '7'; }

// The byte after a backslash at text[*at]; moves *at past it.
char Unescape(std::string_view text, size_t* at) {
  const char first = text[(*at)++];
  if (!IsOctal(first)) return first == 'n' ? '\n' : first == 't' ? '\t' : first;
  int byte = first - '0';
  for (int digits = 1; digits < 3 && *at < text.size() && IsOctal(text[*at]);
       ++digits) {
    byte = byte * 8 + (text[(*at)++] - '0');
  }
  return static_cast<char>(byte);
}

// Takes a field off the front of *rest: up to a blank, or between quotes.
// Nothing where quotes do not end.
std::optional<std::string> TakeField(std::string_view* rest) {
  const bool quoted = rest->starts_with('"');
  const char end = quoted ? '"' : ' ';
  std::string field;
  size_t at = quoted ? 1 : 0;
  while (at < rest->size() && (*rest)[at] != end) {
    const char c = (*rest)[at++];
    field += c == '\\' && at < rest->size() ? Unescape(*rest, &at) : c;
  }
  if (quoted && at == rest->size()) return std::nullopt;
  rest->remove_prefix(at + (quoted ? 1 : 0));
  return field;
}

void SkipBlanks(std::string_view* rest) {
  while (rest->starts_with(' ') || rest->starts_with('\t'))
    rest->remove_prefix(1);
}

std::optional<int64_t> ParseInteger(std::string_view digits, int base = 10) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(
      digits.data(), digits.data() + digits.size(), value, base);
  if (error != std::errc() || end != digits.data() + digits.size() || value < 0)
    return std::nullopt;
  return value;
}

// 8192, 8K, 64M, 2G.
std::optional<int64_t> ParseSize(std::string_view text) {
  constexpr std::string_view kUnits = "KMG";
  const size_t unit = text.empty() ? kUnits.npos : kUnits.find(text.back());
  if (unit == kUnits.npos) return ParseInteger(text);
  const std::optional<int64_t> value =
      ParseInteger(text.substr(0, text.size() - 1));
  if (!value.has_value()) return value;
  return *value << (10 * (unit + 1));
}

// 1600000000 or 1600000000.25
std::optional<timespec> ParseTime(std::string_view text) {
  const size_t dot = text.find('.');
  const std::optional<int64_t> seconds = ParseInteger(text.substr(0, dot));
  std::string fraction(dot == text.npos ? "" : text.substr(dot + 1));
  fraction.resize(9, '0');
  const std::optional<int64_t> nanoseconds = ParseInteger(fraction);
  if (!seconds.has_value() || !nanoseconds.has_value()) return std::nullopt;
  return timespec{.tv_sec = *seconds, .tv_nsec = *nanoseconds};
}

std::optional<LineKind> ParseSpecial(std::string_view field) {
  if (field == "|") return LineKind::kFifo;
  if (field == "|socket") return LineKind::kSocket;
  if (field == "|device") return LineKind::kDevice;
  return std::nullopt;
}

template <typename From, typename To>
bool Assign(const std::optional<From>& value, To* to) {
  if (value.has_value()) *to = static_cast<To>(*value);
  return value.has_value();
}

bool ParseAttribute(std::string_view field, TreeLine* line) {
  if (field.starts_with('@'))
    return Assign(ParseTime(field.substr(1)), &line->mtime);
  if (field.starts_with('|')) return Assign(ParseSpecial(field), &line->kind);
  if (field.starts_with("size="))
    return Assign(ParseSize(field.substr(5)), &line->size);
  if (field.starts_with("hole="))
    return Assign(ParseSize(field.substr(5)), &line->hole);
  return field.starts_with('0') && Assign(ParseInteger(field, 8), &line->mode);
}

// Consumes one field of *rest.
bool ParseField(std::string_view* rest, TreeLine* line) {
  const bool quoted = rest->starts_with('"');
  const std::optional<std::string> field = TakeField(rest);
  if (quoted) return Assign(field, &line->content);
  if (*field != "->" && *field != "=") return ParseAttribute(*field, line);
  line->kind = *field == "=" ? LineKind::kTwin : LineKind::kSymlink;
  SkipBlanks(rest);
  return Assign(TakeField(rest), &line->target) && !line->target.empty();
}

}  // namespace

absl::StatusOr<TreeLine> ParseTreeLine(std::string_view text) {
  std::string_view rest = text;
  SkipBlanks(&rest);
  TreeLine line;
  line.mtime.tv_sec = kDefaultTime;
  if (!Assign(TakeField(&rest), &line.name) || line.name.empty())
    return Bad(text, "no name");
  if (line.name.ends_with('/')) {
    line.kind = LineKind::kDirectory;
    line.name.pop_back();
  }
  line.mode = line.kind == LineKind::kDirectory ? 0755 : 0644;
  for (SkipBlanks(&rest); !rest.empty(); SkipBlanks(&rest)) {
    const std::string_view before = rest;
    if (!ParseField(&rest, &line))
      return Bad(text, absl::StrCat("cannot read ", std::string(before)));
  }
  return line;
}

std::string EscapeField(std::string_view bytes, bool blank_is_plain) {
  std::string field;
  for (const char c : bytes) {
    const bool plain = std::isprint(static_cast<unsigned char>(c)) != 0 &&
                       c != '\\' && c != '"' && (c != ' ' || blank_is_plain);
    if (plain) {
      field += c;
    } else if (c == '\n' && blank_is_plain) {
      field += "\\n";
    } else {
      const auto byte = static_cast<unsigned char>(c);
      field += {'\\', static_cast<char>('0' + (byte >> 6)),
                static_cast<char>('0' + ((byte >> 3) & 7)),
                static_cast<char>('0' + (byte & 7))};
    }
  }
  return field;
}

}  // namespace materialize
