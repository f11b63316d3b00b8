// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Removes the entries of a receipt below an open directory, deepest first, each
// after a look at it. A rehearsal takes the same way and removes nothing.

#ifndef MATERIALIZE_UNINSTALL_REMOVAL_H_
#define MATERIALIZE_UNINSTALL_REMOVAL_H_

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "materialize/exec/rename.h"
#include "materialize/os/sys.h"
#include "materialize/progress.h"
#include "materialize/uninstall.h"
#include "materialize/uninstall/judge.h"
#include "materialize/uninstall/ways.h"
#include "materialize/uninstall_report.h"
#include "materialize/verify/expectation.h"

namespace materialize {

// Used once, by one thread. References outlive it.
class Removal {
 public:
  // `entries` as ReadExpectation() has them. `root` is the open directory that
  // they are below, `root_path` what people call it. `progress` may be null.
  Removal(Sys& sys, const UninstallRequest& request,
          const std::vector<Expected>& entries, int root, std::string root_path,
          Progress* progress);

  // Adds to `report`; the only errors are Cancelled and what the kernel says of
  // the root.
  absl::Status Run(UninstallReport* report);

 private:
  // The entries of one directory.
  struct Group {
    absl::string_view directory;
    std::vector<const Expected*> entries;
  };

  std::vector<Group> Groups() const;
  void Do(const Group& group);
  void GiveUp(const Group& group, int error);
  bool IsUnreached(absl::string_view directory) const;

  void Take(int dir, absl::string_view directory, const Expected& expected);
  void TakeEntry(const NameIn& at, absl::string_view directory,
                 const MtreeEntry& said);
  void TakeDirectory(const NameIn& at, absl::string_view directory,
                     const MtreeEntry& said);
  int RemoveDirectory(const NameIn& at, absl::string_view directory,
                      const std::string& path);
  int RehearseDirectory(const std::string& path);
  int Unlink(const NameIn& at, absl::string_view directory, int flags);
  void Count(const NameIn& at, absl::string_view directory, const Stat& facts);

  void Change(const std::string& path, absl::string_view why);
  void Fail(const std::string& path, const absl::Status& status);
  void FailMounted(const std::string& path);
  std::string Named(absl::string_view path) const;
  bool cancelled() const {
    return request_.cancel != nullptr && request_.cancel->load();
  }

  Sys& sys_;
  const UninstallRequest& request_;
  const std::vector<Expected>& entries_;
  const std::string root_path_;
  Progress* const progress_;
  Ways ways_;
  Judge judge_;
  UninstallReport* report_ = nullptr;
  // The topmost directories that cannot be entered, and whether that was told.
  std::map<std::string, bool, std::less<>> unreached_;
  // Of a rehearsal: how many names of a directory would go.
  std::map<std::string, size_t, std::less<>> would_go_;
};

}  // namespace materialize

#endif  // MATERIALIZE_UNINSTALL_REMOVAL_H_
