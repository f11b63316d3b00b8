# SPDX-FileCopyrightText: 2026 The materialize authors
# SPDX-License-Identifier: Apache-2.0
#
# Sourced by user_workspace: what later releases of Bazel do by themselves, where this one has the flags.

readonly of_bazel_8=(
  --incompatible_auto_exec_groups
  --incompatible_disable_native_repo_rules
  --incompatible_disallow_empty_glob
  --incompatible_no_implicit_file_export
)

# Those of the arguments that this Bazel has.
known_flags() {
  local flag help
  help=$(bazel help build 2>/dev/null)
  for flag in "$@"; do
    grep -qF -- "${flag#--}" <<<"$help" && echo "$flag"
  done
}

check_flags() {
  local flags
  mapfile -t flags < <(known_flags "${of_bazel_8[@]}")
  forget
  check_quietly "${flags[*]}: builds" build_at "$here" flags "${flags[@]}" //...
  check_quietly "${flags[*]}: holds every name" holds_the_names
  # Older releases know the option, but not the value.
  [[ -n $(known_flags --incompatible_auto_exec_groups) ]] || return
  forget
  check_quietly "--experimental_output_paths=strip: builds" build_at "$here" strip --experimental_output_paths=strip //...
  check_quietly "--experimental_output_paths=strip: holds every name" holds_the_names
}
