// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/inspect/contents.h"

#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "materialize/os/path.h"
#include "materialize/os/status.h"
#include "materialize/plan/source.h"

namespace materialize {

std::string Contents::Name(const std::string& path) const {
  return JoinPath(path_, path);
}

absl::StatusOr<std::string> Contents::DigestOf(const std::string& path,
                                               DigestAlgorithm algorithm) {
  const auto [at, is_new] = known_.try_emplace({path, algorithm});
  if (!is_new) return at->second;
  absl::StatusOr<std::string> digest =
      Read(Fd(sys_, OpenFileBeneath(sys_, root_.get(), path)), path, algorithm);
  if (digest.ok()) {
    at->second = *digest;
  } else {
    known_.erase(at);
  }
  return digest;
}

absl::StatusOr<std::string> Contents::DigestBehind(const std::string& path) {
  // Without O_NONBLOCK a FIFO that took the file's place would hold us.
  return Read(Fd(sys_, OpenPatiently(sys_, AT_FDCWD, Name(path).c_str(),
                                     O_RDONLY | O_NONBLOCK | O_NOCTTY, 0)),
              path, DigestAlgorithm::kSha256);
}

absl::StatusOr<std::string> Contents::Read(Fd fd, const std::string& path,
                                           DigestAlgorithm algorithm) const {
  if (!fd.ok()) return ErrnoStatus(-fd.get(), "open", Name(path));
  Stat facts;
  if (const int result = sys_.StatAt(fd.get(), "", 0, &facts); result < 0)
    return ErrnoStatus(-result, "stat", Name(path));
  if (facts.kind() != Kind::kFile) {
    return absl::UnavailableError(
        absl::StrCat("read ", Name(path), ": no regular file any more"));
  }
  absl::StatusOr<std::vector<std::string>> digests =
      DigestsOfFd(sys_, fd.get(), {algorithm}, Name(path), cancel_);
  if (!digests.ok()) return digests.status();
  return digests->front();
}

}  // namespace materialize
