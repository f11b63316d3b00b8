# SPDX-FileCopyrightText: 2026 The materialize authors
# SPDX-License-Identifier: Apache-2.0
#
# README's table: what users ask first, out of all that was measured.

import contenders

CP = "cp -r --preserve=mode,timestamps"
BEGIN, END = "<!-- tests/bench/run writes from here -->\n", "<!-- to here -->\n"
FILESYSTEMS = ("ext4", "xfs", "btrfs", "tmpfs")
TREES = {"small": "%s files, node_modules", "large": "%s files, node_modules", "mirror": "%s tarballs in one directory",
         "flat": "%s small files in one directory", "deep": "%s files, a hundred levels deep"}
# work, contender, what it is called here
ROWS = [
    (contenders.LINK, "cp -al", "hardlink, to `cp -al`"),
    (contenders.LINK, "cpz -l", "hardlink, to `cpz -l` (keeps no times of directories)"),
    (contenders.LINK, "copy_to_directory", "hardlink, to bazel-lib's `copy_to_directory`"),
    (contenders.LINK, "ostree checkout -H", "hardlink, to `ostree checkout -H`"),
    (contenders.LINK, contenders.FLOOR, "hardlink, to the floor"),
    (contenders.CLONE, CP + " --reflink=always", "reflink, to `cp --reflink=always`, modes and times kept"),
    (contenders.CLONE, "cpz", "reflink, to `cpz` (keeps no times)"),
    (contenders.CLONE, contenders.FLOOR, "reflink, to the floor"),
    (contenders.COPY, CP + " --reflink=never", "copy, to `cp --reflink=never`, modes and times kept"),
    (contenders.COPY, "cpz", "copy, to `cpz` (keeps no times)"),
    (contenders.COPY, contenders.FLOOR, "copy, to the floor"),
    (contenders.SAME_COPY, "rsync -a", "copied already, nothing to do, to `rsync -a`"),
    (contenders.SAME_COPY, contenders.FLOOR, "copied already, nothing to do, to the floor"),
    (contenders.SAME_LINK, "rsync -a", "hardlinked already, nothing to do, to `rsync -a`"),
    (contenders.SAME_LINK, contenders.FLOOR, "hardlinked already, nothing to do, to the floor"),
]
# case, contender, what it is called here
SINGLE = [
    ("units node ext4", "bun", "npm packages as units, to bun's whole install"),
    ("units node ext4", "pnpm", "npm packages as units, to pnpm's importing"),
    ("units python ext4", "uv", "Python packages as units, to uv's \"Installed\""),
    ("overlay small ext4", "materialize --methods=copy", "`auto` from a lower layer of overlayfs on ext4, to copying"),
    ("overlay small ext4", "materialize --methods=hardlink", "the same, to hardlinking, which copies up"),
    ("fresh small xfs", "materialize --methods=copy", "`auto` from a store on xfs written a second ago, to copying"),
    ("fresh small xfs", "materialize --methods=reflink", "the same, to cloning"),
    ("across big xfs-ext4", CP, "8 files of 512 MiB from xfs to ext4, to `cp`"),
    ("one-file one tmpfs-ext4", CP, "1 file of 512 MiB from tmpfs to ext4, to `cp`"),
    ("one-file one tmpfs-xfs", CP, "1 file of 512 MiB from tmpfs to xfs, to `cp`"),
]


def _case(work, tree, filesystem):
    return "%s %s %s" % (work, tree, filesystem)


def _cell(everything, case, contender):
    ratio = everything.get(case, {}).get("contenders", {}).get(contender, {}).get("ratio")
    return "" if ratio is None else "%.2f" % ratio[0]


def _tree(everything, tree, title):
    """The table of one tree; nothing where it was not measured."""
    rows = []
    for work, contender, words in ROWS:
        cells = [_cell(everything, _case(work, tree, filesystem), contender) for filesystem in FILESYSTEMS]
        if any(cells):
            rows.append("| %s | %s |" % (words, " | ".join(cells)))
    if not rows:
        return []
    cases = {_case(work, tree, filesystem) for work, _, _ in ROWS for filesystem in FILESYSTEMS} & set(everything)
    pairs = sorted({everything[case]["pairs"] for case in cases})
    files = {everything[case]["files"] for case in cases}
    head = title % format(max(files), ",") + "; %s pairs" % " to ".join(str(n) for n in dict.fromkeys((pairs[0], pairs[-1])))
    return ["| %s | %s |" % (head, " | ".join(FILESYSTEMS)), "|---" * (1 + len(FILESYSTEMS)) + "|"] + rows + [""]


def table(everything):
    lines = []
    for tree, title in TREES.items():
        lines += _tree(everything, tree, title)
    single = [(words, _cell(everything, case, contender)) for case, contender, words in SINGLE]
    lines += ["* %s: %s" % row for row in single if row[1]]
    snapshot = everything.get("snapshot small btrfs")
    if snapshot:
        lines.append("* `--methods=snapshot` of %s files takes %.0f ms." % (
            format(snapshot["files"], ","), 1000 * snapshot["contenders"][contenders.OURS]["wall"][0]))
    lines += ["* " + found["said"] for found in everything.values() if "said" in found]
    return "\n".join(lines) + "\n"


def put(text, everything):
    """`text` with the table where its marks are."""
    before, rest = text.split(BEGIN)
    return before + BEGIN + "\n" + table(everything) + END + rest.split(END)[1]
