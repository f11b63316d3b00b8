// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/os/status.h"

#include <cstring>

#include "absl/strings/cord.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace materialize {
namespace {

constexpr char kErrnoPayload[] = "materialize/errno";

absl::Status Make(int error, absl::string_view text) {
  absl::Status status(absl::ErrnoToStatusCode(error),
                      absl::StrCat(text, ": ", strerror(error)));
  status.SetPayload(kErrnoPayload, absl::Cord(absl::StrCat(error)));
  return status;
}

}  // namespace

absl::Status ErrnoStatus(int error, absl::string_view call,
                         absl::string_view path) {
  return Make(error, absl::StrCat(call, " ", path));
}

absl::Status ErrnoStatus(int error, absl::string_view call,
                         absl::string_view from, absl::string_view to) {
  return Make(error, absl::StrCat(call, " ", from, " -> ", to));
}

std::optional<int> ErrnoOf(const absl::Status& status) {
  const auto payload = status.GetPayload(kErrnoPayload);
  int error = 0;
  if (!payload.has_value() || !absl::SimpleAtoi(std::string(*payload), &error))
    return std::nullopt;
  return error;
}

absl::Status WithHint(const absl::Status& status, absl::string_view hint) {
  absl::Status result(status.code(),
                      absl::StrCat(status.message(), " (", hint, ")"));
  status.ForEachPayload([&](absl::string_view type, const absl::Cord& payload) {
    result.SetPayload(type, payload);
  });
  return result;
}

}  // namespace materialize
