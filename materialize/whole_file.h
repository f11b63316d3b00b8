// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// A file that appears whole or not at all.

#ifndef MATERIALIZE_WHOLE_FILE_H_
#define MATERIALIZE_WHOLE_FILE_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "materialize/os/fd.h"
#include "materialize/os/sys.h"

namespace materialize {

// Written beside its name and renamed over it; until Commit() nothing is to be
// seen (where the filesystem has no O_TMPFILE: but a name that begins with
// ".materialize-"). A symlink at the name is replaced. What is no regular file,
// as a pipe or /dev/stdout, is simply written to.
class WholeFile {
 public:
  static absl::StatusOr<std::unique_ptr<WholeFile>> Create(
      Sys& sys, absl::string_view path);
  // Without a Commit() before: as if it never was.
  ~WholeFile();
  WholeFile(const WholeFile&) = delete;
  WholeFile& operator=(const WholeFile&) = delete;

  absl::Status Write(absl::string_view bytes);  // buffered
  absl::Status Commit();

 private:
  WholeFile(Sys& sys, absl::string_view path);

  absl::Status Open();
  absl::Status OpenTemporary();
  absl::Status NameTemporary();
  absl::Status Flush();
  absl::Status Fail(int result, absl::string_view call) const;

  Sys& sys_;
  std::string path_;
  std::string name_;       // last component of path_
  Fd directory_;           // where it is, unless the file is written directly
  std::string temporary_;  // its name there for now; empty: it has none
  Fd file_;
  std::string buffer_;
};

}  // namespace materialize

#endif  // MATERIALIZE_WHOLE_FILE_H_
