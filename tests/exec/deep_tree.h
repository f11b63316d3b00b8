// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Trees deeper than a path may be long and than descriptors may be open.

#ifndef MATERIALIZE_TESTS_EXEC_DEEP_TREE_H_
#define MATERIALIZE_TESTS_EXEC_DEEP_TREE_H_

#include <sys/resource.h>

#include <string>

namespace materialize {

// A process that may open few files, for as long as this lives.
class FewDescriptors {
 public:
  explicit FewDescriptors(rlim_t most);
  ~FewDescriptors();
  FewDescriptors(const FewDescriptors&) = delete;
  FewDescriptors& operator=(const FewDescriptors&) = delete;

 private:
  rlimit before_ = {};
};

// Makes `root` and `levels` directories in one another below it, with a file
// called "file" in each 500th and the last. Modes are 0755.
void MakeDeepTree(const std::string& root, int levels);

// What is there: "500:file 1000:file ... 3000".
std::string DeepTreeText(const std::string& root);

}  // namespace materialize

#endif  // MATERIALIZE_TESTS_EXEC_DEEP_TREE_H_
