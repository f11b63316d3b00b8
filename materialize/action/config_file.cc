// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/action/config_file.h"

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "nlohmann/json.hpp"

namespace materialize {
namespace {

using Json = nlohmann::json;

// Every output is below it.
constexpr absl::string_view kOutputs = "bazel-out/";

absl::Status Wrong(absl::string_view key, absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat(key, ": ", why));
}

// Reads one value; absent and null leave `*value` as it is.
absl::Status Read(const Json& json, absl::string_view key, std::string* value) {
  if (json.is_null()) return absl::OkStatus();
  if (!json.is_string()) return Wrong(key, "not a string");
  *value = json.get_ref<const std::string&>();
  return absl::OkStatus();
}

absl::Status Read(const Json& json, absl::string_view key, bool* value) {
  if (json.is_null()) return absl::OkStatus();
  if (!json.is_boolean()) return Wrong(key, "neither true nor false");
  *value = json.get<bool>();
  return absl::OkStatus();
}

absl::Status Read(const Json& json, absl::string_view key,
                  std::vector<std::string>* values) {
  if (json.is_null()) return absl::OkStatus();
  if (!json.is_array()) return Wrong(key, "not a list");
  for (size_t i = 0; i < json.size(); ++i) {
    std::string value;
    absl::Status read = Read(json[i], absl::StrCat(key, "[", i, "]"), &value);
    if (!read.ok()) return read;
    values->push_back(std::move(value));
  }
  return absl::OkStatus();
}

absl::Status Read(const Json& json, absl::string_view key,
                  std::vector<PrefixReplacement>* values) {
  if (json.is_null()) return absl::OkStatus();
  if (!json.is_object()) return Wrong(key, "not an object");
  for (const auto& [prefix, replacement] : json.items()) {
    PrefixReplacement value = {.prefix = prefix, .replacement = {}};
    absl::Status read =
        Read(replacement, absl::StrCat(key, ".", prefix), &value.replacement);
    if (!read.ok()) return read;
    values->push_back(std::move(value));
  }
  return absl::OkStatus();
}

// Calls Read() for the key of `object` whose place in the config is `where`.
template <typename Value>
absl::Status ReadKey(const Json& object, absl::string_view where,
                     const char* key, Value* value) {
  const auto found = object.find(key);
  return found == object.end() ? absl::OkStatus()
                               : Read(*found, absl::StrCat(where, key), value);
}

// One element of "files".
struct ConfigFile {
  std::string path;
  std::string package;
  std::string root_path;
  std::string workspace;
  std::string workspace_path;
  bool hardlink = false;
};

struct StringKey {
  const char* key;
  std::string ConfigFile::*member;
};
constexpr StringKey kStrings[] = {
    {"path", &ConfigFile::path},
    {"package", &ConfigFile::package},
    {"root_path", &ConfigFile::root_path},
    {"workspace", &ConfigFile::workspace},
    {"workspace_path", &ConfigFile::workspace_path},
};

absl::StatusOr<ConfigFile> ReadFileOf(const Json& json,
                                      const std::string& where) {
  if (!json.is_object()) return Wrong(where, "not an object");
  const std::string prefix = where + ".";
  ConfigFile file;
  for (const StringKey& row : kStrings) {
    absl::Status read = ReadKey(json, prefix, row.key, &(file.*row.member));
    if (!read.ok()) return read;
  }
  absl::Status read = ReadKey(json, prefix, "hardlink", &file.hardlink);
  if (!read.ok()) return read;
  if (file.path.empty()) return Wrong(prefix + "path", "not there");
  if (file.workspace_path.empty())
    return Wrong(prefix + "workspace_path", "not there");
  return file;
}

// The config does not say the label's name: what the path is below the package
// will do.
ActionSource SourceOf(ConfigFile file) {
  absl::string_view name = file.workspace_path;
  if (!file.package.empty())
    absl::ConsumePrefix(&name, absl::StrCat(file.package, "/"));
  const bool is_output =
      absl::StartsWith(absl::StrCat(file.root_path, "/"), kOutputs);
  ActionSource source;
  source.name = std::string(name);
  source.path = std::move(file.path);
  source.short_path = std::move(file.workspace_path);
  source.package = std::move(file.package);
  source.repository = std::move(file.workspace);
  source.is_generated = is_output && file.hardlink;
  return source;
}

absl::Status ReadFiles(const Json& config, ActionRequest& request) {
  const auto files = config.find("files");
  if (files == config.end() || files->is_null()) return absl::OkStatus();
  if (!files->is_array()) return Wrong("files", "not a list");
  for (size_t i = 0; i < files->size(); ++i) {
    absl::StatusOr<ConfigFile> file =
        ReadFileOf((*files)[i], absl::StrCat("files[", i, "]"));
    if (!file.ok()) return file.status();
    const bool was_asked = file->hardlink;
    request.sources.push_back(SourceOf(*std::move(file)));
    if (was_asked && !request.sources.back().is_generated)
      request.hardlink = Hardlink::kOn;
  }
  return absl::OkStatus();
}

absl::Status ReadAttributes(const Json& config, ActionRequest& request) {
  const struct {
    const char* key;
    std::vector<std::string>* list;
  } lists[] = {
      {"root_paths", &request.root_paths},
      {"include_external_repositories", &request.include_external_repositories},
      {"include_srcs_packages", &request.include_srcs_packages},
      {"exclude_srcs_packages", &request.exclude_srcs_packages},
      {"include_srcs_patterns", &request.include_srcs_patterns},
      {"exclude_srcs_patterns", &request.exclude_srcs_patterns},
  };
  for (const auto& row : lists) {
    absl::Status read = ReadKey(config, "", row.key, row.list);
    if (!read.ok()) return read;
  }
  // Times are always kept; what preserve_mtime wants of Bazel is the rule's.
  bool preserve_mtime = false;
  const struct {
    const char* key;
    bool* value;
  } switches[] = {
      {"allow_overwrites", &request.allow_overwrites},
      {"verbose", &request.verbose},
      {"preserve_mtime", &preserve_mtime},
  };
  for (const auto& row : switches) {
    absl::Status read = ReadKey(config, "", row.key, row.value);
    if (!read.ok()) return read;
  }
  absl::Status read =
      ReadKey(config, "", "replace_prefixes", &request.replace_prefixes);
  if (!read.ok()) return read;
  read = ReadKey(config, "", "dst", &request.destination);
  if (!read.ok()) return read;
  return request.destination.empty() ? Wrong("dst", "not there")
                                     : absl::OkStatus();
}

}  // namespace

bool LooksLikeConfig(absl::string_view text) {
  return absl::StartsWith(absl::StripLeadingAsciiWhitespace(text), "{");
}

absl::StatusOr<ActionRequest> ParseConfig(absl::string_view text,
                                          absl::string_view workspace) {
  const Json config = Json::parse(text.begin(), text.end(), nullptr,
                                  /*allow_exceptions=*/false);
  if (!config.is_object())
    return absl::InvalidArgumentError("not a JSON object");
  ActionRequest request;
  request.repository = std::string(workspace);
  if (absl::Status read = ReadAttributes(config, request); !read.ok())
    return read;
  if (absl::Status read = ReadFiles(config, request); !read.ok()) return read;
  return request;
}

}  // namespace materialize
