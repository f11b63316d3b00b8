// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Request::preserve on real filesystems: extended attributes, ACLs, owners, and
// what is said where they cannot be kept.

#include "materialize/exec/attributes.h"

#include <sys/xattr.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <map>
#include <optional>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "materialize/os/fd.h"
#include "tests/rows/files.h"
#include "tests/testing/faulty_sys.h"
#include "tests/testing/lab.h"
#include "tests/testing/run_as.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"
#include "tests/testing/tree_text.h"

namespace materialize {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using enum Method;

constexpr char kAccess[] = "system.posix_acl_access";
constexpr char kDefault[] = "system.posix_acl_default";
constexpr uid_t kSomebody = 12345;

// As the kernel takes it: linux/posix_acl_xattr.h.
struct AclEntry {
  uint16_t tag;
  uint16_t permissions;
  uint32_t id;
};
struct Acl {
  uint32_t version = 2;
  AclEntry entries[5];
};
// The mask is what chmod would change, and not the group's.
Acl AclOf(uint16_t owner) {
  return {.entries = {{0x01, owner, ~0u},
                      {0x02, 7, kSomebody},  // a user by name
                      {0x04, 4, ~0u},        // group
                      {0x10, 3, ~0u},        // mask
                      {0x20, 1, ~0u}}};      // others
}

void Set(const std::string& path, const char* name, std::string_view value) {
  ASSERT_EQ(lsetxattr(path.c_str(), name, value.data(), value.size(), 0), 0)
      << path << " " << name << ": " << strerror(errno);
}
void SetAcl(const std::string& path, const char* name, uint16_t owner = 7) {
  const Acl acl = AclOf(owner);
  Set(path, name, {reinterpret_cast<const char*>(&acl), sizeof(acl)});
}

std::map<std::string, std::string> All(const std::string& path) {
  std::map<std::string, std::string> all;
  static char names[64 * 1024];
  static char value[64 * 1024];
  const ssize_t bytes = llistxattr(path.c_str(), names, sizeof(names));
  for (ssize_t at = 0; at < bytes;) {
    const std::string name = names + at;
    at += static_cast<ssize_t>(name.size()) + 1;
    const ssize_t size =
        lgetxattr(path.c_str(), name.c_str(), value, sizeof(value));
    EXPECT_GE(size, 0) << path << " " << name;
    // xfs shows root the ACLs once more, in a form of its own.
    if (name != "security.selinux" && !name.starts_with("trusted.SGI_ACL_"))
      all[name] = std::string(value, static_cast<size_t>(size));
  }
  return all;
}

struct Case {
  const char* name;
  const char* from;
  const char* to;
  Method method;
};
void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

class AttributesTest : public testing::TestWithParam<Case> {
 protected:
  void SetUp() override {
    REQUIRE_LAB(GetParam().from);
    REQUIRE_LAB(GetParam().to);
    dir_.emplace(TempDir::In(Lab(GetParam().from)));
    other_.emplace(TempDir::In(Lab(GetParam().to)));
    from_ = *dir_ / "from";
    to_ = *other_ / "to";
    ASSERT_OK(ArrangeTree(from_, R"(
      ./ 0750 @1500000000
      d/ 0555 @1500000001
      d/below/deep 0644 "x"
      empty 0640 @1500000002
      read-only 0444 @1500000003 "x"
      f 0731 @1500000004 size=8K
      plain 0600 "x")"));
    for (const char* name : {"", "/d", "/empty", "/read-only", "/f"}) {
      Set(from_ + name, "user.colour", absl::StrCat("blue", name));
      Set(from_ + name, "trusted.colour", "red");
      Set(from_ + name, "user.nothing", "");
    }
    Set(from_ + "/f", "user.long", std::string(2000, 'l'));
    // cap_net_raw+ep, revision 2: linux/capability.h.
    const char capability[20] = {1, 0, 0, 2, 0, 0x20};
    Set(from_ + "/f", "security.capability", {capability, 20});
    SetAcl(from_ + "/f", kAccess);
    SetAcl(from_ + "/empty", kAccess);
    SetAcl(from_ + "/d", kAccess, 5);
    SetAcl(from_ + "/d", kDefault);
    SetAcl(from_, kDefault);
    tree_ = TreeText(from_);
  }
  Request RequestFor(Preserve preserve) const {
    Request request = FromTo(from_, to_, {GetParam().method});
    request.preserve = preserve;
    return request;
  }
  static constexpr const char* kNames[] = {
      "",       "/d",         "/d/below", "/d/below/deep",
      "/empty", "/read-only", "/f",       "/plain"};

  std::optional<TempDir> dir_, other_;
  std::string from_, to_, tree_;
};

TEST_P(AttributesTest, AllOfThemAndTheModesAndTimes) {
  ASSERT_OK_AND_ASSIGN(
      const Report report,
      Materialize(RequestFor({.owner = true, .xattrs = true, .acls = true})));
  EXPECT_THAT(report.warnings, IsEmpty());
  EXPECT_EQ(TreeText(to_), tree_);
  for (const char* name : kNames) {
    EXPECT_EQ(All(to_ + name), All(from_ + name)) << name;
  }
}

TEST_P(AttributesTest, AclsAlone) {
  ASSERT_OK(Materialize(RequestFor({.acls = true})).status());
  EXPECT_EQ(TreeText(to_), tree_);
  auto f = All(from_ + "/f");
  std::erase_if(f, [](const auto& row) { return row.first != kAccess; });
  EXPECT_EQ(All(to_ + "/f"), f);
  EXPECT_THAT(All(to_ + "/d"), SizeIs(2));
  EXPECT_THAT(All(to_ + "/read-only"), IsEmpty());
}

TEST_P(AttributesTest, AttributesAlone) {
  ASSERT_OK(Materialize(RequestFor({.xattrs = true})).status());
  EXPECT_EQ(TreeText(to_), tree_);
  EXPECT_FALSE(All(to_ + "/f").contains(kAccess));
  EXPECT_TRUE(All(to_ + "/f").contains("security.capability"));
  EXPECT_FALSE(All(to_ + "/d").contains(kDefault));
  EXPECT_EQ(All(to_ + "/read-only"), All(from_ + "/read-only"));
}

TEST_P(AttributesTest, NoneWhereNobodyAsked) {
  ASSERT_OK(Materialize(RequestFor({})).status());
  for (const char* name : kNames) EXPECT_THAT(All(to_ + name), IsEmpty());
}

// A directory that hands an ACL down is filled in place.
TEST_P(AttributesTest, InPlaceTheRootGetsTheSources) {
  fs::create_directory(to_);
  SetAcl(to_, kDefault);
  SetAcl(to_, kAccess);
  Set(to_, "user.mine", "x");
  Request request = RequestFor({.xattrs = true, .acls = true});
  request.into = Into::kFill;
  ASSERT_OK(Materialize(request).status());
  EXPECT_EQ(TreeText(to_), tree_);
  for (const char* name : kNames) {
    EXPECT_EQ(All(to_ + name), All(from_ + name)) << name;
  }
}

TEST_P(AttributesTest, WhatCannotBeStoredIsOneWarning) {
  FaultySys sys(RealSys());
  sys.Fail("SetXattr", EOPNOTSUPP);
  ASSERT_OK_AND_ASSIGN(
      const Report report,
      Materialize(RequestFor({.xattrs = true, .acls = true}), sys));
  ASSERT_THAT(report.warnings, SizeIs(2));
  EXPECT_THAT(report.warnings[0].text,
              HasSubstr("extended attributes of 5 entries"));
  EXPECT_THAT(report.warnings[1].text, HasSubstr("ACLs of 4 entries"));
  EXPECT_EQ(report.not_kept.xattrs, 5);
  EXPECT_EQ(TreeText(to_), tree_);
}

TEST_P(AttributesTest, AFullDiskIsAnError) {
  FaultySys sys(RealSys());
  sys.Fail("SetXattr", ENOSPC);
  Request request = RequestFor({.xattrs = true});
  request.jobs = 1;  // another could have the directory's first
  EXPECT_THAT(std::string(Materialize(request, sys).status().message()),
              HasSubstr("setxattr " + from_));
  EXPECT_FALSE(Exists(to_));
}

TEST_P(AttributesTest, AreTheSameOnlyWhenTheyAre) {
  const Preserve both = {.xattrs = true, .acls = true};
  ASSERT_OK(Materialize(RequestFor(both)).status());
  const auto is_same = [&](const char* name, const Preserve& preserve) {
    Sys& sys = RealSys();
    const Fd a(sys, sys.OpenAt(AT_FDCWD, (from_ + name).c_str(), O_RDONLY, 0));
    const Fd b(sys, sys.OpenAt(AT_FDCWD, (to_ + name).c_str(), O_RDONLY, 0));
    return SameAttributes(sys, a.get(), b.get(), preserve);
  };
  EXPECT_TRUE(is_same("/f", both));
  Set(to_ + "/f", "user.colour", "green");
  EXPECT_FALSE(is_same("/f", both));
  EXPECT_TRUE(is_same("/f", {.acls = true}));
  EXPECT_TRUE(is_same("/f", {}));
  ASSERT_EQ(removexattr((to_ + "/d").c_str(), kDefault), 0);
  EXPECT_FALSE(is_same("/d", both));
  EXPECT_TRUE(is_same("/d", {.xattrs = true}));
}

// Nobody but root has trusted.*, and a file may be closed to its own owner.
TEST_P(AttributesTest, AUserKeepsHisOwn) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can become somebody else";
  fs::permissions(dir_->path(), fs::perms(0755));
  fs::permissions(other_->path(), fs::perms(0777));
  ASSERT_EQ(chown(from_.c_str(), kSomebody, kSomebody), 0);
  for (const auto& entry : fs::recursive_directory_iterator(from_))
    ASSERT_EQ(lchown(entry.path().c_str(), kSomebody, kSomebody), 0);
  const auto said = RunAs(kSomebody, [&] {
    const absl::StatusOr<Report> report =
        Materialize(RequestFor({.owner = true, .xattrs = true, .acls = true}));
    if (!report.ok()) return std::string(report.status().message());
    return report->warnings.empty() ? "fine" : report->warnings[0].text;
  });
  EXPECT_EQ(said, "fine");
  EXPECT_EQ(TreeText(to_), tree_);
  for (const char* name : kNames) {
    auto wanted = All(from_ + name);
    wanted.erase("trusted.colour");
    EXPECT_EQ(All(to_ + name), wanted) << name;
  }
}

constexpr Case kCases[] = {
    {"CopyOnExt4", "ext4", "ext4", kCopy},
    {"CopyToXfs", "ext4", "xfs", kCopy},
    {"CopyToBtrfs", "xfs", "btrfs", kCopy},
    {"CopyToTmpfs", "btrfs", "tmpfs", kCopy},
    {"CopyFromTmpfs", "tmpfs", "ext4", kCopy},
    {"ReflinkOnXfs", "xfs", "xfs", kReflink},
    {"ReflinkOnBtrfs", "btrfs", "btrfs", kReflink},
};
INSTANTIATE_TEST_SUITE_P(Places, AttributesTest, testing::ValuesIn(kCases),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace materialize
