// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// What rules/private/materialize_tree.bzl writes down for the action:
// attributes, then sources, one fact a line. A line is a word and fields,
// separated by tabs; in fields \t, \n and \\ stand for tab, newline and
// backslash.

#ifndef MATERIALIZE_ACTION_REQUEST_FILE_H_
#define MATERIALIZE_ACTION_REQUEST_FILE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace materialize {

// A file of the build, or a directory (a TreeArtifact).
struct ActionSource {
  std::string path;        // from the working directory, where to read it
  std::string short_path;  // in its workspace; "../repository/path" for other
                           // workspaces
  std::string package;     // of the label that brought it, like the next two
  std::string repository;  // "" is the main one
  std::string name;

  // "@repository//package:name", for error texts.
  std::string Label() const;
  // `short_path` without "../repository/".
  std::string WorkspacePath() const;
};

// The attributes of materialize_tree, under their names.
struct ActionRequest {
  std::string repository;  // of the target
  std::string package;
  std::vector<std::string> root_paths;
  std::vector<std::string> include_external_repositories;
  std::vector<std::string> include_srcs_packages;
  std::vector<std::string> exclude_srcs_packages;
  std::vector<std::string> include_srcs_patterns;
  std::vector<std::string> exclude_srcs_patterns;
  std::vector<ActionSource> sources;
};

// InvalidArgument names the line ("line 12: ...").
absl::StatusOr<ActionRequest> ParseActionRequest(absl::string_view text);

}  // namespace materialize

#endif  // MATERIALIZE_ACTION_REQUEST_FILE_H_
