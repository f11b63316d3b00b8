// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/action/tree_scan.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "materialize/os/dents.h"
#include "materialize/os/fd.h"
#include "materialize/os/path.h"
#include "materialize/os/status.h"

namespace materialize {
namespace {

constexpr size_t kListingBytes = 64 * 1024;

struct ScannedDirectory {
  std::string path;  // "" the root, else with a '/' at its end
  size_t above = 0;  // its parent's number
  size_t wanted = 0;
};

class Scan {
 public:
  Scan(Sys& sys, const std::string& root, const TreeQuestions& questions)
      : sys_(sys), root_(root), questions_(questions) {}

  absl::StatusOr<ScannedTree> Run();

 private:
  absl::Status List(size_t number);
  absl::Status Add(size_t number, int fd, const Dent& dent);
  absl::Status AddFile(size_t number, const Stat* link);
  absl::Status Fail(int result, const char* call) const {
    return ErrnoStatus(-result, call, absl::StrCat(root_, "/", path_));
  }
  void LeaveOutEmptyDirectories();

  Sys& sys_;
  const std::string& root_;
  const TreeQuestions& questions_;
  Fd fd_;
  std::unique_ptr<char[]> block_ =
      std::make_unique_for_overwrite<char[]>(kListingBytes);
  std::vector<ScannedDirectory> directories_;  // a parent before its children
  std::string path_;  // what is being looked at, below the root
  ScannedTree tree_;
};

absl::StatusOr<ScannedTree> Scan::Run() {
  fd_ = Fd(sys_, OpenPatiently(sys_, AT_FDCWD, root_.c_str(),
                               O_RDONLY | O_DIRECTORY, 0));
  if (!fd_.ok()) return ErrnoStatus(-fd_.get(), "open", root_);
  directories_.push_back({});
  for (size_t next = 0; next < directories_.size(); ++next) {
    if (absl::Status status = List(next); !status.ok()) return status;
    if (tree_.is_entangled) return std::move(tree_);
  }
  LeaveOutEmptyDirectories();
  std::sort(tree_.left_out.begin(), tree_.left_out.end());
  return std::move(tree_);
}

absl::Status Scan::List(size_t number) {
  path_ = directories_[number].path;
  const char* const name = path_.empty() ? "." : path_.c_str();
  const Fd fd(sys_,
              OpenPatiently(sys_, fd_.get(), name, O_RDONLY | O_DIRECTORY, 0));
  if (!fd.ok()) return Fail(fd.get(), "open");
  while (true) {
    const int64_t bytes =
        sys_.ReadDirectory(fd.get(), block_.get(), kListingBytes);
    if (bytes < 0) return Fail(static_cast<int>(bytes), "list");
    if (bytes == 0) return absl::OkStatus();
    absl::Status status;
    ForEachDent(block_.get(), static_cast<size_t>(bytes),
                [&](const Dent& dent) {
                  if (!status.ok() || tree_.is_entangled) return;
                  status = Add(number, fd.get(), dent);
                });
    if (!status.ok() || tree_.is_entangled) return status;
  }
}

absl::Status Scan::Add(size_t number, int fd, const Dent& dent) {
  path_ = directories_[number].path;
  path_.append(dent.name);
  Kind kind = dent.kind;
  Stat facts;
  if (kind == Kind::kUnknown) {
    const int result = sys_.StatAt(fd, dent.name, AT_SYMLINK_NOFOLLOW, &facts);
    if (result < 0) return Fail(result, "stat");
    kind = facts.kind();
  }
  const bool is_link = kind == Kind::kSymlink;
  if (is_link) {
    const int result = sys_.StatAt(fd, dent.name, 0, &facts);
    if (result < 0) return Fail(result, "follow");
    kind = facts.kind();
    tree_.is_entangled = kind == Kind::kDirectory;
  }
  switch (kind) {
    case Kind::kFile:
      return AddFile(number, is_link ? &facts : nullptr);
    case Kind::kDirectory:
      directories_.push_back({.path = path_ + "/", .above = number});
      return absl::OkStatus();
    default:
      return absl::InvalidArgumentError(
          absl::StrCat(root_, "/", path_, ": neither a file nor a directory"));
  }
}

// `link`: what it leads to, when it is one.
absl::Status Scan::AddFile(size_t number, const Stat* link) {
  const absl::StatusOr<bool> wanted = questions_.wants(path_);
  if (!wanted.ok()) return wanted.status();
  if (!*wanted) {
    tree_.left_out.push_back(path_);
    return absl::OkStatus();
  }
  ++tree_.files;
  ++directories_[number].wanted;
  if (link == nullptr) return absl::OkStatus();
  tree_.has_links = true;
  questions_.link(path_, *link);
  return absl::OkStatus();
}

// Of those that hold each other the outermost says it all, but no harm is done
// by the others.
void Scan::LeaveOutEmptyDirectories() {
  for (size_t i = directories_.size() - 1; i > 0; --i) {
    ScannedDirectory& directory = directories_[i];
    directories_[directory.above].wanted += directory.wanted;
    if (directory.wanted > 0) continue;
    directory.path.pop_back();
    tree_.left_out.push_back(std::move(directory.path));
  }
}

}  // namespace

absl::StatusOr<ScannedTree> ScanTree(Sys& sys, const std::string& root,
                                     const TreeQuestions& questions) {
  return Scan(sys, root, questions).Run();
}

}  // namespace materialize
