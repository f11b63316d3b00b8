# SPDX-FileCopyrightText: 2026 The materialize authors
# SPDX-License-Identifier: Apache-2.0
#
# Filesystems to measure on: each an image of its own, empty at first, gone at the end.

import contextlib
import os
import pathlib
import subprocess
import tempfile

GIB = 1 << 30
MKFS = {
    # The journal matters: without one the kernel passes over every inode removed lately whenever it makes one.
    "ext4": ["mkfs.ext4", "-q", "-F", "-i", "4096", "-E", "lazy_itable_init=0,lazy_journal_init=0"],
    "xfs": ["mkfs.xfs", "-q", "-f"],
    "btrfs": ["mkfs.btrfs", "-q", "-f"],
}
FILESYSTEMS = list(MKFS) + ["tmpfs"]


def run(*command):
    subprocess.run([str(word) for word in command], check=True, stdout=subprocess.DEVNULL)


def remove(path):
    """Removes a tree; what that leaves to be written is on the disk when this returns, so that it is nobody's time."""
    if os.path.isdir(path) and not os.path.islink(path):
        names = b"\0".join(os.fsencode(entry.path) for entry in os.scandir(path))
        subprocess.run(["xargs", "-0", "-r", "-n64", "-P%d" % os.cpu_count(), "rm", "-rf"], input=names, check=True)
    run("rm", "-rf", path)
    settle(pathlib.Path(path).parent)


def settle(folder):
    """Returns when all that was done in its filesystem is on the disk and the journal is empty, where there is one: whoever
    is next would wait for room in it otherwise."""
    run("sync", "-f", folder)
    point = next(at for at in (folder, *folder.parents) if os.path.ismount(at))
    try:
        subprocess.run(["fsfreeze", "-f", point], check=False, stderr=subprocess.DEVNULL)  # tmpfs and overlayfs cannot
    finally:
        subprocess.run(["fsfreeze", "-u", point], check=False, stderr=subprocess.DEVNULL)


def _mount(filesystem, folder, size):
    """Mounts an empty filesystem."""
    point = folder / "fs"
    point.mkdir()
    if filesystem == "tmpfs":
        run("mount", "-t", "tmpfs", "-o", "size=%d,nr_inodes=4m" % size, "tmpfs", point)
        return point
    image = folder / "image"
    with open(image, "wb") as file:
        file.truncate(size)
    run(*MKFS[filesystem], image)
    run("mount", "-o", "loop,noatime", image, point)
    return point


@contextlib.contextmanager
def place(filesystem, size=24 * GIB):
    """The mount point of a new filesystem, as long as the context lasts."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="materialize-bench.", dir=os.environ.get("TMPDIR", "/tmp")))
    try:
        yield _mount(filesystem, folder, size)
    finally:
        subprocess.run(["umount", "-R", str(folder / "fs")], check=False, stderr=subprocess.DEVNULL)
        with contextlib.suppress(OSError):
            (folder / "image").unlink()
        for left in (folder / "fs", folder):
            with contextlib.suppress(OSError):
                left.rmdir()


def overlay(point):
    """Mounts an overlay of point/lower at point/merged: anew if it is there, with nothing copied up. Gone with the place."""
    merged = point / "merged"
    if os.path.ismount(merged):
        run("umount", merged)
    for name in ("upper", "work"):
        remove(point / name)
    for name in ("lower", "upper", "work", "merged"):
        (point / name).mkdir(exist_ok=True)
    run("mount", "-t", "overlay", "-o", "lowerdir={0}/lower,upperdir={0}/upper,workdir={0}/work".format(point), "overlay",
        merged)
    run("find", merged, "-size", "+1G")  # every inode, into the caches
