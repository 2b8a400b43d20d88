"""paired.py: measuring two programs against each other on a machine that does other things as well: they run in turn, so that
whatever else happens hits both, and what counts are the quartiles of the pairs' ratios.

Rejected: the best of N runs (it measures the luck of the quietest moment), means (one disturbed run moves them).
"""
import os
import resource
import shutil
import statistics
import subprocess
import sys
import time


def measure(command, env=None):
    """(wall, CPU) seconds of one run; a benchmark checks its own result and fails if it is wrong."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=env)
    wall = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode != 0:
        sys.exit(f'{command}: status {done.returncode}\n{done.stderr.decode(errors="replace")}')
    return wall, after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def alternate(a, b, pairs, env_a=None, env_b=None):
    """Pairs of runs, the order within a pair changing; the first pair warms up and does not count."""
    runs = []
    for i in range(pairs + 1):
        second = measure(b, env_b) if i % 2 else None
        first = measure(a, env_a)
        runs.append((first, second or measure(b, env_b)))
    return runs[1:]


def quartiles(values):
    low, middle, high = statistics.quantiles(values, n=4)
    return f'{middle:6.3f} [{low:.3f} {high:.3f}]'


def says(limit, met):
    return '' if limit is None else f'  limit {limit:.2f} ' + ('met' if met else 'MISSED')


def report(name, runs, limits=(None, None)):
    """Prints a line; the medians of the wall ratios and whether the limits were met."""
    columns, middles, met = [], [], True
    for unit, limit in enumerate(limits):
        ratios = [a[unit] / b[unit] for a, b in runs if b[unit] > 0]
        columns.append(quartiles(ratios))
        middles.append(statistics.median(ratios))
        met = met and (limit is None or middles[unit] <= limit)
    medians = [statistics.median(run[side][unit] for run in runs) for unit in (0, 1) for side in (0, 1)]
    verdict = says(next((l for l in limits if l is not None), None), met)
    print(f'{name:14} wall {columns[0]}  cpu {columns[1]}   '
          f'wall {medians[0]:.3f}/{medians[1]:.3f} s, cpu {medians[2]:.3f}/{medians[3]:.3f} s{verdict}', flush=True)
    return middles[0], met


class Builder:
    """Builds a benchmark's source with toy and with go; each gives the command that runs it."""

    def __init__(self, toy, go, folder):
        self.toy, self.go, self.folder = toy, go, folder

    def build_toy(self, source):
        program = os.path.join(self.folder, os.path.basename(source)[:-4] + '.t')
        subprocess.run([self.toy, 'build', '-O2', '-o', program, source], check=True)
        return [program]

    def build_go(self, source):
        copy = os.path.join(self.folder, os.path.basename(source)[:-4] + '.go')
        shutil.copyfile(source, copy)
        program = copy[:-3] + '.g'
        subprocess.run([self.go, 'build', '-o', program, copy], check=True, cwd=self.folder)
        return [program]
