// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// What a process or a directory brings along that has a say in what is made:
// umask, default ACLs, HOME and the working directory.

#ifndef MATERIALIZE_TESTS_TESTING_SURROUNDINGS_H_
#define MATERIALIZE_TESTS_TESTING_SURROUNDINGS_H_

#include <sys/stat.h>
#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

namespace materialize {

// While it lives.
struct Umask {
  explicit Umask(mode_t mask) : before(umask(mask)) {}
  ~Umask() { umask(before); }
  Umask(const Umask&) = delete;
  Umask& operator=(const Umask&) = delete;
  const mode_t before;
};

// Puts HOME and the working directory back as they were.
class Surroundings {
 public:
  Surroundings();
  ~Surroundings();
  Surroundings(const Surroundings&) = delete;
  Surroundings& operator=(const Surroundings&) = delete;

 private:
  const std::string directory_;
  std::optional<std::string> home_;
};

// What is made in `directory` from now on gets an ACL that lets `user` in. A
// failure of the test where that cannot be had.
void SetDefaultAcl(const std::string& directory, uid_t user);

// The names below `root` that have an ACL of any kind.
std::vector<std::string> NamesWithAnAcl(const std::string& root);

}  // namespace materialize

#endif  // MATERIALIZE_TESTS_TESTING_SURROUNDINGS_H_
