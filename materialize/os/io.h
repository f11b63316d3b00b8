// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// read(2) and write(2) until all is done: again after EINTR and after part of
// it. Nothing here moves a file's content into place.

#ifndef MATERIALIZE_OS_IO_H_
#define MATERIALIZE_OS_IO_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "materialize/os/sys.h"

namespace materialize {

// 0 or -errno.
int WriteAll(Sys& sys, int fd, absl::string_view bytes);

// Fills `buffer`; bytes, fewer only at the end of the file, or -errno.
int64_t ReadFull(Sys& sys, int fd, char* buffer, size_t size);

// The content of a file, which may be a pipe; the error names call and path.
absl::StatusOr<std::string> ReadFile(Sys& sys, const std::string& path);

}  // namespace materialize

#endif  // MATERIALIZE_OS_IO_H_
