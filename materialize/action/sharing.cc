// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/action/sharing.h"

#include <algorithm>
#include <optional>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "materialize/os/fd.h"
#include "materialize/os/path.h"

namespace materialize {
namespace {

absl::Status AddMethod(const std::string& name, std::vector<Method>& methods) {
  const std::optional<Method> method = MethodFromName(name);
  // A link in an output would point into a sandbox that is gone.
  if (!method.has_value() || *method == Method::kSymlink) {
    return absl::InvalidArgumentError(absl::StrCat(
        "methods: \"", name, "\" is not one of reflink, hardlink, copy"));
  }
  if (Lists(methods, *method)) {
    return absl::InvalidArgumentError(
        absl::StrCat("methods: \"", name, "\" is there twice"));
  }
  methods.push_back(*method);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<Method>> MethodsOf(const ActionRequest& request) {
  std::vector<Method> methods;
  for (const std::string& name : request.methods) {
    absl::Status added = AddMethod(name, methods);
    if (!added.ok()) return added;
  }
  if (request.methods.empty()) {
    if (request.strict)
      return absl::InvalidArgumentError("strict: methods are to be named");
    methods = AutoMethods();
  }
  if (request.hardlink == Hardlink::kOff)
    methods.erase(
        std::remove(methods.begin(), methods.end(), Method::kHardlink),
        methods.end());
  if (!request.strict && !Lists(methods, Method::kCopy))
    methods.push_back(Method::kCopy);
  if (methods.empty()) {
    return absl::InvalidArgumentError(
        "methods: nothing is left, for hardlink is off");
  }
  return methods;
}

bool MayBeHardlinked(const ActionRequest& request, const ActionSource& source) {
  const std::vector<std::string>& named = request.methods;
  const bool wanted = named.empty() || std::find(named.begin(), named.end(),
                                                 "hardlink") != named.end();
  return wanted && request.hardlink != Hardlink::kOff && source.is_generated &&
         source.repository.empty();
}

bool IsItself(Sys& sys, const std::string& path) {
  const Fd fd(sys, sys.OpenAt(AT_FDCWD, path.c_str(), O_PATH, 0));
  if (!fd.ok()) return false;
  const std::string real = PathOfFd(sys, fd.get());
  return real == path || absl::EndsWith(real, absl::StrCat("/", path));
}

}  // namespace materialize
