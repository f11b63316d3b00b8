// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// A Sys whose calls are made again when a signal interrupted them: EINTR is no
// answer of any filesystem, so nobody else need know it. Who wants to stop on a
// signal looks at Request::cancel; but for what may wait for ever, as a FIFO
// that nobody writes: open(2), of no directory, and read(2) answer ECANCELED.

#ifndef MATERIALIZE_EXEC_UNINTERRUPTED_H_
#define MATERIALIZE_EXEC_UNINTERRUPTED_H_

#include <atomic>

#include "materialize/os/sys.h"

namespace materialize {

class Uninterrupted final : public Sys {
 public:
  // `sys` outlives it, and so does `cancel`, which may be null.
  explicit Uninterrupted(Sys& sys, const std::atomic<bool>* cancel = nullptr)
      : sys_(sys), cancel_(cancel) {}

  int OpenAt(int dir, const char* path, int flags, mode_t mode) override;
  int OpenBeneath(int dir, const char* path, int flags) override;
  // Once only: the descriptor is gone, whatever close(2) says.
  int Close(int fd) override;
  int Dup(int fd) override;
  int StatAt(int dir, const char* path, int flags, Stat* out) override;
  int StatFilesystem(int fd, FilesystemStat* out) override;
  int64_t ReadDirectory(int fd, char* buffer, size_t size) override;
  int64_t ReadLinkAt(int dir, const char* path, char* buffer,
                     size_t size) override;
  int LinkAt(int from_dir, const char* from, int to_dir, const char* to,
             int flags) override;
  int SymlinkAt(const char* target, int dir, const char* path) override;
  int MakeDirectoryAt(int dir, const char* path, mode_t mode) override;
  int UnlinkAt(int dir, const char* path, int flags) override;
  int RenameAt(int from_dir, const char* from, int to_dir, const char* to,
               unsigned flags) override;
  int CloneFile(int from, int to) override;
  int SnapshotAt(int subvolume, int dir, const char* name) override;
  int HasSubvolumes(int subvolume) override;
  int64_t CopyRange(int from, int to, size_t size) override;
  int64_t Read(int fd, char* buffer, size_t size) override;
  int64_t Write(int fd, const char* buffer, size_t size) override;
  int64_t Seek(int fd, int64_t offset, int whence) override;
  int Truncate(int fd, int64_t size) override;
  int ChangeMode(int fd, mode_t mode) override;
  int ChangeModeAt(int dir, const char* path, mode_t mode) override;
  int ChangeOwnerAt(int dir, const char* path, uid_t uid, gid_t gid,
                    int flags) override;
  int SetTimesAt(int dir, const char* path, const Time& mtime,
                 int flags) override;
  int64_t GetXattr(int fd, const char* name, char* buffer,
                   size_t size) override;
  int SetXattr(int fd, const char* name, const char* value,
               size_t size) override;
  int RemoveXattr(int fd, const char* name) override;
  int64_t ListXattr(int fd, char* buffer, size_t size) override;
  int Sync(int fd) override;
  int SyncFilesystem(int fd) override;
  int Lock(int fd, int operation) override;
  int64_t FileHandle(int dir, const char* path, int* type,
                     unsigned char* buffer, size_t size) override;
  uid_t EffectiveUser() override;
  int ClearThreadUmask() override;

 private:
  bool IsCancelled() const { return cancel_ != nullptr && cancel_->load(); }

  Sys& sys_;
  const std::atomic<bool>* cancel_;
};

}  // namespace materialize

#endif  // MATERIALIZE_EXEC_UNINTERRUPTED_H_
