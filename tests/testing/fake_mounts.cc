// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Paths are compared by component, after the kernel's own name of the
// descriptor.

#include "tests/testing/fake_mounts.h"

#include <filesystem>
#include <utility>

namespace materialize {
namespace {

// Lexically "/a/./b/../c" is "/a/c"; a prefix ends without a slash, so "/" is
// "".
std::string Normal(const std::string& path) {
  std::string normal = std::filesystem::path(path).lexically_normal().string();
  if (normal.ends_with('/')) normal.pop_back();
  return normal;
}

bool LeadsTo(std::string_view prefix, std::string_view path) {
  return path.starts_with(prefix) &&
         (path.size() == prefix.size() || path[prefix.size()] == '/');
}

}  // namespace

FakeMounts::FakeMounts(Sys& real, std::vector<FakeMount> mounts)
    : SysWrapper(real), mounts_(std::move(mounts)) {
  for (FakeMount& mount : mounts_)
    mount.prefix =
        Normal(std::filesystem::weakly_canonical(mount.prefix).string());
}

int FakeMounts::StatAt(int dir, const char* path, int flags, Stat* out) {
  const int result = SysWrapper::StatAt(dir, path, flags, out);
  const FakeMount* mount =
      result < 0 ? nullptr : Find(AbsolutePath({dir, path}));
  if (mount == nullptr) return result;
  out->mount_id = mount->mount_id.value_or(out->mount_id);
  out->device = mount->device.value_or(out->device);
  return result;
}

int FakeMounts::StatFilesystem(int fd, FilesystemStat* out) {
  const int result = SysWrapper::StatFilesystem(fd, out);
  const FakeMount* mount = result < 0 ? nullptr : Find(AbsolutePath({fd, ""}));
  if (mount != nullptr) out->magic = mount->magic.value_or(out->magic);
  return result;
}

const FakeMount* FakeMounts::Find(std::string_view path) const {
  const std::string normal = Normal(std::string(path));
  const FakeMount* longest = nullptr;
  for (const FakeMount& mount : mounts_) {
    if (!LeadsTo(mount.prefix, normal)) continue;
    if (longest == nullptr || mount.prefix.size() > longest->prefix.size())
      longest = &mount;
  }
  return longest;
}

}  // namespace materialize
