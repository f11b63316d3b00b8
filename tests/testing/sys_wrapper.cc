// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// The one list of all methods of Sys for the fakes: name, paths, call.

#include "tests/testing/sys_wrapper.h"

#include <unistd.h>

#include <climits>
#include <string_view>

namespace materialize {
namespace {

std::string ReadLink(const std::string& link) {
  char target[PATH_MAX];
  const ssize_t size = readlink(link.c_str(), target, sizeof target);
  return size < 0 ? std::string()
                  : std::string(target, static_cast<size_t>(size));
}

std::string DirectoryPath(int dir) {
  return ReadLink(dir == AT_FDCWD ? "/proc/self/cwd"
                                  : "/proc/self/fd/" + std::to_string(dir));
}

}  // namespace

std::string AbsolutePath(const CallPath& path) {
  const std::string_view name = path.name == nullptr ? "" : path.name;
  if (name.starts_with('/')) return std::string(name);
  if (path.dir == -1) return "";
  const std::string directory = DirectoryPath(path.dir);
  if (name.empty() || name == ".") return directory;
  return (directory == "/" ? "" : directory) + "/" + std::string(name);
}

int64_t SysWrapper::Around(const Call&, const RealCall& real) { return real(); }

int SysWrapper::OpenAt(int dir, const char* path, int flags, mode_t mode) {
  return static_cast<int>(Around({"OpenAt", {dir, path}, {}}, [&] {
    return real_.OpenAt(dir, path, flags, mode);
  }));
}

int SysWrapper::OpenBeneath(int dir, const char* path, int flags) {
  return static_cast<int>(Around({"OpenBeneath", {dir, path}, {}}, [&] {
    return real_.OpenBeneath(dir, path, flags);
  }));
}

int SysWrapper::Close(int fd) {
  return static_cast<int>(
      Around({"Close", {fd, ""}, {}}, [&] { return real_.Close(fd); }));
}

int SysWrapper::Dup(int fd) {
  return static_cast<int>(
      Around({"Dup", {fd, ""}, {}}, [&] { return real_.Dup(fd); }));
}

int SysWrapper::StatAt(int dir, const char* path, int flags, Stat* out) {
  return static_cast<int>(Around({"StatAt", {dir, path}, {}}, [&] {
    return real_.StatAt(dir, path, flags, out);
  }));
}

int SysWrapper::StatFilesystem(int fd, FilesystemStat* out) {
  return static_cast<int>(Around({"StatFilesystem", {fd, ""}, {}}, [&] {
    return real_.StatFilesystem(fd, out);
  }));
}

int64_t SysWrapper::ReadDirectory(int fd, char* buffer, size_t size) {
  return Around({"ReadDirectory", {fd, ""}, {}},
                [&] { return real_.ReadDirectory(fd, buffer, size); });
}

int64_t SysWrapper::ReadLinkAt(int dir, const char* path, char* buffer,
                               size_t size) {
  return Around({"ReadLinkAt", {dir, path}, {}},
                [&] { return real_.ReadLinkAt(dir, path, buffer, size); });
}

int SysWrapper::LinkAt(int from_dir, const char* from, int to_dir,
                       const char* to, int flags) {
  return static_cast<int>(
      Around({"LinkAt", {from_dir, from}, {to_dir, to}},
             [&] { return real_.LinkAt(from_dir, from, to_dir, to, flags); }));
}

int SysWrapper::SymlinkAt(const char* target, int dir, const char* path) {
  return static_cast<int>(Around({"SymlinkAt", {dir, path}, {}}, [&] {
    return real_.SymlinkAt(target, dir, path);
  }));
}

int SysWrapper::MakeDirectoryAt(int dir, const char* path, mode_t mode) {
  return static_cast<int>(Around({"MakeDirectoryAt", {dir, path}, {}}, [&] {
    return real_.MakeDirectoryAt(dir, path, mode);
  }));
}

int SysWrapper::UnlinkAt(int dir, const char* path, int flags) {
  return static_cast<int>(Around({"UnlinkAt", {dir, path}, {}}, [&] {
    return real_.UnlinkAt(dir, path, flags);
  }));
}

int SysWrapper::RenameAt(int from_dir, const char* from, int to_dir,
                         const char* to, unsigned flags) {
  return static_cast<int>(Around(
      {"RenameAt", {from_dir, from}, {to_dir, to}},
      [&] { return real_.RenameAt(from_dir, from, to_dir, to, flags); }));
}

int SysWrapper::CloneFile(int from, int to) {
  return static_cast<int>(Around({"CloneFile", {from, ""}, {to, ""}},
                                 [&] { return real_.CloneFile(from, to); }));
}

int SysWrapper::SnapshotAt(int subvolume, int dir, const char* name) {
  return static_cast<int>(
      Around({"SnapshotAt", {subvolume, ""}, {dir, name}},
             [&] { return real_.SnapshotAt(subvolume, dir, name); }));
}

int SysWrapper::HasSubvolumes(int subvolume) {
  return static_cast<int>(Around({"HasSubvolumes", {subvolume, ""}, {}}, [&] {
    return real_.HasSubvolumes(subvolume);
  }));
}

int64_t SysWrapper::CopyRange(int from, int to, size_t size) {
  return Around({"CopyRange", {from, ""}, {to, ""}, &size},
                [&] { return real_.CopyRange(from, to, size); });
}

int64_t SysWrapper::Read(int fd, char* buffer, size_t size) {
  return Around({"Read", {fd, ""}, {}, &size},
                [&] { return real_.Read(fd, buffer, size); });
}

int64_t SysWrapper::Write(int fd, const char* buffer, size_t size) {
  return Around({"Write", {fd, ""}, {}, &size},
                [&] { return real_.Write(fd, buffer, size); });
}

int64_t SysWrapper::Seek(int fd, int64_t offset, int whence) {
  return Around({"Seek", {fd, ""}, {}},
                [&] { return real_.Seek(fd, offset, whence); });
}

int SysWrapper::Truncate(int fd, int64_t size) {
  return static_cast<int>(Around({"Truncate", {fd, ""}, {}},
                                 [&] { return real_.Truncate(fd, size); }));
}

int SysWrapper::ChangeMode(int fd, mode_t mode) {
  return static_cast<int>(Around({"ChangeMode", {fd, ""}, {}},
                                 [&] { return real_.ChangeMode(fd, mode); }));
}

int SysWrapper::ChangeModeAt(int dir, const char* path, mode_t mode) {
  return static_cast<int>(Around({"ChangeModeAt", {dir, path}, {}}, [&] {
    return real_.ChangeModeAt(dir, path, mode);
  }));
}

int SysWrapper::ChangeOwnerAt(int dir, const char* path, uid_t uid, gid_t gid,
                              int flags) {
  return static_cast<int>(Around({"ChangeOwnerAt", {dir, path}, {}}, [&] {
    return real_.ChangeOwnerAt(dir, path, uid, gid, flags);
  }));
}

int SysWrapper::SetTimesAt(int dir, const char* path, const Time& mtime,
                           int flags) {
  return static_cast<int>(Around({"SetTimesAt", {dir, path}, {}}, [&] {
    return real_.SetTimesAt(dir, path, mtime, flags);
  }));
}

int64_t SysWrapper::GetXattr(int fd, const char* name, char* buffer,
                             size_t size) {
  return Around({"GetXattr", {fd, ""}, {}},
                [&] { return real_.GetXattr(fd, name, buffer, size); });
}

int SysWrapper::SetXattr(int fd, const char* name, const char* value,
                         size_t size) {
  return static_cast<int>(Around({"SetXattr", {fd, ""}, {}}, [&] {
    return real_.SetXattr(fd, name, value, size);
  }));
}

int SysWrapper::RemoveXattr(int fd, const char* name) {
  return static_cast<int>(Around({"RemoveXattr", {fd, ""}, {}},
                                 [&] { return real_.RemoveXattr(fd, name); }));
}

int64_t SysWrapper::ListXattr(int fd, char* buffer, size_t size) {
  return Around({"ListXattr", {fd, ""}, {}},
                [&] { return real_.ListXattr(fd, buffer, size); });
}

int SysWrapper::Sync(int fd) {
  return static_cast<int>(
      Around({"Sync", {fd, ""}, {}}, [&] { return real_.Sync(fd); }));
}

int SysWrapper::SyncFilesystem(int fd) {
  return static_cast<int>(Around({"SyncFilesystem", {fd, ""}, {}},
                                 [&] { return real_.SyncFilesystem(fd); }));
}

int SysWrapper::Lock(int fd, int operation) {
  return static_cast<int>(Around({"Lock", {fd, ""}, {}},
                                 [&] { return real_.Lock(fd, operation); }));
}

int64_t SysWrapper::FileHandle(int dir, const char* path, int* type,
                               unsigned char* buffer, size_t size) {
  return Around({"FileHandle", {dir, path}, {}}, [&] {
    return real_.FileHandle(dir, path, type, buffer, size);
  });
}

uid_t SysWrapper::EffectiveUser() {
  return static_cast<uid_t>(
      Around({"EffectiveUser", {}, {}}, [&] { return real_.EffectiveUser(); }));
}

int SysWrapper::ClearThreadUmask() {
  return static_cast<int>(Around({"ClearThreadUmask", {}, {}},
                                 [&] { return real_.ClearThreadUmask(); }));
}

}  // namespace materialize
