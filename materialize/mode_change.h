// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// What chmod(1) calls a mode: octal, or symbolic and so a change of the mode
// that is there.

#ifndef MATERIALIZE_MODE_CHANGE_H_
#define MATERIALIZE_MODE_CHANGE_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "materialize/os/sys.h"

namespace materialize {

struct ModeChange {
  mode_t kept = 0;               // bits that stay as they are
  mode_t set = 0;                // bits that are set
  mode_t set_if_executable = 0;  // where somebody may execute it; always for
                                 // directories
  bool octal = false;            // not meant for directories

  mode_t Of(mode_t own, bool is_directory) const {
    const bool executable = is_directory || (own & 0111) != 0;
    return (own & kept) | set | (executable ? set_if_executable : 0);
  }
  friend bool operator==(const ModeChange&, const ModeChange&) = default;
};

// "0644"; "u=rwX,go=rX"; of ugoa, +-= and rwxX, set-id bits not.
// InvalidArgument names the text.
absl::StatusOr<ModeChange> ParseModeChange(absl::string_view text);

}  // namespace materialize

#endif  // MATERIALIZE_MODE_CHANGE_H_
