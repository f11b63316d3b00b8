// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/exec/uninterrupted.h"

#include <cerrno>

namespace materialize {
namespace {

template <typename Call>
auto Again(Call call) {
  auto result = call();
  while (result == -EINTR) result = call();
  return result;
}

}  // namespace

int Uninterrupted::OpenAt(int dir, const char* path, int flags, mode_t mode) {
  const bool may_wait = (flags & O_DIRECTORY) == 0;
  return Again([&] {
    const int result = sys_.OpenAt(dir, path, flags, mode);
    return result == -EINTR && may_wait && IsCancelled() ? -ECANCELED : result;
  });
}

int Uninterrupted::OpenBeneath(int dir, const char* path, int flags) {
  return Again([&] { return sys_.OpenBeneath(dir, path, flags); });
}

int Uninterrupted::Close(int fd) { return sys_.Close(fd); }

int Uninterrupted::Dup(int fd) {
  return Again([&] { return sys_.Dup(fd); });
}

int Uninterrupted::StatAt(int dir, const char* path, int flags, Stat* out) {
  return Again([&] { return sys_.StatAt(dir, path, flags, out); });
}

int Uninterrupted::StatFilesystem(int fd, FilesystemStat* out) {
  return Again([&] { return sys_.StatFilesystem(fd, out); });
}

int64_t Uninterrupted::ReadDirectory(int fd, char* buffer, size_t size) {
  return Again([&] { return sys_.ReadDirectory(fd, buffer, size); });
}

int64_t Uninterrupted::ReadLinkAt(int dir, const char* path, char* buffer,
                                  size_t size) {
  return Again([&] { return sys_.ReadLinkAt(dir, path, buffer, size); });
}

int Uninterrupted::LinkAt(int from_dir, const char* from, int to_dir,
                          const char* to, int flags) {
  return Again([&] { return sys_.LinkAt(from_dir, from, to_dir, to, flags); });
}

int Uninterrupted::SymlinkAt(const char* target, int dir, const char* path) {
  return Again([&] { return sys_.SymlinkAt(target, dir, path); });
}

int Uninterrupted::MakeDirectoryAt(int dir, const char* path, mode_t mode) {
  return Again([&] { return sys_.MakeDirectoryAt(dir, path, mode); });
}

int Uninterrupted::UnlinkAt(int dir, const char* path, int flags) {
  return Again([&] { return sys_.UnlinkAt(dir, path, flags); });
}

int Uninterrupted::RenameAt(int from_dir, const char* from, int to_dir,
                            const char* to, unsigned flags) {
  return Again(
      [&] { return sys_.RenameAt(from_dir, from, to_dir, to, flags); });
}

int Uninterrupted::CloneFile(int from, int to) {
  return Again([&] { return sys_.CloneFile(from, to); });
}

int Uninterrupted::SnapshotAt(int subvolume, int dir, const char* name) {
  return Again([&] { return sys_.SnapshotAt(subvolume, dir, name); });
}
int Uninterrupted::HasSubvolumes(int subvolume) {
  return Again([&] { return sys_.HasSubvolumes(subvolume); });
}
int64_t Uninterrupted::CopyRange(int from, int to, size_t size) {
  return Again([&] { return sys_.CopyRange(from, to, size); });
}

int64_t Uninterrupted::Read(int fd, char* buffer, size_t size) {
  return Again([&] {
    const int64_t result = sys_.Read(fd, buffer, size);
    return result == -EINTR && IsCancelled() ? -ECANCELED : result;
  });
}

int64_t Uninterrupted::Write(int fd, const char* buffer, size_t size) {
  return Again([&] { return sys_.Write(fd, buffer, size); });
}

int64_t Uninterrupted::Seek(int fd, int64_t offset, int whence) {
  return Again([&] { return sys_.Seek(fd, offset, whence); });
}

int Uninterrupted::Truncate(int fd, int64_t size) {
  return Again([&] { return sys_.Truncate(fd, size); });
}

int Uninterrupted::ChangeMode(int fd, mode_t mode) {
  return Again([&] { return sys_.ChangeMode(fd, mode); });
}

int Uninterrupted::ChangeModeAt(int dir, const char* path, mode_t mode) {
  return Again([&] { return sys_.ChangeModeAt(dir, path, mode); });
}

int Uninterrupted::ChangeOwnerAt(int dir, const char* path, uid_t uid,
                                 gid_t gid, int flags) {
  return Again([&] { return sys_.ChangeOwnerAt(dir, path, uid, gid, flags); });
}

int Uninterrupted::SetTimesAt(int dir, const char* path, const Time& mtime,
                              int flags) {
  return Again([&] { return sys_.SetTimesAt(dir, path, mtime, flags); });
}

int64_t Uninterrupted::GetXattr(int fd, const char* name, char* buffer,
                                size_t size) {
  return Again([&] { return sys_.GetXattr(fd, name, buffer, size); });
}

int Uninterrupted::SetXattr(int fd, const char* name, const char* value,
                            size_t size) {
  return Again([&] { return sys_.SetXattr(fd, name, value, size); });
}

int Uninterrupted::RemoveXattr(int fd, const char* name) {
  return Again([&] { return sys_.RemoveXattr(fd, name); });
}

int64_t Uninterrupted::ListXattr(int fd, char* buffer, size_t size) {
  return Again([&] { return sys_.ListXattr(fd, buffer, size); });
}

int Uninterrupted::Sync(int fd) {
  return Again([&] { return sys_.Sync(fd); });
}

int Uninterrupted::SyncFilesystem(int fd) {
  return Again([&] { return sys_.SyncFilesystem(fd); });
}

int Uninterrupted::Lock(int fd, int operation) {
  return Again([&] { return sys_.Lock(fd, operation); });
}

int64_t Uninterrupted::FileHandle(int dir, const char* path, int* type,
                                  unsigned char* buffer, size_t size) {
  return Again([&] { return sys_.FileHandle(dir, path, type, buffer, size); });
}

uid_t Uninterrupted::EffectiveUser() { return sys_.EffectiveUser(); }

int Uninterrupted::ClearThreadUmask() {
  return Again([&] { return sys_.ClearThreadUmask(); });
}

}  // namespace materialize
