// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/plan/vis.h"

#include "absl/strings/ascii.h"

namespace materialize {
namespace {

constexpr absl::string_view kEscaped = "\\#*?[";

struct Letter {
  char letter;
  char meaning;
};

// What follows a backslash and stands for something else.
constexpr Letter kLetters[] = {
    {'n', '\n'}, {'r', '\r'}, {'b', '\b'}, {'a', '\a'},   {'v', '\v'},
    {'t', '\t'}, {'f', '\f'}, {'s', ' '},  {'E', '\033'},
};

constexpr absl::string_view kThemselves = "\\#*?[]\"'`$&;|<>(){}~!= ";

bool IsOctal(char c) { return '0' <= c && c <= '7'; }

// Reads `\ooo` behind its backslash: one to three digits, 255 at most.
std::optional<char> TakeOctal(absl::string_view* text) {
  unsigned value = 0;
  for (int digits = 0; digits < 3 && !text->empty() && IsOctal(text->front());
       ++digits) {
    value = value * 8 + static_cast<unsigned>(text->front() - '0');
    text->remove_prefix(1);
  }
  if (value > 0xff) return std::nullopt;
  return static_cast<char>(value);
}

std::optional<char> TakeOne(absl::string_view* text) {
  if (text->empty()) return std::nullopt;
  const char c = text->front();
  text->remove_prefix(1);
  return c;
}

// `^c`: the control character of c; `^?` is DEL.
std::optional<char> TakeControl(absl::string_view* text) {
  const std::optional<char> c = TakeOne(text);
  if (!c.has_value()) return std::nullopt;
  return *c == '?' ? '\177' : static_cast<char>(*c & 037);
}

// `M-c`, `M^c`: c, or its control character, with the eighth bit set.
std::optional<char> TakeMeta(absl::string_view* text) {
  const std::optional<char> form = TakeOne(text);
  std::optional<char> low;
  if (form == '-') low = TakeOne(text);
  if (form == '^') low = TakeControl(text);
  if (!low.has_value()) return std::nullopt;
  return static_cast<char>(*low | 0200);
}

std::optional<char> TakeEscape(absl::string_view* text) {
  if (text->empty()) return std::nullopt;
  if (IsOctal(text->front())) return TakeOctal(text);
  const char c = text->front();
  text->remove_prefix(1);
  if (c == '^') return TakeControl(text);
  if (c == 'M') return TakeMeta(text);
  for (const Letter& l : kLetters) {
    if (l.letter == c) return l.meaning;
  }
  if (kThemselves.find(c) != absl::string_view::npos) return c;
  return std::nullopt;
}

}  // namespace

void AppendVis(absl::string_view bytes, std::string* out) {
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (absl::ascii_isgraph(byte) &&
        kEscaped.find(c) == absl::string_view::npos) {
      out->push_back(c);
      continue;
    }
    out->push_back('\\');
    out->push_back(static_cast<char>('0' + (byte >> 6)));
    out->push_back(static_cast<char>('0' + ((byte >> 3) & 7)));
    out->push_back(static_cast<char>('0' + (byte & 7)));
  }
}

std::string VisEncode(absl::string_view bytes) {
  std::string text;
  text.reserve(bytes.size());
  AppendVis(bytes, &text);
  return text;
}

std::optional<std::string> VisDecode(absl::string_view text) {
  std::string bytes;
  bytes.reserve(text.size());
  while (!text.empty()) {
    char c = text.front();
    text.remove_prefix(1);
    if (c == '\\') {
      const std::optional<char> escaped = TakeEscape(&text);
      if (!escaped.has_value()) return std::nullopt;
      c = *escaped;
    }
    bytes.push_back(c);
  }
  return bytes;
}

}  // namespace materialize
