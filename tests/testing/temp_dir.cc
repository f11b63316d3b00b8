// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Uses system calls of its own, not Sys: a test must be able to clean up after
// a broken or faulty one.

#include "tests/testing/temp_dir.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include "gtest/gtest.h"

namespace materialize {
namespace {

// Another st_dev is no border (a btrfs subvolume), another mount id is.
uint64_t MountId(int dir, const char* path) {
  struct statx found;
  const int result =
      statx(dir, path, AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT,
            STATX_MNT_ID, &found);
  return result == 0 ? found.stx_mnt_id : 0;
}

int RemoveAt(int dir, const char* name, uint64_t mount);

// Takes `fd`.
int RemoveEntries(int fd, uint64_t mount) {
  (void)fchmod(fd, 0700);  // Where it is not ours, unlink tells.
  DIR* stream = fdopendir(fd);
  if (stream == nullptr) return errno;
  int first_error = 0;
  while (const dirent* entry = readdir(stream)) {
    if (std::strcmp(entry->d_name, ".") == 0 ||
        std::strcmp(entry->d_name, "..") == 0)
      continue;
    const int error = RemoveAt(fd, entry->d_name, mount);
    if (first_error == 0) first_error = error;
  }
  closedir(stream);
  return first_error;
}

// A directory without permissions cannot be opened, by others than root.
int OpenDirectory(int dir, const char* name) {
  constexpr int kFlags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
  const int fd = openat(dir, name, kFlags);
  if (fd >= 0 || errno != EACCES) return fd;
  if (fchmodat(dir, name, 0700, 0) < 0) return -1;
  return openat(dir, name, kFlags);
}

int RemoveAt(int dir, const char* name, uint64_t mount) {
  if (unlinkat(dir, name, 0) == 0) return 0;
  if (errno != EISDIR && errno != EPERM && errno != EBUSY) return errno;
  if (MountId(dir, name) != mount) return EBUSY;
  const int fd = OpenDirectory(dir, name);
  if (fd < 0) return errno;
  const int error = RemoveEntries(fd, mount);
  if (unlinkat(dir, name, AT_REMOVEDIR) == 0) return 0;
  return error != 0 ? error : errno;
}

std::string DefaultParent() {
  const char* directory = std::getenv("TEST_TMPDIR");
  return directory != nullptr ? directory : "/tmp";
}

}  // namespace

int RemoveTree(const std::string& path) {
  return RemoveAt(AT_FDCWD, path.c_str(), MountId(AT_FDCWD, path.c_str()));
}

TempDir::TempDir() : TempDir(Parent{DefaultParent()}) {}

TempDir TempDir::In(std::string_view place) {
  const std::string work = std::string(place) + "/work";
  return TempDir(
      Parent{std::filesystem::is_directory(work) ? work : std::string(place)});
}

TempDir::TempDir(const Parent& parent) {
  std::string name =
      std::filesystem::canonical(parent.path).string() + "/test.XXXXXX";
  if (mkdtemp(name.data()) == nullptr)
    throw std::system_error(errno, std::generic_category(), "mkdtemp " + name);
  path_ = std::move(name);
}

TempDir::TempDir(TempDir&& other) noexcept
    : path_(std::exchange(other.path_, std::string())) {}

TempDir::~TempDir() {
  if (path_.empty()) return;
  const int error = RemoveTree(path_);
  if (error != 0)
    ADD_FAILURE() << "remove " << path_ << ": " << std::strerror(error);
}

}  // namespace materialize
