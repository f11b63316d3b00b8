// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// What is said of a source that cannot be laid out: always with the label that
// brought it.

#ifndef MATERIALIZE_ACTION_COMPLAINT_H_
#define MATERIALIZE_ACTION_COMPLAINT_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "materialize/action/action_request.h"

namespace materialize {

// "from //package:name".
std::string From(const ActionSource& source);

// InvalidArgument: "what: why (from //package:name)".
absl::Status Wrong(absl::string_view what, absl::string_view why,
                   const ActionSource& source);

// InvalidArgument when `place` is not UTF-8.
absl::Status CheckName(absl::string_view place, const ActionSource& source);

}  // namespace materialize

#endif  // MATERIALIZE_ACTION_COMPLAINT_H_
