// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "tests/testing/dies.h"

#include <sys/wait.h>
#include <unistd.h>

#include "gtest/gtest.h"

namespace materialize {

bool DiesBefore(std::string_view call, const When& when,
                absl::FunctionRef<void(Sys& sys)> work) {
  const pid_t child = fork();
  if (child == 0) {
    FaultySys sys(RealSys());
    sys.Before(
        call, [] { _exit(0); }, when);
    work(sys);
    _exit(1);
  }
  int status = 0;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  return status == 0;
}

}  // namespace materialize
