# SPDX-FileCopyrightText: 2026 The materialize authors
# SPDX-License-Identifier: Apache-2.0
#
# Sourced by user_workspace: what later releases of Bazel do by themselves, where this one has the flags.

readonly of_bazel_8=(
  --incompatible_auto_exec_groups
  --incompatible_disallow_empty_glob
  --incompatible_no_implicit_file_export
)

readonly of_bzlmod=(--incompatible_disable_native_repo_rules)

check_flags() {
  local flags
  mapfile -t flags < <(known_flags "${of_bazel_8[@]}")
  # With WORKSPACE, what Bazel 7 itself declares breaks.
  [[ ${bazel_flags[*]} != *" --noenable_workspace "* ]] || flags+=("${of_bzlmod[@]}")
  forget
  check_quietly "${flags[*]}: builds" build_at "$here" flags "${flags[@]}" //...
  check_quietly "${flags[*]}: holds every name" holds_the_names
  # Bazel 4 knows the option, but not the value.
  is_recent || return
  forget
  check_quietly "--experimental_output_paths=strip: builds" build_at "$here" strip --experimental_output_paths=strip //...
  check_quietly "--experimental_output_paths=strip: holds every name" holds_the_names
}
