// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// A mount for one test: bind, tmpfs or a fresh overlay (a lower file is used up
// by being copied up, so the lab's is not enough). Needs root; declare it after
// the TempDir it lies in.

#ifndef MATERIALIZE_TESTS_TESTING_SCOPED_MOUNT_H_
#define MATERIALIZE_TESTS_TESTING_SCOPED_MOUNT_H_

#include <string>
#include <utility>

namespace materialize {

// True where this process may mount; a test that needs to says why it skips
// otherwise.
bool CanMount();

// The mount point is made if need be. Each throws std::system_error where the
// kernel refuses.
class ScopedMount {
 public:
  static ScopedMount Bind(const std::string& from, const std::string& at);
  // `options` as of mount(8): "size=1m".
  static ScopedMount Tmpfs(const std::string& at,
                           const std::string& options = "");
  // Makes DIR/lower (unless it is there: arrange the lower content first),
  // DIR/upper, DIR/work and mounts DIR/merged.
  static ScopedMount Overlay(const std::string& dir);

  ScopedMount(ScopedMount&& other) noexcept;
  ScopedMount& operator=(ScopedMount&&) = delete;
  // Unmounts; a mount that is still in use is taken away all the same, and is a
  // failure of the test.
  ~ScopedMount();

  const std::string& path() const { return path_; }

 private:
  explicit ScopedMount(std::string path) : path_(std::move(path)) {}

  std::string path_;
};

}  // namespace materialize

#endif  // MATERIALIZE_TESTS_TESTING_SCOPED_MOUNT_H_
