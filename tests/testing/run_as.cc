// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "tests/testing/run_as.h"

#include <fcntl.h>
#include <grp.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gtest/gtest.h"

namespace materialize {
namespace {

[[noreturn]] void Answer(uid_t user, const std::function<std::string()>& body,
                         int to) noexcept {
  if (setgroups(0, nullptr) != 0 || setresgid(user, user, user) != 0 ||
      setresuid(user, user, user) != 0)
    _exit(1);
  const std::string text = body();
  const auto size = static_cast<ssize_t>(text.size());
  _exit(write(to, text.data(), text.size()) == size ? 0 : 1);
}

}  // namespace

std::string RunAs(uid_t user, const std::function<std::string()>& body) {
  int ends[2];
  EXPECT_EQ(pipe2(ends, O_CLOEXEC), 0);
  const pid_t child = fork();
  EXPECT_GE(child, 0);
  if (child == 0) Answer(user, body, ends[1]);
  close(ends[1]);
  std::string text;
  char buffer[4096];
  for (ssize_t got = 0; (got = read(ends[0], buffer, sizeof(buffer))) > 0;)
    text.append(buffer, static_cast<size_t>(got));
  close(ends[0]);
  int status = 0;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0) << "the child died";
  return text;
}

}  // namespace materialize
