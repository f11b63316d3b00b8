// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// A fresh directory for one test, removed with all that is in it. Removal never
// follows a symlink nor crosses a mount.

#ifndef MATERIALIZE_TESTS_TESTING_TEMP_DIR_H_
#define MATERIALIZE_TESTS_TESTING_TEMP_DIR_H_

#include <string>
#include <string_view>

namespace materialize {

class TempDir {
 public:
  // In $TEST_TMPDIR, else in /tmp. Throws std::system_error where it cannot be
  // made: a failure of that test.
  TempDir();
  // In PLACE/work where that is (a place of the lab), else in `place` itself.
  static TempDir In(std::string_view place);

  TempDir(TempDir&& other) noexcept;
  TempDir& operator=(TempDir&&) = delete;
  // What cannot be removed is a failure of the test.
  ~TempDir();

  // Absolute, without a trailing slash or symlinks.
  const std::string& path() const { return path_; }
  // NOLINTNEXTLINE(google-explicit-constructor): reads as the path it is.
  operator const std::string&() const { return path_; }
  std::string operator/(std::string_view name) const {
    return path_ + "/" + std::string(name);
  }

 private:
  struct Parent {
    std::string path;
  };
  explicit TempDir(const Parent& parent);

  std::string path_;
};

// Removes a tree, read-only directories included; mount points in it stay, with
// what leads to them. 0 or a positive errno, the first met.
int RemoveTree(const std::string& path);

}  // namespace materialize

#endif  // MATERIALIZE_TESTS_TESTING_TEMP_DIR_H_
