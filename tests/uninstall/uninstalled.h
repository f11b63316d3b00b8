// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// A destination with its receipt, and the answer of Uninstall() as a few lines.

#ifndef MATERIALIZE_TESTS_UNINSTALL_UNINSTALLED_H_
#define MATERIALIZE_TESTS_UNINSTALL_UNINSTALLED_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "gtest/gtest.h"
#include "materialize/os/sys.h"
#include "materialize/uninstall.h"
#include "tests/testing/temp_dir.h"

namespace materialize {

// "1 files, 0 links, 2 directories; 0 gone, 0 kept, 0 unreached", then a line
// "left DST/a: WHY" for each that was changed, and "! TEXT" for each failure.
// "!! TEXT" for an error. DST and RECEIPT stand for the request's own.
std::string AnswerText(const UninstallRequest& request,
                       const absl::StatusOr<UninstallReport>& report);

class UninstallScene : public testing::Test {
 protected:
  UninstallScene() = default;
  // In a directory below `where`.
  explicit UninstallScene(const std::string& where)
      : dir_(TempDir::In(where)) {}

  UninstallRequest Request() const {
    return {.receipt = receipt_, .destination = dst_};
  }
  // Makes the destination, and a receipt of this text.
  void Arrange(std::string_view tree, std::string_view receipt) const;
  // The answer to Request(), with --force if `changed` says so.
  std::string Run(Sys& sys = RealSys(),
                  Changed changed = Changed::kLeave) const;
  // What the destination is now: names, kinds and contents.
  std::string Now() const;
  static std::string Text(std::string_view tree);

  const TempDir dir_;
  const std::string dst_ = dir_ / "dst";
  const std::string receipt_ = dir_ / "receipt";
};

}  // namespace materialize

#endif  // MATERIALIZE_TESTS_UNINSTALL_UNINSTALLED_H_
