// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// In which order mtree(8) wants to find names: a directory right before what is
// below it, and within a directory names that are patterns last.

#ifndef MATERIALIZE_RECEIPT_ORDER_H_
#define MATERIALIZE_RECEIPT_ORDER_H_

#include <string>

#include "absl/strings/string_view.h"

namespace materialize {

// To mtree(8) every name with `*`, `?` or `[` is a pattern, escaped or not,
// and the first entry of a directory that matches a file is taken for it. So
// those that match more must come later. Keys compare as unsigned bytes.
void AppendReceiptKey(absl::string_view directory, absl::string_view name,
                      std::string* key);

// The path that a key was made of.
std::string PathOfReceiptKey(absl::string_view key);

}  // namespace materialize

#endif  // MATERIALIZE_RECEIPT_ORDER_H_
