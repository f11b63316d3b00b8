// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// One regular file on its way down the list of methods. The placer's own.

#ifndef MATERIALIZE_EXEC_PLACER_FILE_H_
#define MATERIALIZE_EXEC_PLACER_FILE_H_

#include <string>

#include "absl/container/inlined_vector.h"
#include "materialize/exec/placement.h"
#include "materialize/exec/placer.h"
#include "materialize/exec/tally.h"
#include "materialize/plan/source.h"
#include "materialize/strategy/mounts.h"

namespace materialize {

struct Placer::File {
  const Directory& listing;
  Placement at;
  Pair* pair = nullptr;
  bool races = false;      // a copy may be made where it is faster than a clone
  bool copies = false;     // a copy is the faster of what is as private
  bool copied_up = false;  // linking it makes overlayfs copy the source
  absl::InlinedVector<Passed, kMethodCount> passed =
      {};  // what stood before the method used

  const Entry& entry() const { return at.entry(); }
  std::string SourceText() const {
    return entry().source == nullptr ? "(nothing)"
                                     : listing.SourcePath(entry().source);
  }
  std::string TargetText(const ExecOptions& options) const {
    return JoinPath(JoinPath(options.final_path, *at.target().path),
                    entry().name);
  }
};

}  // namespace materialize

#endif  // MATERIALIZE_EXEC_PLACER_FILE_H_
