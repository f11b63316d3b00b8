// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/action/tree_scan.h"

#include <algorithm>
#include <cstdint>
#include <deque>
#include <iterator>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "materialize/exec/work_list.h"
#include "materialize/os/dents.h"
#include "materialize/os/fd.h"
#include "materialize/os/path.h"
#include "materialize/os/status.h"
#include "materialize/os/threads.h"

namespace materialize {
namespace {

constexpr size_t kListingBytes = 64 * 1024;
// From so many directories to be listed on, more threads are worth their start.
constexpr size_t kManyDirectories = 32;

struct ScannedDirectory {
  std::string path;  // "" the root, else with a '/' at its end
  ScannedDirectory* above = nullptr;
  size_t wanted = 0;
};

// What the threads of one scan share.
struct Scan {
  Scan(Sys& its_sys, const std::string& its_root)
      : sys(its_sys), root(its_root) {}

  void Add(std::vector<ScannedDirectory> children) {
    std::vector<ScannedDirectory*> works;
    works.reserve(children.size());
    const std::lock_guard<std::mutex> lock(mutex);
    for (ScannedDirectory& child : children)
      works.push_back(&directories.emplace_back(std::move(child)));
    list.Push(&works);
  }
  void Fail(absl::Status first) {
    const std::lock_guard<std::mutex> lock(mutex);
    status.Update(std::move(first));
    list.Stop();
  }

  Sys& sys;
  const std::string& root;
  Fd fd = {};
  WorkList<ScannedDirectory*> list{kManyDirectories};
  std::mutex mutex;
  std::deque<ScannedDirectory> directories;  // a parent before its children
  absl::Status status;
};

// One thread of it.
class Lister {
 public:
  Lister(Scan& scan, TreeAnswers& answers) : scan_(scan), answers_(answers) {}

  // To the end of the scan, or until there is much to do.
  void Loop(bool is_alone);
  ScannedTree& tree() { return tree_; }

 private:
  absl::Status List(ScannedDirectory& directory);
  absl::Status Add(ScannedDirectory& directory, int fd, const Dent& dent);
  absl::Status AddFile(ScannedDirectory& directory, const Stat* link);
  absl::Status Fail(int result, const char* call) const {
    return ErrnoStatus(-result, call, absl::StrCat(scan_.root, "/", path_));
  }

  Scan& scan_;
  TreeAnswers& answers_;
  std::unique_ptr<char[]> block_ =
      std::make_unique_for_overwrite<char[]>(kListingBytes);
  std::string path_;  // what is being looked at, below the root
  std::vector<ScannedDirectory> children_;
  ScannedTree tree_;
};

void Lister::Loop(bool is_alone) {
  while (!is_alone || !scan_.list.has_surplus()) {
    const std::optional<ScannedDirectory*> next = scan_.list.Wait();
    if (!next.has_value()) return;
    if (absl::Status status = List(**next); !status.ok())
      scan_.Fail(std::move(status));
    if (tree_.is_entangled) scan_.list.Stop();
    scan_.Add(std::exchange(children_, {}));
    scan_.list.Done();
  }
}

absl::Status Lister::List(ScannedDirectory& directory) {
  path_ = directory.path;
  const char* const name = path_.empty() ? "." : path_.c_str();
  const Fd fd(scan_.sys, OpenPatiently(scan_.sys, scan_.fd.get(), name,
                                       O_RDONLY | O_DIRECTORY, 0));
  if (!fd.ok()) return Fail(fd.get(), "open");
  while (true) {
    const int64_t bytes =
        scan_.sys.ReadDirectory(fd.get(), block_.get(), kListingBytes);
    if (bytes < 0) return Fail(static_cast<int>(bytes), "list");
    if (bytes == 0) return absl::OkStatus();
    absl::Status status;
    ForEachDent(block_.get(), static_cast<size_t>(bytes),
                [&](const Dent& dent) {
                  if (!status.ok() || tree_.is_entangled) return;
                  status = Add(directory, fd.get(), dent);
                });
    if (!status.ok() || tree_.is_entangled) return status;
  }
}

absl::Status Lister::Add(ScannedDirectory& directory, int fd,
                         const Dent& dent) {
  path_ = directory.path;
  path_.append(dent.name);
  Kind kind = dent.kind;
  Stat facts;
  if (kind == Kind::kUnknown) {
    const int result =
        scan_.sys.StatAt(fd, dent.name, AT_SYMLINK_NOFOLLOW, &facts);
    if (result < 0) return Fail(result, "stat");
    kind = facts.kind();
  }
  const bool is_link = kind == Kind::kSymlink;
  if (is_link) {
    const int result = scan_.sys.StatAt(fd, dent.name, 0, &facts);
    if (result < 0) return Fail(result, "follow");
    kind = facts.kind();
    tree_.is_entangled = kind == Kind::kDirectory;
  }
  switch (kind) {
    case Kind::kFile:
      return AddFile(directory, is_link ? &facts : nullptr);
    case Kind::kDirectory:
      children_.push_back({.path = path_ + "/", .above = &directory});
      return absl::OkStatus();
    default:
      return absl::InvalidArgumentError(absl::StrCat(
          scan_.root, "/", path_, ": neither a file nor a directory"));
  }
}

// `link`: what it leads to, when it is one.
absl::Status Lister::AddFile(ScannedDirectory& directory, const Stat* link) {
  const absl::StatusOr<bool> wanted = answers_.Wants(path_);
  if (!wanted.ok()) return wanted.status();
  if (!*wanted) {
    tree_.left_out.push_back(path_);
    return absl::OkStatus();
  }
  ++tree_.files;
  ++directory.wanted;
  if (link == nullptr) return absl::OkStatus();
  tree_.has_links = true;
  answers_.SeeLink(path_, *link);
  return absl::OkStatus();
}

void RunAll(Scan& scan, std::deque<Lister>& listers) {
  listers.front().Loop(/*is_alone=*/true);
  if (!scan.list.has_surplus()) return;
  RunTogether(static_cast<int>(listers.size()), [&listers](int number) {
    listers[static_cast<size_t>(number)].Loop(/*is_alone=*/false);
  });
}

void Take(ScannedTree& from, ScannedTree* tree) {
  std::move(from.left_out.begin(), from.left_out.end(),
            std::back_inserter(tree->left_out));
  tree->files += from.files;
  tree->has_links |= from.has_links;
  tree->is_entangled |= from.is_entangled;
}

// Of those that hold each other the outermost says it all, but no harm is done
// by the others.
void LeaveOutEmptyDirectories(std::deque<ScannedDirectory>& directories,
                              ScannedTree* tree) {
  for (size_t i = directories.size() - 1; i > 0; --i) {
    ScannedDirectory& directory = directories[i];
    directory.above->wanted += directory.wanted;
    if (directory.wanted > 0) continue;
    directory.path.pop_back();
    tree->left_out.push_back(std::move(directory.path));
  }
}

}  // namespace

absl::StatusOr<ScannedTree> ScanTree(Sys& sys, const std::string& root,
                                     absl::Span<TreeAnswers* const> answers) {
  Scan scan(sys, root);
  scan.fd = Fd(sys, OpenPatiently(sys, AT_FDCWD, root.c_str(),
                                  O_RDONLY | O_DIRECTORY, 0));
  if (!scan.fd.ok()) return ErrnoStatus(-scan.fd.get(), "open", root);
  scan.Add({{}});
  std::deque<Lister> listers;
  for (TreeAnswers* one : answers) listers.emplace_back(scan, *one);
  RunAll(scan, listers);
  if (!scan.status.ok()) return scan.status;
  ScannedTree tree;
  for (Lister& lister : listers) Take(lister.tree(), &tree);
  if (tree.is_entangled) return tree;
  LeaveOutEmptyDirectories(scan.directories, &tree);
  std::sort(tree.left_out.begin(), tree.left_out.end());
  return tree;
}

}  // namespace materialize
