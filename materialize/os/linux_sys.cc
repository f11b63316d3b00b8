// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Sys on Linux: each method is its system call and nothing else.

#include <linux/btrfs.h>
#include <linux/fs.h>
#include <linux/openat2.h>
#include <sched.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <ctime>

#include "materialize/os/sys.h"

#ifndef AT_HANDLE_FID  // Linux 6.5; the same bit as AT_REMOVEDIR.
#define AT_HANDLE_FID 0x200
#endif

namespace materialize {
namespace {

template <typename Result>
Result Answer(Result result) {
  return result < 0 ? static_cast<Result>(-errno) : result;
}

Time FromStatx(const statx_timestamp& time) {
  return {.seconds = time.tv_sec, .nanoseconds = time.tv_nsec};
}

constexpr unsigned kStatMask = STATX_BASIC_STATS | STATX_MNT_ID;

class LinuxSys final : public Sys {
 public:
  int OpenAt(int dir, const char* path, int flags, mode_t mode) override {
    return Answer(openat(dir, path, flags | O_CLOEXEC, mode));
  }

  int OpenBeneath(int dir, const char* path, int flags) override {
    open_how how = {};
    how.flags = static_cast<uint64_t>(flags | O_CLOEXEC);
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS;
    return static_cast<int>(
        Answer(syscall(SYS_openat2, dir, path, &how, sizeof(how))));
  }

  int Close(int fd) override { return Answer(close(fd)); }
  int Dup(int fd) override { return Answer(fcntl(fd, F_DUPFD_CLOEXEC, 3)); }

  int StatAt(int dir, const char* path, int flags, Stat* out) override {
    struct statx buffer;
    const int empty = *path == '\0' ? AT_EMPTY_PATH : 0;
    const int result =
        statx(dir, path, flags | empty | AT_NO_AUTOMOUNT, kStatMask, &buffer);
    if (result < 0) return -errno;
    *out = {.mode = buffer.stx_mode,
            .uid = buffer.stx_uid,
            .gid = buffer.stx_gid,
            .links = buffer.stx_nlink,
            .inode = buffer.stx_ino,
            .device = makedev(buffer.stx_dev_major, buffer.stx_dev_minor),
            .mount_id =
                (buffer.stx_mask & STATX_MNT_ID) != 0 ? buffer.stx_mnt_id : 0,
            .size = static_cast<int64_t>(buffer.stx_size),
            .blocks = static_cast<int64_t>(buffer.stx_blocks),
            .mtime = FromStatx(buffer.stx_mtime),
            .ctime = FromStatx(buffer.stx_ctime)};
    return 0;
  }

  int StatFilesystem(int fd, FilesystemStat* out) override {
    struct statfs buffer;
    if (fstatfs(fd, &buffer) < 0) return -errno;
    const auto bytes = [&](auto blocks) {
      return static_cast<int64_t>(blocks) * buffer.f_bsize;
    };
    // f_type is signed: btrfs's magic has the top bit set.
    *out = {.magic = static_cast<uint32_t>(buffer.f_type),
            .flags = static_cast<uint64_t>(buffer.f_flags),
            .bytes_free = bytes(buffer.f_bavail),
            .bytes_total = bytes(buffer.f_blocks),
            .bytes_used = bytes(buffer.f_blocks - buffer.f_bfree)};
    return 0;
  }

  int64_t ReadDirectory(int fd, char* buffer, size_t size) override {
    return Answer(syscall(SYS_getdents64, fd, buffer, size));
  }

  int64_t ReadLinkAt(int dir, const char* path, char* buffer,
                     size_t size) override {
    return Answer(readlinkat(dir, path, buffer, size));
  }

  int LinkAt(int from_dir, const char* from, int to_dir, const char* to,
             int flags) override {
    return Answer(linkat(from_dir, from, to_dir, to, flags));
  }
  int SymlinkAt(const char* target, int dir, const char* path) override {
    return Answer(symlinkat(target, dir, path));
  }
  int MakeDirectoryAt(int dir, const char* path, mode_t mode) override {
    return Answer(mkdirat(dir, path, mode));
  }
  int UnlinkAt(int dir, const char* path, int flags) override {
    return Answer(unlinkat(dir, path, flags));
  }
  int RenameAt(int from_dir, const char* from, int to_dir, const char* to,
               unsigned flags) override {
    return Answer(renameat2(from_dir, from, to_dir, to, flags));
  }

  int CloneFile(int from, int to) override {
    return Answer(ioctl(to, FICLONE, from));
  }
  int SnapshotAt(int subvolume, int dir, const char* name) override {
    btrfs_ioctl_vol_args_v2 arguments = {};
    arguments.fd = subvolume;
    if (strlen(name) >= sizeof(arguments.name)) return -ENAMETOOLONG;
    strcpy(arguments.name, name);
    return Answer(ioctl(dir, BTRFS_IOC_SNAP_CREATE_V2, &arguments));
  }
  int HasSubvolumes(int subvolume) override {
    btrfs_ioctl_get_subvol_rootref_args found = {};
    if (ioctl(subvolume, BTRFS_IOC_GET_SUBVOL_ROOTREF, &found) == 0)
      return found.num_items > 0 ? 1 : 0;
    return errno == EOVERFLOW ? 1 : -errno;  // more than one answer holds
  }
  int64_t CopyRange(int from, int to, size_t size) override {
    return Answer(
        syscall(SYS_copy_file_range, from, nullptr, to, nullptr, size, 0U));
  }
  int64_t Read(int fd, char* buffer, size_t size) override {
    return Answer(read(fd, buffer, size));
  }
  int64_t Write(int fd, const char* buffer, size_t size) override {
    return Answer(write(fd, buffer, size));
  }
  int64_t Seek(int fd, int64_t offset, int whence) override {
    return Answer(lseek(fd, offset, whence));
  }
  int Truncate(int fd, int64_t size) override {
    return Answer(ftruncate(fd, size));
  }

  int ChangeMode(int fd, mode_t mode) override {
    return Answer(fchmod(fd, mode));
  }
  int ChangeModeAt(int dir, const char* path, mode_t mode) override {
    // glibc goes through /proc where the kernel (before 6.6) cannot.
    return Answer(fchmodat(dir, path, mode, AT_SYMLINK_NOFOLLOW));
  }
  int ChangeOwnerAt(int dir, const char* path, uid_t uid, gid_t gid,
                    int flags) override {
    return Answer(fchownat(dir, path, uid, gid, flags));
  }
  int SetTimesAt(int dir, const char* path, const Time& mtime,
                 int flags) override {
    // UTIME_OMIT would say it better, but libfuse's high-level filesystems
    // (bindfs 1.14) drop a change of one of the two.
    const timespec times[2] = {
        {.tv_sec = 0, .tv_nsec = UTIME_NOW},
        {.tv_sec = mtime.seconds,
         .tv_nsec = static_cast<long>(mtime.nanoseconds)}};
    // The raw call: glibc's utimensat refuses a null path, which the kernel
    // takes as "the descriptor itself".
    return static_cast<int>(
        Answer(syscall(SYS_utimensat, dir, path, times, flags)));
  }

  int64_t GetXattr(int fd, const char* name, char* buffer,
                   size_t size) override {
    return Answer(fgetxattr(fd, name, buffer, size));
  }
  int SetXattr(int fd, const char* name, const char* value,
               size_t size) override {
    return Answer(fsetxattr(fd, name, value, size, 0));
  }
  int RemoveXattr(int fd, const char* name) override {
    return Answer(fremovexattr(fd, name));
  }
  int64_t ListXattr(int fd, char* buffer, size_t size) override {
    return Answer(flistxattr(fd, buffer, size));
  }

  int Sync(int fd) override { return Answer(fsync(fd)); }
  int SyncFilesystem(int fd) override { return Answer(syncfs(fd)); }
  int Lock(int fd, int operation) override {
    return Answer(flock(fd, operation));
  }

  int64_t FileHandle(int dir, const char* path, int* type,
                     unsigned char* buffer, size_t size) override {
    alignas(
        file_handle) unsigned char storage[sizeof(file_handle) + MAX_HANDLE_SZ];
    auto* handle = reinterpret_cast<file_handle*>(storage);
    handle->handle_bytes = MAX_HANDLE_SZ;
    int mount_id = 0;
    if (name_to_handle_at(dir, path, handle, &mount_id,
                          AT_EMPTY_PATH | AT_HANDLE_FID) < 0)
      return -errno;
    *type = handle->handle_type;
    const size_t bytes = std::min<size_t>(size, handle->handle_bytes);
    std::memcpy(buffer, handle->f_handle, bytes);
    return static_cast<int64_t>(bytes);
  }

  uid_t EffectiveUser() override { return geteuid(); }
  int ClearThreadUmask() override {
    if (unshare(CLONE_FS) < 0) return -errno;
    (void)umask(0);  // Cannot fail.
    return 0;
  }
};

}  // namespace

Kind KindOfMode(mode_t mode) {
  switch (mode & S_IFMT) {
    case S_IFREG:
      return Kind::kFile;
    case S_IFDIR:
      return Kind::kDirectory;
    case S_IFLNK:
      return Kind::kSymlink;
    default:
      return Kind::kSpecial;
  }
}

Sys& RealSys() {
  static auto* const sys = new LinuxSys;
  return *sys;
}

}  // namespace materialize
