// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/mode_change.h"

#include <cstddef>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace materialize {
namespace {

struct Letter {
  char letter;
  mode_t bits;
};

constexpr Letter kWho[] = {{'u', 0700}, {'g', 0070}, {'o', 0007}, {'a', 0777}};
constexpr Letter kWhat[] = {{'r', 0444}, {'w', 0222}, {'x', 0111}};

// Takes the letters at the front that are in the table; the sum of their bits.
template <size_t N>
mode_t TakeLetters(const Letter (&letters)[N], absl::string_view* text) {
  mode_t bits = 0;
  while (!text->empty()) {
    bool known = false;
    for (const Letter& one : letters) {
      if (one.letter != text->front()) continue;
      bits |= one.bits;
      known = true;
    }
    if (!known) break;
    text->remove_prefix(1);
  }
  return bits;
}

// "u=rwX". False: it is none.
bool ApplyClause(absl::string_view clause, ModeChange* change) {
  mode_t who = TakeLetters(kWho, &clause);
  if (who == 0) who = 0777;
  if (clause.empty()) return false;
  const char sign = clause.front();
  clause.remove_prefix(1);
  if (sign != '+' && sign != '-' && sign != '=') return false;
  mode_t what = 0;
  mode_t maybe = 0;
  while (!clause.empty()) {
    const mode_t more = TakeLetters(kWhat, &clause);
    what |= more;
    if (!clause.empty() && clause.front() == 'X') {
      maybe |= 0111;
      clause.remove_prefix(1);
    } else if (!clause.empty()) {
      return false;
    }
  }
  const mode_t gone = sign == '+' ? 0 : sign == '=' ? who : who & what;
  change->kept &= ~gone;
  change->set &= ~gone;
  change->set_if_executable &= ~gone;
  if (sign == '-') return maybe == 0;
  change->set |= who & what;
  change->set_if_executable |= who & maybe;
  return true;
}

bool ParseOctal(absl::string_view text, ModeChange* change) {
  constexpr size_t kDigits = 4;
  if (text.empty() || text.size() > kDigits) return false;
  change->octal = true;
  change->kept = 0;
  for (const char c : text) {
    if (c < '0' || c > '7') return false;
    change->set = change->set * 8 + static_cast<mode_t>(c - '0');
  }
  return true;
}

}  // namespace

absl::StatusOr<ModeChange> ParseModeChange(absl::string_view text) {
  ModeChange octal;
  if (ParseOctal(text, &octal)) return octal;
  ModeChange change = {.kept = 07777};
  for (const absl::string_view clause : absl::StrSplit(text, ',')) {
    if (ApplyClause(clause, &change)) continue;
    return absl::InvalidArgumentError(absl::StrCat(
        "\"", text, "\" is not a mode, such as 0644 or u=rwX,go=rX"));
  }
  return change;
}

}  // namespace materialize
