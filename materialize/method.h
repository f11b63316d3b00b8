// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// The ways in which a file can come to its place, and their names.

#ifndef MATERIALIZE_METHOD_H_
#define MATERIALIZE_METHOD_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace materialize {

enum class Method : uint8_t {
  kReflink,   // FICLONE: extents shared until either side writes
  kHardlink,  // linkat: one inode, two names
  kSymlink,   // a link that points at the source; only when asked for by name
  kCopy,      // bytes of its own
};

constexpr std::array kAllMethods = {Method::kReflink, Method::kHardlink,
                                    Method::kSymlink, Method::kCopy};
constexpr size_t kMethodCount = kAllMethods.size();

// "reflink", "hardlink", "symlink", "copy".
absl::string_view MethodName(Method method);
// "reflinked", "hardlinked", "symlinked", "copied".
absl::string_view MethodDone(Method method);
std::optional<Method> MethodFromName(absl::string_view name);

bool Lists(const std::vector<Method>& methods, Method method);

// What `auto` stands for: reflink, hardlink, copy.
std::vector<Method> AutoMethods();

// What no file comes by, but a whole tree: Request::snapshot.
constexpr absl::string_view kSnapshot = "snapshot";

// "auto" (an empty list) or a comma-separated list in order of preference.
// InvalidArgument names what is unknown or said twice.
absl::StatusOr<std::vector<Method>> ParseMethods(absl::string_view text);

}  // namespace materialize

#endif  // MATERIALIZE_METHOD_H_
