# SPDX-FileCopyrightText: 2026 The materialize authors
# SPDX-License-Identifier: Apache-2.0
#
# Sourced by user_workspace: mnemonic, inputs, outputs, requirements of an action, as aquery has them, against golden files.

# Sorted, without what differs from one Bazel to the next: the configuration's name, how a repository's folder is called.
shown_action() {
  bazel_at "$here" aquery --noshow_progress --output=text "mnemonic(MaterializeTree, $1)" 2>/dev/null |
    grep -E '^ *(Mnemonic|Target|Inputs|Outputs|ExecutionInfo):' |
    sed -E 's/^ *//; s|bazel-out/[^/]+|bazel-out/CONFIG|g; s|external/[^/]*installed/|external/installed/|g' |
    sed -E 's|external/ext~/|external/ext/|g; s|^Target: @*//|Target: //|' |
    sed -E '/^Inputs: /{s/^Inputs: \[|\]$//g; s/^|, /\nInput: /g; s/^\n//}' | LC_ALL=C sort -u
}

# From Bazel 7.1 on the request is no input but a file of parameters, whose paths Bazel maps.
check_inputs() {
  local name mapped=
  ! is_recent || mapped=_mapped
  for name in golden golden_mtime; do
    check_quietly "aquery of $name" diff "$root/tests/e2e/golden/$name$mapped.txt" <(shown_action "//:$name")
  done
}
