# SPDX-FileCopyrightText: 2026 The materialize authors
# SPDX-License-Identifier: Apache-2.0
#
# For test scripts to source: says what passed, failed or was skipped, and counts. checks_done prints the closing line.

checks_passed=0
checks_failed=0
checks_skipped=0

ok() {
  echo "ok $*"
  checks_passed=$((checks_passed + 1))
}
fail() {
  echo "FAIL $*"
  checks_failed=$((checks_failed + 1))
}
# skip NAME: WHY
skip() {
  echo "skip $*"
  checks_skipped=$((checks_skipped + 1))
}

# check NAME COMMAND...: passes when the command succeeds.
check() {
  local name=$1
  shift
  if "$@"; then ok "$name"; else fail "$name: $*"; fi
}

# check_quietly NAME COMMAND...: the same; what the command prints is shown when it fails.
check_quietly() {
  local name=$1 output
  shift
  if output=$("$@" 2>&1); then ok "$name"; else
    fail "$name"
    sed 's/^/  | /' <<<"$output" | head -n 60
  fi
}

checks_done() {
  echo "$checks_passed passed, $checks_failed failed, $checks_skipped skipped"
  [ "$checks_failed" -eq 0 ]
}
