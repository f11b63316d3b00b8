// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// What the workers need to know of a request, settled before the first entry.

#ifndef MATERIALIZE_EXEC_OPTIONS_H_
#define MATERIALIZE_EXEC_OPTIONS_H_

#include <atomic>
#include <string>
#include <vector>

#include "materialize/method.h"
#include "materialize/request.h"

namespace materialize {

enum class Look {
  kWhereNeeded,
  kEverywhere
};                                    // at each file, for its size and times
enum class Choice { kAuto, kNamed };  // who made the list of methods

class Twins;  // exec/twins.h

struct ExecOptions {
  std::vector<Method> methods = {};  // in order, never empty
  Choice choice = Choice::kAuto;
  Special special = Special::kError;
  Symlinks symlinks = Symlinks::kKeep;
  Look look = Look::kWhereNeeded;
  LinkTarget link_target = LinkTarget::kAbsolute;
  bool allow_dangling = false;
  bool plain_directories = false;  // 0755, whatever their sources have
  Preserve preserve = {};
  const Twins* twins = nullptr;  // equal contents are to be shared; else null
  Check check = Check::kNo;  // what is as it should be is told as How::kNoop
  bool protect = false;      // a source that is linked to loses its write bits
  bool durable = false;      // a file is on the disk before it gets its name
  uid_t user = 0;            // effective
  int jobs = 1;
  mode_t made_mode =
      0700;  // of a directory from its making until it is finished
  std::string final_path =
      {};  // absolute: where the root will be when all is done
  const std::atomic<bool>* cancel = nullptr;

  // Whether a directory of this mode is closed to its owner, who could neither
  // rename it nor open or change what is below it.
  bool IsClosed(mode_t mode) const {
    return user != 0 && (mode & S_IRWXU) != S_IRWXU;
  }
  bool cancelled() const {
    return cancel != nullptr && cancel->load(std::memory_order_relaxed);
  }
};

}  // namespace materialize

#endif  // MATERIALIZE_EXEC_OPTIONS_H_
