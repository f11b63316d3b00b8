# SPDX-FileCopyrightText: 2026 The materialize authors
# SPDX-License-Identifier: Apache-2.0
#
# What is measured: one kind of work with one tree at one place, by everybody who can do it.

import functools
import os

import contenders
import places
import timing
import trees

TRIALS = 2  # of each form of the floor, before the best takes part
QUICK_SIZE, SIZE = 4 * places.GIB, 24 * places.GIB  # of the filesystems


def say(text):
    print(text, flush=True)


class Case:
    """`name` is "WORK TREE PLACE". The target is removed before each run, unless `keeps` says otherwise."""

    def __init__(self, name, source, target, keeps=False, renew=None):
        self.name, self.source, self.target = name, str(source), str(target)
        self.keeps, self.renew = keeps, renew

    def remove(self):
        places.remove(self.target)

    def prepare(self, contender):
        if not self.keeps:
            self.remove()
        if self.renew:
            self.renew()
        return contender.command(self.source, self.target)


def _best_floor(case, work, binary, options, name=contenders.FLOOR):
    forms = contenders.floors(binary, work, name, quick=options.quick or options.pairs == 0)
    if len(forms) == 1:
        return forms[0]
    samples = timing.in_turns(forms, TRIALS, case.prepare, warm=False)
    return min(forms, key=lambda form: min(sample.wall for sample in samples[form.name]))


def _weigh(case, contender, files):
    """What is counted, and not timed."""
    found = {"rss_kib": timing.peak_kib(case.prepare(contender)),
             "calls": timing.calls(case.prepare(contender)) / files}
    if case.keeps:
        return found
    case.remove()
    folder = os.path.dirname(case.target)
    before = os.statvfs(folder)
    timing.run(case.prepare(contender))
    places.run("sync", "-f", folder)
    after = os.statvfs(folder)
    found["bytes"] = (before.f_bfree - after.f_bfree) * before.f_frsize
    return found


def measure(case, everybody, pairs, counts, warm=True):
    """The first of `everybody` is ours; the others are held against it. Without pairs nothing is timed."""
    say(" " + case.name)
    files = trees.count(case.source)
    if pairs == 0:
        found = {"contenders": {contender.row: _weigh(case, contender, files) for contender in everybody}}
        case.remove()
        return {case.name: found}
    samples = timing.in_turns(everybody, pairs, case.prepare, warm)
    found = {"pairs": len(samples[everybody[0].name]), "files": files, "contenders": {}}
    for contender in everybody:
        mine = found["contenders"][contender.row] = {
            "wall": timing.spread(samples[contender.name]), "laps": len(samples[contender.name]),
            "cpu": timing.interval([sample.cpu for sample in samples[contender.name]]).median,
            "form": contender.name, "lacks": contender.lacks}
        if contender is everybody[0]:
            say("  %-28s %.2f s (%.2f to %.2f)" % ((contender.name,) + mine["wall"]))
        else:
            mine["ratio"] = timing.ratio(samples[everybody[0].name], samples[contender.name])
            say("  %-28s %.2f (%.2f to %.2f), %.2f s" % ((contender.name,) + mine["ratio"] + (mine["wall"].median,)))
        if counts:
            mine.update(_weigh(case, contender, files))
    case.remove()
    return {case.name: found}


def _works(works, tree, filesystem, point, tools, options):
    """Each of the works with a tree that is there."""
    found = {}
    for work in works:
        keeps = work in contenders.IN_PLACE
        case = Case("%s %s %s" % (work, tree, filesystem), point / tree, point / "target", keeps)
        if keeps:
            case.remove()
            timing.run(contenders.ours(tools[0], contenders.METHODS[work]).command(case.source, case.target))
        everybody = [contenders.ours(tools[0], work), _best_floor(case, work, tools[1], options)]
        if tree in trees.WIDE:
            everybody.append(_best_floor(case, work, tools[1], options, contenders.SHARED))
        found.update(measure(case, everybody + contenders.peers(work, filesystem, options.quick), options.pairs,
                             options.counts, warm=not options.quick))
    return found


def on_filesystem(filesystem, options, tools):
    """Name to what was measured, of all works and trees that were asked for."""
    found = {}
    works = [work for work in options.works if filesystem in contenders.FILESYSTEMS.get(work, [])]
    if not works:
        return found
    with places.place(filesystem, QUICK_SIZE if options.quick else SIZE) as point:
        for tree in options.trees:
            say("%s on %s" % (tree, filesystem))
            trees.build(tree, point / tree)
            found.update(_works(works, tree, filesystem, point, tools, options))
            for made in (point / tree, point / ("ostree-" + tree)):
                places.remove(made)
    return found


def across(options, tools):
    """Large files from one filesystem to another."""
    with places.place("xfs") as here, places.place("ext4") as there:
        trees.build("big", here / "big")
        case = Case("across big xfs-ext4", here / "big", there / "target")
        return measure(case, [contenders.ours(tools[0], contenders.COPY)] + contenders.cp_plain(), options.pairs, options.counts)


def one_file(options, tools):
    """A single large file from another filesystem: by one thread, and by more."""
    found = {}
    for filesystem in contenders.FILESYSTEMS[contenders.COPY]:
        origin = "tmpfs" if filesystem != "tmpfs" else "ext4"
        with places.place(origin) as here, places.place(filesystem) as there:
            trees.build("one", here / "one")
            case = Case("one-file one %s-%s" % (origin, filesystem), here / "one", there / "target")
            everybody = [contenders.ours(tools[0], contenders.COPY), contenders.alone(tools[0])] + contenders.cp_plain()
            found.update(measure(case, everybody, options.pairs, options.counts))
    return found


def _of(options, *filesystems):
    return [filesystem for filesystem in filesystems if filesystem in options.filesystems]


def overlay(options, tools):
    """A store in the lower directory of an overlayfs, where a hardlink costs a copy."""
    found = {}
    for filesystem in _of(options, "ext4", "xfs"):
        with places.place(filesystem) as point:
            trees.build("small", point / "lower/small")
            places.overlay(point)
            case = Case("overlay small %s" % filesystem, point / "merged/small", point / "merged/target",
                        renew=functools.partial(places.overlay, point))
            found.update(measure(case, contenders.by_method(tools[0], filesystem), options.pairs, False))
    return found


def fresh(options, tools):
    """A store that was written a second ago."""
    found = {}
    for filesystem in _of(options, "ext4", "xfs", "btrfs"):
        with places.place(filesystem) as point:
            source = point / "small"
            def renew(source=source):
                places.remove(source)
                trees.fill("small", source)
            renew()
            case = Case("fresh small %s" % filesystem, source, point / "target", renew=renew)
            everybody = contenders.by_method(tools[0], filesystem)
            if filesystem == "ext4":  # where auto hardlinks
                everybody.append(_best_floor(case, contenders.OWNED, tools[1], options))
            found.update(measure(case, everybody, options.pairs, False))
    return found


def growth(options, tools):
    """Ten thousand files and a million: what one of them costs."""
    with places.place("ext4") as point:
        for tree in ("ten", "million"):
            trees.build(tree, point / tree)
        case = Case("growth million ext4", point / "million", point / "target")
        sides = [contenders.Contender(tree, lambda source, target, tree=tree: contenders.ours(
            tools[0], contenders.LINK).command(str(point / tree), target)) for tree in ("million", "ten")]
        samples = timing.in_turns(sides, options.pairs, case.prepare)
        more = timing.interval([large.wall / small.wall / 100 for large, small in zip(*samples.values())])
        said = "Of a million files one takes %.2f (%.2f to %.2f) times as long as one of ten thousand" % more
        peak = timing.peak_kib(case.prepare(sides[0])) / 1024
        said += "; the peak of memory is %.1f MiB." % peak
        say(" " + said)
        return {case.name: {"said": said}}


def snapshot(options, tools):
    """A subvolume as a whole."""
    with places.place("btrfs") as point:
        places.run("btrfs", "subvolume", "create", point / "store")
        trees.fill("small", point / "store/small")
        places.run("sync", "-f", point)
        case = Case("snapshot small btrfs", point / "store", point / "target")
        return measure(case, [contenders.ours(tools[0], "snapshot")], options.pairs, options.counts)


def start(options, tools):
    """How much longer than nothing at all our doing nothing takes."""
    everybody = [contenders.Contender(contenders.OURS, lambda source, target: [tools[0], "--version"]),
                 contenders.Contender("true", lambda source, target: ["/bin/true"])]
    samples = timing.in_turns(everybody, 10 * options.pairs, lambda contender: contender.command("", ""))
    more = timing.interval([(one.wall - other.wall) * 1000 for one, other in zip(*samples.values())])
    said = "`materialize --version` takes %.2f ms (%.2f to %.2f) longer than `/bin/true`." % more
    say(" " + said)
    return {"start none none": {"said": said}}


SPECIAL = {"across": across, "one-file": one_file, "overlay": overlay, "fresh": fresh, "growth": growth, "snapshot": snapshot, "start": start}
