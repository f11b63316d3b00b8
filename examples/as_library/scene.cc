// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "scene.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace fs = std::filesystem;

namespace {

std::string Setting(const char* name, const char* otherwise) {
  const char* const value = std::getenv(name);
  return value != nullptr && *value != '\0' ? value : otherwise;
}

// "" where that cannot be.
std::string NewFolder(const std::string& parent) {
  std::string name = parent + "/as-library.XXXXXX";
  return mkdtemp(name.data()) != nullptr ? name : "";
}

bool IsOneFilesystem(const std::string& a, const std::string& b) {
  struct stat one;
  struct stat other;
  return stat(a.c_str(), &one) == 0 && stat(b.c_str(), &other) == 0 &&
         one.st_dev == other.st_dev;
}

}  // namespace

Scene::Scene() : here_(NewFolder(Setting("TMPDIR", "/tmp"))) {
  if (here_.empty()) {
    std::perror("a folder below $TMPDIR");
    std::exit(1);
  }
  const std::string other = Setting("ELSEWHERE", "/dev/shm");
  if (!IsOneFilesystem(here_, other)) elsewhere_ = NewFolder(other);
}

Scene::~Scene() {
  std::error_code ignored;
  fs::remove_all(here_, ignored);
  if (has_elsewhere()) fs::remove_all(elsewhere_, ignored);
}

std::string Scene::Here(absl::string_view path) const {
  return absl::StrCat(here_, "/", path);
}

std::string Scene::Elsewhere(absl::string_view path) const {
  return absl::StrCat(elsewhere_, "/", path);
}

std::string Scene::Short(absl::string_view text) const {
  std::string shorter = absl::StrReplaceAll(text, {{here_, "here"}});
  if (has_elsewhere())
    absl::StrReplaceAll({{elsewhere_, "elsewhere"}}, &shorter);
  return shorter;
}

void Scene::Say(absl::string_view text) const {
  std::printf("   %s\n", Short(text).c_str());
}

void Scene::Expect(bool is_so, absl::string_view what) {
  std::printf("%s %s\n", is_so ? "ok" : "FAIL", Short(what).c_str());
  ++(is_so ? passed_ : failed_);
}

void Scene::ExpectOk(const absl::Status& status, absl::string_view what) {
  Expect(status.ok(), what);
  if (!status.ok()) Say(absl::StrCat(status.message()));
}

void Scene::ExpectError(const absl::Status& status, absl::StatusCode code,
                        absl::string_view what) {
  Expect(status.code() == code, what);
  Say(status.ToString());
}

void Scene::Skip(absl::string_view what, absl::string_view why) {
  std::printf("skip %s: %s\n", Short(what).c_str(), Short(why).c_str());
  ++skipped_;
}

int Scene::End() const {
  std::printf("%d passed, %d failed, %d skipped\n", passed_, failed_, skipped_);
  return failed_ == 0 ? 0 : 1;
}

void WriteFile(const std::string& path, absl::string_view text, long seconds) {
  fs::create_directories(fs::path(path).parent_path());
  std::ofstream(path, std::ios::binary)
      .write(text.data(), static_cast<std::streamsize>(text.size()));
  if (seconds == 0) return;
  const timespec times[] = {{.tv_sec = seconds, .tv_nsec = 0},
                            {.tv_sec = seconds, .tv_nsec = 0}};
  (void)utimensat(AT_FDCWD, path.c_str(), times, 0);  // seen by what follows
}

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

bool Exists(const std::string& path) {
  return fs::symlink_status(path).type() != fs::file_type::not_found;
}

bool IsOneInode(const std::string& a, const std::string& b) {
  std::error_code ignored;
  return fs::equivalent(a, b, ignored);
}

bool IsSymlinkTo(const std::string& path, const std::string& target) {
  std::error_code ignored;
  return fs::read_symlink(path, ignored) == target;
}
