# SPDX-FileCopyrightText: 2026 The materialize authors
# SPDX-License-Identifier: Apache-2.0
#
# Packages out of a warm store into one directory, beside package managers that have the same packages in theirs: what
# they report of the phase that lays them out, and not what they take to resolve and to look at lock files.

import json
import os
import pathlib
import re
import subprocess
import sys

import cases
import contenders
import places

NODE_PACKAGES = {"react-scripts": "5.0.1"}  # 1,212 packages in 850 directories
PYTHON_PACKAGES = ["jupyter", "pandas", "scikit-learn", "django", "boto3"]  # 112 packages
BENCH = contenders.CACHE / "bench"
NPM_BIN, VENV = BENCH / "npm/node_modules/.bin", BENCH / "venv/bin"


def _seconds(number, unit):
    return float(number) * {"s": 1, "ms": 1e-3}[unit]


def _of_bun(said):
    return _seconds(*re.search(r"packages installed \[([\d.]+)(m?s)\]", said).groups())


def _of_pnpm(said):
    stages = [json.loads(line) for line in said.splitlines() if '"pnpm:stage"' in line]
    at = {stage["stage"]: stage["time"] for stage in stages}
    return (at["importing_done"] - at["importing_started"]) / 1000


def _of_uv(said):
    return _seconds(*re.search(r"Installed \d+ packages in ([\d.]+)(m?s)", said).groups())


def _quietly(folder, *command, **environment):
    done = subprocess.run([str(word) for word in command], cwd=folder, env=dict(os.environ, **environment),
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    if done.returncode != 0:
        sys.exit("%s:\n%s" % (command, done.stdout.decode(errors="replace")[-2000:]))


def _folders(root):
    """Packages: the directories of `root`, and of its scopes."""
    for entry in sorted(root.iterdir()):
        if entry.is_dir() and not entry.is_symlink():
            yield from _folders(entry) if entry.name.startswith("@") else [entry]


def _manifest(store, path):
    """An mtree(5) manifest of which each package is a unit, and each file beside them is there, too; how many units."""
    units = ["./%s type=dir tags=unit content=%s" % (folder.relative_to(store), folder) for folder in _folders(store)]
    files = ["./%s type=file content=%s" % (file.name, file) for file in store.iterdir() if file.is_file()]
    path.write_text("\n".join(["#mtree"] + units + files) + "\n")
    return len(units)


def _in(folder, *command, **environment):
    return (["env", "-C", str(folder)] + ["%s=%s" % pair for pair in environment.items()] +
            [str(word) for word in command])


def _measured(name, point, store, peers, options, tools):
    """Ours from `store`, a directory of packages, against each peer's own."""
    manifest = point / "manifest"
    units = _manifest(store, manifest)
    cases.say("%d units" % units)
    ours = contenders.Contender(contenders.OURS, lambda source, target: [
        tools[0], "place", "--quiet", "--methods=hardlink", "--manifest=%s" % manifest, target])
    case = cases.Case(name, store, point / "target")
    return cases.measure(case, [ours] + peers, options.pairs, False)


def _node(point, options, tools):
    bun, pnpm = point / "bun", point / "pnpm"
    for folder in (bun, pnpm):
        folder.mkdir()
        (folder / "package.json").write_text(json.dumps({"name": "bench", "private": True, "dependencies": NODE_PACKAGES}))
    cache = {"BUN_INSTALL_CACHE_DIR": str(point / "bun-cache")}
    _quietly(bun, "npm", "install", "--package-lock-only", "--ignore-scripts", "--no-audit", "--no-fund")
    (pnpm / "package-lock.json").write_bytes((bun / "package-lock.json").read_bytes())
    _quietly(bun, NPM_BIN / "bun", "install", "--ignore-scripts", "--backend=hardlink", **cache)
    _quietly(pnpm, NPM_BIN / "pnpm", "import")
    install = [NPM_BIN / "pnpm", "install", "--frozen-lockfile", "--ignore-scripts", "--store-dir", point / "pnpm-store",
               "--reporter=ndjson"]
    _quietly(pnpm, *install)
    store = point / "store"
    _quietly(point, "cp", "-a", bun / "node_modules", store)
    places.remove(store / ".bin")

    def anew(folder, *command, **environment):
        def prepared(_source, _target):
            places.remove(folder / "node_modules")
            return _in(folder, *command, **environment)
        return prepared

    peers = [
        contenders.Contender("bun", anew(bun, NPM_BIN / "bun", "install", "--frozen-lockfile", "--ignore-scripts",
                                         "--backend=hardlink", **cache), "not all or nothing", _of_bun),
        contenders.Contender("pnpm", anew(pnpm, *install, "--offline"), "not all or nothing", _of_pnpm)]
    return _measured("units node ext4", point, store, peers, options, tools)


def _python(point, options, tools):
    folder = point / "uv"
    folder.mkdir()
    (folder / "in").write_text("\n".join(PYTHON_PACKAGES) + "\n")
    cache = {"UV_CACHE_DIR": str(point / "uv-cache")}
    of = ["--python", VENV / "python"]
    _quietly(folder, VENV / "uv", "pip", "compile", "in", "-o", "packages", *of, **cache)
    install = [VENV / "uv", "pip", "install", "-r", "packages", "--link-mode", "hardlink", *of, "--target"]
    _quietly(folder, *install, point / "store-python", **cache)
    peer = contenders.Contender("uv", lambda source, target: _in(folder, *install, target, "--offline", **cache),
                                "not all or nothing", _of_uv)
    return _measured("units python ext4", point, point / "store-python", [peer], options, tools)


def units(options, tools):
    found = {}
    missing = [str(tool) for tool in (NPM_BIN / "bun", NPM_BIN / "pnpm", VENV / "uv") if not pathlib.Path(tool).exists()]
    if missing:
        cases.say("bench: no units: %s: tests/bench/peers installs them" % ", ".join(missing))
        return found
    with places.place("ext4") as point:
        found.update(_node(point, options, tools))
        found.update(_python(point, options, tools))
    return found
