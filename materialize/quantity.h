// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Numbers as people read them.

#ifndef MATERIALIZE_QUANTITY_H_
#define MATERIALIZE_QUANTITY_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace materialize {

// "139,915".
std::string CountText(int64_t count);

// "1 file", "139,915 files"; the plural is the singular with an s, or what is
// given.
std::string CountText(int64_t count, absl::string_view singular,
                      absl::string_view plural = "");

// "812 B", "1.4 kB", "952 MB": decimal units, two digits at least.
std::string BytesText(int64_t bytes);

}  // namespace materialize

#endif  // MATERIALIZE_QUANTITY_H_
