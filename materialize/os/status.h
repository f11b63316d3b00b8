// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// The one seam between errno and absl::Status. Decide on errno before crossing
// it: abseil's mapping loses what matters here (EMLINK and ENOSPC become one
// code, EPERM and EROFS another).

#ifndef MATERIALIZE_OS_STATUS_H_
#define MATERIALIZE_OS_STATUS_H_

#include <optional>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace materialize {

// "<call> <path>: <strerror>"; `error` is a positive errno. ErrnoOf() gives it
// back.
absl::Status ErrnoStatus(int error, absl::string_view call,
                         absl::string_view path);
// "<call> <from> -> <to>: <strerror>".
absl::Status ErrnoStatus(int error, absl::string_view call,
                         absl::string_view from, absl::string_view to);

// The errno that `status` was made of, if ErrnoStatus() made it.
std::optional<int> ErrnoOf(const absl::Status& status);

// The same status (code and errno) with " (hint)" added to its text.
absl::Status WithHint(const absl::Status& status, absl::string_view hint);

// As WithHint(), for a hint that names what one command takes. Who answers for
// another command takes it away again.
absl::Status WithAdvice(const absl::Status& status, absl::string_view advice);
absl::Status WithoutAdvice(const absl::Status& status);

}  // namespace materialize

#endif  // MATERIALIZE_OS_STATUS_H_
