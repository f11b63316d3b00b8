// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/action/complaint.h"

#include "absl/strings/str_cat.h"
#include "materialize/action/utf8.h"

namespace materialize {
namespace {

// Bytes above ASCII as \xe4.
std::string Printable(absl::string_view name) {
  std::string text;
  for (const char byte : name) {
    const auto value = static_cast<unsigned char>(byte);
    if (value < 0x80)
      text.push_back(byte);
    else
      absl::StrAppend(&text, "\\x", absl::Hex(value));
  }
  return text;
}

}  // namespace

std::string From(const ActionSource& source) {
  return absl::StrCat("from ", source.Label());
}

absl::Status Wrong(absl::string_view what, absl::string_view why,
                   const ActionSource& source) {
  return absl::InvalidArgumentError(
      absl::StrCat(what, ": ", why, " (", From(source), ")"));
}

absl::Status CheckName(absl::string_view place, const ActionSource& source) {
  if (IsUtf8(place)) return absl::OkStatus();
  return Wrong(Printable(place), "the name is not UTF-8", source);
}

}  // namespace materialize
