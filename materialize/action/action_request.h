// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// What a rule wants of its action: sources, and attributes under their names.
// Two kinds of files say it: request_file.h reads our rules', config_file.h
// bazel-lib's.

#ifndef MATERIALIZE_ACTION_ACTION_REQUEST_H_
#define MATERIALIZE_ACTION_ACTION_REQUEST_H_

#include <optional>
#include <string>
#include <vector>

namespace materialize {

// A file of the build, or a directory (a TreeArtifact).
struct ActionSource {
  std::string path;        // from the working directory, where to read it
  std::string short_path;  // in its workspace; "../repository/path" for other
                           // workspaces
  std::string package;     // of the label that brought it, like the next two
  std::string repository;  // "" is the main one
  std::string name;
  bool is_generated = false;  // an action made it; never a file that people
                              // edit

  // "@repository//package:name", for error texts.
  std::string Label() const;
  // `short_path` without "../repository/".
  std::string WorkspacePath() const;
};

// Of a path in the output directory: what `prefix`, a glob, matches becomes
// `replacement`.
struct PrefixReplacement {
  std::string prefix;
  std::string replacement;
};

enum class Hardlink {
  kAuto,  // generated files of the main repository, where that works
  kOff,
  kOn,  // as kAuto, and a warning: a source's inode is never shared
};

struct ActionRequest {
  std::string repository;  // of the target
  // "." in patterns is this package; absent: patterns say what they mean.
  std::optional<std::string> package;
  std::vector<std::string> root_paths;
  std::vector<std::string> include_external_repositories;
  std::vector<std::string> include_srcs_packages;
  std::vector<std::string> exclude_srcs_packages;
  std::vector<std::string> include_srcs_patterns;
  std::vector<std::string> exclude_srcs_patterns;
  std::vector<PrefixReplacement> replace_prefixes;
  std::vector<std::string> methods;           // names; none: what is best
  std::vector<std::string> private_patterns;  // attribute `private`
  Hardlink hardlink = Hardlink::kAuto;
  bool strict = false;            // `methods` and nothing else
  bool allow_overwrites = false;  // of two files for one path the later counts
  bool verbose = false;
  std::string yarn_lock;  // a file: see yarn_mirror.h; "" is not such a mirror
  std::string destination;  // the output directory, where the request names it
  std::vector<ActionSource> sources;
};

}  // namespace materialize

#endif  // MATERIALIZE_ACTION_ACTION_REQUEST_H_
