# SPDX-FileCopyrightText: 2026 The materialize authors
# SPDX-License-Identifier: Apache-2.0
#
# Who lays a tree out, by which command, and what of our guarantees (modes, mtimes, all or nothing) it does not give.

import dataclasses
import itertools
import json
import os
import pathlib
import shutil
import subprocess
import sys
from typing import Callable, List, Optional

OURS, FLOOR = "materialize", "floor"
SHARED = "floor, directories shared"  # by its threads: a stricter floor, where a directory is large
OWNED = "owned"  # hardlinks as auto makes them: of what belongs to the user
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "materialize"
LINK, CLONE, COPY, SAME_COPY, SAME_LINK = "hardlink", "reflink", "copy", "same", "same-hardlinked"
# Where a work can be: tmpfs and ext4 have no reflinks.
FILESYSTEMS = {
    LINK: ["ext4", "xfs", "btrfs", "tmpfs"],
    CLONE: ["xfs", "btrfs"],
    COPY: ["ext4", "xfs", "btrfs", "tmpfs"],
    SAME_COPY: ["ext4", "xfs", "btrfs", "tmpfs"],
    SAME_LINK: ["ext4", "xfs", "btrfs", "tmpfs"],
}
METHODS = {SAME_COPY: COPY, SAME_LINK: LINK}  # where the target is there already and stays: how it came there
IN_PLACE = tuple(METHODS)


@dataclasses.dataclass
class Contender:
    name: str
    command: Callable[[str, str], List[str]]  # of a source and a target
    lacks: str = ""
    phase: Optional[Callable[[str], float]] = None  # seconds, by what the command says; else it is timed as a whole

    @property
    def row(self):
        """What it is called from run to run: whichever form of the floor is the best, it is the floor."""
        return next((floor for floor in (SHARED, FLOOR) if self.name.startswith(floor)), self.name)


def _tool(*places):
    """The first of the paths or names that is there, or None."""
    return next((found for found in (shutil.which(str(place)) for place in places) if found), None)


def _peer(name, tool, arguments, lacks=""):
    if tool is None:
        print("bench: no %s" % name, file=sys.stderr)
        return []
    return [Contender(name, lambda source, target: [tool] + arguments(source, target), lacks)]


def _copy_to_directory(source, target):
    """bazel-lib's tool takes a file that says what it is to do."""
    config = pathlib.Path(target).parent / "config.json"
    config.write_text(json.dumps({
        "allow_overwrites": False, "dst": target, "exclude_srcs_packages": [], "exclude_srcs_patterns": [],
        "files": [{"package": "", "path": source, "root_path": "", "short_path": pathlib.Path(source).name, "workspace": "",
                   "workspace_path": pathlib.Path(source).name, "hardlink": True}],
        "include_external_repositories": [], "include_srcs_packages": ["**"], "include_srcs_patterns": ["**"],
        "replace_prefixes": {}, "root_paths": [pathlib.Path(source).name], "preserve_mtime": False, "verbose": False}))
    return [str(config), "bench"]


def _ostree(source, target):
    """From a repository of its own, which has the tree by the digests of its files."""
    repository = pathlib.Path(target).parent / ("ostree-" + pathlib.Path(source).name)
    if not repository.exists():
        for words in (["init", "--mode=bare"], ["commit", "--branch=bench", "--tree=dir=" + source]):
            subprocess.run(["ostree", "--repo=%s" % repository] + words, check=True, stdout=subprocess.DEVNULL)
        subprocess.run(["sync", "-f", str(repository)], check=True)
    return ["--repo=%s" % repository, "checkout", "-H", "bench", target]


def _cp(*flags):
    return _peer("cp " + " ".join(flags), "cp", lambda source, target: list(flags) + [source, target], "not all or nothing")


def _peers(work, filesystem):
    cargo = CACHE / "bench/bin"
    cpz, xcp = _tool(cargo / "cpz", "cpz"), _tool(cargo / "xcp", "xcp")
    clones = filesystem in FILESYSTEMS[CLONE]
    if work == LINK:
        return (_cp("-al") +
                _peer("cpz -l", cpz, lambda s, t: ["-l", s, t], "no mtimes of directories, not all or nothing") +
                _peer("rsync -a --link-dest", "rsync", lambda s, t: ["-a", "--link-dest=" + s, s + "/", t + "/"],
                      "not all or nothing") +
                _peer("ostree checkout -H", _tool("ostree"), _ostree, "no mtimes, not all or nothing") +
                _peer("copy_to_directory", _tool(CACHE / "forky/root/usr/libexec/bazel-lib/copy_to_directory"),
                      _copy_to_directory, "no symlinks, no mtimes, not all or nothing"))
    if work == CLONE:
        return (_cp("-r", "--preserve=mode,timestamps", "--reflink=always") +
                _peer("cpz", cpz, lambda s, t: [s, t], "no mtimes, not all or nothing") +
                _peer("xcp", xcp, lambda s, t: ["-r", "--no-progress", "--reflink=always", s, t], "not all or nothing"))
    if work == COPY:
        # cpz cannot be kept from cloning.
        return (_cp("-r", "--preserve=mode,timestamps", "--reflink=never") +
                ([] if clones else _peer("cpz", cpz, lambda s, t: [s, t], "no mtimes, not all or nothing")) +
                _peer("xcp", xcp, lambda s, t: ["-r", "--no-progress", "--reflink=never", s, t], "not all or nothing"))
    return _peer("rsync -a", "rsync", lambda s, t: ["-a", s + "/", t + "/"])


def ours(binary, work):
    method = METHODS.get(work, work)
    into = ["--into=merge"] if work in IN_PLACE else []
    return Contender(OURS, lambda source, target: [binary, "place", "--quiet", "--methods=" + method] + into + [source, target])


def by_method(binary, filesystem):
    """Ours as it chooses by itself, then by each method that it could choose."""
    methods = [LINK, COPY] + ([CLONE] if filesystem in FILESYSTEMS[CLONE] else [])
    return [Contender(OURS, lambda source, target: [binary, "place", "--quiet", source, target])] + [
        Contender("%s --methods=%s" % (OURS, method),
                  lambda source, target, method=method: [binary, "place", "--quiet", "--methods=" + method, source, target])
        for method in methods]


def alone(binary):
    """Ours by one thread."""
    return Contender(OURS + " --jobs=1", lambda source, target: [
        binary, "place", "--quiet", "--methods=" + COPY, "--jobs=1", source, target])


def cp_plain():
    return _cp("-r", "--preserve=mode,timestamps")


def floors(binary, work, name, quick):
    """A floor in all its forms; the best of them is what counts. One will do where all depends on a factor of 1.5."""
    orders = ("split",) if name == SHARED else ("wide", "deep")
    forms = [(2, orders[-1])] if quick else itertools.product((1, 2, 3, 4), orders)
    way = {SAME_COPY: "same", SAME_LINK: "linked", OWNED: "owned"}.get(work, work)
    return [Contender("%s (%d threads, %s)" % (name, threads, order),
                      lambda source, target, threads=threads, order=order: [
                          binary, way, str(threads), order, source, target], "not all or nothing")
            for threads, order in forms]


def peers(work, filesystem, quick):
    found = _peers(work, filesystem)
    return found[:1] if quick else found
