// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// The answer of Verify() as the lines that people see.

#ifndef MATERIALIZE_TESTS_VERIFY_VERIFIED_H_
#define MATERIALIZE_TESTS_VERIFY_VERIFIED_H_

#include <string>

#include "materialize/os/sys.h"

namespace materialize {

// One line per difference, each ended by a newline; a failure is "! TEXT", an
// error "!! TEXT".
std::string Verified(const std::string& manifest,
                     const std::string& destination, Sys& sys = RealSys());

// The same against this text, put into a file beside `destination` for the
// time of the call; its name in errors is "m".
std::string VerifiedText(const std::string& text,
                         const std::string& destination, Sys& sys = RealSys());

}  // namespace materialize

#endif  // MATERIALIZE_TESTS_VERIFY_VERIFIED_H_
