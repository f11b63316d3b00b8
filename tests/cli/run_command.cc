// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "tests/cli/run_command.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <stdexcept>

namespace materialize::cli {
namespace {

// An unlinked file: unlike a pipe it takes any amount without a reader.
int Scratch(const std::string& text) {
  const int fd = open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  const bool written = fd >= 0 && write(fd, text.data(), text.size()) ==
                                      static_cast<ssize_t>(text.size());
  if (!written || lseek(fd, 0, SEEK_SET) != 0)
    throw std::runtime_error(std::string("scratch: ") + strerror(errno));
  return fd;
}

std::string TakeAll(int fd) {
  std::string text(static_cast<size_t>(lseek(fd, 0, SEEK_END)), '\0');
  const ssize_t got = pread(fd, text.data(), text.size(), 0);
  close(fd);
  if (got != static_cast<ssize_t>(text.size()))
    throw std::runtime_error("short read");
  return text;
}

std::vector<char*> Pointers(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (const std::string& text : texts)
    pointers.push_back(const_cast<char*>(text.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

// This process's own, but for what `changes` says ("NAME=VALUE").
std::vector<std::string> Environment(const std::vector<std::string>& changes) {
  std::vector<std::string> all = changes;
  for (char** at = environ; *at != nullptr; ++at) {
    const std::string variable = *at;
    const std::string name = variable.substr(0, variable.find('=') + 1);
    bool is_changed = false;
    for (const std::string& change : changes)
      is_changed = is_changed || change.compare(0, name.size(), name) == 0;
    if (!is_changed) all.push_back(variable);
  }
  return all;
}

// Allocates nothing: another thread may have held the allocator's lock at the
// fork (AddressSanitizer's stays locked).
[[noreturn]] void Become(const std::vector<char*>& argv,
                         const std::vector<char*>& environment,
                         const std::string& directory, const int (&fds)[3]) {
  for (int fd = 0; fd < 3; ++fd) dup2(fds[fd], fd);
  if (!directory.empty() && chdir(directory.c_str()) != 0) _exit(126);
  execve(argv[0], argv.data(), environment.data());
  _exit(127);
}

}  // namespace

std::string Binary() {
  return std::filesystem::absolute("materialize/cli/materialize");
}

Said RunProgram(const std::vector<std::string>& words,
                const Surroundings& surroundings) {
  const int fds[3] = {Scratch(surroundings.input), Scratch(""), Scratch("")};
  const std::vector<char*> argv = Pointers(words);
  const std::vector<std::string> variables =
      Environment(surroundings.environment);
  const std::vector<char*> environment = Pointers(variables);
  const pid_t pid = fork();
  if (pid < 0) throw std::runtime_error("fork");
  if (pid == 0) Become(argv, environment, surroundings.directory, fds);
  if (surroundings.while_running) surroundings.while_running(pid);
  int status = 0;
  waitpid(pid, &status, 0);
  close(fds[0]);
  const int code =
      WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
  return {.code = code, .out = TakeAll(fds[1]), .err = TakeAll(fds[2])};
}

Said RunCommand(const std::vector<std::string>& words,
                const Surroundings& surroundings) {
  std::vector<std::string> all = {Binary()};
  all.insert(all.end(), words.begin(), words.end());
  return RunProgram(all, surroundings);
}

}  // namespace materialize::cli
