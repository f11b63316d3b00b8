// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/action/utf8.h"

#include <algorithm>
#include <cstddef>

namespace materialize {
namespace {

// By the first byte: how many follow, and which the first of them may be.
struct Lead {
  unsigned char first;
  unsigned char last;
  size_t follow;
  unsigned char least;
  unsigned char most;
};
constexpr Lead kLeads[] = {
    {0x00, 0x7f, 0, 0, 0},       {0xc2, 0xdf, 1, 0x80, 0xbf},
    {0xe0, 0xe0, 2, 0xa0, 0xbf}, {0xe1, 0xec, 2, 0x80, 0xbf},
    {0xed, 0xed, 2, 0x80, 0x9f}, {0xee, 0xef, 2, 0x80, 0xbf},
    {0xf0, 0xf0, 3, 0x90, 0xbf}, {0xf1, 0xf3, 3, 0x80, 0xbf},
    {0xf4, 0xf4, 3, 0x80, 0x8f},
};

unsigned char ByteAt(absl::string_view bytes, size_t at) {
  return static_cast<unsigned char>(bytes[at]);
}

// Bytes of the character that begins `bytes`; 0 when none does.
size_t CharacterSize(absl::string_view bytes) {
  const unsigned char first = ByteAt(bytes, 0);
  const auto* const lead = std::find_if(
      std::begin(kLeads), std::end(kLeads),
      [&](const Lead& row) { return row.first <= first && first <= row.last; });
  if (lead == std::end(kLeads) || bytes.size() <= lead->follow) return 0;
  for (size_t i = 1; i <= lead->follow; ++i) {
    const unsigned char least = i == 1 ? lead->least : 0x80;
    const unsigned char most = i == 1 ? lead->most : 0xbf;
    if (ByteAt(bytes, i) < least || ByteAt(bytes, i) > most) return 0;
  }
  return lead->follow + 1;
}

}  // namespace

bool IsUtf8(absl::string_view bytes) {
  while (!bytes.empty()) {
    const size_t size = CharacterSize(bytes);
    if (size == 0) return false;
    bytes.remove_prefix(size);
  }
  return true;
}

}  // namespace materialize
