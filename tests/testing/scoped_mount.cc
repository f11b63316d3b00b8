// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// mount(2) itself; no mount(8), whose helpers differ.

#include "tests/testing/scoped_mount.h"

#include <sys/mount.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include "gtest/gtest.h"
#include "tests/testing/temp_dir.h"

namespace materialize {
namespace {

struct MountCall {
  const char* source;
  const char* fstype;
  unsigned long flags = 0;
  std::string options = {};
};

void Mount(const MountCall& call, const std::string& at) {
  std::filesystem::create_directories(at);
  if (mount(call.source, at.c_str(), call.fstype, call.flags,
            call.options.c_str()) != 0) {
    throw std::system_error(errno, std::generic_category(), "mount " + at);
  }
}

}  // namespace

bool CanMount() {
  const TempDir dir;
  if (mount("none", dir.path().c_str(), "tmpfs", 0, nullptr) != 0) return false;
  return umount(dir.path().c_str()) == 0;
}

ScopedMount ScopedMount::Bind(const std::string& from, const std::string& at) {
  Mount({.source = from.c_str(), .fstype = nullptr, .flags = MS_BIND}, at);
  return ScopedMount(at);
}

ScopedMount ScopedMount::Tmpfs(const std::string& at,
                               const std::string& options) {
  Mount({.source = "none", .fstype = "tmpfs", .options = options}, at);
  return ScopedMount(at);
}

// The options are defaults that a kernel's configuration may change: a lower
// directory must not be renamed here.
ScopedMount ScopedMount::Overlay(const std::string& dir) {
  for (const char* name : {"/lower", "/upper", "/work"})
    std::filesystem::create_directories(dir + name);
  const std::string layers = "lowerdir=" + dir + "/lower,upperdir=" + dir +
                             "/upper,workdir=" + dir + "/work";
  Mount({.source = "none",
         .fstype = "overlay",
         .options = layers + ",redirect_dir=off,metacopy=off"},
        dir + "/merged");
  return ScopedMount(dir + "/merged");
}

ScopedMount::ScopedMount(ScopedMount&& other) noexcept
    : path_(std::exchange(other.path_, std::string())) {}

ScopedMount::~ScopedMount() {
  if (path_.empty() || umount2(path_.c_str(), UMOUNT_NOFOLLOW) == 0) return;
  ADD_FAILURE() << "umount " << path_ << ": " << std::strerror(errno);
  (void)umount2(path_.c_str(), MNT_DETACH);  // It is a failure already.
}

}  // namespace materialize
