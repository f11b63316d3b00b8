// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/quantity.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace materialize {

std::string CountText(int64_t count) {
  std::string text = absl::StrCat(count);
  const int first = count < 0 ? 1 : 0;
  for (int at = static_cast<int>(text.size()) - 3; at > first; at -= 3) {
    text.insert(at, ",");
  }
  return text;
}

std::string CountText(int64_t count, absl::string_view singular,
                      absl::string_view plural) {
  const std::string number = CountText(count);
  if (count == 1) return absl::StrCat(number, " ", singular);
  if (plural.empty()) return absl::StrCat(number, " ", singular, "s");
  return absl::StrCat(number, " ", plural);
}

std::string BytesText(int64_t bytes) {
  static constexpr const char* kUnits[] = {"kB", "MB", "GB", "TB", "PB", "EB"};
  if (bytes < 1000) return absl::StrCat(bytes, " B");
  double value = static_cast<double>(bytes) / 1000;
  int unit = 0;
  // What would be printed as 1000 is one of the next unit.
  while (value >= 999.5) {
    value /= 1000;
    ++unit;
  }
  const int decimals = value < 9.95 ? 1 : 0;
  return absl::StrFormat("%.*f %s", decimals, value, kUnits[unit]);
}

}  // namespace materialize
