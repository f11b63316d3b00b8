// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Where a merge that deletes is refused: row C9.

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <optional>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/rows/files.h"
#include "tests/testing/faulty_sys.h"
#include "tests/testing/scoped_mount.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/surroundings.h"
#include "tests/testing/temp_dir.h"
#include "tests/testing/tree_text.h"

namespace materialize {
namespace {

using ::testing::HasSubstr;
namespace fs = std::filesystem;

// Can change nothing, should a refusal that is tested here be missing.
class Harmless : public FaultySys {
 public:
  Harmless() : FaultySys(RealSys()) {
    for (const char* call : kChanges) Fail(call, EIO);
  }
  int Changes() const {
    int changes = 0;
    for (const char* call : kChanges) changes += Calls(call);
    return changes;
  }

 private:
  static constexpr const char* kChanges[] = {
      "MakeDirectoryAt", "UnlinkAt",   "RenameAt",     "LinkAt",    "SymlinkAt",
      "ChangeMode",      "SetTimesAt", "ChangeModeAt", "CloneFile", "Write"};
};

// Row C9.
class MergePreciousTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_OK(ArrangeTree(dir_, R"(
      from/new "new"
      p/home/letter "dear"
      p/cwd/work "work"
      p/src/original "original"
    )"));
    fs::create_symlink("p", dir_ / "to-p");
    before_ = TreeText(dir_);
  }

  // By its name, by a link, through one, by a bind mount.
  std::vector<std::string> NamesOf(const std::string& name) {
    const std::string link = links_ / std::to_string(++links_made_);
    fs::create_symlink(dir_ / name, link);
    std::vector<std::string> names = {dir_ / name, link};
    if (name != "p") names.push_back(dir_ / "to-p" + name.substr(1));
    if (bound_.has_value()) names.push_back(bound_->path() + "/" + name);
    return names;
  }
  void ExpectRefused(Request request, const std::string& destination,
                     const std::string& what) {
    SCOPED_TRACE(destination);
    request.into = Into::kMerge;
    request.destination = destination;
    request.deletion = {.enabled = true, .limit = 0};
    Harmless sys;
    EXPECT_THAT(Materialize(request, sys),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(what)));
    EXPECT_EQ(sys.Changes(), 0);
    EXPECT_EQ(TreeText(dir_), before_);
  }
  void ExpectAllRefused(const Request& request, const std::string& name,
                        const std::string& what) {
    for (const std::string& destination : NamesOf(name))
      ExpectRefused(request, destination, what);
  }

  const Surroundings surroundings_;
  const TempDir dir_;
  const TempDir links_;
  int links_made_ = 0;
  const TempDir mounts_;
  std::optional<ScopedMount> bound_ =
      CanMount() ? std::optional<ScopedMount>(
                       ScopedMount::Bind(dir_, mounts_ / "bound"))
                 : std::nullopt;
  std::string before_;
};

// Row C9.
TEST_F(MergePreciousTest, DeletionIsRefusedInTheRootAndHomeDirectories) {
  fs::create_symlink("/", links_ / "root");
  std::vector<std::string> roots = {"/", "/proc/self/root", links_ / "root"};
  std::optional<ScopedMount> root;
  if (CanMount()) {
    root.emplace(ScopedMount::Bind("/", mounts_ / "root"));
    roots.push_back(root->path());
  }
  for (const std::string& name : roots)
    ExpectRefused(FromTo(dir_ / "from", ""), name, "the root directory");
  setenv("HOME", (dir_ / "to-p/home").c_str(), 1);
  for (const char* name : {"p/home", "p"})
    ExpectAllRefused(FromTo(dir_ / "from", ""), name, "the home directory");
}

// Row C9.
TEST_F(MergePreciousTest, DeletionIsRefusedInTheWorkingDirectoryAndAbove) {
  unsetenv("HOME");
  fs::current_path(dir_ / "p/cwd");
  for (const char* name : {"p/cwd", "p"})
    ExpectAllRefused(FromTo(dir_ / "from", ""), name, "the working directory");
}

// Row C9.
TEST_F(MergePreciousTest, DeletionIsRefusedAboveWhatIsRead) {
  ExpectAllRefused(FromTo(dir_ / "to-p/src", ""), "p", dir_ / "to-p/src");
  if (bound_.has_value()) {
    const std::string source = bound_->path() + "/p/src";
    ExpectAllRefused(FromTo(source, ""), "p", source);
  }
  for (const auto& [content, kind] : {std::pair("p/src/original", Kind::kFile),
                                      std::pair("p/src", Kind::kDirectory)}) {
    Request request;
    request.entries = {
        {.path = "a", .kind = Kind::kFile, .content = dir_ / "from/new"},
        {.path = "b", .kind = kind, .content = dir_ / content}};
    for (const char* name : {"p/src", "p"})
      ExpectAllRefused(request, name, dir_ / content);
  }
}

// Row C9: who deletes nothing may merge there.
TEST_F(MergePreciousTest, WithoutDeletionAllIsKept) {
  fs::current_path(dir_ / "p/cwd");
  ASSERT_OK(Materialize(Merging(dir_ / "p/src", dir_ / "p")).status());
  EXPECT_EQ(ReadFile(dir_ / "p/original"), "original");
  EXPECT_EQ(ReadFile(dir_ / "p/src/original"), "original");
  EXPECT_EQ(ReadFile(dir_ / "p/cwd/work"), "work");
}

}  // namespace
}  // namespace materialize
