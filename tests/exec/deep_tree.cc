// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "tests/exec/deep_tree.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"

namespace materialize {
namespace {

constexpr char kLevel[] = "level";
constexpr int kEvery = 500;

int Descend(int above) {
  const int below = openat(above, kLevel, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  close(above);
  return below;
}

}  // namespace

FewDescriptors::FewDescriptors(rlim_t most) {
  getrlimit(RLIMIT_NOFILE, &before_);
  const rlimit few = {.rlim_cur = most, .rlim_max = before_.rlim_max};
  setrlimit(RLIMIT_NOFILE, &few);
}

FewDescriptors::~FewDescriptors() { setrlimit(RLIMIT_NOFILE, &before_); }

void MakeDeepTree(const std::string& root, int levels) {
  mkdir(root.c_str(), 0755);
  int at = open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  for (int level = 1; level <= levels; ++level) {
    mkdirat(at, kLevel, 0755);
    at = Descend(at);
    if (level % kEvery != 0 && level != levels) continue;
    const int file =
        openat(at, "file", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    (void)!write(file, "content", 7);
    close(file);
  }
  close(at);
}

std::string DeepTreeText(const std::string& root) {
  std::string text;
  int level = 0;
  int at = open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  while (true) {
    struct stat facts = {};
    if (fstatat(at, "file", &facts, 0) == 0 && facts.st_size == 7)
      absl::StrAppend(&text, level, ":file ");
    const int next = Descend(at);
    if (next < 0) return absl::StrCat(text, level);
    at = next;
    ++level;
  }
}

}  // namespace materialize
