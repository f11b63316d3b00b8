# SPDX-FileCopyrightText: 2026 The materialize authors
# SPDX-License-Identifier: Apache-2.0
#
# Sourced by user_workspace: one content by every method and strategy, sources unchanged, nothing runs twice.

readonly by_method=(//:by_reflink //:by_hardlink //:by_copy)

# Name and digest of every file, of the tree of one method.
digests_of() {
  "$root/tests/e2e/spawns" "$1" digests | grep "by_\?/\?$2" | sed 's/^[^ ]* //' | LC_ALL=C sort
}

ran_all_with() {
  local found
  found=$("$root/tests/e2e/spawns" "$1" runners)
  echo "$found"
  [[ $found == "$2" ]]
}

ran_the_installed_tool() {
  local found
  found=$("$root/tests/e2e/spawns" "$1" tools)
  echo "$found"
  [[ $found == installed/materialize_action ]]
}

# An output that is not there is made again.
remove_outputs() {
  local bin
  bin=$(tree "$here" '')
  chmod -R u+w "$bin/by" 2>/dev/null
  rm -rf "$bin/by"
}

same() { diff "$1" "$2"; }

# What a strategy needs beside its name.
worker_flags() { printf '%s\n' --@materialize//rules:worker; is_recent || echo --experimental_worker_allow_json_protocol; }

# Sources, generated files, directories, another repository: what is large enough has no block of its own.
shares_extents() {
  local out file
  out=$(tree "$here" by/reflink/tree)
  for file in "$out"/{names/big,names/sub/deep/big,lib/external.bin,gen/generated.bin,made/deep/er/zeros}; do
    filefrag -v "$file" | grep -q shared || { filefrag -v "$file" && return 1; }
  done
}

build_ran_nothing() { build_at "$here" null "$@" && [[ ! -s $here/null.json ]]; }

check_strategy() {
  local strategy=$1 method flags=(--strategy=MaterializeTree="$1")
  [[ $strategy != worker ]] || mapfile -t -O 1 flags < <(worker_flags)
  check_quietly "$strategy: builds" build_at "$here" "$strategy" "${flags[@]}" "${by_method[@]}"
  check_quietly "$strategy: ran so" ran_all_with "$here/$strategy.json" "$strategy"
  for method in reflink hardlink copy; do
    digests_of "$here/$strategy.json" "$method" >"$here/digests"
    [[ -e $here/digests-first ]] || cp "$here/digests" "$here/digests-first"
    check_quietly "$strategy, $method: the output is that of the first build" same "$here/digests-first" "$here/digests"
  done
  case $(stat -f -c %T "$here") in
    xfs | btrfs) check_quietly "$strategy: extents are shared" shares_extents ;;
  esac
  check_quietly "$strategy: a second build runs nothing" build_ran_nothing "${flags[@]}" "${by_method[@]}"
  remove_outputs
}

check_methods() {
  local strategy
  source_facts "$here" >"$here/facts-before"
  for strategy in linux-sandbox processwrapper-sandbox local worker; do check_strategy "$strategy"; done
  check_quietly "digests: every file is there" test "$(wc -l <"$here/digests-first")" -ge 30
  check_quietly "the installed binary ran" ran_the_installed_tool "$here/local.json"
  source_facts "$here" >"$here/facts-after"
  check_quietly "no mode, mtime, ctime of a source has changed" same "$here/facts-before" "$here/facts-after"
}
