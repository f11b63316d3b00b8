// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/verify/yarn_prebuilt.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace materialize {
namespace {

constexpr size_t kNone = absl::string_view::npos;

std::string Unquoted(absl::string_view text) {
  return absl::StrReplaceAll(text, {{"\"", ""}});
}

bool IsSha1(absl::string_view text) {
  return text.size() == 40 &&
         std::all_of(text.begin(), text.end(), absl::ascii_isxdigit);
}

}  // namespace

std::vector<YarnPrebuilt> ReadYarnPrebuilt(absl::string_view text) {
  std::vector<YarnPrebuilt> variants;
  bool in_list = false;
  int number = 0;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    ++number;
    line = absl::StripSuffix(line, "\r");
    if (!absl::ConsumePrefix(&line, "    ")) {
      in_list = line == "  prebuiltVariants:";
      continue;
    }
    const size_t blank = line.rfind(' ');
    if (!in_list || blank == kNone) continue;
    YarnPrebuilt variant = {
        .name = Unquoted(line.substr(0, blank)),
        .sha1 = absl::AsciiStrToLower(Unquoted(line.substr(blank + 1))),
        .line = number};
    if (IsSha1(variant.sha1)) variants.push_back(std::move(variant));
  }
  return variants;
}

}  // namespace materialize
