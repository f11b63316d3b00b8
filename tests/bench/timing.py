# SPDX-FileCopyrightText: 2026 The materialize authors
# SPDX-License-Identifier: Apache-2.0
#
# Commands in turns, each timed from outside as a whole process, and what the times say: medians, spreads, ratios of
# pairs with their 95 % intervals.

import os
import random
import re
import statistics
import subprocess
import tempfile
import time
from typing import NamedTuple


MOST, LONG = 40, 30  # laps, and seconds that they may take when more than were asked for
SLOW = 5  # times as slow as the first: no more than were asked for


class Sample(NamedTuple):
    wall: float  # seconds
    cpu: float  # seconds, user and system


class Interval(NamedTuple):
    median: float
    low: float
    high: float


def run(command, phase=None):
    """One run, or the phase that phase() reads out of what the command says, which is lost otherwise, unless it fails."""
    with tempfile.TemporaryFile() as said:
        began = time.perf_counter()
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=said, stderr=said)
        try:
            _, status, usage = os.wait4(process.pid, 0)
        except BaseException:  # or its filesystem could not be taken down
            process.kill()
            process.wait()
            raise
        wall = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            said.seek(0)
            raise RuntimeError("%s: exit code %d: %s" % (
                " ".join(command), process.returncode, said.read(2000).decode(errors="replace")))
        if phase is not None:
            said.seek(0)
            wall = phase(said.read().decode(errors="replace"))
    return Sample(wall, usage.ru_utime + usage.ru_stime)


def in_turns(contenders, pairs, prepare, warm=True):
    """Name to samples. `prepare(contender)` answers the command; nobody is first twice in a row. The first lap is for the
    caches, if `warm`. What is short is done more often than `pairs`: it is the more at the mercy of chance."""
    samples = {contender.name: [] for contender in contenders}
    done = set()
    began = time.perf_counter()
    for lap in range(-1 if warm else 0, max(pairs, MOST) if warm else pairs):
        if lap >= pairs and time.perf_counter() - began > LONG:
            break
        if lap == max(pairs, 1):
            done = {contender.name for contender in contenders if _is_slow(samples, contenders[0], contender)}
        at = (lap + 1) % len(contenders)
        for contender in contenders[at:] + contenders[:at]:
            if contender.name in done:
                continue
            sample = run(prepare(contender), contender.phase)
            if lap >= 0:
                samples[contender.name].append(sample)
    return samples


def _is_slow(samples, first, contender):
    return spread(samples[contender.name]).median > SLOW * spread(samples[first.name]).median


def interval(values, resamples=2000):
    """Median, and where it lies in 95 % of resamples (bootstrap; always the same random ones)."""
    chance = random.Random(len(values))
    medians = sorted(statistics.median(chance.choices(values, k=len(values))) for _ in range(resamples))
    return Interval(statistics.median(values), medians[resamples // 40], medians[-1 - resamples // 40])


def ratio(ours, theirs):
    return interval([one.wall / other.wall for one, other in zip(ours, theirs)])


def spread(samples):
    """Median, least and most of the wall times."""
    walls = [sample.wall for sample in samples]
    return Interval(statistics.median(walls), min(walls), max(walls))


def peak_kib(command):
    """Peak resident memory. By time(1): what starts a process counts as its memory too, and Python is large."""
    with tempfile.NamedTemporaryFile("r") as told:
        run(["time", "-f", "%M", "-o", told.name] + command)
        return int(told.read())


def calls(command):
    """System calls of the command and its threads. By perf(1): strace takes minutes for a large tree."""
    with tempfile.NamedTemporaryFile("r") as table:
        run(["perf", "stat", "-x,", "-e", "raw_syscalls:sys_enter", "-o", table.name] + command)
        return int(re.search(r"^(\d+),", table.read(), re.M).group(1))
