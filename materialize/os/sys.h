// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// The kernel as this project sees it: one virtual method per system call,
// relative to a directory descriptor. Every method answers >= 0, or -errno
// exactly as the kernel said it: no retry, no policy, no text. Tests wrap a Sys
// to inject an errno, to count calls or to show other mounts.

#ifndef MATERIALIZE_OS_SYS_H_
#define MATERIALIZE_OS_SYS_H_

// For their constants (O_, AT_, S_, RENAME_, LOCK_, SEEK_), so that no other
// folder needs a system header.
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>  // RENAME_

namespace materialize {

// What a directory entry is. kUnknown: the filesystem left d_type empty, so a
// stat must tell.
enum class Kind : uint8_t { kUnknown, kFile, kDirectory, kSymlink, kSpecial };

Kind KindOfMode(mode_t mode);

struct Time {
  int64_t seconds = 0;
  uint32_t nanoseconds = 0;
  friend bool operator==(const Time&, const Time&) = default;
};

struct Stat {
  mode_t mode = 0;  // type and permission bits, as st_mode
  uid_t uid = 0;
  gid_t gid = 0;
  uint64_t links = 0;
  uint64_t inode = 0;
  uint64_t device = 0;  // st_dev; differs between subvolumes of one btrfs
  uint64_t mount_id =
      0;  // STATX_MNT_ID; 0 where the kernel (before 5.8) does not tell
  int64_t size = 0;    // bytes
  int64_t blocks = 0;  // of 512 bytes, as allocated
  Time mtime = {};
  Time ctime = {};

  Kind kind() const { return KindOfMode(mode); }
  mode_t permissions() const { return mode & 07777; }
};

struct FilesystemStat {
  uint64_t magic = 0;      // f_type of statfs(2)
  uint64_t flags = 0;      // ST_RDONLY and friends
  int64_t bytes_free = 0;  // for an unprivileged user
  int64_t bytes_total = 0;
  int64_t bytes_used = 0;
};

// Thread-safe. File descriptors are the caller's to close. Every descriptor is
// opened O_CLOEXEC. `dir` may be AT_FDCWD wherever a directory descriptor is
// taken.
class Sys {
 public:
  virtual ~Sys() = default;

  virtual int OpenAt(int dir, const char* path, int flags, mode_t mode) = 0;
  // openat2(2) that neither leaves `dir` nor passes through any symlink.
  // -ENOSYS before Linux 5.6.
  virtual int OpenBeneath(int dir, const char* path, int flags) = 0;
  virtual int Close(int fd) = 0;
  virtual int Dup(int fd) = 0;
  // statx(2) of `path` (or of `dir` itself when `path` is ""); `flags` as
  // AT_SYMLINK_NOFOLLOW.
  virtual int StatAt(int dir, const char* path, int flags, Stat* out) = 0;
  // fstatfs(2).
  virtual int StatFilesystem(int fd, FilesystemStat* out) = 0;
  // getdents64(2): bytes put into `buffer`, 0 at the end. os/dents.h reads
  // them.
  virtual int64_t ReadDirectory(int fd, char* buffer, size_t size) = 0;
  virtual int64_t ReadLinkAt(int dir, const char* path, char* buffer,
                             size_t size) = 0;

  virtual int LinkAt(int from_dir, const char* from, int to_dir, const char* to,
                     int flags) = 0;
  virtual int SymlinkAt(const char* target, int dir, const char* path) = 0;
  virtual int MakeDirectoryAt(int dir, const char* path, mode_t mode) = 0;
  virtual int UnlinkAt(int dir, const char* path, int flags) = 0;
  // renameat2(2); `flags` as RENAME_NOREPLACE, RENAME_EXCHANGE.
  virtual int RenameAt(int from_dir, const char* from, int to_dir,
                       const char* to, unsigned flags) = 0;

  // ioctl(FICLONE): the whole of `from` into `to`.
  virtual int CloneFile(int from, int to) = 0;
  // ioctl(BTRFS_IOC_SNAP_CREATE_V2): a snapshot of the subvolume, writable and
  // on the disk, as `name` in `dir`.
  virtual int SnapshotAt(int subvolume, int dir, const char* name) = 0;
  // ioctl(BTRFS_IOC_GET_SUBVOL_ROOTREF): whether other subvolumes are in this
  // one; 1 or 0.
  virtual int HasSubvolumes(int subvolume) = 0;
  // copy_file_range(2) at both descriptors' offsets. The raw call: glibc 2.41's
  // wrapper is wrong above 2 GiB.
  virtual int64_t CopyRange(int from, int to, size_t size) = 0;
  virtual int64_t Read(int fd, char* buffer, size_t size) = 0;
  virtual int64_t Write(int fd, const char* buffer, size_t size) = 0;
  // lseek(2), with SEEK_DATA and SEEK_HOLE.
  virtual int64_t Seek(int fd, int64_t offset, int whence) = 0;
  virtual int Truncate(int fd, int64_t size) = 0;

  virtual int ChangeMode(int fd, mode_t mode) = 0;
  // Never of what a symlink leads to: -EOPNOTSUPP.
  virtual int ChangeModeAt(int dir, const char* path, mode_t mode) = 0;
  virtual int ChangeOwnerAt(int dir, const char* path, uid_t uid, gid_t gid,
                            int flags) = 0;
  // utimensat(2), sets mtime; atime becomes now. `path` nullptr: `dir` itself,
  // any open file (futimens).
  virtual int SetTimesAt(int dir, const char* path, const Time& mtime,
                         int flags) = 0;

  virtual int64_t GetXattr(int fd, const char* name, char* buffer,
                           size_t size) = 0;
  virtual int SetXattr(int fd, const char* name, const char* value,
                       size_t size) = 0;
  virtual int RemoveXattr(int fd, const char* name) = 0;
  virtual int64_t ListXattr(int fd, char* buffer, size_t size) = 0;

  virtual int Sync(int fd) = 0;                 // fsync(2)
  virtual int SyncFilesystem(int fd) = 0;       // syncfs(2)
  virtual int Lock(int fd, int operation) = 0;  // flock(2)

  // name_to_handle_at(2) with AT_HANDLE_FID (Linux 6.5) of `path` itself, never
  // of what a link points at: type in *type, handle bytes in buffer; bytes
  // returned.
  virtual int64_t FileHandle(int dir, const char* path, int* type,
                             unsigned char* buffer, size_t size) = 0;

  virtual uid_t EffectiveUser() = 0;
  // unshare(CLONE_FS) + umask(0) for the calling thread only, so that files are
  // created with the very mode asked.
  virtual int ClearThreadUmask() = 0;
};

// The kernel itself. One object for the whole process, never destroyed.
Sys& RealSys();

}  // namespace materialize

#endif  // MATERIALIZE_OS_SYS_H_
