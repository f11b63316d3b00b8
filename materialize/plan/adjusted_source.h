// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// A Source whose files and directories get other modes and owners than they
// have: Request::modes and Request::owner.

#ifndef MATERIALIZE_PLAN_ADJUSTED_SOURCE_H_
#define MATERIALIZE_PLAN_ADJUSTED_SOURCE_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "materialize/manifest.h"
#include "materialize/mode_change.h"
#include "materialize/plan/selection.h"
#include "materialize/plan/source.h"

namespace materialize {

// "[GLOB:]MODE", in order: the last whose glob matches counts. Octal modes are
// for files; symlinks have none. What a manifest says of an entry goes before,
// and a directory whose mode the manifest leaves open stays as it is. Nobody
// gets the destination itself.
class Adjustments {
 public:
  // InvalidArgument names the text that is wrong.
  static absl::StatusOr<Adjustments> Parse(
      const std::vector<std::string>& modes, Wanted owner);

  bool empty() const { return rules_.empty() && !names_owner(); }
  bool names_owner() const {
    return owner_.uid.has_value() || owner_.gid.has_value();
  }
  // What an entry that has no wishes of its own gets.
  const Wanted& For(absl::string_view directory, absl::string_view name,
                    Kind kind) const;

 private:
  struct Rule {
    GlobList globs;
    Wanted wanted;
  };
  std::vector<Rule> rules_;
  Wanted owner_;  // uid and gid only
};

std::unique_ptr<Source> Adjusted(std::unique_ptr<Source> source,
                                 Adjustments adjustments);

}  // namespace materialize

#endif  // MATERIALIZE_PLAN_ADJUSTED_SOURCE_H_
