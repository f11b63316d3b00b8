// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/receipt_order.h"

#include <array>
#include <cstddef>

#include "absl/strings/str_split.h"

namespace materialize {
namespace {

// A component begins with one of these and ends with NUL, which no name holds;
// what is below a directory continues its key.
constexpr char kPlain = 1;
constexpr char kPattern = 2;
constexpr char kPatternEnd = '\xff';  // behind every byte: longer ones first
constexpr absl::string_view kWild = "*?[";  // what matches most goes last

using Bytes = std::array<unsigned char, 256>;

// Turns the order of bytes around, with the wild ones last: 1 .. 254.
constexpr Bytes MakeReversed() {
  Bytes reversed = {};
  unsigned char next = 254;
  for (const char wild : kWild) {
    reversed[static_cast<unsigned char>(wild)] = next--;
  }
  for (unsigned c = 1; c < 256; ++c) {
    if (reversed[c] == 0 && c != '/') reversed[c] = next--;
  }
  return reversed;
}

constexpr Bytes MakeRestored(const Bytes& reversed) {
  Bytes restored = {};
  for (unsigned c = 1; c < 256; ++c) {
    restored[reversed[c]] = static_cast<unsigned char>(c);
  }
  return restored;
}

constexpr Bytes kReversed = MakeReversed();
constexpr Bytes kRestored = MakeRestored(kReversed);

std::string Mapped(absl::string_view text, const Bytes& map) {
  std::string mapped(text);
  for (char& c : mapped) {
    c = static_cast<char>(map[static_cast<unsigned char>(c)]);
  }
  return mapped;
}

void AppendComponent(absl::string_view component, std::string* key) {
  const bool pattern = component.find_first_of(kWild) != component.npos;
  key->push_back(pattern ? kPattern : kPlain);
  if (pattern) {
    key->append(Mapped(component, kReversed));
    key->push_back(kPatternEnd);
  } else {
    key->append(component.data(), component.size());
  }
  key->push_back('\0');
}

}  // namespace

void AppendReceiptKey(absl::string_view directory, absl::string_view name,
                      std::string* key) {
  if (!directory.empty()) {
    for (absl::string_view component : absl::StrSplit(directory, '/')) {
      AppendComponent(component, key);
    }
  }
  if (!name.empty()) AppendComponent(name, key);
}

std::string PathOfReceiptKey(absl::string_view key) {
  std::string path;
  while (!key.empty()) {
    const bool pattern = key.front() == kPattern;
    key.remove_prefix(1);
    absl::string_view component = key.substr(0, key.find('\0'));
    key.remove_prefix(component.size() + 1);
    if (!path.empty()) path.push_back('/');
    if (pattern) {
      component.remove_suffix(1);
      path += Mapped(component, kRestored);
    } else {
      path.append(component.data(), component.size());
    }
  }
  return path;
}

}  // namespace materialize
