// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Names that Bazel can take: with any other bytes it fails, some versions so
// that they cannot even remove the output again.

#ifndef MATERIALIZE_ACTION_UTF8_H_
#define MATERIALIZE_ACTION_UTF8_H_

#include "absl/strings/string_view.h"

namespace materialize {

// As RFC 3629 has it: no surrogates, nothing longer than needed.
bool IsUtf8(absl::string_view bytes);

}  // namespace materialize

#endif  // MATERIALIZE_ACTION_UTF8_H_
