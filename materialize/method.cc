// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/method.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace materialize {
namespace {

struct Row {
  Method method;
  absl::string_view name;
  absl::string_view done;
};

constexpr Row kRows[] = {
    {Method::kReflink, "reflink", "reflinked"},
    {Method::kHardlink, "hardlink", "hardlinked"},
    {Method::kSymlink, "symlink", "symlinked"},
    {Method::kCopy, "copy", "copied"},
};

}  // namespace

absl::string_view MethodName(Method method) {
  return kRows[static_cast<size_t>(method)].name;
}
absl::string_view MethodDone(Method method) {
  return kRows[static_cast<size_t>(method)].done;
}

std::optional<Method> MethodFromName(absl::string_view name) {
  for (const Row& row : kRows) {
    if (row.name == name) return row.method;
  }
  return std::nullopt;
}

bool Lists(const std::vector<Method>& methods, Method method) {
  return std::find(methods.begin(), methods.end(), method) != methods.end();
}

std::vector<Method> AutoMethods() {
  return {Method::kReflink, Method::kHardlink, Method::kCopy};
}

absl::StatusOr<std::vector<Method>> ParseMethods(absl::string_view text) {
  std::vector<Method> methods;
  if (text == "auto") return methods;
  for (const absl::string_view name : absl::StrSplit(text, ',')) {
    const std::optional<Method> method = MethodFromName(name);
    if (name == kSnapshot) {
      return absl::InvalidArgumentError(
          "method \"snapshot\" is for a whole tree: it stands alone");
    }
    if (!method.has_value()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "unknown method \"", name,
          "\" (known: auto, or a list of reflink, hardlink, symlink, copy)"));
    }
    if (Lists(methods, *method)) {
      return absl::InvalidArgumentError(
          absl::StrCat("method \"", name, "\" is listed twice"));
    }
    methods.push_back(*method);
  }
  return methods;
}

}  // namespace materialize
