// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// SHA-256, as lower-case hexadecimal text.

#ifndef MATERIALIZE_DIGEST_H_
#define MATERIALIZE_DIGEST_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "materialize/os/sys.h"

namespace materialize {

// Of these bytes. Thread-safe.
std::string Sha256(absl::string_view bytes);

// Of what `fd` reads from its offset to the end. An error names `path`, what
// people call the file. Thread-safe.
absl::StatusOr<std::string> Sha256OfFd(Sys& sys, int fd,
                                       absl::string_view path);

}  // namespace materialize

#endif  // MATERIALIZE_DIGEST_H_
