# SPDX-FileCopyrightText: 2026 The materialize authors
# SPDX-License-Identifier: Apache-2.0
#
# Sourced by user_workspace: names that are hard to pass on, links, trees of trees, nothing at all, ten thousand sources.

entries() { (cd "$1" && find . -mindepth 1 -printf '%P %y\n' | LC_ALL=C sort); }

holds_the_names() {
  local out
  out=$(tree "$here" by/copy/tree)
  # Links are laid out as what they point at.
  diff -r "$here/ws/names" "$out/names" && ! find "$out" -type l | grep . &&
    cmp "$here/ws/ext/lib/external.bin" "$out/lib/external.bin"
}

# What was executable is; a link of a TreeArtifact is what it pointed at.
holds_the_tree() {
  local out
  out=$(tree "$here" tree_in_tree)
  entries "$out" | grep -v '^by' >"$here/entries"
  diff - "$here/entries" <<END && cmp "$out/part/er/zeros" "$out/made/deep/er/zeros" && [[ -x $out/made/tool ]]
made d
made/deep d
made/deep/er d
made/deep/er/tool f
made/deep/er/zeros f
made/nothing f
made/sp ace d
made/sp ace/@two f
made/tool f
part d
part/er d
part/er/tool f
part/er/zeros f
END
}

is_empty() { [[ -d $1 && -z $(ls -A "$1") ]]; }

holds_ten_thousand() { diff -r "$here/ws/files" "$(tree "$here" many)"; }

check_names() {
  check_quietly "names, trees, nothing, 10,000 sources: builds" build_at "$here" names //:by_copy //:tree_in_tree //:empty //:many
  check_quietly "every name is there, with its content" holds_the_names
  check_quietly "a tree and a part of it in a tree" holds_the_tree
  check_quietly "no sources: an empty directory" is_empty "$(tree "$here" empty)"
  check_quietly "10,000 sources" holds_ten_thousand
}
