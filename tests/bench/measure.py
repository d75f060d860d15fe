# SPDX-License-Identifier: GPL-2.0-or-later
"""Two ways to measure: instructions by callgrind, which repeat to 0.1 %, and times in paired rounds.

As a program it is the one in whose place the rounds run: measure.py SPEC, where SPEC is the JSON that
rounds_in() makes; it prints the times.
"""
import glob
import json
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time

PYTHON = "/usr/bin/python3"


class Unmeasured(Exception):
    """What was to be measured did not happen."""


def instructions(command, env, before=(), until_exec=True, place=None, within=()):
    """User space instructions of a command, the loader's included: up to its first successful exec or to its end.

    before: the words of a program that starts it, in a rank for instance; place: a directory that is the same there;
    within: functions, to count what they do and no more, in processes that it forks too.
    """
    with tempfile.TemporaryDirectory(dir=place) as directory:
        os.chmod(directory, 0o777)  # before may be a program that becomes another user
        options = ["--tool=callgrind", f"--callgrind-out-file={directory}/out.%p", "--dump-instr=no"]
        options += ["--collect-atstart=no"] if within else []
        options += [f"--toggle-collect={function}" for function in within]
        if until_exec:
            options.append("--dump-before=execve")
        words = [*before, "valgrind", *options, *command]
        run = subprocess.run(words, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        # The process that executes another one writes a part before each try, and no end.
        total = 0
        for file in glob.glob(f"{directory}/out.*"):
            with open(file, encoding="utf-8", errors="replace") as text:
                total += sum(map(int, re.findall(r"^totals: (\d+)", text.read(), re.M)))
    if not total:
        raise Unmeasured(f"{' '.join(command)}: {run.stderr[-300:]}")
    return total


def once(command, env, peaks=None):
    """Seconds that a command takes; the bytes that the largest of its processes had in memory are added to peaks."""
    began = time.perf_counter()
    pid = os.posix_spawnp(command[0], command, env, file_actions=[
        (os.POSIX_SPAWN_OPEN, 0, "/dev/null", os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, "/dev/null", os.O_WRONLY, 0)])
    _, status, usage = os.wait4(pid, 0)
    if status != 0:
        raise Unmeasured(f"{' '.join(command)} ended with status {status}")
    if peaks is not None:
        peaks.append(usage.ru_maxrss * 1024)
    return time.perf_counter() - began


def rounds(variants, count, prepare=None, peaks=None):
    """Times of each variant {name: (command, env)}, a list a round; all variants in each round, in shuffled order.

    prepare(name) is called before each one; peaks: {name: list} for once(). Of none, one is made, which is not warm."""
    times = {name: [] for name in variants}
    for number in range(count + 1):
        for name in random.sample(list(variants), len(variants)):
            if prepare:
                prepare(name)
            taken = once(*variants[name], peaks[name] if peaks else None)
            if number or not count:  # the first one fills the caches
                times[name].append(taken)
    return times


RESAMPLES = 1000


def margin(values):
    """How far from their median that of the same measured again would be, 19 times of 20 (percentile bootstrap)."""
    if len(values) < 2:
        return None
    medians = sorted(statistics.median(random.choices(values, k=len(values))) for _ in range(RESAMPLES))
    return (medians[RESAMPLES * 39 // 40] - medians[RESAMPLES // 40]) / 2


def ratio(times, name, base):
    """The median of a variant's times over the base's of the same round, and its margin."""
    ratios = [a / b for a, b in zip(times[name], times[base])]
    return statistics.median(ratios), margin(ratios)


def rounds_in(before, variants, count, env):
    """The same from within another program, such as a rank; env: changes {name: value or None} there."""
    spec = {"variants": {name: (command, changes) for name, (command, changes) in variants.items()}, "count": count}
    run = subprocess.run([*before, PYTHON, os.path.realpath(__file__), json.dumps(spec)], env=env, text=True,
                         stdout=subprocess.PIPE, check=False)
    if run.returncode != 0:
        raise Unmeasured(f"rounds below {' '.join(before)}")
    return json.loads(run.stdout)


def changed(env, changes):
    """env with changes {name: value}; None: without it. A name that ends in '*' is the beginning of names."""
    result = dict(env)
    for name, value in changes.items():
        for key in [key for key in result if key == name or (name[-1] == "*" and key.startswith(name[:-1]))]:
            del result[key]
        if value is not None:
            result[name] = value
    return result


def main():
    spec = json.loads(sys.argv[1])
    env = dict(os.environ)
    variants = {name: (command, changed(env, changes)) for name, (command, changes) in spec["variants"].items()}
    print(json.dumps(rounds(variants, spec["count"])))


if __name__ == "__main__":
    main()
