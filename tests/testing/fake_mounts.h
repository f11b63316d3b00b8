// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// A Sys that shows other filesystems than those below: ext4 as btrfs, one mount
// as two.
//   FakeMounts btrfs(RealSys(), {{"/", BTRFS_SUPER_MAGIC}});
//   FakeMounts two(RealSys(), {{.prefix = src, .mount_id = 1001}, {.prefix =
//   dst, .mount_id = 1002, .device = 77}});
// It changes what StatFilesystem and StatAt tell, not what calls can do: that
// is FaultySys.

#ifndef MATERIALIZE_TESTS_TESTING_FAKE_MOUNTS_H_
#define MATERIALIZE_TESTS_TESTING_FAKE_MOUNTS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/testing/sys_wrapper.h"

namespace materialize {

struct FakeMount {
  std::string prefix;  // a directory; the longest that leads to a file counts
  std::optional<uint64_t> magic = std::nullopt;
  std::optional<uint64_t> mount_id = std::nullopt;
  std::optional<uint64_t> device = std::nullopt;
};

class FakeMounts : public SysWrapper {
 public:
  FakeMounts(Sys& real, std::vector<FakeMount> mounts);

  int StatAt(int dir, const char* path, int flags, Stat* out) override;
  int StatFilesystem(int fd, FilesystemStat* out) override;

 private:
  const FakeMount* Find(std::string_view path) const;

  std::vector<FakeMount> mounts_;
};

}  // namespace materialize

#endif  // MATERIALIZE_TESTS_TESTING_FAKE_MOUNTS_H_
