// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Counts the system calls that one more file costs: whatever a directory or the
// whole run takes is the same with and without it.

#ifndef MATERIALIZE_TESTS_FILESYSTEMS_CALLS_H_
#define MATERIALIZE_TESTS_FILESYSTEMS_CALLS_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "gtest/gtest.h"
#include "materialize/materialize.h"
#include "materialize/os/sys.h"

namespace materialize {

// A directory on a place of the lab, and what is in it.
struct CountedTree {
  std::string directory;
  std::string source() const { return directory + "/from"; }
  std::string target() const { return directory + "/to"; }
  std::string receipt() const { return directory + "/receipt"; }
};

// One run: of what is counted, or of what was there before.
using Counted = std::function<absl::Status(const CountedTree& tree, Sys& sys)>;

constexpr char kFullFile[] = " size=4000";

// By one thread.
absl::Status PlaceCounted(Request request, Sys& sys);

// All of the source, by these methods: into nothing, and into what is there.
Counted Placing(std::vector<Method> methods);
Counted Updating(std::vector<Method> methods);
// Placing with some more said in the request.
using Change = std::function<void(Request& request, const CountedTree& tree)>;
Counted PlacingBut(std::vector<Method> methods, Change change);
Counted UpdatingBut(std::vector<Method> methods, Change change);
// Copied, and then every file changed.
Counted PlacingOthers();

// What `counted` calls after `before`, which may be null, for one of the
// source's entries; `entry`: what each is after its name, as ArrangeTree()
// takes it.
double CallsPerFile(const std::string& place, const std::string& entry,
                    const Counted& before, const Counted& counted);

class CallsTest : public testing::Test {
 protected:
  void SetUp() override;
};

}  // namespace materialize

#endif  // MATERIALIZE_TESTS_FILESYSTEMS_CALLS_H_
