// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Writes down what was placed as an mtree(5) file that mtree(8) finds true.

#ifndef MATERIALIZE_RECEIPT_H_
#define MATERIALIZE_RECEIPT_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "materialize/os/sys.h"
#include "materialize/progress.h"
#include "materialize/spool.h"
#include "materialize/whole_file.h"

namespace materialize {

struct ReceiptOptions {
  int workers = 1;
  bool digest = false;  // sha256digest: reads every byte of the destination
  // Inode number of each file, and ctime of those with one name, as tags: what
  // tells a file that was replaced or changed from one that looks the same.
  bool identity = false;
  // Comment lines `# materialize NAME=VALUE`.
  std::vector<std::pair<std::string, std::string>> stamps;
};

// One line per entry: type, mode, time; size of files, link of symlinks. The
// root is `.`. Memory is bounded, whatever the size of the tree. Entries are
// collected as they are placed, so a directory must be told of (once) with the
// mode and time it has in the end.
class Receipt final : public Progress {
 public:
  // Finds out now whether `path` can be written; it is replaced only by
  // Write().
  static absl::StatusOr<std::unique_ptr<Receipt>> Open(Sys& sys,
                                                       absl::string_view path,
                                                       ReceiptOptions options);

  void Placed(int worker, const Outcome& outcome) override;
  bool wants_entries() const override { return true; }

  // When all is placed. `root` is the open destination, `root_path` what people
  // call it; both are for digests and identities only.
  absl::Status Write(int root, absl::string_view root_path);

 private:
  // Of one worker; what it needs for one line after the other.
  struct alignas(64) Scratch {
    std::string key;
    std::string line;
  };

  Receipt(Sys& sys, ReceiptOptions options, std::unique_ptr<WholeFile> file);

  void AppendIdentity(int root, const std::string& path,
                      std::string* line) const;
  absl::StatusOr<std::string> Digest(int root, absl::string_view root_path,
                                     const std::string& path) const;

  Sys& sys_;
  ReceiptOptions options_;
  std::unique_ptr<WholeFile> file_;
  Spool spool_;
  std::vector<Scratch> scratch_;
};

}  // namespace materialize

#endif  // MATERIALIZE_RECEIPT_H_
