# SPDX-FileCopyrightText: 2026 The materialize authors
# SPDX-License-Identifier: Apache-2.0
#
# What was measured: kept in results.json, told in RESULTS.md, results.svg and README's table, and held against later
# runs.

import json
import os
import pathlib
import platform

import contenders
import picture
import summary
from summary import CP

HERE = pathlib.Path(__file__).resolve().parent
STORED = HERE / "results.json"
README = HERE.parents[1] / "README.md"
COUNTED = "rss_kib", "calls", "bytes"
TOLERATED = 1.5  # of the stored ratio, for a quick run on another machine

# work, contender, at most, where (a tree or a filesystem; None is everywhere): what is to be reached
TARGETS = [
    (contenders.LINK, contenders.FLOOR, 1.08, None),
    (contenders.CLONE, contenders.FLOOR, 1.08, None),
    (contenders.COPY, contenders.FLOOR, 1.08, None),
    (contenders.LINK, "cpz -l", 1.00, "large"),
    (contenders.LINK, "cp -al", 0.46, "ext4"),
    (contenders.LINK, "cp -al", 0.46, "xfs"),
    (contenders.LINK, "cp -al", 0.62, "btrfs"),
    (contenders.LINK, "copy_to_directory", 0.40, None),
    (contenders.CLONE, "cpz", 1.08, None),
    (contenders.CLONE, CP + " --reflink=always", 0.48, "xfs"),
    (contenders.CLONE, CP + " --reflink=always", 0.50, "btrfs"),
    (contenders.COPY, "cpz", 1.08, None),
    (contenders.COPY, CP + " --reflink=never", 0.45, None),
    (contenders.SAME_COPY, contenders.FLOOR, 1.10, None),
    (contenders.SAME_COPY, "rsync -a", 1.00, None),
    (contenders.SAME_LINK, "rsync -a", 0.10, None),
    ("units", "bun", 1.00, None),
    ("units", "pnpm", 1.00, None),
    ("units", "uv", 1.00, None),
    ("across", CP, 1.00, None),
    # Auto against each method that gives what it gives; a hardlink is not what reflink and copy are.
    ("overlay", contenders.OURS + " --methods=copy", 1.00, None),
    ("overlay", contenders.OURS + " --methods=reflink", 1.00, None),
    ("fresh", contenders.OURS + " --methods=copy", 1.00, None),
    ("fresh", contenders.OURS + " --methods=reflink", 1.00, None),
    ("fresh", contenders.OURS + " --methods=hardlink", 1.00, "ext4"),
]
# Where "no slower" is meant: the interval has to reach it, not the median.
WITHIN = "across", "overlay", "fresh"
FLOORS = contenders.FLOOR, contenders.SHARED


def target(case, contender):
    """The most that the ratio may be, or None."""
    work, *places = case.split()
    return next((most for of, name, most, where in TARGETS
                 if of == work and name == contender and (where is None or where in places)), None)


def load():
    return json.loads(STORED.read_text()) if STORED.exists() else {}


def _beside(known, found):
    """What was only timed keeps the counts there were, and what was only counted the times."""
    if "contenders" not in known or "contenders" not in found:
        return found
    rows = found["contenders"]
    if "pairs" not in found:
        return dict(known, contenders={name: dict(mine, **rows.get(name, {})) for name, mine in known["contenders"].items()})
    counts = {name: {key: mine[key] for key in COUNTED if key in mine} for name, mine in known["contenders"].items()}
    return dict(found, contenders={name: dict(counts.get(name, {}), **mine) for name, mine in rows.items()})


def store(found):
    everything = load()
    for case, mine in found.items():
        if case in everything or "pairs" in mine or "said" in mine:  # counts alone have no row
            everything[case] = _beside(everything.get(case, {}), mine)
    STORED.write_text(json.dumps(dict(sorted(everything.items())), indent=1) + "\n")
    (HERE / "RESULTS.md").write_text(_markdown(load()))
    (HERE / "results.svg").write_text(picture.draw(load()))
    README.write_text(summary.put(README.read_text(), load()))


def _ratio(mine, pairs):
    if "ratio" not in mine:
        return ""
    few = ", %d pairs" % mine["laps"] if mine.get("laps", pairs) < pairs else ""
    return "%.2f (%.2f to %.2f)%s" % (*mine["ratio"], few)


def _limit(case, name, mine):
    most = target(case, name)
    if most is None:
        return ""
    median, least, _ = mine["ratio"]
    reached = least if case.split()[0] in WITHIN else median
    return "%.2f%s" % (most, "" if reached <= most else " **missed**")


def _counted(mine, key, form, unit=1):
    return form % (mine[key] / unit) if key in mine else ""


def _reach(name, mine, rows):
    """What the best floor would have instead of our ratio: nobody gets below it."""
    floors = [rows[floor]["wall"][0] for floor in FLOORS if floor in rows]
    if not floors or name in FLOORS + (contenders.OURS,):
        return ""
    return "%.2f" % (min(floors) / mine["wall"][0])


def _row(case, name, mine, rows, pairs):
    return "| %s | %s | %s | %s | %.3f (%.3f to %.3f) | %.2f | %s | %s | %s | %s |" % (
        mine["form"], _ratio(mine, pairs), _limit(case, name, mine), _reach(name, mine, rows), *mine["wall"], mine["cpu"],
        _counted(mine, "rss_kib", "%.1f", 1024), _counted(mine, "calls", "%.2f"), _counted(mine, "bytes", "%.1f", 1e6),
        mine["lacks"])


def _section(case, found):
    work, tree, where = case.split()
    if "said" in found:
        return ["## " + work, "", found["said"], ""]
    return ["## %s, %s, %s" % (work, tree, where), "", "%s files, %d pairs." % (format(found["files"], ","), found["pairs"]),
            "", "| | ours / theirs | at most | floor / theirs | seconds | cpu s | MiB | calls per file | MB added "
            "| does not keep |", "|---" * 10 + "|"] + [
                _row(case, name, mine, found["contenders"], found["pairs"])
                for name, mine in found["contenders"].items()] + [""]


def _markdown(everything):
    kernel = platform.release().split("-")[0]
    lines = [
        "# Results", "",
        "Written by `tests/bench/run`. Ratios are medians of pairs of one run, ours to theirs, with their 95 % intervals",
        "(bootstrap): below 1 we are faster. Seconds are medians, with the least and the most, and mean nothing on another",
        "machine. Where a ratio is above what it should be, see what the floor program (`floor.cc`: the unavoidable system",
        "calls, no staging, no checks) reached beside the same peer; the better one, where a second one shares directories among",
        "its threads. Where \"no slower\" is meant (across, fresh, overlay), the interval has to reach 1.00. Memory (the peak),",
        "calls and bytes may be of another run than the times. Filesystems in images of their own; Linux %s, %d processors."
        % (kernel, os.cpu_count()), "",
        "![ratios](results.svg)", ""]
    for case, found in everything.items():
        lines += _section(case, found)
    return "\n".join(lines)


def compare(found):
    """Prints a check for each ratio that is known, and the sum; the exit code."""
    known, passed, failed = load(), 0, 0
    for case, measured in found.items():
        for name, mine in measured["contenders"].items():
            stored = known.get(case, {}).get("contenders", {}).get(name)
            if "ratio" not in mine or stored is None:
                continue
            most = stored["ratio"][0] * TOLERATED
            fine = mine["ratio"][0] <= most
            passed, failed = passed + fine, failed + (not fine)
            print("%s %s, against %s: %.2f (at most %.2f)" % ("ok" if fine else "FAIL", case, name, mine["ratio"][0], most))
    if passed + failed == 0:
        failed = 1
        print("FAIL nothing to compare with in %s" % STORED.name)
    print("%d passed, %d failed, 0 skipped" % (passed, failed))
    return 1 if failed else 0
