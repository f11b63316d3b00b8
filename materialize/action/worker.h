// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Bazel's persistent worker, JSON protocol, one request at a time: an object
// {"arguments": [...], "requestId": 0} comes in, a line {"exitCode": 0,
// "output": "...", "requestId": 0} goes out.

#ifndef MATERIALIZE_ACTION_WORKER_H_
#define MATERIALIZE_ACTION_WORKER_H_

#include <istream>
#include <ostream>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "materialize/action/fill.h"

namespace materialize {

// Until `in` ends. What is no request is answered with exit code 2 and a
// message; what asks to cancel one is not answered, for by then it is done.
void ServeRequests(
    std::istream& in, std::ostream& out,
    absl::FunctionRef<ActionEnd(const std::vector<std::string>& arguments)>
        run);

}  // namespace materialize

#endif  // MATERIALIZE_ACTION_WORKER_H_
