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

[[noreturn]] void Become(const std::vector<std::string>& words,
                         const Surroundings& surroundings,
                         const int (&fds)[3]) {
  for (int fd = 0; fd < 3; ++fd) dup2(fds[fd], fd);
  for (const std::string& variable : surroundings.environment)
    putenv(strdup(variable.c_str()));
  const std::string& directory = surroundings.directory;
  if (!directory.empty() && chdir(directory.c_str()) != 0) _exit(126);
  std::vector<char*> argv;
  for (const std::string& word : words) argv.push_back(strdup(word.c_str()));
  argv.push_back(nullptr);
  execv(argv[0], argv.data());
  _exit(127);
}

}  // namespace

std::string Binary() {
  return std::filesystem::absolute("materialize/cli/materialize");
}

Said RunProgram(const std::vector<std::string>& words,
                const Surroundings& surroundings) {
  const int fds[3] = {Scratch(surroundings.input), Scratch(""), Scratch("")};
  const pid_t pid = fork();
  if (pid < 0) throw std::runtime_error("fork");
  if (pid == 0) Become(words, surroundings, fds);
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
