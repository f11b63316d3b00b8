// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "tests/testing/surroundings.h"

#include <sys/xattr.h>

#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "gtest/gtest.h"

namespace materialize {
namespace {

// One entry of an ACL as the kernel takes it: linux/posix_acl_xattr.h.
struct AclEntry {
  uint16_t tag;
  uint16_t permissions;
  uint32_t id;
};
struct Acl {
  uint32_t version;
  AclEntry entries[5];
};

constexpr char kDefault[] = "system.posix_acl_default";
constexpr char kAccess[] = "system.posix_acl_access";

}  // namespace

Surroundings::Surroundings() : directory_(std::filesystem::current_path()) {
  if (const char* home = std::getenv("HOME"); home != nullptr) home_ = home;
}

Surroundings::~Surroundings() {
  std::filesystem::current_path(directory_);
  home_.has_value() ? setenv("HOME", home_->c_str(), 1) : unsetenv("HOME");
}

void SetDefaultAcl(const std::string& directory, uid_t user) {
  const Acl acl = {.version = 2,
                   .entries = {{0x01, 7, ~0u},    // owner
                               {0x02, 7, user},   // a user by name
                               {0x04, 5, ~0u},    // group
                               {0x10, 5, ~0u},    // mask
                               {0x20, 0, ~0u}}};  // others
  ASSERT_EQ(setxattr(directory.c_str(), kDefault, &acl, sizeof(acl), 0), 0)
      << directory << ": " << strerror(errno);
}

std::vector<std::string> NamesWithAnAcl(const std::string& root) {
  std::vector<std::string> names;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(root)) {
    for (const char* name : {kAccess, kDefault}) {
      if (lgetxattr(entry.path().c_str(), name, nullptr, 0) >= 0)
        names.push_back(entry.path());
    }
  }
  return names;
}

}  // namespace materialize
