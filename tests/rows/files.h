// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// What the tests of rows look at: single files, what was left beside them, and
// how each entry was placed.

#ifndef MATERIALIZE_TESTS_ROWS_FILES_H_
#define MATERIALIZE_TESTS_ROWS_FILES_H_

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "materialize/materialize.h"

namespace materialize {

bool Exists(const std::string& path);  // links are not followed
// Of the name itself; a failure of the test where there is none.
Stat StatOf(const std::string& path);
bool IsOneInode(const std::string& a, const std::string& b);
std::string ReadFile(const std::string& path);
// Into the inode that is there.
void WriteFile(const std::string& path, const std::string& text);
std::string ReadLink(const std::string& path);

// Names in `directory` that a run of ours may have forgotten: its staging.
std::vector<std::string> Leftovers(const std::string& directory);

Request FromTo(const std::string& source, const std::string& destination,
               std::vector<Method> methods = {});
Request Merging(const std::string& source, const std::string& destination,
                std::vector<Method> methods = {});
// What the source does not have is deleted.
Request MergingExactly(const std::string& source,
                       const std::string& destination,
                       std::vector<Method> methods = {});

// Remembers what it is told.
class Recorder final : public Progress {
 public:
  void Placed(int worker, const Outcome& outcome) override;
  bool wants_entries() const override { return true; }

  // "hardlink a/b"; directories and links too, sorted by path.
  std::vector<std::string> Lines() const;

 private:
  mutable std::mutex mutex_;
  std::map<std::string, How> entries_;
};

}  // namespace materialize

#endif  // MATERIALIZE_TESTS_ROWS_FILES_H_
