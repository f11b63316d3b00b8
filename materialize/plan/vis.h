// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// vis(3): names of any bytes as printable ASCII without blanks, and back.

#ifndef MATERIALIZE_PLAN_VIS_H_
#define MATERIALIZE_PLAN_VIS_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace materialize {

// Escapes as `\ooo` (three octal digits) what is not printable ASCII, and
// blank, `\`, `#` and the characters of patterns, `*`, `?`, `[`.
std::string VisEncode(absl::string_view bytes);
void AppendVis(absl::string_view bytes, std::string* out);

// Reads that, and what other programs print: bsdtar (octal), mtree(8) and
// vis(1) (`\s`, `\n`, `\^A`, `\M-C`, `\M^?`, `\#`, up to three octal digits).
// Bytes that could have been escaped may stand for themselves. Nothing when an
// escape is unknown, too large or cut off.
std::optional<std::string> VisDecode(absl::string_view text);

}  // namespace materialize

#endif  // MATERIALIZE_PLAN_VIS_H_
