// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Lines by a table of words; everything unknown is an error, since rule and
// tool always come together.

#include "materialize/action/request_file.h"

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace materialize {
namespace {

constexpr absl::string_view kFirstLine = "materialize_tree\t1";
constexpr size_t kSourceFields = 5;

struct ListWord {
  absl::string_view word;
  std::vector<std::string> ActionRequest::*member;
};
constexpr ListWord kLists[] = {
    {"root_paths", &ActionRequest::root_paths},
    {"include_external_repositories",
     &ActionRequest::include_external_repositories},
    {"include_srcs_packages", &ActionRequest::include_srcs_packages},
    {"exclude_srcs_packages", &ActionRequest::exclude_srcs_packages},
    {"include_srcs_patterns", &ActionRequest::include_srcs_patterns},
    {"exclude_srcs_patterns", &ActionRequest::exclude_srcs_patterns},
    {"methods", &ActionRequest::methods},
    {"private", &ActionRequest::private_patterns},
};

// Said where it holds, never where it does not.
struct SwitchWord {
  absl::string_view word;
  bool ActionRequest::*member;
};
constexpr SwitchWord kSwitches[] = {
    {"strict", &ActionRequest::strict},
    {"allow_overwrites", &ActionRequest::allow_overwrites},
    {"verbose", &ActionRequest::verbose},
};

struct HardlinkWord {
  absl::string_view value;
  Hardlink hardlink;
};
constexpr HardlinkWord kHardlinks[] = {
    {"auto", Hardlink::kAuto},
    {"off", Hardlink::kOff},
    {"on", Hardlink::kOn},
};

// Bazel does not always know that a source is a directory: whoever reads it
// looks. Those words are for people.
struct SourceWord {
  absl::string_view word;
  bool is_generated;
};
constexpr SourceWord kSources[] = {
    {"file", false},
    {"directory", false},
    {"generated_file", true},
    {"generated_directory", true},
};

absl::StatusOr<std::string> Unescape(absl::string_view text) {
  std::string plain;
  plain.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      plain.push_back(text[i]);
      continue;
    }
    const char escaped = ++i < text.size() ? text[i] : '\0';
    switch (escaped) {
      case '\\':
        plain.push_back('\\');
        break;
      case 't':
        plain.push_back('\t');
        break;
      case 'n':
        plain.push_back('\n');
        break;
      default:
        return absl::InvalidArgumentError("a backslash that escapes nothing");
    }
  }
  return plain;
}

using Fields = std::vector<std::string>;

absl::Status CheckCount(absl::string_view what, const Fields& fields,
                        size_t count) {
  if (fields.size() == count) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      what, " has ", count == 1 ? "one field" : absl::StrCat(count, " fields"),
      ", not ", fields.size()));
}

absl::Status AddSource(const SourceWord& row, Fields& fields,
                       ActionRequest& request) {
  absl::Status counted = CheckCount("a source", fields, kSourceFields);
  if (!counted.ok()) return counted;
  request.sources.push_back({.path = std::move(fields[0]),
                             .short_path = std::move(fields[1]),
                             .package = std::move(fields[2]),
                             .repository = std::move(fields[3]),
                             .name = std::move(fields[4]),
                             .is_generated = row.is_generated});
  return absl::OkStatus();
}

absl::Status SetHardlink(absl::string_view value, ActionRequest& request) {
  for (const HardlinkWord& row : kHardlinks) {
    if (row.value != value) continue;
    request.hardlink = row.hardlink;
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      absl::StrCat("\"hardlink\" is auto, off or on, not \"", value, "\""));
}

absl::Status AddAttribute(absl::string_view word, Fields& fields,
                          ActionRequest& request) {
  const bool is_pair = word == "replace_prefixes";
  absl::Status counted =
      CheckCount(absl::StrCat("\"", word, "\""), fields, is_pair ? 2 : 1);
  if (!counted.ok()) return counted;
  if (is_pair) {
    request.replace_prefixes.push_back(
        {.prefix = std::move(fields[0]), .replacement = std::move(fields[1])});
    return absl::OkStatus();
  }
  for (const ListWord& row : kLists) {
    if (row.word != word) continue;
    (request.*row.member).push_back(std::move(fields[0]));
    return absl::OkStatus();
  }
  for (const SwitchWord& row : kSwitches) {
    if (row.word != word) continue;
    request.*row.member = true;
    return absl::OkStatus();
  }
  if (word == "hardlink") return SetHardlink(fields[0], request);
  if (word == "repository") {
    request.repository = std::move(fields[0]);
    return absl::OkStatus();
  }
  if (word == "yarn_lock") {
    request.yarn_lock = std::move(fields[0]);
    return absl::OkStatus();
  }
  if (word == "package") {
    request.package = std::move(fields[0]);
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      absl::StrCat("unknown word \"", word, "\""));
}

absl::Status AddLine(absl::string_view line, ActionRequest& request) {
  Fields fields;
  absl::string_view word;
  for (const absl::string_view part : absl::StrSplit(line, '\t')) {
    if (word.data() == nullptr) {
      word = part;
      continue;
    }
    absl::StatusOr<std::string> field = Unescape(part);
    if (!field.ok()) return field.status();
    fields.push_back(*std::move(field));
  }
  for (const SourceWord& row : kSources) {
    if (row.word == word) return AddSource(row, fields, request);
  }
  return AddAttribute(word, fields, request);
}

}  // namespace

absl::StatusOr<ActionRequest> ParseActionRequest(absl::string_view text) {
  ActionRequest request;
  size_t number = 0;
  while (!text.empty()) {
    const absl::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(line.size());
    if (text.empty())
      return absl::InvalidArgumentError(
          absl::StrCat("line ", number + 1, ": has no end"));
    text.remove_prefix(1);
    ++number;
    if (number == 1 && line == kFirstLine) continue;
    const absl::Status added =
        number == 1 ? absl::InvalidArgumentError(
                          "not a request of this version of the rules")
                    : AddLine(line, request);
    if (!added.ok())
      return absl::InvalidArgumentError(
          absl::StrCat("line ", number, ": ", added.message()));
  }
  if (number == 0) return absl::InvalidArgumentError("line 1: not there");
  return request;
}

}  // namespace materialize
