# SPDX-FileCopyrightText: 2026 The materialize authors
# SPDX-License-Identifier: Apache-2.0
#
# For scripts to source, with root (the project): copies of tests/e2e/user outside the checkout, with the files that no
# checkout should hold, and Bazel in them. The rules there run installed binaries, which are this project's own.

readonly quiet=(--noshow_progress --show_result=0 --ui_event_filters=-info,-debug --symlink_prefix=/ --nosandbox_debug)

# What every Bazel that is asked gets: how it finds repositories.
bazel_flags=()
places=()

# Ends the servers of all places and removes them.
remove_places() {
  local place
  for place in "${places[@]}"; do
    [[ -d $place/base ]] && bazel_at "$place" shutdown >/dev/null 2>&1
    chmod -R u+w "$place" && rm -rf "$place"
  done
}

bazel_at() {
  local place=$1 command=$2
  shift 2
  (cd "$place/ws" && exec bazel --output_base="$place/base" "$command" "${bazel_flags[@]}" "$@")
}

# build_at PLACE LOG ARGUMENT...: prints nothing where nothing is wrong.
build_at() {
  local place=$1 log=$2
  shift 2
  rm -f "$place/$log.json"
  bazel_at "$place" build "${quiet[@]}" "--execution_log_json_file=$place/$log.json" "$@" 2>&1 |
    sed '/^Starting local Bazel/d; /host_javabase/d'
  return "${PIPESTATUS[0]}"
}

readonly long_name=$(printf 'n%.0s' {1..255})

# copy_workspace PLACE FOLDER BINARIES: a folder of tests/e2e as PLACE/ws, which knows where all is.
copy_workspace() {
  local place=$1 folder=$2 binaries=$3
  places+=("$place")
  mkdir -p "$place"
  cp -R "$root/tests/e2e/$folder" "$place/ws"
  cd "$place/ws" || return
  sed -i "s|\"../../..|\"$root|; s|\"/usr/bin/|\"$binaries/|" WORKSPACE MODULE.bazel
}

# Names that are hard to pass on, modes of every kind, links, an external repository, ten thousand files.
make_place() {
  local place=$1 name
  copy_workspace "$place" user "$2" || return
  mkdir -p names/sub/deep ext/lib files
  for name in '@scope-a-1.0.0.tgz' 'with space' '#hash' $'\xc3\xa4\xe2\x82\xac' "it's \"quoted\"" '-dash' '--' "$long_name" \
    'a{b}[c]$d' '=;,+~'; do
    printf 'content of %s' "$name" >"names/$name"
    printf 'below, content of %s' "$name" >"names/sub/$name"
  done
  head -c 50000 /dev/zero | tr '\0' a >names/big
  head -c 50000 /dev/zero | tr '\0' b >names/sub/deep/big
  head -c 50000 /dev/zero | tr '\0' c >ext/lib/external.bin
  : >names/empty
  printf '#!/bin/sh\n' >names/tool
  ln -s big names/link
  ln -s ../../tool names/sub/deep/link
  chmod 0644 names/big ext/lib/external.bin
  chmod 0600 names/sub/deep/big
  chmod 0750 names/tool
  chmod 0444 names/empty
  (cd files && seq -f 'a_file_of_many_%05g' 10000 | split -l 1 -a 5 -d --numeric-suffixes=1 - f_)
  # Settled on disk, as files of a real workspace are.
  sync -f .
  cd "$root" || return
}

# tree PLACE NAME: where an output is. Bazel is asked once.
tree() {
  [[ -s $1/bin ]] || bazel_at "$1" info bazel-bin >"$1/bin" 2>/dev/null
  echo "$(cat "$1/bin")/$2"
}

# Path, modes, owner, links, size, mtime, ctime of all sources, the external repository's too.
source_facts() { (cd "$1/ws" && find names ext files -printf '%p %y %m %u %n %s %T@ %C@\n' | LC_ALL=C sort); }
