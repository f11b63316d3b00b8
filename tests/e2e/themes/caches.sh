# SPDX-FileCopyrightText: 2026 The materialize authors
# SPDX-License-Identifier: Apache-2.0
#
# Sourced by user_workspace: --disk_cache and --remote_cache, cold and hit, the latter with outputs left in the cache.

# Not inside $(): the server goes on.
start_cache() {
  "$root/tests/e2e/http_cache" "$here/port" >/dev/null 2>&1 &
  servers+=($!)
  local _
  for _ in {1..100}; do
    [[ -s $here/port ]] && return
    sleep 0.1
  done
  return 1
}

cached() {
  local found
  found=$("$root/tests/e2e/spawns" "$1" cached)
  echo "$found"
  [[ $found == "$2" ]]
}

# Outputs and what Bazel knows of them.
forget() { bazel_at "$here" clean >/dev/null 2>&1; }

content_in() { (cd "$1" && find . -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum); }
content_of() { content_in "$(tree "$here" "$1")"; }

check_cache() {
  local name=$1
  shift
  forget
  check_quietly "$name: cold" build_at "$here" cold "$@" //:cached //:cached_copy
  check_quietly "$name: cold runs what there is" cached "$here/cold.json" '0 of 2'
  content_of cached_copy >"$here/content-cold"
  forget
  check_quietly "$name: hit" build_at "$here" hit "$@" "${on_hit[@]}" //:cached //:cached_copy
  check_quietly "$name: a hit runs nothing" cached "$here/hit.json" '2 of 2'
}

install_from_cache() {
  bazel_at "$here" run "${quiet[@]}" "$@" //:install -- --destdir="$here/installed" --receipt=
}

check_caches() {
  local on_hit=() server
  check_cache "--disk_cache" --disk_cache="$here/disk"
  check_quietly "--disk_cache: a hit brings the same" diff "$here/content-cold" <(content_of cached_copy)
  start_cache || {
    fail "--remote_cache: a server runs"
    return
  }
  server=--remote_cache=http://127.0.0.1:$(cat "$here/port")
  on_hit=(--remote_download_minimal)
  check_cache "--remote_cache" "$server"
  check_quietly "--remote_download_minimal leaves the output where it is" test ! -e "$(tree "$here" cached_copy)/cached/made/tool"
  # Bazel 4 installs directories that are not there, and says nothing.
  is_recent || on_hit=(--remote_download_toplevel)
  check_quietly "${on_hit[*]}: bazel run //:install brings it" install_from_cache "$server" "${on_hit[@]}"
  check_quietly "${on_hit[*]}: and installs the same" diff "$here/content-cold" <(content_in "$here/installed")
}
