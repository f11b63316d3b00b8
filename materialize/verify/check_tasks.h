// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// The work of a comparison, cut into pieces of like size: all of it is known
// before it begins, since nothing is entered that is not expected.

#ifndef MATERIALIZE_VERIFY_CHECK_TASKS_H_
#define MATERIALIZE_VERIFY_CHECK_TASKS_H_

#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "materialize/verify/expectation.h"

namespace materialize {

// The component after the last '/'.
absl::string_view NameOf(const Expected& expected);

struct CheckTask {
  absl::string_view directory;                // relative to the root
  absl::Span<const Expected* const> entries;  // to be looked at, in it
  absl::Span<const Expected* const> all;  // expected in it, by name: for whom
                                          // lists it; by none of the others
  bool lists = false;                     // and looks for what is not expected
};

// Views into the expectation it was made of. The root itself is in no task.
class CheckTasks {
 public:
  explicit CheckTasks(const Expectation& expectation);
  CheckTasks(const CheckTasks&) = delete;
  CheckTasks& operator=(const CheckTasks&) = delete;

  const std::vector<CheckTask>& tasks() const { return tasks_; }

 private:
  std::vector<const Expected*> order_;  // by directory, then by name
  std::vector<CheckTask> tasks_;
};

}  // namespace materialize

#endif  // MATERIALIZE_VERIFY_CHECK_TASKS_H_
