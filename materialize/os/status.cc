// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/os/status.h"

#include <cstring>

#include "absl/strings/cord.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace materialize {
namespace {

constexpr char kErrnoPayload[] = "materialize/errno";
constexpr char kAdvicePayload[] = "materialize/advice";

absl::Status Make(int error, absl::string_view text) {
  absl::Status status(absl::ErrnoToStatusCode(error),
                      absl::StrCat(text, ": ", strerror(error)));
  status.SetPayload(kErrnoPayload, absl::Cord(absl::StrCat(error)));
  return status;
}

// The same but for its text.
absl::Status WithText(const absl::Status& status, absl::string_view text) {
  absl::Status result(status.code(), text);
  status.ForEachPayload([&](absl::string_view type, const absl::Cord& payload) {
    result.SetPayload(type, payload);
  });
  return result;
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
  return WithText(status, absl::StrCat(status.message(), " (", hint, ")"));
}

absl::Status WithAdvice(const absl::Status& status, absl::string_view advice) {
  absl::Status result = WithHint(status, advice);
  result.SetPayload(kAdvicePayload,
                    absl::Cord(absl::StrCat(" (", advice, ")")));
  return result;
}

absl::Status WithoutAdvice(const absl::Status& status) {
  const auto advice = status.GetPayload(kAdvicePayload);
  if (!advice.has_value()) return status;
  absl::Status result = WithText(
      status,
      absl::StrReplaceAll(status.message(), {{std::string(*advice), ""}}));
  result.ErasePayload(kAdvicePayload);
  return result;
}

}  // namespace materialize
