# SPDX-FileCopyrightText: 2026 The materialize authors
# SPDX-License-Identifier: Apache-2.0
#
# The trees that are laid out: recorded shapes of real ones, and made-up ones that each stress one thing.

import os
import pathlib
import subprocess

SHAPES = pathlib.Path(__file__).resolve().parents[1] / "shapes"
RECORDED = {
    "large": "node_modules-large",  # 139,915 files
    "small": "node_modules-cra",  # 42,548 files
    "mirror": "yarn1-mirror",  # tarballs in one directory
    "berry": "berry-cache",
}


def _files(folder, count, text):
    folder.mkdir(parents=True)
    for number in range(count):
        with open(folder / ("file-%06d" % number), "wb") as file:
            file.write(text)


def _flat(root):
    _files(root, 50000, b"x" * 2000)


def _deep(root):
    """Twenty files in each of 2,000 directories, of which each is in the one before, a hundred levels down."""
    for chain in range(20):
        folder = root / ("chain-%02d" % chain)
        for _ in range(100):
            _files(folder, 20, b"x" * 2000)
            folder = folder / "below"


def _big(count):
    def build(root):
        root.mkdir()
        block = os.urandom(1 << 20)
        for number in range(count):
            with open(root / ("big-%d" % number), "wb") as file:
                for _ in range(512):
                    file.write(block)
    return build


def _many(count):
    def build(root):
        for number in range(count // 1000):
            _files(root / ("d%02d" % (number % 30)) / ("d%04d" % number), 1000, b"x" * 100)
    return build


MADE = {"flat": _flat, "deep": _deep, "big": _big(8), "one": _big(1), "million": _many(1000000), "ten": _many(10000)}
NAMES = list(RECORDED) + list(MADE)
WIDE = "mirror", "flat"  # all in one directory


def fill(name, root):
    """Builds the tree at `root`."""
    root = pathlib.Path(root)
    if name in RECORDED:
        subprocess.run([str(SHAPES / "build"), str(SHAPES / (RECORDED[name] + ".tsv.gz")), str(root)], check=True)
    else:
        MADE[name](root)


def build(name, root):
    """Builds the tree, on its disk when this returns: its files are nobody's dirty ones."""
    pathlib.Path(root).parent.mkdir(parents=True, exist_ok=True)
    fill(name, root)
    subprocess.run(["sync", "-f", str(root)], check=True)


def count(root):
    return sum(len(files) for _, _, files in os.walk(root))
