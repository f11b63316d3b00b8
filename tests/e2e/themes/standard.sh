# SPDX-FileCopyrightText: 2026 The materialize authors
# SPDX-License-Identifier: Apache-2.0
#
# Sourced by user_workspace: rules/private/cpp_standard.bzl reaches libraries of other repositories, in each configuration.

does_not_compile() {
  local output
  output=$(build_at "$here" plain "$1") && return 1
  echo "$output"
  grep -q 'static assertion failed' <<<"$output"
}

is_answered() { [[ $(cat "$(tree "$here" cc/answer.txt)") == 42 ]]; }

check_standard() {
  check_quietly "C++ standard: without a transition a library has Bazel's" does_not_compile //cc:plain
  check_quietly "C++ standard: the transition reaches a library, as a tool, too" build_at "$here" standard //cc:standard //cc:answer
  check_quietly "C++ standard: the binary runs" is_answered
}
