// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Turns the "what" of a Request into a Source: looks at the input, and refuses
// what is wrong with it before anything is written.

#ifndef MATERIALIZE_INPUT_H_
#define MATERIALIZE_INPUT_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "materialize/os/fd.h"
#include "materialize/os/sys.h"
#include "materialize/plan/source.h"
#include "materialize/plan/walk.h"
#include "materialize/report.h"
#include "materialize/request.h"

namespace materialize {

// What is laid out: a directory with all below it, or one file under the
// destination's own name.
enum class Shape { kTree, kFile };

struct Input {
  Shape shape = Shape::kTree;
  std::unique_ptr<Source> source;
  Stat facts;  // of Request::source; kind() is unknown with a manifest
  bool has_facts = false;
  std::vector<std::string>
      paths;  // files and directories that are read, for refusals by identity
  std::vector<std::string> directories;  // the directories among `paths`
  Selection selection;                   // of Request::include and exclude
  GlobList deletable;                    // of Deletion::only
  std::vector<Failure> missing;          // listed, but not there
  // Directories that turn out to be the destination itself are put here before
  // the source is listed.
  std::shared_ptr<std::vector<Identity>> left_out =
      std::make_shared<std::vector<Identity>>();
  // The text of a manifest that can be read once only, as a pipe can; null for
  // any other.
  std::shared_ptr<const std::string> manifest;
  // Entries of a list of files that were left out by Request::symlinks and
  // Request::special.
  int64_t symlinks_skipped = 0;
  int64_t special_skipped = 0;
};

// `name` is what a single file will be called. InvalidArgument: what `request`
// says about its input contradicts itself. NotFound and other errors of the
// kernel: the input cannot be read. To open it anew, give Input::manifest.
absl::StatusOr<Input> OpenInput(
    Sys& sys, const Request& request, const std::string& name,
    std::shared_ptr<const std::string> manifest = nullptr);

}  // namespace materialize

#endif  // MATERIALIZE_INPUT_H_
