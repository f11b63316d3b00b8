// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// A Sys that hands every call on to another one. The base of the fakes:
// override one method, or Around() for all.

#ifndef MATERIALIZE_TESTS_TESTING_SYS_WRAPPER_H_
#define MATERIALIZE_TESTS_TESTING_SYS_WRAPPER_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "materialize/os/sys.h"

namespace materialize {

// Where a call points: a name relative to a directory descriptor; a descriptor
// alone has an empty name.
struct CallPath {
  int dir = -1;  // -1: the call has no such path
  const char* name = nullptr;
};

// Absolute, without following the last component. Asks /proc/self/fd; empty
// when the call has no such path.
std::string AbsolutePath(const CallPath& path);

struct Call {
  const char* name;  // the method's
  CallPath from;     // the only path where there is just one
  CallPath to;
  size_t* size =
      nullptr;  // bytes asked for, of CopyRange, Read, Write; may be made less
};

class SysWrapper : public Sys {
 public:
  explicit SysWrapper(Sys& real) : real_(real) {}

  int OpenAt(int dir, const char* path, int flags, mode_t mode) override;
  int OpenBeneath(int dir, const char* path, int flags) override;
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

 protected:
  using RealCall = std::function<int64_t()>;

  // Every method passes here; `real` does the call and answers its result.
  // Called by many threads.
  virtual int64_t Around(const Call& call, const RealCall& real);

 private:
  Sys& real_;
};

}  // namespace materialize

#endif  // MATERIALIZE_TESTS_TESTING_SYS_WRAPPER_H_
