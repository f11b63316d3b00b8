// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// A list of files instead of a whole directory (--files_from), as entries of a
// manifest.

#ifndef MATERIALIZE_PLAN_FILE_LIST_H_
#define MATERIALIZE_PLAN_FILE_LIST_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "materialize/manifest.h"
#include "materialize/os/sys.h"
#include "materialize/request.h"

namespace materialize {

// One path per line; NUL-separated when there is a NUL anywhere. Empty ones
// are nothing.
std::vector<std::string> ParseFileList(absl::string_view text);

struct FileListOptions {
  Symlinks symlinks = Symlinks::kKeep;
  Special special = Special::kError;
  bool preserve_owner = false;  // of parents and symlinks; files have sources
};

struct ListedFiles {
  std::vector<ManifestEntry> entries;  // their content= is SOURCE/PATH
  std::vector<std::string> missing;    // as they were listed, in path order
  int64_t symlinks_skipped = 0;
  int64_t special_skipped = 0;
};

// Looks up `files`, relative to the directory `source`: a leading "./" and a
// slash at the end mean nothing, what is listed twice or below a listed
// directory is there once, a directory is meant as a whole. Parents get mode
// and mtime of their own in `source`. InvalidArgument for paths that are
// absolute, hold `..` or an empty component, or, unless symlinks are followed,
// pass through one; and for special files, unless they are skipped.
absl::StatusOr<ListedFiles> ListFiles(Sys& sys, absl::string_view source,
                                      const std::vector<std::string>& files,
                                      const FileListOptions& options);

}  // namespace materialize

#endif  // MATERIALIZE_PLAN_FILE_LIST_H_
