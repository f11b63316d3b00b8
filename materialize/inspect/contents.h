// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Digests of the files of one tree, each file read once.

#ifndef MATERIALIZE_INSPECT_CONTENTS_H_
#define MATERIALIZE_INSPECT_CONTENTS_H_

#include <atomic>
#include <map>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "materialize/digest.h"
#include "materialize/os/fd.h"
#include "materialize/os/sys.h"

namespace materialize {

class Contents {
 public:
  // `root` is the open directory, `path` what people call it; `cancel` may be
  // null.
  Contents(Sys& sys, Fd root, std::string path, const std::atomic<bool>* cancel)
      : sys_(sys),
        root_(std::move(root)),
        path_(std::move(path)),
        cancel_(cancel) {}

  // Of the regular file `path`, relative to the root, reached through no
  // symlink.
  absl::StatusOr<std::string> DigestOf(const std::string& path,
                                       DigestAlgorithm algorithm);
  // Of the regular file that the symlink `path` leads to.
  absl::StatusOr<std::string> DigestBehind(const std::string& path);

 private:
  absl::StatusOr<std::string> Read(Fd fd, const std::string& path,
                                   DigestAlgorithm algorithm) const;
  std::string Name(const std::string& path) const;

  Sys& sys_;
  Fd root_;
  std::string path_;
  const std::atomic<bool>* cancel_;
  std::map<std::pair<std::string, DigestAlgorithm>, std::string> known_;
};

}  // namespace materialize

#endif  // MATERIALIZE_INSPECT_CONTENTS_H_
